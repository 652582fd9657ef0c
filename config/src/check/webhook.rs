//! `webhook`: where notices to a portal go.

use super::value::each;
use crate::address::Address;
use crate::file::WebhookTable;
use crate::files::Files;
use crate::host;
use crate::network;
use crate::read::Field;
use crate::report::{Refused, Scope};
use crate::secret::Secret;
use crate::webhook::{NoticeEvent, Webhook};

/// Without `files` it is part of a portal that is kept in the directory, where nothing names a file.
pub(super) fn webhook(
    field: &Field<WebhookTable>,
    scope: Scope<'_>,
    files: Option<&mut Files>,
) -> Result<Option<Webhook>, Refused> {
    let Some(table) = field.optional()? else { return Ok(None) };
    let Some(files) = files else {
        let message = "webhook: its secret is in a file, and this portal is kept in no file";
        return Err(scope.refuse_with(&table.span, message, "give [provisioning] a webhook"));
    };
    let about = scope.within("webhook");
    let scope = scope.about(&about);
    let (url, events) = (url(table, scope), events(table, scope));
    let secrets = secrets(table, scope, files);
    let ca = files.authorities(&table.ca_file, "ca_file", scope);
    Ok(Some(Webhook { url: url?, secrets: secrets?, events: events?, ca: ca? }))
}

fn secrets(
    table: &WebhookTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Vec<Secret>, Refused> {
    let help = "webhook = { url = \"https://…\", secret_file = \"secrets/acme\" }";
    let written = table.secret_file.required(|| scope.missing(&table.span, "secret_file", help))?;
    let text = files.secret(written, "secret_file", SHORTEST_SECRET, scope)?;
    let lines = text.expose().lines().filter(|line| !line.is_empty());
    let secrets: Vec<Secret> = lines.map(Secret::new).collect();
    if secrets.len() <= MOST_SECRETS && secrets.iter().all(|secret| is_key(secret.expose())) {
        return Ok(secrets);
    }
    let message = "secret_file: a line of the file is not a key, or there are too many";
    let help = format!(
        "at most {MOST_SECRETS} lines of {SHORTEST_SECRET} characters or more, or \"whsec_\" and base64"
    );
    Err(scope.refuse_with(&written.span(), message, help))
}

/// As Standard Webhooks writes keys, or any text that is long enough.
fn is_key(line: &str) -> bool {
    let Some(encoded) = line.strip_prefix("whsec_") else {
        return line.chars().count() >= SHORTEST_SECRET;
    };
    let digits = encoded.trim_end_matches('=');
    let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
    plain && encoded.len().is_multiple_of(4) && digits.len() * 6 / 8 >= SHORTEST_SECRET
}

// No message repeats the URL: its path may be a secret of the receiver.
fn url(table: &WebhookTable, scope: Scope<'_>) -> Result<String, Refused> {
    let help = "for example \"https://acme.example/hooks/bitrix-id\"";
    let written = table.url.required(|| scope.missing(&table.span, "url", help))?;
    let (text, span) = (written.get_ref(), written.span());
    let address = Address::parse(text)
        .map_err(|error| scope.refuse_with(&span, format!("url: not a URL: {error}"), help))?;
    if address.user.is_some() {
        let message = "url: it names a user";
        return Err(scope.refuse_with(&span, message, "the signature says who sends"));
    }
    match address.scheme {
        "https" => Ok(text.clone()),
        "http" if is_private(&address.host) => Ok(text.clone()),
        "http" => {
            let message = "url: https is needed; http leads to this machine or a private network's address only";
            let help = "write https://, or the receiver's private address, for example \"http://10.0.0.5/hooks\"";
            Err(scope.refuse_with(&span, message, help))
        }
        other => {
            let message = format!("url: the scheme is \"{other}\", expected https");
            Err(scope.refuse_with(&span, message, help))
        }
    }
}

/// An address of a private network or this machine. A name may lead anywhere.
fn is_private(canonical: &str) -> bool {
    let inner = canonical.trim_start_matches('[').trim_end_matches(']');
    inner.parse().map_or_else(|_| host::is_loopback(canonical), network::is_private)
}

fn events(table: &WebhookTable, scope: Scope<'_>) -> Result<Vec<NoticeEvent>, Refused> {
    let Some(written) = table.events.optional()? else { return Ok(NoticeEvent::ALL.to_vec()) };
    if written.get_ref().is_empty() {
        let message = "events: the list is empty";
        return Err(scope.refuse_with(&written.span(), message, "leave it out for all of them"));
    }
    let choices = NoticeEvent::ALL.map(|event| (event.name(), event));
    let mut events = each(written.get_ref(), |event| scope.choice(event, "events", &choices))?;
    events.sort_unstable();
    events.dedup();
    Ok(events)
}

/// The one in use, and others while receivers change to it.
const MOST_SECRETS: usize = 4;
/// In code points, or octets: RFC 2104 section 3 advises against keys shorter than the hash's 32 bytes.
const SHORTEST_SECRET: usize = 32;

#[cfg(test)]
mod tests {
    use super::{is_key, is_private};

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for host in [
            "127.0.0.1",
            "localhost",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "[::1]",
            "[fd00::1]",
        ] {
            assert!(is_private(host), "{host}");
        }
        for host in
            ["8.8.8.8", "172.32.0.1", "169.254.169.254", "[2001:db8::1]", "intranet", "0.0.0.0"]
        {
            assert!(!is_private(host), "{host}");
        }
    }

    #[test]
    fn a_key_is_long_or_well_encoded() {
        let thirty_two = "0123456789abcdef0123456789abcdef";
        for line in [thirty_two, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="] {
            assert!(is_key(line), "{line}");
        }
        let short = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZQ==";
        let odd = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
        for line in
            ["", &thirty_two[1..], short, odd, "whsec_not base64 although it is quite long.."]
        {
            assert!(!is_key(line), "{line}");
        }
    }
}
