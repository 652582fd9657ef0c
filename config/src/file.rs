//! The file, field by field: what may be written, before anything is checked.
//!
//! Each struct is one table; each field one key of that name, and there are no others. Meaning,
//! defaults and units are in [`crate::model`] and `docs/configuration.md`.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use ipnet::IpNet;
use serde_spanned::Spanned;
use toml::de::DeTable;

use crate::either::{EmailTrustValue, HeadersValue};
use crate::leaf::Size;
use crate::read::{Field, List, Read, ReadTable, below, refuse_key};
use crate::report::Scope;

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

            fn read_table(
                table: &DeTable<'_>,
                span: Range<usize>,
                path: &str,
                scope: &Scope<'_>,
            ) -> Self {
                let mut read = Self { span, ..Self::default() };
                for (key, value) in table.iter() {
                    match key.get_ref().as_ref() {
                        $(stringify!($key) => {
                            let path = below(path, stringify!($key));
                            read.$key = match <$type as Read>::read(value, &path, scope) {
                                Ok(value) => Field::Given(value),
                                Err(refused) => Field::Refused(refused),
                            };
                        })*
                        _ => refuse_key::<Self>(key, path, scope),
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
        proxy_protocol: List<Spanned<IpNet>>,
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
        deletion_delay: Span,
    }

    /// Databases.
    struct StoreTable = "[store]" {
        directory: Text,
        directory_password_file: Text,
        directory_connections: Number,
        directory_replicas: List<Spanned<String>>,
        sessions: Text,
        sessions_password_file: Text,
        sessions_sentinel_password_file: Text,
        sessions_ca_file: Text,
    }

    /// Outgoing mail.
    struct MailTable = "[mail]" {
        from: Text,
        smtp: Text,
        smtp_password_file: Text,
        smtp_ca_file: Text,
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
        title: Text,
        email_trust: EmailTrustValue,
        scopes: Spanned<List<Spanned<String>>>,
        ca_file: Text,
        tenant: Text,
        team_id: Text,
        key_id: Text,
        portals: List<Spanned<String>>,
        languages: List<Spanned<String>>,
    }

    /// Creation of portals.
    struct ProvisioningTable = "[provisioning]" {
        domain: Text,
        upstream: Text,
        upstream_sni: Text,
        max_per_account: Number,
        webhook: WebhookTable,
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
        min_body_rate: Spanned<Size>,
        webhook: WebhookTable,
        route: List<RouteTable>,
    }

    /// Where notices go.
    struct WebhookTable = "webhook" {
        url: Text,
        secret_file: Text,
        events: Spanned<List<Text>>,
        ca_file: Text,
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
        min_body_rate: Spanned<Size>,
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
    let homes: Vec<&str> = TABLES
        .iter()
        .filter(|(name, keys)| name.starts_with('[') && keys.contains(&key))
        .map(|(name, _)| *name)
        .filter(|name| table != PortalFile::NAME || name.starts_with("[[portal"))
        .collect();
    (!homes.is_empty()).then(|| format!("\"{key}\" belongs in {}", homes.join(" or ")))
}

/// How an array of tables is written: `[[portal.route]]` for `portal.route`.
pub(crate) fn array_header(key: &str) -> Option<&'static str> {
    let is_header =
        |name: &&str| name.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) == Some(key);
    TABLES.iter().map(|(name, _)| *name).find(is_header)
}

#[cfg(test)]
mod tests;
