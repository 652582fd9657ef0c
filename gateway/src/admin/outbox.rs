//! The demo's mail outbox: a list of the mails written so far, and each one as text.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use http::StatusCode;

use super::answer::Answer;
use super::mail::{self, Mail};

/// A directory of `.eml` files, shown read-only.
pub(super) struct Outbox {
    directory: PathBuf,
}

impl Outbox {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Answers `/outbox`, `/outbox/`, `/outbox/style.css` and `/outbox/{file}`.
    pub(super) async fn answer(&self, path: &str) -> Answer {
        let (directory, path) = (self.directory.clone(), path.to_owned());
        let answer = tokio::task::spawn_blocking(move || answer(&directory, &path)).await;
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => not_found(),
            Ok(Err(error)) => failed(&error.to_string()),
            Err(error) => failed(&error.to_string()),
        }
    }
}

fn answer(directory: &Path, path: &str) -> io::Result<Answer> {
    match path {
        "/outbox" | "/outbox/" => list(directory),
        "/outbox/style.css" => Ok(Answer::css(STYLE)),
        _ => match path.strip_prefix("/outbox/").filter(|name| is_mail_file(name)) {
            Some(name) => show(&directory.join(name)),
            None => Ok(not_found()),
        },
    }
}

/// A file name of the mailer's making: nothing that could leave the directory.
fn is_mail_file(name: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.ends_with(".eml") && !name.starts_with('.') && name.bytes().all(safe)
}

fn list(directory: &Path) -> io::Result<Answer> {
    let mut names: Vec<String> = match std::fs::read_dir(directory) {
        Ok(entries) => entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| is_mail_file(name))
            .collect(),
        // The mailer makes the directory with its first mail.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    // Names begin with the time.
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(LISTED);
    let mut rows = String::new();
    for name in &names {
        let mail = mail::read(&std::fs::read(directory.join(name))?);
        let subject = if mail.subject.is_empty() { name } else { &mail.subject };
        let _ = write!(
            rows,
            "<li><a href=\"/outbox/{name}\">{}</a><span>to {}</span></li>",
            escape(subject),
            escape(&mail.to),
        );
    }
    let body = if rows.is_empty() {
        "<p>No mail yet. This page looks again every few seconds.</p>".to_owned()
    } else {
        format!("<ol>{rows}</ol>")
    };
    let refresh = "<meta http-equiv=\"refresh\" content=\"5\">";
    Ok(page("Outbox", refresh, &format!("<h1>Outbox</h1>{body}")))
}

fn show(file: &Path) -> io::Result<Answer> {
    let raw = std::fs::read(file)?;
    let Mail { from, to, subject, date, text } = mail::read(&raw);
    let body = format!(
        "<p><a href=\"/outbox\">All mails</a></p><h1>{}</h1>\
         <dl><dt>From</dt><dd>{}</dd><dt>To</dt><dd>{}</dd><dt>Date</dt><dd>{}</dd></dl>\
         <pre>{}</pre><details><summary>The whole file</summary><pre>{}</pre></details>",
        escape(&subject),
        escape(&from),
        escape(&to),
        escape(&date),
        escape(text.trim()),
        escape(&String::from_utf8_lossy(&raw)),
    );
    Ok(page(&subject, "", &body))
}

fn page(title: &str, head: &str, body: &str) -> Answer {
    Answer::html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title>{head}<link rel=\"stylesheet\" href=\"/outbox/style.css\"></head>\
         <body><main>{body}</main></body></html>\n",
        escape(title),
    ))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn not_found() -> Answer {
    Answer::problem(StatusCode::NOT_FOUND, "There is nothing here.")
}

fn failed(error: &str) -> Answer {
    tracing::error!(error, "the outbox cannot be read");
    Answer::problem(StatusCode::INTERNAL_SERVER_ERROR, "The outbox cannot be read.")
}

/// Newest mails on the list.
const LISTED: usize = 200;

const STYLE: &str = include_str!("outbox.css");

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox_with(mails: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in mails {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        directory
    }

    #[test]
    fn mails_are_listed_newest_first() {
        let directory = outbox_with(&[
            ("20260101-1.eml", "Subject: older\nTo: a@b.example\n\nx"),
            ("20260102-1.eml", "Subject: newer\nTo: a@b.example\n\nx"),
            ("notes.txt", "Subject: not a mail\n\nx"),
        ]);
        let answer = answer(directory.path(), "/outbox").unwrap();
        let (newer, older) = (answer.body.find("newer"), answer.body.find("older"));
        assert!(newer.unwrap() < older.unwrap());
        assert!(!answer.body.contains("not a mail"));
    }

    #[test]
    fn an_outbox_that_does_not_exist_yet_is_empty() {
        let answer = answer(Path::new("/nonexistent/outbox"), "/outbox").unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("No mail yet"));
    }

    #[test]
    fn a_mail_is_shown_as_text_and_not_as_markup() {
        let script = "Subject: <script>alert(1)</script>\nTo: \"x\" <a@b.example>\n\n<img src=x>";
        let directory = outbox_with(&[("1.eml", script)]);
        for path in ["/outbox", "/outbox/1.eml"] {
            let body = answer(directory.path(), path).unwrap().body;
            assert!(!body.contains("<script>") && !body.contains("<img"), "{body}");
            assert!(body.contains("&lt;script&gt;"), "{body}");
        }
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        let parent = outbox_with(&[("secret.eml", "Subject: secret\n\nx")]);
        let directory = parent.path().join("outbox");
        std::fs::create_dir(&directory).unwrap();
        for path in [
            "/outbox/../secret.eml",
            "/outbox/%2e%2e/secret.eml",
            "/outbox/..%2fsecret.eml",
            "/outbox//etc/x.eml",
            "/outbox/.eml",
            "/outbox/secret.txt",
        ] {
            let status = answer(&directory, path).unwrap().status;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
