//! The request's authority (`Host`, or `:authority`) in its one canonical form.

use bitrix_id_config::host::{self, HostError};

/// Splits an authority into its canonical host and its port, if it names one.
///
/// # Errors
/// [`AuthorityError`] for whatever is not plainly `host` or `host:port`: userinfo, a list, a path, an
/// empty port, blanks. Answer 400; a request has exactly one authority and this is not one.
///
/// Source: RFC 9110 section 7.2, RFC 3986 section 3.2.
pub fn canonical_host(unchecked_authority: &[u8]) -> Result<(String, Option<u16>), AuthorityError> {
    if unchecked_authority.len() > AUTHORITY_LIMIT {
        return Err(AuthorityError::TooLong);
    }
    let text = std::str::from_utf8(unchecked_authority).map_err(|_| HostError::NotAscii)?;
    let (name, port) = split_port(text)?;
    Ok((host::canonical(name)?, port))
}

/// Why an authority is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// Beyond any host name and port.
    #[error("the authority is too long")]
    TooLong,
    /// The part before the port is no host.
    #[error("the authority has no valid host: {0}")]
    Host(#[from] HostError),
    /// After the colon stands no number from 1 to 65535 in its plain form.
    #[error("the authority's port is not a port")]
    Port,
}

// Only brackets may hold colons, so outside of them the first one begins the port, and a second one
// fails as a port.
fn split_port(text: &str) -> Result<(&str, Option<u16>), AuthorityError> {
    let host_end = match text.find(']') {
        Some(bracket) if text.starts_with('[') => bracket + 1,
        _ => text.find(':').unwrap_or(text.len()),
    };
    let (name, rest) = text.split_at(host_end);
    match rest.strip_prefix(':') {
        Some(port) => Ok((name, Some(parse_port(port)?))),
        None if rest.is_empty() => Ok((name, None)),
        None => Err(AuthorityError::Port),
    }
}

// `+80`, `080` and the empty port mean 80 or the default to some; one spelling is enough.
fn parse_port(text: &str) -> Result<u16, AuthorityError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(AuthorityError::Port)
}

const AUTHORITY_LIMIT: usize = 253 + 1 + ":65535".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_host_is_one_host() {
        for authority in ["acme.example", "ACME.Example", "acme.example.", "aCMe.eXample."] {
            let host = "acme.example".to_owned();
            assert_eq!(canonical_host(authority.as_bytes()), Ok((host.clone(), None)));
            let with_port = format!("{authority}:8443");
            assert_eq!(canonical_host(with_port.as_bytes()), Ok((host, Some(8443))));
        }
        let v6 = canonical_host(b"[2001:DB8::0:1]:443");
        assert_eq!(v6, Ok(("[2001:db8::1]".to_owned(), Some(443))));
        assert_eq!(canonical_host(b"127.0.0.1"), Ok(("127.0.0.1".to_owned(), None)));
    }

    #[test]
    fn what_is_not_one_authority_is_refused() {
        let long = format!("{}:80", "a".repeat(300));
        for authority in [
            "",
            ":",
            ":80",
            "a:",
            "a:0",
            "a:080",
            "a:+80",
            "a:65536",
            "a:80:80",
            "a:8o",
            "a: 80",
            "a.example, b.example",
            "a,b",
            "user@a.example",
            "user:pw@a.example",
            "a.example/",
            "a.example/x",
            "a.example#x",
            "a.example?x",
            "a\\b",
            "a b",
            " a",
            "a ",
            "a\t",
            "a\r\nb",
            "a\0",
            "a%2eb",
            "[::1",
            "[::1]x",
            "[::1]]",
            "::1",
            "a_b",
            "-a",
            "a..b",
            "\u{fc}",
            "a*b",
            "0x7f.1",
            "1.2.3",
            long.as_str(),
        ] {
            assert!(canonical_host(authority.as_bytes()).is_err(), "{authority:?}");
        }
        assert!(canonical_host(b"a\xff").is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_canonical_host_stays_what_it_is(bytes: Vec<u8>) {
            if let Ok((host, _)) = canonical_host(&bytes) {
                assert_eq!(canonical_host(host.as_bytes()), Ok((host.clone(), None)));
            }
        }
    }
}
