//! Writing a portal as the text of its table, for those that are made while the gateway runs.

use std::fmt::Write as _;

use crate::model::{Provisioning, Upstream, UpstreamHost, UpstreamScheme};

/// The `[[portal]]` table of a portal made by `[provisioning]`: open to its members, on `<id>.<domain>`.
/// [`crate::portal_from_toml`] reads it back, if `id` is one that a portal may have.
#[must_use]
pub fn new_portal_toml(id: &str, title: &str, provisioning: &Provisioning) -> String {
    let host = format!("{id}.{}", provisioning.domain);
    let mut text = String::from("[[portal]]\n");
    // Writing to a String does not fail.
    let _ = writeln!(text, "id = {}", quoted(id));
    let _ = writeln!(text, "title = {}", quoted(title));
    let _ = writeln!(text, "hosts = [{}]", quoted(&host));
    let _ = writeln!(text, "upstreams = [{}]", quoted(&url(&provisioning.upstream)));
    if let Some(sni) = &provisioning.upstream.sni {
        let _ = writeln!(text, "upstream_sni = {}", quoted(sni));
    }
    text.push_str("access = \"members\"\n");
    text
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn url(upstream: &Upstream) -> String {
    let scheme = match upstream.scheme {
        UpstreamScheme::Http => "http",
        UpstreamScheme::H2c => "h2c",
        UpstreamScheme::Https => "https",
    };
    let host = match &upstream.host {
        UpstreamHost::Address(ip) if ip.is_ipv6() => format!("[{ip}]"),
        UpstreamHost::Address(ip) => ip.to_string(),
        UpstreamHost::Name(name) => name.clone(),
    };
    format!("{scheme}://{host}:{}", upstream.port)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Access, HostPattern};
    use crate::portal_from_toml;

    fn provisioning(scheme: UpstreamScheme, host: UpstreamHost, sni: Option<&str>) -> Provisioning {
        let upstream = Upstream { scheme, host, port: 8443, sni: sni.map(str::to_owned) };
        Provisioning {
            domain: "bitrix24.example".into(),
            upstream,
            max_per_account: 7,
            webhook: None,
        }
    }

    #[test]
    fn a_written_portal_is_read_back() {
        for (scheme, host, sni) in [
            (UpstreamScheme::Http, UpstreamHost::Address("10.0.0.9".parse().unwrap()), None),
            (UpstreamScheme::H2c, UpstreamHost::Address("::1".parse().unwrap()), None),
            (UpstreamScheme::Https, UpstreamHost::Name("new.internal".into()), Some("new.example")),
        ] {
            let provisioning = provisioning(scheme, host, sni);
            let portal = portal_from_toml(&new_portal_toml("nova", "Nova", &provisioning)).unwrap();
            assert_eq!((portal.id.as_str(), portal.title.as_str()), ("nova", "Nova"));
            assert_eq!(portal.hosts, [HostPattern::Exact("nova.bitrix24.example".into())]);
            assert_eq!(portal.upstreams, [provisioning.upstream]);
            assert_eq!(portal.access, Access::Members);
        }
    }

    proptest! {
        #[test]
        fn no_title_changes_anything_else(title in "\\PC{1,100}") {
            let host = UpstreamHost::Address("10.0.0.9".parse().unwrap());
            let provisioning = provisioning(UpstreamScheme::Http, host, None);
            let portal = portal_from_toml(&new_portal_toml("nova", &title, &provisioning));
            let portal = portal.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(portal.title, title);
            prop_assert_eq!(portal.hosts, [HostPattern::Exact("nova.bitrix24.example".into())]);
            prop_assert!(portal.routes.is_empty());
        }
    }
}
