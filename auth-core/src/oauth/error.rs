//! What can go wrong with a provider, split by whose fault it is.

/// A provider named nobody.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider's: it does not answer, or not in time. Trying again may help.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// Ours: as much as we ask of it at once is under way.
    #[error("too many requests to the provider are under way")]
    Busy,
    /// The provider's answer does not hold; nobody is signed in on it.
    #[error("the provider's answer was refused: {0}")]
    Refused(&'static str),
    /// The provider said no: a code that was used or is too old, for example. Its own short code.
    #[error("the provider said {0}")]
    Denied(String),
    /// The operator's: a key that cannot be read, an issuer that is another one, a wrong secret.
    #[error("the provider is not set up: {0}")]
    Misconfigured(String),
}

impl ProviderError {
    /// One word for the audit table and metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Busy => "busy",
            Self::Refused(reason) => reason,
            Self::Denied(_) => "denied",
            Self::Misconfigured(_) => "misconfigured",
        }
    }
}

/// What a provider calls an error, as far as it can stand in a log: RFC 6749 5.2 has printable ASCII.
pub(super) fn error_code(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-. ".contains(*c)).take(60).collect()
}
