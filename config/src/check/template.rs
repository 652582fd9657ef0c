//! Templates of header values: printable ASCII with `{field}` placeholders.

use crate::model::{IdentityField, Template, TemplatePart};
use crate::suggest;

/// Reads `"Bearer {assertion}"`.
pub(super) fn parse(text: &str) -> Result<Template, TemplateError> {
    if text.is_empty() {
        return Err(TemplateError::Empty);
    }
    if text.len() > LONGEST {
        return Err(TemplateError::TooLong);
    }
    let foreign = text.chars().find(|c| !c.is_ascii_graphic() && *c != ' ');
    if let Some(character) = foreign {
        return Err(TemplateError::Character(character));
    }
    // White space at the ends of a value is no part of it (RFC 9110 section 5.5).
    if text.trim() != text {
        return Err(TemplateError::Spaces);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, after) = rest.split_at(rest.find(['{', '}']).unwrap_or(rest.len()));
        if !literal.is_empty() {
            parts.push(TemplatePart::Literal(literal.to_owned()));
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
        let (name, after) = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .ok_or(TemplateError::Brace)?;
        parts.push(TemplatePart::Field(field(name)?));
        rest = after;
    }
    Ok(Template(parts))
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    /// No characters.
    #[error("it is empty")]
    Empty,
    /// More than [`LONGEST`] bytes.
    #[error("it is longer than 1024 characters")]
    TooLong,
    /// A control character, or beyond ASCII.
    #[error("{0:?} cannot stand in a header")]
    Character(char),
    /// White space at the start or the end.
    #[error("it begins or ends with a space")]
    Spaces,
    /// `{` without `}`, or the other way round.
    #[error("a brace has no partner")]
    Brace,
    /// Not one of [`FIELDS`].
    #[error("there is no field \"{{{0}}}\"")]
    Field(String),
}

impl TemplateError {
    /// What to write instead.
    pub(super) fn help(&self) -> String {
        let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        match self {
            Self::Field(name) => match suggest::nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean \"{{{near}}}\"?"),
                None => format!("possible: {{{}}}", names.join("}, {")),
            },
            Self::Empty | Self::TooLong | Self::Character(_) | Self::Spaces | Self::Brace => {
                "for example \"{email}\"".to_owned()
            }
        }
    }
}

fn field(name: &str) -> Result<IdentityField, TemplateError> {
    let found = FIELDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, field)| *field).ok_or_else(|| TemplateError::Field(name.to_owned()))
}

const FIELDS: &[(&str, IdentityField)] = &[
    ("subject", IdentityField::Subject),
    ("email", IdentityField::Email),
    ("name", IdentityField::Name),
    ("title", IdentityField::Title),
    ("portal", IdentityField::Portal),
    ("portal_user", IdentityField::PortalUser),
    ("roles", IdentityField::Roles),
    ("session", IdentityField::Session),
    ("assertion", IdentityField::Assertion),
];

const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn literal(text: &str) -> TemplatePart {
        TemplatePart::Literal(text.to_owned())
    }

    #[test]
    fn templates_are_split_into_their_parts() {
        let field = TemplatePart::Field;
        for (text, expected) in [
            ("{email}", vec![field(IdentityField::Email)]),
            ("yes", vec![literal("yes")]),
            ("Bearer {assertion}", vec![literal("Bearer "), field(IdentityField::Assertion)]),
            (
                "{portal}:{portal_user}",
                vec![field(IdentityField::Portal), literal(":"), field(IdentityField::PortalUser)],
            ),
        ] {
            assert_eq!(parse(text), Ok(Template(expected)), "{text}");
        }
    }

    #[test]
    fn broken_templates_are_refused() {
        let long = "a".repeat(1025);
        for (text, expected) in [
            ("", TemplateError::Empty),
            (" {email}", TemplateError::Spaces),
            ("{email} ", TemplateError::Spaces),
            ("{email", TemplateError::Brace),
            ("email}", TemplateError::Brace),
            ("{", TemplateError::Brace),
            ("}{", TemplateError::Brace),
            ("{}", TemplateError::Field(String::new())),
            ("{{email}}", TemplateError::Field("{email".to_owned())),
            ("{Email}", TemplateError::Field("Email".to_owned())),
            ("{email}\r\nX: y", TemplateError::Character('\r')),
            ("{email}ä", TemplateError::Character('ä')),
            (&long, TemplateError::TooLong),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_template_is_a_crash(text in "\\PC{0,30}|[{}a-z ]{0,30}") {
            let _ = parse(&text);
        }
    }
}
