//! `[[social]]`: sign-in buttons.

use std::collections::HashMap;
use std::ops::Range;

use super::value::{SLUG, each, is_slug};
use crate::address::Address;
use crate::either::EmailTrustValue;
use crate::file::SocialTable;
use crate::files::Files;
use crate::host;
use crate::model::{EmailTrust, Social, SocialPreset};
use crate::read::{Field, List};
use crate::report::{Refused, Scope};
use crate::secret::Secret;

pub(super) fn social(
    field: &Field<List<SocialTable>>,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Vec<Social>, Refused> {
    let tables = field.optional()?.map_or(&[][..], Vec::as_slice);
    let buttons = each(tables, |table| button(table, scope, files));
    let distinct = check_distinct(tables, scope);
    let buttons = buttons?;
    distinct.map(|()| buttons)
}

fn check_distinct(
    tables: &[Result<SocialTable, Refused>],
    scope: Scope<'_>,
) -> Result<(), Refused> {
    let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
    let mut outcome = Ok(());
    for id in tables.iter().flatten().filter_map(|table| table.id.given()) {
        if let Some(first) = seen.get(id.get_ref().as_str()) {
            let message =
                format!("id: \"{}\" is also the id at {}", id.get_ref(), scope.place(first));
            outcome = Err(scope.refuse(&id.span(), message));
        } else {
            seen.insert(id.get_ref(), id.span());
        }
    }
    outcome
}

fn button(table: &SocialTable, scope: Scope<'_>, files: &mut Files) -> Result<Social, Refused> {
    let about = table.id.given().map(|id| format!("social \"{}\": ", id.get_ref()));
    let scope = scope.about(about.as_deref().unwrap_or(""));
    let id = id(table, scope);
    let client_id = table
        .client_id
        .required(|| scope.missing(&table.span, "client_id", "the provider issues it"))
        .and_then(|written| scope.line(written, "client_id", 512));
    let preset = preset(table, scope);
    let secret = secret(table, preset.as_ref().ok(), scope, files);
    Ok(Social { id: id?, preset: preset?, client_id: client_id?, client_secret: secret? })
}

fn id(table: &SocialTable, scope: Scope<'_>) -> Result<String, Refused> {
    let written =
        table.id.required(|| scope.missing(&table.span, "id", "for example \"google\""))?;
    if !is_slug(written.get_ref()) {
        return Err(scope.refuse_with(&written.span(), "id: it cannot stand in a URL", SLUG));
    }
    Ok(written.get_ref().clone())
}

fn preset(table: &SocialTable, scope: Scope<'_>) -> Result<SocialPreset, Refused> {
    let help = "a provider's name, or \"oidc\"";
    let written = table.preset.required(|| scope.missing(&table.span, "preset", help))?;
    let preset = scope.choice(written, "preset", PRESETS)?;
    let Preset::Oidc = preset else {
        // Trust in a known provider's addresses is part of its preset.
        let oidc_only = [
            ("issuer", table.issuer.given().map(|written| written.span())),
            ("email_trust", table.email_trust.given().map(EmailTrustValue::span)),
        ];
        let mut outcome = Ok(());
        for (key, span) in oidc_only {
            if let Some(span) = span {
                let message = format!("{key}: only preset = \"oidc\" takes it");
                outcome = Err(scope.refuse(&span, message));
            }
        }
        return outcome.map(|()| preset.model());
    };
    let (issuer, email_trust) = (issuer(table, scope), email_trust(table, scope));
    Ok(SocialPreset::Oidc { issuer: issuer?, email_trust: email_trust? })
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
            let if_verified = scope.choice(word, "email_trust", EMAIL_TRUST)?;
            return Ok(if if_verified { EmailTrust::IfVerified } else { EmailTrust::Never });
        }
        Some(EmailTrustValue::Domains(domains)) => domains,
    };
    if domains.get_ref().is_empty() {
        let message = "email_trust: the list of domains is empty";
        return Err(scope.refuse_with(&domains.span(), message, "write \"never\""));
    }
    let canonical = each(domains.get_ref(), |domain| {
        match host::canonical(domain.get_ref()) {
            Ok(host) if !host::is_address(&host) => return Ok(host),
            _ => {}
        }
        let message = format!("email_trust: \"{}\" is not a domain", domain.get_ref());
        Err(scope.refuse(&domain.span(), message))
    });
    canonical.map(EmailTrust::Domains)
}

fn secret(
    table: &SocialTable,
    preset: Option<&SocialPreset>,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Option<Secret>, Refused> {
    if let Some(written) = table.client_secret_file.optional()? {
        return files.secret(written, "client_secret_file", SHORTEST_SECRET, scope).map(Some);
    }
    match preset {
        // These serve public clients, which prove themselves by PKCE alone.
        None | Some(SocialPreset::Vk | SocialPreset::Oidc { .. }) => Ok(None),
        Some(_) => Err(scope.missing(&table.span, "client_secret_file", "a path to the secret")),
    }
}

/// A preset before its own keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
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

impl Preset {
    fn model(self) -> SocialPreset {
        match self {
            Self::Google => SocialPreset::Google,
            Self::Microsoft => SocialPreset::Microsoft,
            Self::Github => SocialPreset::Github,
            Self::Facebook => SocialPreset::Facebook,
            Self::Apple => SocialPreset::Apple,
            Self::Vk => SocialPreset::Vk,
            Self::Yandex => SocialPreset::Yandex,
            Self::Mailru => SocialPreset::Mailru,
            Self::Oidc => {
                SocialPreset::Oidc { issuer: String::new(), email_trust: EmailTrust::Never }
            }
        }
    }
}

const PRESETS: &[(&str, Preset)] = &[
    ("google", Preset::Google),
    ("microsoft", Preset::Microsoft),
    ("github", Preset::Github),
    ("facebook", Preset::Facebook),
    ("apple", Preset::Apple),
    ("vk", Preset::Vk),
    ("yandex", Preset::Yandex),
    ("mailru", Preset::Mailru),
    ("oidc", Preset::Oidc),
];
const EMAIL_TRUST: &[(&str, bool)] = &[("never", false), ("if-verified", true)];
/// Providers issue 16 characters and more; fewer are a slip of the hand.
const SHORTEST_SECRET: usize = 8;
