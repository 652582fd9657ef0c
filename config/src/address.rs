//! The URLs a configuration holds: a scheme, a host, a port, and nothing that an address has no use for.
//!
//! General URL parsers repair what they read (`http:/a`, `0x7f.1`, a backslash). A configuration is
//! better refused than repaired, so this one takes the plain form only.

use crate::host::{self, HostError};

/// `scheme://[user@]host[:port][/path]`, split and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// As written; schemes are compared by the caller.
    pub(crate) scheme: &'a str,
    /// What stands before `@`.
    pub(crate) user: Option<&'a str>,
    /// Canonical.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// Empty, or beginning with `/`.
    pub(crate) path: &'a str,
}

impl<'a> Address<'a> {
    /// Splits the URL of a public place; which scheme, user and path are welcome is the caller's
    /// business.
    pub(crate) fn parse(text: &'a str) -> Result<Self, AddressError> {
        Self::split(text, host::canonical)
    }

    /// Splits the URL of a place in a private network, where names may hold an underscore.
    pub(crate) fn parse_internal(text: &'a str) -> Result<Self, AddressError> {
        Self::split(text, canonical_internal)
    }

    fn split(
        text: &'a str,
        canonical: fn(&str) -> Result<String, HostError>,
    ) -> Result<Self, AddressError> {
        let is_unwelcome = |c: &char| c.is_whitespace() || c.is_control() || *c == '\\';
        if let Some(character) = text.chars().find(is_unwelcome) {
            return Err(AddressError::Character(character));
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::NoScheme)?;
        if rest.contains(['?', '#']) {
            return Err(AddressError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host_and_port) = match authority.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, authority),
        };
        let (host, port) = split_port(host_and_port)?;
        let host = canonical(host)?;
        let foreign = |part: &str| part.chars().find(|c| !c.is_ascii());
        if let Some(character) = user.and_then(foreign).or_else(|| foreign(path)) {
            return Err(AddressError::Character(character));
        }
        Ok(Self { scheme, user, host, port, path })
    }

    /// Whether there is nothing but scheme, host and port; one `/` at the end is the same address.
    pub(crate) fn is_bare(&self) -> bool {
        self.user.is_none() && matches!(self.path, "" | "/")
    }
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// Without `://`.
    #[error("it has no scheme")]
    NoScheme,
    /// White space, a control character, a backslash, or beyond ASCII.
    #[error("{0:?} does not belong in it")]
    Character(char),
    /// With `?` or `#`.
    #[error("it has a query or a fragment")]
    Query,
    /// After the last colon.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// What remains is no host.
    #[error("the host is not valid: {0}")]
    Host(#[from] HostError),
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), AddressError> {
    // The colons inside of brackets belong to an IPv6 address.
    let after_brackets = text.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = text[after_brackets..].find(':') else {
        return Ok((text, None));
    };
    let (host, port) = text.split_at(after_brackets + colon);
    let digits = &port[1..];
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if plain && port != 0 => Ok((host, Some(port))),
        _ => Err(AddressError::Port),
    }
}

// Container names may hold an underscore and are used as host names inside container networks. No
// browser ever sees these hosts, so an underscore is checked as if it were a letter.
fn canonical_internal(host: &str) -> Result<String, HostError> {
    if !host.contains('_') {
        return host::canonical(host);
    }
    host::canonical(&host.replace('_', "u"))?;
    Ok(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_split() {
        let address = Address::parse("https://Portal.Example:8443").unwrap();
        assert_eq!((address.scheme, address.host.as_str()), ("https", "portal.example"));
        assert_eq!((address.port, address.path, address.user), (Some(8443), "", None));
        assert!(address.is_bare());

        let address = Address::parse("smtp://user@mail.example:587/").unwrap();
        assert_eq!((address.user, address.path), (Some("user"), "/"));
        assert!(!address.is_bare());

        let address = Address::parse("http://[::1]:8000").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("[::1]", Some(8000)));
        assert_eq!(Address::parse("http://[2001:db8::0]").unwrap().host, "[2001:db8::]");
        let internal = Address::parse_internal("http://Sample_Portal:80").unwrap();
        assert_eq!(internal.host, "sample_portal");
        assert_eq!(Address::parse("https://a.example/realms/x").unwrap().path, "/realms/x");
    }

    #[test]
    fn what_needs_repair_is_refused() {
        for (text, expected) in [
            ("10.0.0.5:8000", AddressError::NoScheme),
            ("http:/10.0.0.5", AddressError::NoScheme),
            ("http:\\\\a", AddressError::Character('\\')),
            ("http://a b", AddressError::Character(' ')),
            ("http://a\n", AddressError::Character('\n')),
            ("http://a/ä", AddressError::Character('ä')),
            ("http://ä@a", AddressError::Character('ä')),
            ("http://ä.example", AddressError::Host(HostError::NotAscii)),
            ("http://a_b", AddressError::Host(HostError::Character('_'))),
            ("http://a?x", AddressError::Query),
            ("http://a/#x", AddressError::Query),
            ("http://", AddressError::Host(HostError::Empty)),
            ("http://:80", AddressError::Host(HostError::Empty)),
            ("http://a:", AddressError::Port),
            ("http://a:0", AddressError::Port),
            ("http://a:+80", AddressError::Port),
            ("http://a:65536", AddressError::Port),
            ("http://a:80:80", AddressError::Port),
            ("http://::1", AddressError::Port),
            ("http://0x7f.1", AddressError::Host(HostError::Ipv4)),
        ] {
            assert_eq!(Address::parse(text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_crash(text in "\\PC{0,20}|http://[\\[\\]:@/a0.%_-]{0,20}") {
            let _ = Address::parse(&text);
            let _ = Address::parse_internal(&text);
        }

        #[test]
        fn what_is_written_plainly_is_read_back(host in "[a-z][a-z0-9]{0,9}(\\.[a-z]{1,5}){0,3}", port in 1u16..) {
            let text = format!("http://{host}:{port}");
            let address = Address::parse(&text).unwrap();
            prop_assert_eq!((address.host, address.port), (host, Some(port)));
        }
    }
}
