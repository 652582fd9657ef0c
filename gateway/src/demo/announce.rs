//! What a newcomer needs to know, printed once everything answers.

use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::accounts::SamplePerson;
use super::certificates::CA_FILE;
use super::folder::Folder;
use super::settings::OUTBOX;
use super::{IDENTITY_HOST, Options, SAMPLES};

/// The text to print.
pub(super) fn text(folder: &Folder, options: &Options, people: &[SamplePerson]) -> String {
    let Options { port, admin_port, .. } = options;
    let ca = folder.path(CA_FILE);
    let mut text =
        String::from("\nThe demo runs. Open a portal, sign in, then open another one.\n\n");
    for sample in &SAMPLES {
        let _ = writeln!(text, "  {:<12} https://{}:{port}/", sample.title, sample.host);
    }
    let _ = writeln!(text, "  {:<12} https://{IDENTITY_HOST}:{port}/", "Bitrix ID");
    let _ = writeln!(text, "  {:<12} http://127.0.0.1:{admin_port}/{OUTBOX}", "Mail outbox");
    text.push_str(
        "\nThese people come from the portals and have no Bitrix ID yet. Sign in with any of the passwords;\n\
         the code that proves the address is in the outbox.\n",
    );
    people.iter().for_each(|person| write_person(&mut text, person));
    let _ = write!(
        text,
        "\nCertificates come from a CA of this demo's own, which can vouch for *.localhost only:\n  \
           {ca}\n\
         Let your browser trust it for the time being, or click past the warning. With curl:\n  \
           curl --cacert '{ca}' https://{host}:{port}/pub/\n\
         \nEverything is kept in {folder}: passwords, mails, access.log (when run on a terminal);\n\
         delete it to start afresh.\n\
         Stop with Ctrl-C.\n\n",
        ca = ca.display(),
        host = SAMPLES[0].host,
        folder = folder.root().display(),
    );
    text
}

fn write_person(text: &mut String, person: &SamplePerson) {
    if person.has_account {
        let _ =
            writeln!(text, "  {}  (has a Bitrix ID since; its password is yours)", person.email);
        return;
    }
    let _ = writeln!(text, "  {}", person.email);
    for (portal, password) in &person.passwords {
        let title = SAMPLES.iter().find(|sample| sample.id == *portal).map_or(*portal, |s| s.title);
        let _ = writeln!(text, "    {title:<12} {password}");
    }
}

/// Prints `text` to stdout as soon as the gateway says that it is ready, which is a moment after its services
/// have been started.
pub(super) fn when_ready(text: &str, admin_port: u16) {
    let admin = SocketAddr::from((Ipv4Addr::LOCALHOST, admin_port));
    while !is_ready(admin).unwrap_or(false) {
        thread::sleep(POLL);
    }
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn is_ready(admin: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&admin, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200 "))
}

const POLL: Duration = Duration::from_millis(50);
const DEADLINE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_everything_a_newcomer_needs() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        let options = Options { data: parent.path().into(), port: 8443, admin_port: 9090 };
        let people = [
            SamplePerson {
                email: "anna@example.com",
                passwords: vec![
                    ("acme", "abcd-efgh-ijkm".to_owned()),
                    ("globex", "npqr-stuv-wxyz".to_owned()),
                ],
                has_account: false,
            },
            SamplePerson {
                email: "boris@example.com",
                passwords: vec![("acme", "2345-6789-abcd".to_owned())],
                has_account: true,
            },
        ];
        let text = text(&folder, &options, &people);
        for part in [
            "https://acme.bitrix24.localhost:8443/",
            "https://globex.bitrix24.localhost:8443/",
            "https://portal.initech.localhost:8443/",
            "https://id.bitrix24.localhost:8443/",
            "http://127.0.0.1:9090/outbox",
            "  anna@example.com\n    Acme Inc.    abcd-efgh-ijkm\n    Globex       npqr-stuv-wxyz\n",
            "  boris@example.com  (has a Bitrix ID since; its password is yours)\n",
            "ca.pem",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert!(!text.contains("2345-6789-abcd"), "it counts no more: {text}");
    }
}
