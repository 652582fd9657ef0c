//! Display names: one rule for people and operators.

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// Why a display name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing visible was typed.
    #[error("the name is empty")]
    Missing,
    /// Longer than [`MAX_NAME_CHARS`].
    #[error("the name is longer than {MAX_NAME_CHARS} characters")]
    TooLong,
}

/// The name as it is kept: one line, a space for every control character, no white space at the ends.
///
/// # Errors
/// [`BadName`].
pub fn check(typed: &str) -> Result<String, BadName> {
    let name: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = name.trim();
    if name.is_empty() {
        return Err(BadName::Missing);
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(BadName::TooLong);
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(check("  Anna\r\nSmith "), Ok("Anna  Smith".into()));
        assert_eq!(check(" \t\n"), Err(BadName::Missing));
        assert_eq!(check(&"é".repeat(100)), Ok("é".repeat(100)));
        assert_eq!(check(&"é".repeat(101)), Err(BadName::TooLong));
    }
}
