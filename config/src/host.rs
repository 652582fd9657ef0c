//! One spelling for every host.
//!
//! Routing, token audiences and cookies compare hosts as text, so a host is brought to one canonical
//! form wherever it enters: from a configuration file, from a URL, from a request. The form is lower
//! case, without a trailing dot, without a port; an IPv6 address keeps its brackets and is written
//! the way RFC 5952 asks for.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Brings a host (no port) to its canonical form.
///
/// Accepts a DNS name of letters, digits and hyphens, a dotted IPv4 address or a bracketed IPv6
/// address. A name in another script is accepted in its ASCII form (`xn--…`) only, which is what a
/// browser sends.
///
/// # Errors
/// [`HostError`] for everything else, an IPv4 address in an exotic spelling (`0x7f.1`) included:
/// programs disagree about what those mean.
pub fn canonical(text: &str) -> Result<String, HostError> {
    if text.is_empty() {
        return Err(HostError::Empty);
    }
    if !text.is_ascii() {
        return Err(HostError::NotAscii);
    }
    if let Some(inner) = text.strip_prefix('[') {
        return ipv6(inner);
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > MAX_LENGTH {
        return Err(HostError::TooLong);
    }
    name.split('.').try_for_each(check_label)?;
    if ends_in_number(name) {
        return name.parse::<Ipv4Addr>().map(|ip| ip.to_string()).map_err(|_| HostError::Ipv4);
    }
    Ok(name.to_ascii_lowercase())
}

/// Whether a canonical host is an address, not a name.
#[must_use]
pub fn is_address(canonical: &str) -> bool {
    canonical.starts_with('[') || ends_in_number(canonical)
}

/// Whether a canonical host can only mean this machine: `localhost`, a name under it, or a loopback
/// address (RFC 6761 section 6.3).
#[must_use]
pub fn is_loopback(canonical: &str) -> bool {
    let inner = canonical.trim_start_matches('[').trim_end_matches(']');
    canonical == "localhost"
        || canonical.ends_with(".localhost")
        || inner.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Why a text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// No characters, or none before the trailing dot.
    #[error("it is empty")]
    Empty,
    /// A character beyond ASCII.
    #[error("it is not ASCII; an international name is written in its xn-- form")]
    NotAscii,
    /// More than 253 characters.
    #[error("it is longer than 253 characters")]
    TooLong,
    /// Two dots in a row, or a dot at the start.
    #[error("it has an empty label")]
    EmptyLabel,
    /// A label of more than 63 characters.
    #[error("a label is longer than 63 characters")]
    LongLabel,
    /// A label that begins or ends with `-`.
    #[error("a label begins or ends with a hyphen")]
    Hyphen,
    /// A character that no host has.
    #[error("{0:?} is not a letter, a digit, a hyphen or a dot")]
    Character(char),
    /// It ends in a number, as only addresses do, and is not a dotted IPv4 address.
    #[error("it ends in a number and is not an IPv4 address of four numbers")]
    Ipv4,
    /// It begins with `[` and is not a bracketed IPv6 address.
    #[error("it is not an IPv6 address in brackets")]
    Ipv6,
}

fn ipv6(inner: &str) -> Result<String, HostError> {
    let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
    address.map(|ip| format!("[{ip}]")).ok_or(HostError::Ipv6)
}

fn check_label(label: &str) -> Result<(), HostError> {
    let foreign = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-');
    if let Some(character) = foreign {
        return Err(HostError::Character(character));
    }
    if label.is_empty() {
        return Err(HostError::EmptyLabel);
    }
    if label.len() > MAX_LABEL {
        return Err(HostError::LongLabel);
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(HostError::Hyphen);
    }
    Ok(())
}

// The URL standard's rule: a host whose last label is a number is meant as an IPv4 address, and
// some clients read octal, hexadecimal or fewer parts into it. Only the plain form is one host to all.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

const MAX_LENGTH: usize = 253;
const MAX_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_have_one_spelling() {
        for (text, expected) in [
            ("acme.example", "acme.example"),
            ("ACME.Example.", "acme.example"),
            ("localhost", "localhost"),
            ("xn--mller-kva.example", "xn--mller-kva.example"),
            ("3com.com", "3com.com"),
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1.", "10.0.0.1"),
            ("[::1]", "[::1]"),
            ("[2001:DB8:0:0::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long = format!("{}example", "abcdefg.".repeat(32));
        for (text, expected) in [
            ("", HostError::Empty),
            (".", HostError::EmptyLabel),
            ("..", HostError::EmptyLabel),
            (".example", HostError::EmptyLabel),
            ("a..b", HostError::EmptyLabel),
            ("a.b..", HostError::EmptyLabel),
            ("-a.example", HostError::Hyphen),
            ("a-.example", HostError::Hyphen),
            ("a_b.example", HostError::Character('_')),
            ("*.example", HostError::Character('*')),
            ("a b", HostError::Character(' ')),
            ("a.example:80", HostError::Character(':')),
            ("a.example/", HostError::Character('/')),
            ("a%2e.example", HostError::Character('%')),
            ("a\0b", HostError::Character('\0')),
            ("müller.example", HostError::NotAscii),
            ("127.1", HostError::Ipv4),
            ("0x7f.0.0.1", HostError::Ipv4),
            ("1.2.3.0x4", HostError::Ipv4),
            ("010.0.0.1", HostError::Ipv4),
            ("1.2.3.256", HostError::Ipv4),
            ("2130706433", HostError::Ipv4),
            ("::1", HostError::Character(':')),
            ("[::1", HostError::Ipv6),
            ("[::1%25eth0]", HostError::Ipv6),
            ("[::1].", HostError::Ipv6),
            ("[127.0.0.1]", HostError::Ipv6),
            (&long_label, HostError::LongLabel),
            (&long, HostError::TooLong),
        ] {
            assert_eq!(canonical(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn loopback_hosts_are_known() {
        for host in ["localhost", "id.bitrix24.localhost", "127.0.0.1", "127.8.0.1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "notlocalhost", "10.0.0.1", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_host_is_its_own_canonical_form(text in "\\PC{0,40}|[a-zA-Z0-9.\\-\\[\\]:x]{1,30}") {
            if let Ok(host) = canonical(&text) {
                prop_assert_eq!(canonical(&host), Ok(host.clone()));
                prop_assert!(!host.ends_with('.'));
                prop_assert!(!host.bytes().any(|b| b.is_ascii_uppercase()));
            }
        }

        #[test]
        fn case_and_trailing_dot_never_matter(labels in prop::collection::vec("[a-z][a-z0-9]{0,10}", 1..5)) {
            let host = labels.join(".");
            prop_assert_eq!(canonical(&host), Ok(host.clone()));
            prop_assert_eq!(canonical(&format!("{}.", host.to_uppercase())), Ok(host));
        }

        #[test]
        fn addresses_of_both_families_round_trip(v4 in any::<[u8; 4]>(), v6 in any::<[u8; 16]>()) {
            let v4 = Ipv4Addr::from(v4).to_string();
            prop_assert_eq!(canonical(&v4), Ok(v4.clone()));
            prop_assert!(is_address(&v4));
            let v6 = format!("[{}]", Ipv6Addr::from(v6));
            prop_assert_eq!(canonical(&v6), Ok(v6.clone()));
            prop_assert!(is_address(&v6));
        }
    }
}
