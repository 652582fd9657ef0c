//! Identity headers to the upstream: which names are reserved, and which lines a person gets.
//!
//! Strip, then set: every field whose folded name is [`reserved`](ReservedNames) is removed from the
//! request, on every route; then the lines of [`identity_headers`] are set, one per name. A value that is
//! absent is an absent header, never the client's.
//!
//! The presets beside `bitrix-id` name a person by `{user}`: the person's local user id on the portal
//! where there is one, else the e-mail address.

mod reserved;

use bitrix_id_config::{HeaderPreset, IdentityField, Template, TemplatePart, fold};
use bytes::{Buf, Bytes};
use http::header::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};

pub use reserved::ReservedNames;

use crate::assertion::sign_assertion;
use crate::identity::{Identity, UnixSeconds};
use crate::jwt::SignError;
use crate::keys::KeyRing;

/// Header lines of one token, made once and reused.
#[derive(Debug)]
pub struct Prepared {
    /// The configuration snapshot they were made for; another one makes them anew.
    pub generation: u64,
    /// As they stand in an HTTP/1.1 head, each line ended and each name once.
    pub block: Bytes,
    /// From here on they are made anew: at half the assertion's life, so that an upstream always gets
    /// one with time left.
    pub refresh_at: UnixSeconds,
}

impl Prepared {
    /// Whether they still serve a request of this snapshot at this time.
    #[must_use]
    pub fn is_fresh(&self, generation: u64, now: UnixSeconds) -> bool {
        self.generation == generation && now < self.refresh_at
    }

    /// Names and values, read from the block: there are as many of these as tokens, so each byte is kept once.
    pub fn lines(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let mut rest = self.block.clone();
        std::iter::from_fn(move || {
            let name = take_until(&mut rest, NAME_END)?;
            let value = take_until(&mut rest, LINE_END)?;
            Some((HeaderName::from_bytes(&name).ok()?, HeaderValue::from_maybe_shared(value).ok()?))
        })
    }
}

/// The bytes before `end`, which is dropped.
fn take_until(rest: &mut Bytes, end: &[u8; 2]) -> Option<Bytes> {
    let length = rest.windows(end.len()).position(|window| window == end)?;
    let taken = rest.split_to(length);
    rest.advance(end.len());
    Some(taken)
}

/// Makes the header lines of `identity`, signing an assertion if the preset sends one. `further` lines, which
/// tell where the request is, are prepared with them.
///
/// # Errors
/// See [`SignError`]; without its assertion the request is not forwarded.
pub fn prepare(
    ring: &KeyRing,
    issuer: &str,
    preset: &HeaderPreset,
    identity: &Identity,
    further: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    generation: u64,
    now: UnixSeconds,
) -> Result<Prepared, SignError> {
    let (assertion, refresh_at) = if uses_assertion(preset) {
        let (text, expires_at) = sign_assertion(ring, issuer, identity, now)?;
        (Some(text), now + (expires_at - now) / 2)
    } else {
        (None, UnixSeconds::MAX)
    };
    let mut lines = identity_headers(preset, identity, assertion.as_deref());
    lines.extend(further);
    Ok(Prepared { generation, block: in_one_piece(&lines), refresh_at })
}

fn in_one_piece(lines: &[(HeaderName, HeaderValue)]) -> Bytes {
    let length = lines.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let mut block = Vec::with_capacity(length);
    for (name, value) in lines {
        write_line(&mut block, name.as_str().as_bytes(), value.as_bytes());
    }
    Bytes::from(block)
}

/// Writes one field as a line of an HTTP/1.1 head.
pub fn write_line(head: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    head.extend_from_slice(name);
    head.extend_from_slice(NAME_END);
    head.extend_from_slice(value);
    head.extend_from_slice(LINE_END);
}

/// Whether the preset sends an assertion.
#[must_use]
pub fn uses_assertion(preset: &HeaderPreset) -> bool {
    match preset {
        HeaderPreset::BitrixId => true,
        HeaderPreset::Custom(headers) => headers.iter().any(|(_, template)| {
            template.0.contains(&TemplatePart::Field(IdentityField::Assertion))
        }),
        HeaderPreset::RemoteUser
        | HeaderPreset::Webauth
        | HeaderPreset::XForwarded
        | HeaderPreset::XRemoteUser
        | HeaderPreset::None => false,
    }
}

/// The lines of `preset` for `identity`. Every name occurs once; an absent or empty value leaves its
/// header out, and so does a template that names one.
///
/// Display name and title are percent-encoded UTF-8. In other values printable ASCII stays as it is; what else
/// there is, `%` itself, and in roles `,` are percent-encoded.
#[must_use]
pub fn identity_headers(
    preset: &HeaderPreset,
    identity: &Identity,
    assertion: Option<&str>,
) -> Vec<(HeaderName, HeaderValue)> {
    let value = |field: Field| field_value(field, identity, assertion);
    let built_in = |names: &[(&'static str, Field)]| {
        let lines = names.iter().filter_map(|(name, field)| {
            Some((HeaderName::from_static(name), header_value(&value(*field)?)?))
        });
        lines.collect()
    };
    match preset {
        HeaderPreset::BitrixId => built_in(&BITRIX_ID),
        HeaderPreset::RemoteUser => built_in(&REMOTE_USER),
        HeaderPreset::Webauth => built_in(&WEBAUTH),
        HeaderPreset::XForwarded => built_in(&X_FORWARDED),
        HeaderPreset::XRemoteUser => built_in(&X_REMOTE_USER),
        HeaderPreset::None => Vec::new(),
        HeaderPreset::Custom(headers) => {
            let lines = headers.iter().filter_map(|(name, template)| {
                let text = fill(template, &value)?;
                Some((HeaderName::from_bytes(name.as_bytes()).ok()?, header_value(&text)?))
            });
            once_per_folded_name(lines)
        }
    }
}

/// The lines that a page may read about its own person as well: who they are, but not the session, the local
/// user id or an assertion.
#[must_use]
pub fn open_identity(identity: &Identity) -> Vec<(HeaderName, HeaderValue)> {
    let mut lines = identity_headers(&HeaderPreset::BitrixId, identity, None);
    lines.retain(|(name, _)| OPEN.contains(&name.as_str()));
    lines
}

fn fill(template: &Template, value: &impl Fn(Field) -> Option<String>) -> Option<String> {
    template.0.iter().try_fold(String::new(), |text, part| {
        Some(match part {
            TemplatePart::Literal(literal) => text + literal,
            TemplatePart::Field(field) => text + &value(Field::Plain(*field))?,
        })
    })
}

// To a CGI-like upstream `X-User` and `X_User` are one variable; two lines would leave it to chance.
fn once_per_folded_name(
    lines: impl Iterator<Item = (HeaderName, HeaderValue)>,
) -> Vec<(HeaderName, HeaderValue)> {
    let mut once: Vec<(HeaderName, HeaderValue)> = Vec::new();
    for (name, value) in lines {
        if once.iter().all(|(other, _)| fold(other.as_ref()) != fold(name.as_ref())) {
            once.push((name, value));
        }
    }
    once
}

#[derive(Clone, Copy)]
enum Field {
    Plain(IdentityField),
    /// Local user id, else e-mail address.
    User,
    /// The first of the roles.
    Role,
}

fn field_value(field: Field, identity: &Identity, assertion: Option<&str>) -> Option<String> {
    let plain = |text: &str| encode(text.as_bytes(), &ILLEGAL);
    let text = match field {
        Field::User => plain(identity.portal_user.as_deref().unwrap_or(&identity.email)),
        Field::Role => plain(identity.roles.first()?),
        Field::Plain(IdentityField::Subject) => identity.subject.to_string(),
        Field::Plain(IdentityField::Email) => plain(&identity.email),
        Field::Plain(IdentityField::Name) => {
            utf8_percent_encode(&identity.name, &NOT_UNRESERVED).to_string()
        }
        Field::Plain(IdentityField::Title) => {
            utf8_percent_encode(identity.title.as_deref()?, &NOT_UNRESERVED).to_string()
        }
        Field::Plain(IdentityField::Portal) => plain(&identity.portal),
        Field::Plain(IdentityField::PortalUser) => plain(identity.portal_user.as_deref()?),
        Field::Plain(IdentityField::Roles) => {
            let roles = identity.roles.iter().filter(|role| !role.is_empty());
            let roles = roles.map(|role| encode(role.as_bytes(), &ILLEGAL_IN_LIST));
            roles.collect::<Vec<_>>().join(",")
        }
        Field::Plain(IdentityField::Session) => identity.session.to_string(),
        Field::Plain(IdentityField::Assertion) => assertion?.to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

// `%` is encoded as well, so that no two values come out the same.
fn encode(bytes: &[u8], illegal: &'static AsciiSet) -> String {
    let encoded = percent_encode(bytes, illegal).to_string();
    // Blanks at the ends would be trimmed on the way.
    if encoded.trim() == encoded { encoded } else { encoded.replace(' ', "%20") }
}

// Every value is printable ASCII by now; a literal of a template could still be otherwise.
fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

const OPEN: [&str; 6] = [
    "x-bitrix-id-subject",
    "x-bitrix-id-email",
    "x-bitrix-id-name",
    "x-bitrix-id-title",
    "x-bitrix-id-portal",
    "x-bitrix-id-roles",
];

const BITRIX_ID: [(&str, Field); 9] = [
    ("x-bitrix-id-subject", Field::Plain(IdentityField::Subject)),
    ("x-bitrix-id-email", Field::Plain(IdentityField::Email)),
    ("x-bitrix-id-name", Field::Plain(IdentityField::Name)),
    ("x-bitrix-id-title", Field::Plain(IdentityField::Title)),
    ("x-bitrix-id-portal", Field::Plain(IdentityField::Portal)),
    ("x-bitrix-id-portal-user", Field::Plain(IdentityField::PortalUser)),
    ("x-bitrix-id-roles", Field::Plain(IdentityField::Roles)),
    ("x-bitrix-id-session", Field::Plain(IdentityField::Session)),
    ("x-bitrix-id-assertion", Field::Plain(IdentityField::Assertion)),
];

const REMOTE_USER: [(&str, Field); 4] = [
    ("remote-user", Field::User),
    ("remote-email", Field::Plain(IdentityField::Email)),
    ("remote-name", Field::Plain(IdentityField::Name)),
    ("remote-groups", Field::Plain(IdentityField::Roles)),
];

const WEBAUTH: [(&str, Field); 6] = [
    ("x-webauth-user", Field::User),
    ("x-webauth-email", Field::Plain(IdentityField::Email)),
    ("x-webauth-name", Field::Plain(IdentityField::Name)),
    ("x-webauth-fullname", Field::Plain(IdentityField::Name)),
    ("x-webauth-role", Field::Role),
    ("x-webauth-groups", Field::Plain(IdentityField::Roles)),
];

const X_FORWARDED: [(&str, Field); 4] = [
    ("x-forwarded-user", Field::Plain(IdentityField::Subject)),
    ("x-forwarded-email", Field::Plain(IdentityField::Email)),
    ("x-forwarded-groups", Field::Plain(IdentityField::Roles)),
    ("x-forwarded-preferred-username", Field::User),
];

const X_REMOTE_USER: [(&str, Field); 1] = [("x-remote-user", Field::User)];

const NAME_END: &[u8; 2] = b": ";
const LINE_END: &[u8; 2] = b"\r\n";

/// What no header value may hold as it is; bytes beyond ASCII are always encoded.
const ILLEGAL: AsciiSet = CONTROLS.add(b'%');
const ILLEGAL_IN_LIST: AsciiSet = ILLEGAL.add(b',');
/// RFC 3986 section 2.3.
const NOT_UNRESERVED: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests;
