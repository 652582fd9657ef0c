//! The file, field by field: what may be written, before anything is checked.
//!
//! Each struct is one table; each field one key of that name, and there are no others. Meaning,
//! defaults and units are in [`crate::model`] and `docs/configuration.md`.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use ipnet::IpNet;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::read::{Field, List, Read, ReadTable, Size, refuse_key, wrong_type};
use crate::report::{Refused, Scope};

type Text = Spanned<String>;
type Texts = Spanned<List<Text>>;
type Number = Spanned<i64>;
type Span = Spanned<Duration>;

/// Makes a struct per table, its list of keys, and its reader.
macro_rules! tables {
    ($(#[$doc:meta] struct $name:ident = $written:literal { $($key:ident: $type:ty,)* })*) => {$(
        #[$doc]
        #[derive(Debug, Default)]
        pub(crate) struct $name {
            /// Its header, or its braces: where a missing key is reported, in tables that need one.
            #[allow(dead_code, reason = "not every table needs a key")]
            pub(crate) span: Range<usize>,
            $(pub(crate) $key: Field<$type>,)*
        }

        impl ReadTable for $name {
            const NAME: &'static str = $written;
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn read_table(table: &DeTable<'_>, span: Range<usize>, scope: &Scope<'_>) -> Self {
                let mut read = Self { span, ..Self::default() };
                for (key, value) in table.iter() {
                    match key.get_ref().as_ref() {
                        $(stringify!($key) => {
                            read.$key = match <$type as Read>::read(value, stringify!($key), scope) {
                                Ok(value) => Field::Given(value),
                                Err(refused) => Field::Refused(refused),
                            };
                        })*
                        _ => refuse_key::<Self>(key, scope),
                    }
                }
                read
            }
        }
    )*

        /// Every table and its keys.
        pub(crate) const TABLES: &[(&str, &[&str])] = &[$(($name::NAME, $name::KEYS)),*];
    };
}

tables! {
    /// The main file.
    struct MainFile = "the file" {
        include: Texts,
        server: ServerTable,
        tls: TlsTable,
        identity: IdentityTable,
        store: StoreTable,
        mail: MailTable,
        passwords: PasswordsTable,
        social: List<SocialTable>,
        provisioning: ProvisioningTable,
        portal: List<PortalTable>,
    }

    /// A file named by `include`, or a portal kept in the directory.
    struct PortalFile = "a portal file" {
        portal: List<PortalTable>,
    }

    /// Listeners and limits of the process.
    struct ServerTable = "[server]" {
        https: List<Spanned<SocketAddr>>,
        http: List<Spanned<SocketAddr>>,
        admin: Spanned<SocketAddr>,
        threads: Number,
        trusted_proxies: List<Spanned<IpNet>>,
        runtime_directory: Text,
        drain: Span,
        readiness_delay: Span,
        header_timeout: Span,
        keepalive: Span,
        max_connections: Number,
        max_connections_per_address: Number,
    }

    /// Certificates.
    struct TlsTable = "[tls]" {
        certificates: Spanned<List<CertificateTable>>,
    }

    /// One chain and its key.
    struct CertificateTable = "tls.certificates" {
        chain: Text,
        key: Text,
    }

    /// The Bitrix ID host.
    struct IdentityTable = "[identity]" {
        url: Text,
        name: Text,
        accent: Text,
        token_lifetime: Span,
        session_idle: Span,
        session_lifetime: Span,
        max_silence: Span,
        checkword_lifetime: Span,
        key_rotation: Span,
    }

    /// Databases.
    struct StoreTable = "[store]" {
        directory: Text,
        sessions: Text,
    }

    /// Outgoing mail.
    struct MailTable = "[mail]" {
        from: Text,
        smtp: Text,
        smtp_password_file: Text,
        outbox: Text,
    }

    /// Password hashing.
    struct PasswordsTable = "[passwords]" {
        memory: Spanned<Size>,
        iterations: Number,
        parallelism: Number,
        min_length: Number,
        workers: Number,
        queue: Number,
    }

    /// A social sign-in button.
    struct SocialTable = "[[social]]" {
        id: Text,
        preset: Text,
        client_id: Text,
        client_secret_file: Text,
        issuer: Text,
        email_trust: EmailTrustValue,
    }

    /// Creation of portals.
    struct ProvisioningTable = "[provisioning]" {
        domain: Text,
        upstream: Text,
        upstream_sni: Text,
        max_per_account: Number,
    }

    /// A portal.
    struct PortalTable = "[[portal]]" {
        id: Text,
        title: Text,
        hosts: Texts,
        upstreams: Texts,
        upstream_sni: Text,
        access: Text,
        headers: HeadersValue,
        preset: Text,
        allow_semicolon: Spanned<bool>,
        connect_timeout: Span,
        read_timeout: Span,
        write_timeout: Span,
        stream_idle_timeout: Span,
        body_limit: Spanned<Size>,
        route: List<RouteTable>,
    }

    /// A route of a portal.
    struct RouteTable = "[[portal.route]]" {
        path: Text,
        access: Text,
        upstreams: Texts,
        upstream_sni: Text,
        connect_timeout: Span,
        read_timeout: Span,
        write_timeout: Span,
        stream_idle_timeout: Span,
        body_limit: Spanned<Size>,
    }
}

/// Where a key that `table` does not have would be at home.
///
/// TOML puts every line under the header above it, so a known key in the wrong table usually means
/// that a header is missing or too early.
pub(crate) fn home_of(key: &str, table: &str) -> Option<String> {
    let in_main = table == PortalFile::NAME && MainFile::KEYS.contains(&key);
    if in_main {
        return Some(
            "it belongs in the main file; this one holds [[portal]] tables only".to_owned(),
        );
    }
    let (home, _) = TABLES.iter().find(|(_, keys)| keys.contains(&key))?;
    Some(format!("\"{key}\" belongs in {home}"))
}

/// How an array of tables is written: `[[portal]]` for `portal`.
pub(crate) fn array_header(key: &str) -> Option<&'static str> {
    let is_header = |name: &&str| {
        let path = name.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
        path.and_then(|path| path.rsplit('.').next()) == Some(key)
    };
    TABLES.iter().map(|(name, _)| *name).find(is_header)
}

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
                let template = Text::read(template, name.get_ref(), scope);
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
