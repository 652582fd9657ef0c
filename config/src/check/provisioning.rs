//! `[provisioning]`: portals that people create.

use super::{upstream, webhook};
use crate::file::ProvisioningTable;
use crate::files::Files;
use crate::host;
use crate::model::Provisioning;
use crate::report::{Refused, Scope};

pub(super) fn provisioning(
    table: &ProvisioningTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Provisioning, Refused> {
    let domain = domain(table, scope);
    let help = "for example upstream = \"http://10.0.0.9:8000\"";
    let upstream = table
        .upstream
        .required(|| scope.missing(&table.span, "upstream", help))
        .and_then(|written| {
            upstream::list(&[Ok(written.clone())], "upstream", &table.upstream_sni, scope)
        });
    let max = scope.number(&table.max_per_account, "max_per_account", 7, 1..=10_000);
    let webhook = webhook::webhook(&table.webhook, scope, Some(files));
    // One URL in, one upstream out.
    let upstream = upstream?.swap_remove(0);
    Ok(Provisioning { domain: domain?, upstream, max_per_account: max?, webhook: webhook? })
}

fn domain(table: &ProvisioningTable, scope: Scope<'_>) -> Result<String, Refused> {
    let help = "for example domain = \"bitrix24.example\"";
    let written = table.domain.required(|| scope.missing(&table.span, "domain", help))?;
    let text = written.get_ref();
    let reason = match host::canonical(text) {
        Ok(host) if host::is_address(&host) => "it is an address".to_owned(),
        // A portal's name of up to 63 characters and a dot come before it.
        Ok(host) if host.len() > 253 - 64 => "it is too long for names under it".to_owned(),
        Ok(host) => return Ok(host),
        Err(error) => error.to_string(),
    };
    let message = format!("domain: \"{text}\" is not a domain: {reason}");
    Err(scope.refuse_with(&written.span(), message, help))
}
