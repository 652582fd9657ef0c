//! Header names as upstreams may read them, and the names that say how a request came.

/// The folded form of a header name: lower case, and `_` for every byte that is not a letter or digit.
/// CGI, WSGI and PHP make one variable of all names with the same folded form. ASCII, as long as `name`.
#[must_use]
pub fn fold(name: &[u8]) -> String {
    name.iter().map(|byte| char::from(fold_byte(*byte))).collect()
}

/// [`fold`] for one byte.
#[must_use]
pub fn fold_byte(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' }
}

/// Names that say how a request came (address, scheme, host, original target, request id), folded: no
/// client may send them, and none of them may carry an identity.
pub const FORWARDED: &[&str] = &[
    "cf_connecting_ip",
    "cf_connecting_ipv6",
    "fastly_client_ip",
    "forwarded",
    "front_end_https",
    "true_client_ip",
    "x_client_ip",
    "x_cluster_client_ip",
    "x_envoy_external_address",
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
    "x_host",
    "x_original_forwarded_for",
    "x_original_host",
    "x_original_method",
    "x_original_uri",
    "x_original_url",
    "x_real_ip",
    "x_request_id",
    "x_rewrite_url",
    "x_scheme",
    "x_url_scheme",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_folded_sorted_and_without_repeats() {
        assert!(FORWARDED.iter().all(|name| fold(name.as_bytes()) == *name));
        assert!(FORWARDED.is_sorted_by(|a, b| a < b));
    }
}
