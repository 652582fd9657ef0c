//! The demo's configuration file: an ordinary one, worth reading.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::certificates::PAIRS;
use super::folder::{Folder, Readable};
use super::{IDENTITY_HOST, NETWORK_DOMAIN, Options, SAMPLES};

/// Mails go here.
pub(super) const OUTBOX: &str = "outbox";

/// Writes `bitrix-id.toml`; `upstreams` are the sample portals' addresses, in their order, and that of the
/// portals which people create.
pub(super) fn write(
    folder: &Folder,
    https: &[SocketAddr],
    options: &Options,
    upstreams: &[SocketAddr],
) -> anyhow::Result<PathBuf> {
    folder.write("bitrix-id.toml", &text(https, options, upstreams), Readable::Public)
}

fn text(https: &[SocketAddr], options: &Options, upstreams: &[SocketAddr]) -> String {
    let Options { port, admin_port, .. } = options;
    let https: Vec<String> = https.iter().map(|address| format!("\"{address}\"")).collect();
    let https = https.join(", ");
    let pairs: String = PAIRS
        .iter()
        .map(|pair| format!("    {{ chain = \"{}\", key = \"{}\" }},\n", pair.chain, pair.key))
        .collect();
    let mut text = format!(
        r#"# Written by `bitrix-id demo` at every start. A change made while it runs takes effect at once and
# lasts until the next start.

[server]
https = [{https}]
admin = "127.0.0.1:{admin_port}"

[tls]
certificates = [
{pairs}]

[identity]
url = "https://{IDENTITY_HOST}:{port}"

[store]
directory = "sqlite:data/bitrix-id.db"
sessions = "embedded"

[mail]
from = "Bitrix ID <no-reply@bitrix24.localhost>"
outbox = "{OUTBOX}"
"#
    );
    for (sample, upstream) in SAMPLES.iter().zip(upstreams) {
        let _ = write!(
            text,
            r#"
[[portal]]
id = "{}"
title = "{}"
hosts = ["{}"]
upstreams = ["http://{upstream}"]

[[portal.route]]
path = "/pub/"
access = "public"
"#,
            sample.id, sample.title, sample.host,
        );
    }
    if let Some(created) = upstreams.get(SAMPLES.len()) {
        let _ = write!(
            text,
            r#"
# People create portals of their own; all of them are served by one app.
[provisioning]
domain = "{NETWORK_DOMAIN}"
upstream = "http://{created}"
"#
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_a_valid_configuration() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        crate::demo::certificates::prepare(&folder, 1_769_847_330).unwrap();
        let options = Options { data: "x".into(), port: 8443, admin_port: 9090 };
        let https = ["127.0.0.1:8443".parse().unwrap(), "[::1]:8443".parse().unwrap()];
        let upstreams: Vec<_> = (1..5).map(|n| SocketAddr::from(([127, 0, 0, 1], n))).collect();
        let file = write(&folder, &https, &options, &upstreams).unwrap();
        let config = bitrix_id_config::load(&file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.portals.len(), 3);
        assert_eq!(config.provisioning.as_ref().unwrap().domain, NETWORK_DOMAIN);
        assert_eq!(config.identity.url.to_string(), "https://id.bitrix24.localhost:8443");
        assert_eq!(crate::snapshot::check(&config), []);
    }
}
