//! Errors as one line of text.

use std::error::Error;

/// What an error says, and after it what each of its causes says: "one: because of two: because of three".
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no connection")]
    struct Outer(#[from] std::num::ParseIntError);

    #[test]
    fn an_error_is_told_with_its_causes() {
        let inner = "x".parse::<u8>().unwrap_err();
        assert_eq!(with_causes(&inner), "invalid digit found in string");
        let outer = Outer::from(inner);
        assert_eq!(with_causes(&outer), "no connection: invalid digit found in string");
    }
}
