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
        let mut configured: AHashSet<Box<[u8]>> = AHashSet::new();
        for preset in presets {
            if let HeaderPreset::Custom(headers) = preset {
                configured.extend(headers.iter().map(|(name, _)| fold(name.as_bytes()).into()));
            }
        }
        let longest = configured.iter().map(|name| name.len()).max().unwrap_or(0);
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
mod tests;
