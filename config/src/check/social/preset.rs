//! What belongs to one preset alone.

use std::ops::Range;

use serde_spanned::Spanned;

use crate::address::Address;
use crate::check::value::each;
use crate::either::EmailTrustValue;
use crate::file::SocialTable;
use crate::files::Files;
use crate::host;
use crate::model::{EmailTrust, SocialPreset, Tenant};
use crate::read::{Field, List};
use crate::report::{Refused, Scope};
use crate::suggest;

pub(super) fn preset(
    table: &SocialTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<SocialPreset, Refused> {
    let help = "a provider's name, or \"oidc\"";
    let written = table.preset.required(|| scope.missing(&table.span, "preset", help))?;
    let word = scope.choice(written, "preset", PRESETS)?;
    let alien = refuse_alien_keys(table, word, scope);
    let preset = match word {
        Word::Google => Ok(SocialPreset::Google),
        Word::Github => Ok(SocialPreset::Github),
        Word::Facebook => Ok(SocialPreset::Facebook),
        Word::Vk => Ok(SocialPreset::Vk),
        Word::Yandex => Ok(SocialPreset::Yandex),
        Word::Mailru => Ok(SocialPreset::Mailru),
        Word::Microsoft => tenant(table, scope).map(|tenant| SocialPreset::Microsoft { tenant }),
        Word::Apple => apple(table, scope),
        Word::Oidc => oidc(table, scope, files),
    }?;
    alien.map(|()| preset)
}

/// Keys that another preset takes. What a known provider is asked for and believed is part of its preset.
fn refuse_alien_keys(table: &SocialTable, word: Word, scope: Scope<'_>) -> Result<(), Refused> {
    let text = |field: &Field<Spanned<String>>| field.given().map(Spanned::span);
    let keys: [(&str, Option<Range<usize>>, Word); 8] = [
        ("issuer", text(&table.issuer), Word::Oidc),
        ("email_trust", table.email_trust.given().map(EmailTrustValue::span), Word::Oidc),
        ("title", text(&table.title), Word::Oidc),
        ("scopes", table.scopes.given().map(Spanned::span), Word::Oidc),
        ("ca_file", text(&table.ca_file), Word::Oidc),
        ("tenant", text(&table.tenant), Word::Microsoft),
        ("team_id", text(&table.team_id), Word::Apple),
        ("key_id", text(&table.key_id), Word::Apple),
    ];
    let mut outcome = Ok(());
    for (key, span, home) in keys {
        let Some(span) = span.filter(|_| home != word) else { continue };
        let name = PRESETS.iter().find(|(_, word)| *word == home).map_or("", |(name, _)| name);
        let message = format!("{key}: only preset = \"{name}\" takes it");
        outcome = Err(scope.refuse(&span, message));
    }
    outcome
}

fn tenant(table: &SocialTable, scope: Scope<'_>) -> Result<Tenant, Refused> {
    let Some(written) = table.tenant.optional()? else { return Ok(Tenant::Common) };
    let text = written.get_ref().to_ascii_lowercase();
    let bare: String = text.chars().filter(|c| *c != '-').collect();
    let is_id = text.len() == 36
        && bare.len() == 32
        && bare.bytes().all(|b| b.is_ascii_hexdigit())
        && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
    match text.as_str() {
        "common" => Ok(Tenant::Common),
        "organizations" => Ok(Tenant::Organizations),
        "consumers" => Ok(Tenant::Consumers),
        _ if is_id => Ok(Tenant::Id(text)),
        _ => {
            let message = format!("tenant: \"{}\" is not a tenant", written.get_ref());
            let help = "common, organizations, consumers, or the directory's id";
            Err(scope.refuse_with(&written.span(), message, help))
        }
    }
}

fn apple(table: &SocialTable, scope: Scope<'_>) -> Result<SocialPreset, Refused> {
    let id = |field: &Field<Spanned<String>>, key: &str| {
        let help = "10 letters and digits, from the developer account";
        let written = field.required(|| scope.missing(&table.span, key, help))?;
        let text = written.get_ref();
        if text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(text.clone());
        }
        Err(scope.refuse_with(&written.span(), format!("{key}: it is not one of Apple's"), help))
    };
    let (team_id, key_id) = (id(&table.team_id, "team_id"), id(&table.key_id, "key_id"));
    Ok(SocialPreset::Apple { team_id: team_id?, key_id: key_id? })
}

fn oidc(table: &SocialTable, scope: Scope<'_>, files: &mut Files) -> Result<SocialPreset, Refused> {
    let (issuer, email_trust) = (issuer(table, scope), email_trust(table, scope));
    let title = match table.title.optional() {
        Ok(Some(written)) => scope.line(written, "title", 40).map(Some),
        other => other.map(|_| None),
    };
    let scopes = scopes(table, scope);
    let ca = files.authorities(&table.ca_file, "ca_file", scope);
    Ok(SocialPreset::Oidc {
        issuer: issuer?,
        title: title?,
        email_trust: email_trust?,
        scopes: scopes?,
        ca: ca?,
    })
}

fn issuer(table: &SocialTable, scope: Scope<'_>) -> Result<String, Refused> {
    let help = "for example issuer = \"https://login.example.com/realms/staff\"";
    let written = table.issuer.required(|| scope.missing(&table.span, "issuer", help))?;
    let text = written.get_ref();
    let reason = match Address::parse(text) {
        Ok(address) if address.scheme != "https" => "the scheme must be https".to_owned(),
        Ok(address) if address.user.is_some() => "it names a user".to_owned(),
        Ok(_) => return Ok(text.clone()),
        Err(error) => error.to_string(),
    };
    let message = format!("issuer: \"{text}\" is not an issuer: {reason}");
    Err(scope.refuse_with(&written.span(), message, help))
}

fn email_trust(table: &SocialTable, scope: Scope<'_>) -> Result<EmailTrust, Refused> {
    let domains = match table.email_trust.optional()? {
        None => return Ok(EmailTrust::Never),
        Some(EmailTrustValue::Word(word)) => {
            return trust_word(word, scope);
        }
        Some(EmailTrustValue::Domains(domains)) => domains,
    };
    if domains.get_ref().is_empty() {
        let message = "email_trust: the list of domains is empty";
        let help = "for no address write \"never\"; for some, their domains: [\"example.com\"]";
        return Err(scope.refuse_with(&domains.span(), message, help));
    }
    let canonical = each(domains.get_ref(), |domain| {
        match host::canonical(domain.get_ref()) {
            Ok(host) if !host::is_address(&host) => return Ok(host),
            _ => {}
        }
        let message = format!("email_trust: \"{}\" is not a domain", domain.get_ref());
        let help = "what follows the @ of an address, for example \"example.com\"";
        Err(scope.refuse_with(&domain.span(), message, help))
    });
    canonical.map(EmailTrust::Domains)
}

fn trust_word(written: &Spanned<String>, scope: Scope<'_>) -> Result<EmailTrust, Refused> {
    let word = written.get_ref().as_str();
    match word {
        "never" => return Ok(EmailTrust::Never),
        "if-verified" => return Ok(EmailTrust::IfVerified),
        _ => {}
    }
    let near = suggest::nearest(word, ["never", "if-verified"]);
    let help = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "possible: \"never\", \"if-verified\", or domains: [\"example.com\"]".to_owned(),
    };
    let message = format!("email_trust: unknown value \"{word}\"");
    Err(scope.refuse_with(&written.span(), message, help))
}

fn scopes(table: &SocialTable, scope: Scope<'_>) -> Result<Vec<String>, Refused> {
    let Some(written) = table.scopes.optional()? else {
        return Ok(DEFAULT_SCOPES.map(str::to_owned).to_vec());
    };
    let list: &List<Spanned<String>> = written.get_ref();
    let scopes = each(list, |one| {
        let text = one.get_ref();
        // RFC 6749 3.3.
        let legal = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !text.is_empty() && text.len() <= 200 && text.bytes().all(legal) {
            return Ok(text.clone());
        }
        Err(scope.refuse(&one.span(), "scopes: it cannot be a scope"))
    })?;
    if scopes.iter().any(|one| one == "openid") {
        return Ok(scopes);
    }
    let message = "scopes: \"openid\" is not among them";
    Err(scope.refuse_with(&written.span(), message, "without it there is no id_token"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Google,
    Microsoft,
    Github,
    Facebook,
    Apple,
    Vk,
    Yandex,
    Mailru,
    Oidc,
}

const PRESETS: &[(&str, Word)] = &[
    ("google", Word::Google),
    ("microsoft", Word::Microsoft),
    ("github", Word::Github),
    ("facebook", Word::Facebook),
    ("apple", Word::Apple),
    ("vk", Word::Vk),
    ("yandex", Word::Yandex),
    ("mailru", Word::Mailru),
    ("oidc", Word::Oidc),
];
const DEFAULT_SCOPES: [&str; 3] = ["openid", "email", "profile"];
