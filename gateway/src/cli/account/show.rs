//! `bitrix-id account list` and `show`.

use std::io::Write;

use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{
    Account, AccountState, AuditEvent, Profile, Session, SessionLimits,
};
use serde_json::{Value, json};

use super::joins::{address_json, join_json, print_addresses, print_journal, record_of};
use super::state_name;
use super::unmerge::{merge_json, print_merges};
use crate::cli::Outcome;
use crate::cli::print;
use crate::cli::workplace::Workplace;

/// Page by page, so that a directory of any size goes through in little memory.
pub(super) async fn list(
    place: &Workplace,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let mut after = None;
    let mut separator = "[\n";
    loop {
        let page = place.stores.directory.accounts(after, PAGE).await?;
        for account in &page {
            if as_json {
                write!(out, "{separator}{}", account_json(account))?;
                separator = ",\n";
            } else {
                writeln!(
                    out,
                    "{}  {:<8}  {}  {}",
                    account.id,
                    state_name(account.state),
                    print::plain(&account.email),
                    print::plain(&account.name),
                )?;
            }
        }
        let Some(last) = page.last() else { break };
        after = Some(last.id);
    }
    if as_json {
        // Nothing was listed: the opening bracket is still to come.
        let open = if after.is_none() { "[" } else { "\n" };
        writeln!(out, "{open}]")?;
    } else if after.is_none() {
        eprintln!("There is no account yet.");
    }
    Ok(Outcome::Done)
}

pub(super) async fn show(
    place: &Workplace,
    account: &Account,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let directory = place.stores.directory.as_ref();
    let addresses = directory.addresses(account.id).await?;
    let profiles = directory.profiles(account.id).await?;
    let joined = directory.joined_profiles(account.id).await?;
    let journal = directory.journal(account.id).await?;
    let merges = directory.merges(account.id).await?;
    let sessions = place
        .stores
        .sessions
        .sessions_of(account.id, SessionLimits::of(&place.config.identity), place.now())
        .await?;
    let events = directory.audit(Some(account.id), EVENTS).await?;
    if as_json {
        let mut value = account_json(account);
        value["language"] = json!(account.language);
        value["time_zone"] = json!(account.time_zone);
        value["phone"] = json!(account.phone);
        value["has_password"] = json!(account.password_hash.is_some());
        value["addresses"] = addresses.iter().map(address_json).collect();
        value["profiles"] = profiles.iter().map(|profile| profile_json(profile, &joined)).collect();
        value["joins"] = journal.iter().map(join_json).collect();
        value["merges"] = merges.iter().map(merge_json).collect();
        value["sessions"] = sessions.iter().map(session_json).collect();
        value["events"] = events.iter().map(event_json).collect();
        print::json(out, &value)?;
    } else {
        print_account(out, account)?;
        print_addresses(out, &addresses)?;
        print_profiles(out, &profiles, &joined)?;
        print_journal(out, &journal)?;
        print_merges(out, &merges)?;
        print_sessions(out, &sessions)?;
        print_events(out, &events)?;
    }
    Ok(())
}

fn print_account(out: &mut dyn Write, account: &Account) -> anyhow::Result<()> {
    writeln!(out, "subject   {}", account.id)?;
    writeln!(out, "e-mail    {}", print::plain(&account.email))?;
    writeln!(out, "name      {}", print::plain(&account.name))?;
    writeln!(out, "state     {}", state_name(account.state))?;
    if let AccountState::Leaving { delete_at } = account.state {
        writeln!(out, "deleted   {}, unless it is kept", print::time(delete_at))?;
    }
    writeln!(out, "password  {}", if account.password_hash.is_some() { "set" } else { "none" })?;
    writeln!(out, "created   {}", print::time(account.created_at))?;
    Ok(())
}

fn print_profiles(
    out: &mut dyn Write,
    profiles: &[Profile],
    joined: &[ImportedProfile],
) -> anyhow::Result<()> {
    writeln!(out, "\nportals   {}", profiles.len())?;
    for profile in profiles {
        write!(out, "  {}", profile_text(profile))?;
        match record_of(profile, joined) {
            Some(record) => {
                writeln!(out, "  imported, login there {}", print::plain(&record.login))?
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// One line.
pub(super) fn print_profile(out: &mut dyn Write, profile: &Profile) -> anyhow::Result<()> {
    Ok(writeln!(out, "{}", profile_text(profile))?)
}

fn profile_text(profile: &Profile) -> String {
    let local_id = profile.local_id.as_deref().unwrap_or("-");
    let roles = if profile.roles.is_empty() { "-".to_owned() } else { profile.roles.join(",") };
    format!(
        "{}  local id {}  roles {}  last used {}",
        profile.portal,
        print::plain(local_id),
        print::plain(&roles),
        print::time_or_dash(profile.last_used_at),
    )
}

fn print_sessions(out: &mut dyn Write, sessions: &[Session]) -> anyhow::Result<()> {
    writeln!(out, "\nsessions  {}", sessions.len())?;
    for session in sessions {
        let address = session.client_ip.map_or_else(|| "-".to_owned(), |ip| ip.to_string());
        writeln!(
            out,
            "  {}  since {}  last seen {}  from {address}  {}",
            session.id,
            print::time(session.created_at),
            print::time(session.last_seen_at),
            print::plain(&session.user_agent),
        )?;
    }
    Ok(())
}

fn print_events(out: &mut dyn Write, events: &[AuditEvent]) -> anyhow::Result<()> {
    writeln!(out, "\nlatest events")?;
    for event in events {
        writeln!(
            out,
            "  {}  {}  by {}  {}",
            print::time(event.at_ms.div_euclid(1_000)),
            event.action,
            event.actor,
            print::plain(&event.detail),
        )?;
    }
    Ok(())
}

fn account_json(account: &Account) -> Value {
    let mut value = json!({
        "subject": account.id,
        "email": account.email,
        "name": account.name,
        "state": state_name(account.state),
        "created_at": print::time(account.created_at),
    });
    if let AccountState::Leaving { delete_at } = account.state {
        value["delete_at"] = print::time(delete_at).into();
    }
    value
}

fn profile_json(profile: &Profile, joined: &[ImportedProfile]) -> Value {
    let record = record_of(profile, joined);
    json!({
        "portal": profile.portal,
        "local_id": profile.local_id,
        "roles": profile.roles,
        "display_name": profile.display_name,
        "title": profile.title,
        "imported": record.is_some(),
        "login": record.map(|record| &record.login),
        "joined_at": print::time(profile.joined_at),
        "last_used_at": profile.last_used_at.map(print::time),
    })
}

fn session_json(session: &Session) -> Value {
    json!({
        "id": session.id,
        "created_at": print::time(session.created_at),
        "last_seen_at": print::time(session.last_seen_at),
        "amr": session.amr,
        "user_agent": session.user_agent,
        "client_ip": session.client_ip,
    })
}

fn event_json(event: &AuditEvent) -> Value {
    json!({
        "time": print::time(event.at_ms.div_euclid(1_000)),
        "action": event.action,
        "actor": event.actor,
        "session": event.session,
        "portal": event.portal,
        "client_ip": event.client_ip,
        "request_id": event.request_id,
        "detail": event.detail,
    })
}

const PAGE: u32 = 500;
const EVENTS: u32 = 10;
