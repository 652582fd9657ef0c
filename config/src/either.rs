//! Values that may be written in two ways.

use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::DeValue;

use crate::leaf::wrong_type;
use crate::read::{List, Read, below};
use crate::report::{Refused, Scope};

type Text = Spanned<String>;
type Texts = Spanned<List<Text>>;

/// `headers`: a preset's name, or header names with their templates in file order.
#[derive(Debug)]
pub(crate) enum HeadersValue {
    Preset(Text),
    Table { span: Range<usize>, headers: Vec<(Text, Result<Text, Refused>)> },
}

impl Read for HeadersValue {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        let table = match value.get_ref() {
            DeValue::String(_) => return Text::read(value, key, scope).map(Self::Preset),
            DeValue::Table(table) => table,
            other => {
                let message = wrong_type(key, "a preset or a table of headers", other);
                return Err(scope.refuse(&value.span(), message));
            }
        };
        let mut headers: Vec<(Text, Result<Text, Refused>)> = table
            .iter()
            .map(|(name, template)| {
                let template = Text::read(template, &below(key, name.get_ref()), scope);
                (Text::new(name.span(), name.get_ref().to_string()), template)
            })
            .collect();
        headers.sort_by_key(|(name, _)| name.span().start);
        Ok(Self::Table { span: value.span(), headers })
    }
}

/// `email_trust`: a word, or the domains within which `if-verified` holds.
#[derive(Debug)]
pub(crate) enum EmailTrustValue {
    Word(Text),
    Domains(Texts),
}

impl EmailTrustValue {
    pub(crate) fn span(&self) -> Range<usize> {
        match self {
            Self::Word(word) => word.span(),
            Self::Domains(domains) => domains.span(),
        }
    }
}

impl Read for EmailTrustValue {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        match value.get_ref() {
            DeValue::Array(_) => Texts::read(value, key, scope).map(Self::Domains),
            DeValue::String(_) => Text::read(value, key, scope).map(Self::Word),
            other => {
                let expected = "\"never\", \"if-verified\" or an array of domains";
                Err(scope.refuse(&value.span(), wrong_type(key, expected, other)))
            }
        }
    }
}
