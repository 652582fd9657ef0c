//! `[mail]`: how mail leaves.

use serde_spanned::Spanned;

use crate::address::Address;
use crate::file::MailTable;
use crate::files::Files;
use crate::host;
use crate::model::{Mail, MailTransport};
use crate::read::Field;
use crate::report::{Refused, Scope};

pub(super) fn mail(
    table: &MailTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Mail, Refused> {
    let from = from(table, scope);
    let transport = match (&table.smtp, &table.outbox) {
        (Field::Given(smtp), Field::Given(_)) => {
            let message = "smtp: \"outbox\" is written as well";
            Err(scope.refuse_with(
                &smtp.span(),
                message,
                "a mail goes one way; keep one of the two",
            ))
        }
        (Field::Refused(refused), _) | (_, Field::Refused(refused)) => Err(*refused),
        (Field::Given(smtp), Field::Absent) => self::smtp(smtp, table, scope, files),
        (Field::Absent, Field::Given(outbox)) => outbox_only(outbox, table, scope),
        (Field::Absent, Field::Absent) => {
            let help = "smtp = \"smtp://user@mail.example:587\" or outbox = \"data/outbox\"";
            Err(scope.missing(&table.span, "smtp", help))
        }
    };
    Ok(Mail { from: from?, transport: transport? })
}

fn from(table: &MailTable, scope: Scope<'_>) -> Result<String, Refused> {
    let help = "for example \"Bitrix ID <no-reply@example.com>\"";
    let written = table.from.required(|| scope.missing(&table.span, "from", help))?;
    let text = scope.line(written, "from", 320)?;
    if is_mailbox(&text) {
        return Ok(text);
    }
    let message = format!("from: \"{text}\" is not a mail address");
    Err(scope.refuse_with(&written.span(), message, help))
}

/// `local@domain`, or a name before it in angle brackets.
fn is_mailbox(text: &str) -> bool {
    let address = match text.split_once('<') {
        None => text,
        Some((name, rest)) => match rest.strip_suffix('>') {
            Some(address) if !name.contains('>') && name.matches('"').count() % 2 == 0 => address,
            _ => return false,
        },
    };
    let Some((local, domain)) = address.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let plain_local = (1..=64).contains(&local.len()) && local.chars().all(atom);
    let dots_inside = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let named = host::canonical(domain).is_ok_and(|host| !host::is_address(&host));
    plain_local && dots_inside && named
}

fn smtp(
    written: &Spanned<String>,
    table: &MailTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<MailTransport, Refused> {
    let password = files.password(&table.smtp_password_file, "smtp_password_file", scope);
    let ca = files.authorities(&table.smtp_ca_file, "smtp_ca_file", scope);
    let url = check_smtp_url(written, table, scope);
    Ok(MailTransport::Smtp { url: url?, password: password?, ca: ca? })
}

// None of these messages repeats the URL: a password may stand in it.
fn check_smtp_url(
    written: &Spanned<String>,
    table: &MailTable,
    scope: Scope<'_>,
) -> Result<String, Refused> {
    let (text, span) = (written.get_ref(), written.span());
    let help = "for example \"smtp://user@mail.example:587\"";
    let address = Address::parse(text)
        .map_err(|error| scope.refuse_with(&span, format!("smtp: not a URL: {error}"), help))?;
    if !matches!(address.scheme, "smtp" | "smtps") {
        let message = format!("smtp: the scheme is \"{}\", expected smtp or smtps", address.scheme);
        return Err(scope.refuse_with(&span, message, help));
    }
    if !matches!(address.path, "" | "/") {
        return Err(scope.refuse_with(&span, "smtp: a mail server's URL has no path", help));
    }
    let advice = "put it into a file and name that in smtp_password_file";
    if address.user.is_some_and(|user| user.contains(':')) {
        return Err(scope.refuse_with(&span, "smtp: the URL holds a password", advice));
    }
    match (address.user, table.smtp_password_file.given()) {
        (Some(""), _) => Err(scope.refuse_with(&span, "smtp: the user name is empty", help)),
        (Some(_), None) if table.smtp_password_file.is_absent() => {
            let message = "smtp: there is no password for this user";
            Err(scope.refuse_with(&span, message, "add smtp_password_file"))
        }
        (None, Some(file)) => {
            let message = "smtp_password_file: the smtp URL names no user";
            Err(scope.refuse_with(&file.span(), message, help))
        }
        _ => Ok(text.clone()),
    }
}

fn outbox_only(
    outbox: &Spanned<String>,
    table: &MailTable,
    scope: Scope<'_>,
) -> Result<MailTransport, Refused> {
    if let Some(file) = table.smtp_password_file.given() {
        let message = "smtp_password_file: an outbox takes no password";
        return Err(scope.refuse(&file.span(), message));
    }
    if let Some(file) = table.smtp_ca_file.given() {
        return Err(scope.refuse(&file.span(), "smtp_ca_file: an outbox has no certificate"));
    }
    scope.path(outbox, "outbox").map(MailTransport::Outbox)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_told_from_other_text() {
        for text in [
            "a@b.example",
            "Bitrix ID <no-reply@b.example>",
            "<a.b+c@b.example>",
            "\"A, B\" <a@b.example>",
        ] {
            assert!(is_mailbox(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@@b.example",
            "a@b.example, c@d.example",
            "A <a@b.example",
            "A <a@b.example> x",
            "A> <a@b.example>",
            "\"A <a@b.example>",
            "a b@c.example",
            ".a@b.example",
            "a@10.0.0.1",
            "a@b..example",
            "A <<a@b.example>>",
        ] {
            assert!(!is_mailbox(text), "{text}");
        }
    }
}
