//! `[server]`: threads, limits and directories of the process.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use ipnet::IpNet;
use serde_spanned::Spanned;

use super::listeners::{Listeners, listeners};
use super::value::{each, hours, minutes};
use crate::file::{MainFile, ServerTable};
use crate::model::{DirectoryStore, Server, Store};
use crate::read::{Field, List};
use crate::report::{Refused, Scope};

pub(super) fn server(
    main: &MainFile,
    scope: Scope<'_>,
    store: &Result<Store, Refused>,
) -> Result<Server, Refused> {
    let absent = ServerTable::default();
    let table = main.server.optional()?.unwrap_or(&absent);
    let listeners = listeners(table, main, scope);
    let scope = scope.about("server.");
    let trusted_proxies = networks(&table.trusted_proxies, "trusted_proxies", scope);
    let proxy_protocol = networks(&table.proxy_protocol, "proxy_protocol", scope);
    let runtime_directory = runtime_directory(table, scope, store);
    let threads = scope.number(&table.threads, "threads", cores(), 1..=1024);

    let time = |field, key, default, bounds| scope.duration(field, key, default, bounds);
    let second = Duration::from_secs(1);
    let drain = time(&table.drain, "drain", second * 20, Duration::ZERO..=hours(1));
    let readiness_delay = time(
        &table.readiness_delay,
        "readiness_delay",
        Duration::ZERO,
        Duration::ZERO..=minutes(5),
    );
    let header_timeout =
        time(&table.header_timeout, "header_timeout", second * 10, second..=minutes(5));
    let keepalive = time(&table.keepalive, "keepalive", second * 60, second..=hours(1));
    let (max_connections, per_address) = connections(table, scope);

    let Listeners { https, http, admin } = listeners?;
    Ok(Server {
        https,
        http,
        admin,
        threads: threads?,
        trusted_proxies: trusted_proxies?,
        proxy_protocol: proxy_protocol?,
        runtime_directory: runtime_directory?,
        drain: drain?,
        readiness_delay: readiness_delay?,
        header_timeout: header_timeout?,
        keepalive: keepalive?,
        max_connections: max_connections?,
        max_connections_per_address: per_address?,
    })
}

/// One per core, as far as this process may use them.
pub(super) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Networks that may say who their clients are.
fn networks(
    field: &Field<List<Spanned<IpNet>>>,
    key: &str,
    scope: Scope<'_>,
) -> Result<Vec<IpNet>, Refused> {
    let written = field.optional()?.map_or(&[][..], Vec::as_slice);
    each(written, |written| {
        let network = *written.get_ref();
        if network.prefix_len() > 0 {
            return Ok(network);
        }
        let message = format!("{key}: {network} is everyone");
        let help = "whoever is trusted here chooses the address they are logged under";
        Err(scope.refuse_with(&written.span(), message, help))
    })
}

fn runtime_directory(
    table: &ServerTable,
    scope: Scope<'_>,
    store: &Result<Store, Refused>,
) -> Result<PathBuf, Refused> {
    let (directory, span) = match table.runtime_directory.optional()? {
        Some(written) => (scope.path(written, "runtime_directory")?, written.span()),
        None => {
            let beside = match &store.as_ref().map_err(|refused| *refused)?.directory {
                DirectoryStore::Sqlite(file) => file.parent().unwrap_or(Path::new("")).join("run"),
                DirectoryStore::Postgres(_) => scope.resolve("run"),
            };
            (beside, table.span.clone())
        }
    };
    // sun_path of a unix socket holds 108 bytes on Linux; the rest is for the sockets' own names.
    if directory.as_os_str().len() > LONGEST_RUNTIME_DIRECTORY {
        let message = format!("runtime_directory: {} is too long", directory.display());
        let help = format!("unix sockets live there; at most {LONGEST_RUNTIME_DIRECTORY} bytes");
        return Err(scope.refuse_with(&span, message, help));
    }
    Ok(directory)
}

fn connections(
    table: &ServerTable,
    scope: Scope<'_>,
) -> (Result<usize, Refused>, Result<usize, Refused>) {
    let bounds = 1..=10_000_000;
    let (field, key) = (&table.max_connections, "max_connections");
    let all = scope.number(field, key, 100_000, bounds.clone());
    let (field, key) = (&table.max_connections_per_address, "max_connections_per_address");
    // A small limit for all makes the default for one address as small; a written one must fit.
    let default = all.map_or(10_000, |all| all.min(10_000));
    let one = scope.number(field, key, default, bounds);
    if let (Ok(all), Ok(one), Some(written)) = (all, one, field.given())
        && one > all
    {
        let message = format!("{key}: more than max_connections, which is {all}");
        return (Ok(all), Err(scope.refuse(&written.span(), message)));
    }
    (all, one)
}

const LONGEST_RUNTIME_DIRECTORY: usize = 80;
