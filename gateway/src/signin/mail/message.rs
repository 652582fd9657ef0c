//! A queued mail as an RFC 5322 message.

use bitrix_id_auth_core::mailer::MailError;
use bitrix_id_auth_core::store::QueuedMail;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

/// Text and HTML, saying the same. The id is the queue's, so a mail that is sent twice is seen to be one.
///
/// # Errors
/// [`MailError::Permanent`]: an address or subject that no message can hold.
pub(super) fn message(from: &Mailbox, mail: &QueuedMail) -> Result<Message, MailError> {
    let refused = |error: String| MailError::Permanent(error);
    let to: Mailbox = mail.to.parse().map_err(|_| refused("the recipient's address".into()))?;
    let id = format!("<{}@{}>", mail.id, from.email.domain());
    let mut message = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(one_line(&mail.subject))
        .message_id(Some(id))
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|error| refused(error.to_string()))?;
    // RFC 3834 section 5: nobody's absence notice shall answer.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".into()));
    Ok(message)
}

/// Reads `mail.from`.
///
/// # Errors
/// [`MailError::Permanent`]; the configuration's check normally has refused it before.
pub(super) fn sender(from: &str) -> Result<Mailbox, MailError> {
    from.parse().map_err(|error| MailError::Permanent(format!("mail.from: {error}")))
}

/// A subject cannot begin another header field.
fn one_line(subject: &str) -> String {
    subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(in crate::signin::mail) fn mail(subject: &str) -> QueuedMail {
        QueuedMail {
            id: Uuid::from_u128(7),
            to: "anna@example.com".into(),
            subject: subject.into(),
            text: "Your code: 123456\nGrüße".into(),
            html: "<p>Your code: 123456</p>".into(),
            attempts: 0,
        }
    }

    #[test]
    fn a_message_has_both_parts_and_says_that_no_person_wrote_it() {
        let from = sender("Bitrix ID <no-reply@id.example>").unwrap();
        let text =
            String::from_utf8(message(&from, &mail("Your code")).unwrap().formatted()).unwrap();
        for expected in [
            "From: \"Bitrix ID\" <no-reply@id.example>\r\n",
            "To: anna@example.com\r\n",
            "Subject: Your code\r\n",
            "Message-ID: <00000000-0000-0000-0000-000000000007@id.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "multipart/alternative",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
        ] {
            assert!(text.contains(expected), "{expected:?} in {text}");
        }
    }

    #[test]
    fn a_subject_creates_no_header() {
        let from = sender("a@id.example").unwrap();
        let message = message(&from, &mail("x\r\nBcc: eve@example.com")).unwrap();
        assert!(!String::from_utf8(message.formatted()).unwrap().contains("\r\nBcc:"));
    }

    #[test]
    fn an_address_that_is_none_is_refused_for_good() {
        let from = sender("a@id.example").unwrap();
        let mail = QueuedMail { to: "nobody".into(), ..mail("x") };
        assert!(matches!(message(&from, &mail), Err(MailError::Permanent(_))));
        assert!(sender("nobody").is_err());
    }
}
