//! What people are mailed.

use bitrix_id_tests::poll::{STEP, eventually};

use super::scene::Scene;

impl Scene {
    /// The newest mail to somebody that has `mark` in it, once nothing is on its way to them any more.
    pub(super) async fn mail(&self, email: &str, mark: &str) -> String {
        eventually(STEP, "a mail", async || {
            let waiting = self.number(ON_THE_WAY, &[email]).await;
            if waiting == 0 { self.mails_to(email).rfind(|mail| mail.contains(mark)) } else { None }
        })
        .await
    }

    /// What was mailed to somebody so far.
    pub(super) fn mails_to(&self, email: &str) -> impl DoubleEndedIterator<Item = String> {
        let to = format!("To: {email}");
        let to_them = move |mail: &String| mail.lines().any(|line| line == to);
        self.stage.gateway.mails().into_iter().map(|mail| unfolded(&mail)).filter(to_them)
    }
}

/// The six digits of a mail's text.
pub(super) fn code_in(mail: &str) -> String {
    let words = mail.split(|c: char| !c.is_ascii_alphanumeric());
    let mut codes =
        words.filter(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
    codes.next().expect("a code").to_owned()
}

/// Quoted-printable with its soft line breaks undone, as far as ASCII goes.
fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

const ON_THE_WAY: &str =
    "SELECT (SELECT count(*) FROM mails WHERE recipient = $1 AND state = 'queued')
    + (SELECT count(*) FROM recovery_requests WHERE address = $1)";
