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
use crate::read::{Field, List, Read, ReadTable, refuse_key};
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
        deletion_delay: Span,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::Problems;
    use crate::source::Source;

    const DOCUMENTATION: &str = include_str!("../../docs/configuration.md");
    const FULL_EXAMPLE: &str = include_str!("../examples/full.toml");

    /// The part of the documentation under the heading of a table.
    fn section(table: &str) -> Option<&'static str> {
        let heading = format!("\n## `{table}`");
        let (_, rest) = DOCUMENTATION.split_once(&heading)?;
        Some(rest.split("\n## ").next().unwrap_or(rest))
    }

    #[test]
    fn every_key_is_documented_under_its_table() {
        for (table, keys) in TABLES.iter().filter(|(table, _)| table.starts_with('[')) {
            let section = section(table).unwrap_or_else(|| panic!("{table} has no section"));
            for key in *keys {
                let row = format!("\n| `{key}` |");
                let elsewhere = *key == "route";
                assert!(elsewhere || section.contains(&row), "{key} of {table} is not documented");
            }
        }
    }

    #[test]
    fn every_key_is_in_the_full_example() {
        for (table, keys) in TABLES {
            for key in *keys {
                let forms = [format!("{key} = "), format!("[{key}]"), format!(".{key}]]")];
                let found = forms.iter().any(|form| FULL_EXAMPLE.contains(form));
                assert!(found, "{key} of {table} is not in the full example");
            }
        }
    }

    #[test]
    fn the_examples_of_the_documentation_have_known_keys_of_the_right_types() {
        let blocks = DOCUMENTATION.split("```toml\n").skip(1);
        let blocks: Vec<&str> =
            blocks.map(|rest| rest.split("```").next().unwrap_or(rest)).collect();
        assert!(blocks.len() >= 10, "only {} examples", blocks.len());
        for block in blocks {
            let problems = Problems::default();
            let source = Source::new(Path::new("example"), block.to_owned());
            let scope = Scope::new(&source, &problems);
            let (tree, syntax) = crate::document::parse(&source, &scope);
            let _read = MainFile::read_table(tree.get_ref(), tree.span(), &scope);
            assert!(syntax.is_ok() && problems.is_empty(), "{:?}", problems.into_sorted(&[]));
        }
    }

    #[test]
    fn a_key_in_the_wrong_table_is_shown_its_home() {
        let home = |key, table| home_of(key, table).unwrap();
        assert_eq!(home("token_lifetime", "[server]"), "\"token_lifetime\" belongs in [identity]");
        assert!(home("server", PortalFile::NAME).contains("main file"));
        assert_eq!(home_of("nonsense", "[server]"), None);
    }
}
