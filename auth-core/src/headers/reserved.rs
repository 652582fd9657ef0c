//! Names that a client may not send: compared folded, because CGI, WSGI and PHP make one variable of
//! `X-User`, `x_user` and `X.User`.

use ahash::AHashSet;
use bitrix_id_config::HeaderPreset;

/// The folded form of a header name: lower case, every byte that is no letter or digit as `_`.
#[must_use]
pub fn fold(name: &[u8]) -> Vec<u8> {
    name.iter().copied().map(fold_byte).collect()
}

fn fold_byte(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' }
}

/// Why a name is reserved. Both are removed from what the client sent; the gateway writes the second
/// kind anew from what it saw itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reserved {
    /// Says who someone is, here or to a well-known app.
    Identity,
    /// Says how the request came: address, scheme, host, original target, request id.
    Forwarded,
}

/// The reserved names of a configuration. Built-in names are always among them, whatever presets the
/// portals use.
#[derive(Debug)]
pub struct ReservedNames {
    /// Configured names, folded.
    configured: AHashSet<Box<[u8]>>,
    forwarded: AHashSet<&'static [u8]>,
    longest: usize,
}

impl ReservedNames {
    /// Reserves the built-in names and the names of every custom table among `presets`.
    #[must_use]
    pub fn new<'a>(presets: impl IntoIterator<Item = &'a HeaderPreset>) -> Self {
        let mut configured = AHashSet::new();
        for preset in presets {
            if let HeaderPreset::Custom(headers) = preset {
                configured.extend(headers.iter().map(|(name, _)| fold(name.as_bytes()).into()));
            }
        }
        let longest = configured.iter().map(|name: &Box<[u8]>| name.len()).max().unwrap_or(0);
        let forwarded = FORWARDED_FAMILY.iter().map(|name| name.as_bytes()).collect();
        Self { configured, forwarded, longest }
    }

    /// Whether a client's field of this name is removed. Allocates nothing for names of usual length.
    #[must_use]
    pub fn is_reserved(&self, name: &[u8]) -> bool {
        self.kind(name).is_some()
    }

    /// As [`Self::is_reserved`], and why. An identity name that also belongs to the forwarded family
    /// (because it is configured as one) counts as identity.
    #[must_use]
    pub fn kind(&self, name: &[u8]) -> Option<Reserved> {
        let mut buffer = [0; LONGEST_USUAL];
        if name.len() <= buffer.len() {
            let folded = &mut buffer[..name.len()];
            for (to, from) in folded.iter_mut().zip(name) {
                *to = fold_byte(*from);
            }
            return self.kind_of_folded(folded);
        }
        // No built-in name is as long, so only a family's start or a long configured name can match.
        let start: Vec<u8> =
            name.iter().take(self.longest.max(LONGEST_USUAL) + 1).copied().collect();
        self.kind_of_folded(&fold(&start))
    }

    fn kind_of_folded(&self, folded: &[u8]) -> Option<Reserved> {
        if self.configured.contains(folded) {
            return Some(Reserved::Identity);
        }
        if self.forwarded.contains(folded) {
            return Some(Reserved::Forwarded);
        }
        let in_family = IDENTITY_FAMILIES.iter().any(|start| folded.starts_with(start.as_bytes()));
        in_family.then_some(Reserved::Identity)
    }
}

const LONGEST_USUAL: usize = 128;

/// Everything that begins like this, folded. The gateway's own names to the sign-in app are in the
/// first; the others are how well-known apps and proxies name an identity, beyond our presets' names.
const IDENTITY_FAMILIES: [&str; 7] = [
    "x_bitrix_id",
    "x_auth_request_",
    "x_forwarded_",
    "x_remote_",
    "x_webauth_",
    "remote_",
    "client_cert",
];

/// Folded. Other names under `x_forwarded_` count as identity: they are removed all the same, and none
/// is written anew unless a preset says so.
const FORWARDED_FAMILY: [&str; 36] = [
    "forwarded",
    "x_forwarded",
    "x_forwarded_by",
    "x_forwarded_client_ip",
    "x_forwarded_for",
    "x_forwarded_host",
    "x_forwarded_method",
    "x_forwarded_path",
    "x_forwarded_port",
    "x_forwarded_prefix",
    "x_forwarded_proto",
    "x_forwarded_protocol",
    "x_forwarded_scheme",
    "x_forwarded_server",
    "x_forwarded_ssl",
    "x_forwarded_uri",
    "x_original_forwarded_for",
    "x_original_host",
    "x_original_method",
    "x_original_uri",
    "x_original_url",
    "x_rewrite_url",
    "x_host",
    "x_real_ip",
    "x_client_ip",
    "x_cluster_client_ip",
    "x_envoy_external_address",
    "x_request_id",
    "x_scheme",
    "x_url_scheme",
    "true_client_ip",
    "cf_connecting_ip",
    "cf_connecting_ipv6",
    "fastly_client_ip",
    "front_end_https",
    // CGI makes HTTP_PROXY of it, which many HTTP clients obey (CVE-2016-5385).
    "proxy",
];

#[cfg(test)]
mod tests {
    use bitrix_id_config::{Template, TemplatePart};
    use proptest::prelude::*;

    use super::*;

    fn names() -> ReservedNames {
        let value = Template(vec![TemplatePart::Literal("x".to_owned())]);
        let long = format!("X-{}", "Long".repeat(100));
        let headers =
            ["X-My.User", "Proxy", long.as_str()].map(|name| (name.to_owned(), value.clone()));
        ReservedNames::new([&HeaderPreset::None, &HeaderPreset::Custom(headers.to_vec())])
    }

    #[test]
    fn identity_names_are_reserved_in_every_spelling() {
        let names = names();
        for name in [
            "X-Bitrix-Id-Subject",
            "x_bitrix_id_subject",
            "X-Bitrix_Id-Subject",
            "x_bitrix-id_subject",
            "X.Bitrix.Id.Roles",
            "x~bitrix!id|name",
            "X-BITRIX-ID-INTERNAL-HOST",
            "X-Bitrix-Id",
            "X-Bitrix-Id-Whatever-Comes",
            "X-Bitrix-Identity",
            "Remote-User",
            "remote_user",
            "REMOTE.GROUPS",
            "X-WEBAUTH-USER",
            "x_webauth_role",
            "X-Forwarded-User",
            "x_forwarded_email",
            "X-Forwarded_Groups",
            "x-forwarded-preferred-username",
            "X-Forwarded-Access-Token",
            "X-Remote-User",
            "x_remote_user",
            "X-Auth-Request-User",
            "x_auth_request_email",
            "Client-Cert",
            "Client-Cert-Chain",
            "X-My.User",
            "x-my-user",
            "X_MY_USER",
            "proxy",
        ] {
            assert_eq!(names.kind(name.as_bytes()), Some(Reserved::Identity), "{name}");
            assert!(names.is_reserved(name.as_bytes()));
        }
    }

    #[test]
    fn forwarding_names_are_reserved_as_their_own_kind() {
        let names = names();
        for name in [
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "X_Forwarded_Port",
            "X-Forwarded-Prefix",
            "X-Forwarded-Uri",
            "X-Forwarded-Method",
            "X-Forwarded-Server",
            "X-Real-IP",
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-Client-IP",
            "True-Client-IP",
            "CF-Connecting-IP",
            "cf_connecting_ip",
            "X.Real.Ip",
            "X-Host",
            "X-Request-Id",
            "x_request_id",
        ] {
            assert_eq!(names.kind(name.as_bytes()), Some(Reserved::Forwarded), "{name}");
        }
        let built_in = ReservedNames::new([]);
        assert_eq!(built_in.kind(b"Proxy"), Some(Reserved::Forwarded));
    }

    #[test]
    fn what_requests_usually_carry_is_not_reserved() {
        let names = names();
        for name in [
            "",
            "Host",
            "Cookie",
            "Authorization",
            "Content-Type",
            "Content-Length",
            "Accept",
            "Origin",
            "User-Agent",
            "Referer",
            "Sec-Fetch-Mode",
            "X-Requested-With",
            "X-Bitrix-Csrf-Token",
            "BX-Ajax",
            "X-Bitrix-I",
            "X-Forwardedfor",
            "Remote",
            "If-Match",
            "traceparent",
            "Upgrade",
            "X-My-Use",
            "X-My-User2",
            "X-Xsrf-Token",
            "Range",
            "X-Auth-Token",
        ] {
            assert_eq!(names.kind(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn names_of_any_length_are_judged() {
        let names = names();
        let long = format!("x-{}", "long".repeat(100));
        assert_eq!(names.kind(long.as_bytes()), Some(Reserved::Identity));
        assert_eq!(names.kind(format!("{long}2").as_bytes()), None);
        assert_eq!(names.kind(&long.as_bytes()[..401]), None);
        let family = format!("X_Bitrix-Id{}", "-x".repeat(10_000));
        assert_eq!(names.kind(family.as_bytes()), Some(Reserved::Identity));
        assert_eq!(names.kind("a".repeat(100_000).as_bytes()), None);
        for length in 120..140 {
            let name = format!("remote-{}", "x".repeat(length));
            assert_eq!(names.kind(name.as_bytes()), Some(Reserved::Identity), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_reserved_name_gets_through(
            name in prop::sample::select(vec![
                "x-bitrix-id-roles", "remote-user", "x-webauth-user", "x-forwarded-for", "x-my-user", "forwarded",
            ]),
            upper: u64,
            separators in "[-_.~!|*+^]{8}",
        ) {
            let separators = separators.as_bytes();
            let spelt: Vec<u8> = name.bytes().enumerate().map(|(at, byte)| match byte {
                b'-' => separators[at % separators.len()],
                _ if upper >> at & 1 == 1 => byte.to_ascii_uppercase(),
                _ => byte,
            }).collect();
            prop_assert!(names().is_reserved(&spelt));
            prop_assert_eq!(fold(&spelt), name.replace('-', "_").into_bytes());
        }

        #[test]
        fn folding_twice_changes_nothing_and_decides_the_same(name: Vec<u8>) {
            let folded = fold(&name);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(names().kind(&folded), names().kind(&name));
        }
    }
}
