//! What an upstream is told about who is asking.

/// Identity headers an upstream gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderPreset {
    /// `X-Bitrix-Id-*` (default).
    BitrixId,
    /// `Remote-User`, `Remote-Email`, `Remote-Name`, `Remote-Groups`.
    RemoteUser,
    /// `X-WEBAUTH-USER`, `-EMAIL`, `-NAME`, `-FULLNAME`, `-ROLE`, `-GROUPS`.
    Webauth,
    /// `X-Forwarded-User`, `-Email`, `-Groups`, `-Preferred-Username`.
    XForwarded,
    /// `X-Remote-User`.
    XRemoteUser,
    /// No identity headers.
    None,
    /// Header name (as written, a valid field name) to template, in file order.
    Custom(Vec<(String, Template)>),
}

/// A header value with placeholders, `"{email}"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Printable ASCII as written.
    Literal(String),
    /// Replaced per identity.
    Field(IdentityField),
}

/// What a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityField {
    /// `{subject}`
    Subject,
    /// `{email}`
    Email,
    /// `{name}`: percent-encoded UTF-8.
    Name,
    /// `{title}`: percent-encoded UTF-8.
    Title,
    /// `{portal}`
    Portal,
    /// `{portal_user}`
    PortalUser,
    /// `{roles}`: comma-separated.
    Roles,
    /// `{session}`
    Session,
    /// `{assertion}`
    Assertion,
}
