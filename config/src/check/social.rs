//! `[[social]]`: sign-in buttons.

mod preset;

use std::collections::HashMap;
use std::ops::Range;

use serde_spanned::Spanned;

use super::value::{SLUG, each, is_slug};
use crate::file::SocialTable;
use crate::files::Files;
use crate::model::{Social, SocialPreset};
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
    let distinct = check_distinct(tables, scope.about("social."));
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
    let scope = scope.about(about.as_deref().unwrap_or("social."));
    let id = id(table, scope);
    let client_id = client_id(table, scope);
    let preset = preset::preset(table, scope, files);
    let secret = secret(table, preset.as_ref().ok(), scope, files);
    let portals = words(&table.portals, |portal| {
        if is_slug(portal.get_ref()) {
            return Ok(portal.get_ref().clone());
        }
        let message = format!("portals: \"{}\" is not a portal's id", portal.get_ref());
        Err(scope.refuse_with(&portal.span(), message, SLUG))
    });
    let languages = words(&table.languages, |language| {
        scope.choice(language, "languages", LANGUAGES).map(str::to_owned)
    });
    Ok(Social {
        id: id?,
        preset: preset?,
        client_id: client_id?,
        client_secret: secret?,
        portals: portals?,
        languages: languages?,
    })
}

/// A list that may be left out.
fn words(
    field: &Field<List<Spanned<String>>>,
    check: impl FnMut(&Spanned<String>) -> Result<String, Refused>,
) -> Result<Vec<String>, Refused> {
    field.optional()?.map_or(Ok(Vec::new()), |list| each(list, check))
}

fn id(table: &SocialTable, scope: Scope<'_>) -> Result<String, Refused> {
    let written =
        table.id.required(|| scope.missing(&table.span, "id", "for example \"google\""))?;
    if !is_slug(written.get_ref()) {
        return Err(scope.refuse_with(&written.span(), "id: it cannot stand in a URL", SLUG));
    }
    Ok(written.get_ref().clone())
}

fn client_id(table: &SocialTable, scope: Scope<'_>) -> Result<String, Refused> {
    let written = table.client_id.required(|| {
        let id = table.id.given().map_or("<id>", |id| id.get_ref().as_str());
        let help = format!(
            "the provider issues it for the redirect URI <identity.url>/social/{id}/callback"
        );
        scope.missing(&table.span, "client_id", &help)
    })?;
    scope.line(written, "client_id", 512)
}

fn secret(
    table: &SocialTable,
    preset: Option<&SocialPreset>,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Option<Secret>, Refused> {
    let Some(written) = table.client_secret_file.optional()? else {
        return match preset {
            // These serve public clients, which prove themselves by PKCE alone.
            None | Some(SocialPreset::Vk | SocialPreset::Oidc { .. }) => Ok(None),
            Some(_) => {
                let help = "the provider issues the secret; write it to a file and name that here";
                Err(scope.missing(&table.span, "client_secret_file", help))
            }
        };
    };
    let secret = files.secret(written, "client_secret_file", SHORTEST_SECRET, scope)?;
    let is_key = secret.expose().contains("-----BEGIN PRIVATE KEY-----");
    if matches!(preset, Some(SocialPreset::Apple { .. })) && !is_key {
        let message = "client_secret_file: the file holds no private key";
        return Err(scope.refuse_with(&written.span(), message, "Apple's file ends in .p8"));
    }
    Ok(Some(secret))
}

/// The languages of the pages.
const LANGUAGES: &[(&str, &str)] =
    &[("en", "en"), ("de", "de"), ("es", "es"), ("pt", "pt"), ("fr", "fr"), ("ru", "ru")];
/// Providers issue 16 characters and more; fewer are a slip of the hand.
const SHORTEST_SECRET: usize = 8;
