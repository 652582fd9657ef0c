//! What a newcomer needs to know, printed once everything answers.

use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::accounts::SampleAccount;
use super::certificates::CA_FILE;
use super::folder::Folder;
use super::settings::OUTBOX;
use super::{IDENTITY_HOST, Options, SAMPLES};

/// The text to print.
pub(super) fn text(folder: &Folder, options: &Options, accounts: &[SampleAccount]) -> String {
    let Options { port, admin_port, .. } = options;
    let ca = folder.path(CA_FILE);
    let mut text =
        String::from("\nThe demo runs. Open a portal, sign in, then open another one.\n\n");
    for sample in &SAMPLES {
        let _ = writeln!(text, "  {:<12} https://{}:{port}/", sample.title, sample.host);
    }
    let _ = writeln!(text, "  {:<12} https://{IDENTITY_HOST}:{port}/", "Bitrix ID");
    let _ = writeln!(text, "  {:<12} http://127.0.0.1:{admin_port}/{OUTBOX}", "Mail outbox");
    text.push_str("\nSign in as\n");
    for account in accounts {
        let password = account.password.as_deref().unwrap_or("(the password you chose)");
        let portals = account.portals.join(", ");
        let _ = writeln!(text, "  {:<18} {password:<16} on {portals}", account.email);
    }
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
        let accounts = [
            SampleAccount {
                email: "anna@example.com",
                password: Some("abcd-efgh-ijkm".to_owned()),
                portals: vec!["acme", "globex"],
            },
            SampleAccount { email: "boris@example.com", password: None, portals: vec!["acme"] },
        ];
        let text = text(&folder, &options, &accounts);
        for part in [
            "https://acme.bitrix24.localhost:8443/",
            "https://globex.bitrix24.localhost:8443/",
            "https://portal.initech.localhost:8443/",
            "https://id.bitrix24.localhost:8443/",
            "http://127.0.0.1:9090/outbox",
            "anna@example.com   abcd-efgh-ijkm   on acme, globex",
            "boris@example.com  (the password you chose)",
            "ca.pem",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
