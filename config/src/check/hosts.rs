//! `hosts` of a portal: exact names and one-label wildcards.

use serde_spanned::Spanned;

use super::value::each;
use crate::host::{self, HostError};
use crate::model::HostPattern;
use crate::read::List;
use crate::report::{Refused, Scope};

pub(super) fn hosts(
    written: &Spanned<List<Spanned<String>>>,
    scope: Scope<'_>,
) -> Result<Vec<HostPattern>, Refused> {
    if written.get_ref().is_empty() {
        let message = "hosts: the list is empty";
        return Err(scope.refuse_with(&written.span(), message, "a portal has at least one host"));
    }
    each(written.get_ref(), |host| checked(host, scope))
}

fn checked(written: &Spanned<String>, scope: Scope<'_>) -> Result<HostPattern, Refused> {
    let text = written.get_ref();
    pattern(text).map_err(|error| {
        let message = format!("hosts: \"{text}\" is not a host: {error}");
        match error {
            PatternError::Url => scope.refuse_with(&written.span(), message, ADVICE),
            PatternError::Host(_) | PatternError::Wildcard | PatternError::TopLevel => {
                scope.refuse(&written.span(), message)
            }
        }
    })
}

/// Reads one host or wildcard.
pub(super) fn pattern(text: &str) -> Result<HostPattern, PatternError> {
    let bracketed = text.starts_with('[') && text.ends_with(']');
    if text.contains("://") || text.contains('/') || (text.contains(':') && !bracketed) {
        return Err(PatternError::Url);
    }
    let Some(suffix) = text.strip_prefix("*.") else {
        if text.contains('*') {
            return Err(PatternError::Wildcard);
        }
        return Ok(HostPattern::Exact(host::canonical(text)?));
    };
    if suffix.contains('*') {
        return Err(PatternError::Wildcard);
    }
    let suffix = host::canonical(suffix)?;
    if host::is_address(&suffix) {
        return Err(PatternError::Wildcard);
    }
    if !suffix.contains('.') {
        return Err(PatternError::TopLevel);
    }
    Ok(HostPattern::Wildcard(suffix))
}

/// Why a text is not a portal's host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    /// With a scheme, a port or a path.
    #[error("it has a scheme, a port or a path")]
    Url,
    /// A `*` that is not the whole first label of a name.
    #[error("a wildcard is \"*.\" and a name")]
    Wildcard,
    /// `*.com`.
    #[error("it would claim a whole top-level domain")]
    TopLevel,
    /// What is left is no host.
    #[error(transparent)]
    Host(#[from] HostError),
}

const ADVICE: &str = "write the bare host; scheme and port are those of identity.url";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_and_wildcards_are_read() {
        let exact = |host: &str| Ok(HostPattern::Exact(host.to_owned()));
        assert_eq!(pattern("CRM.Acme.com."), exact("crm.acme.com"));
        assert_eq!(pattern("[::1]"), exact("[::1]"));
        assert_eq!(pattern("*.Acme.com"), Ok(HostPattern::Wildcard("acme.com".to_owned())));
    }

    #[test]
    fn everything_else_is_refused() {
        for (text, expected) in [
            ("https://acme.com", PatternError::Url),
            ("acme.com:8443", PatternError::Url),
            ("acme.com/", PatternError::Url),
            ("::1", PatternError::Url),
            ("*", PatternError::Wildcard),
            ("a.*.com", PatternError::Wildcard),
            ("*.*.acme.com", PatternError::Wildcard),
            ("a*.acme.com", PatternError::Wildcard),
            ("*.10.0.0.1", PatternError::Wildcard),
            ("*.com", PatternError::TopLevel),
            ("*.", PatternError::Host(HostError::Empty)),
            ("", PatternError::Host(HostError::Empty)),
        ] {
            assert_eq!(pattern(text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_pattern_reads_back_as_itself(text in "(\\*\\.)?[a-zA-Z0-9.*:-]{0,20}") {
            if let Ok(read) = pattern(&text) {
                let written = match &read {
                    HostPattern::Exact(host) => host.clone(),
                    HostPattern::Wildcard(suffix) => format!("*.{suffix}"),
                };
                prop_assert_eq!(pattern(&written), Ok(read));
            }
        }
    }
}
