//! `headers` of a portal: a preset, or header names with templates.

use std::collections::HashMap;
use std::ops::Range;

use serde_spanned::Spanned;

use super::template;
use crate::either::HeadersValue;
use crate::model::{HeaderPreset, Template};
use crate::names::{FORWARDED, fold};
use crate::report::{Refused, Scope};
use crate::suggest;

type Written = (Spanned<String>, Result<Spanned<String>, Refused>);

pub(super) fn headers(value: &HeadersValue, scope: Scope<'_>) -> Result<HeaderPreset, Refused> {
    let (span, headers) = match value {
        HeadersValue::Preset(name) => return preset(name, scope),
        HeadersValue::Table { span, headers } => (span, headers),
    };
    if headers.is_empty() {
        let help = "for no identity headers write headers = \"none\"";
        return Err(scope.refuse_with(span, "headers: the table is empty", help));
    }
    if headers.len() > MOST {
        return Err(scope.refuse(span, format!("headers: more than {MOST} headers")));
    }
    let distinct = check_distinct(headers, scope);
    let checked: Vec<Result<(String, Template), Refused>> =
        headers.iter().map(|written| header(written, scope)).collect();
    let checked = checked.into_iter().collect::<Result<_, _>>()?;
    distinct.map(|()| HeaderPreset::Custom(checked))
}

fn preset(written: &Spanned<String>, scope: Scope<'_>) -> Result<HeaderPreset, Refused> {
    let word = written.get_ref().as_str();
    let found = PRESETS.iter().find(|(name, _)| *name == word);
    found.map(|(_, preset)| preset.clone()).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        let message = format!("headers: unknown preset \"{word}\"");
        scope.refuse_with(&written.span(), message, suggest::advice(word, &names))
    })
}

/// To a CGI-like upstream `X-User` and `x_user` are one variable, so two lines are refused.
fn check_distinct(headers: &[Written], scope: Scope<'_>) -> Result<(), Refused> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let mut outcome = Ok(());
    for (name, _) in headers {
        if let Some(first) = seen.insert(fold(name.get_ref().as_bytes()), name.get_ref()) {
            let message = format!(
                "headers: \"{}\" and \"{first}\" are one header to many upstreams",
                name.get_ref(),
            );
            outcome = Err(scope.refuse(&name.span(), message));
        }
    }
    outcome
}

fn header((name, text): &Written, scope: Scope<'_>) -> Result<(String, Template), Refused> {
    let name_fits = check_name(name.get_ref(), &name.span(), scope);
    let template = text.as_ref().map_err(|refused| *refused).and_then(|text| {
        template::parse(text.get_ref()).map_err(|error| {
            let message = format!("headers: the template of \"{}\": {error}", name.get_ref());
            scope.refuse_with(&text.span(), message, error.help())
        })
    });
    name_fits?;
    Ok((name.get_ref().clone(), template?))
}

fn check_name(name: &str, span: &Range<usize>, scope: Scope<'_>) -> Result<(), Refused> {
    // RFC 9110 section 5.6.2, "token".
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(token) {
        let message = format!("headers: \"{name}\" is not a header name");
        return Err(scope.refuse_with(span, message, "letters, digits and hyphens, at most 64"));
    }
    let Some(owner) = owner(&fold(name.as_bytes())) else { return Ok(()) };
    let message = format!("headers: \"{name}\" cannot carry an identity: {owner}");
    Err(scope.refuse_with(span, message, "choose a name of your own, for example \"X-User\""))
}

/// What a folded name is for already. A header that carries an identity is removed from what clients
/// send, on every route, so none that means something else can be used.
fn owner(folded: &str) -> Option<&'static str> {
    let in_family = |families: &[&str]| families.iter().any(|start| folded.starts_with(start));
    if CONNECTION.contains(&folded) {
        Some("it is about the connection")
    } else if CREDENTIALS.contains(&folded) {
        Some("clients send their own credentials in it")
    } else if FORWARDED.contains(&folded) {
        Some("the gateway says in it where a request comes from")
    } else if in_family(&["x_bitrix_id_internal_"]) {
        Some("the gateway uses it inside")
    } else if REQUEST.contains(&folded) || in_family(REQUEST_FAMILIES) {
        Some("it is part of the request itself")
    } else {
        None
    }
}

const PRESETS: &[(&str, HeaderPreset)] = &[
    ("bitrix-id", HeaderPreset::BitrixId),
    ("remote-user", HeaderPreset::RemoteUser),
    ("webauth", HeaderPreset::Webauth),
    ("x-forwarded", HeaderPreset::XForwarded),
    ("x-remote-user", HeaderPreset::XRemoteUser),
    ("none", HeaderPreset::None),
];

const MOST: usize = 32;
const LONGEST_NAME: usize = 64;

/// Hop by hop: what does not survive a proxy (RFC 9110 section 7.6.1, and what predates it).
const CONNECTION: &[&str] = &[
    "connection",
    "http2_settings",
    "keep_alive",
    "proxy",
    "proxy_authenticate",
    "proxy_authentication_info",
    "proxy_connection",
    "te",
    "trailer",
    "trailers",
    "transfer_encoding",
    "upgrade",
];
const CREDENTIALS: &[&str] =
    &["authorization", "cookie", "cookie2", "proxy_authorization", "set_cookie", "set_cookie2"];
const REQUEST: &[&str] = &[
    "accept",
    "cache_control",
    "date",
    "early_data",
    "expect",
    "host",
    "last_event_id",
    "max_forwards",
    "origin",
    "pragma",
    "priority",
    "range",
    "referer",
    "upgrade_insecure_requests",
    "user_agent",
    "via",
];
const REQUEST_FAMILIES: &[&str] = &["accept_", "access_control_", "content_", "if_", "sec_"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_meaning_are_owned_in_every_spelling() {
        for name in [
            "Host",
            "COOKIE",
            "Content-Length",
            "content_type",
            "Authorization",
            "Connection",
            "TE",
            "Transfer.Encoding",
            "X-Forwarded-For",
            "x_forwarded_proto",
            "X-Request-Id",
            "Sec-Fetch-Mode",
            "X-Bitrix-Id-Internal-Subject",
            "If-None-Match",
        ] {
            assert!(owner(&fold(name.as_bytes())).is_some(), "{name}");
        }
        for name in [
            "X-User",
            "X-Forwarded-User",
            "X-Bitrix-Id-Email",
            "Remote-User",
            "X-Contents",
            "Token",
        ] {
            assert!(owner(&fold(name.as_bytes())).is_none(), "{name}");
        }
    }
}
