//! `bitrix-id portal requests`: who asks to be let into a portal.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::store::access::AccessRequest;
use bitrix_id_config::portal_from_toml;
use serde_json::{Value, json};

use super::workplace::Workplace;
use super::{Outcome, print};

pub(super) async fn list(
    place: &Workplace,
    portal: &str,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    if !exists(place, portal).await? {
        bail!("there is no portal with the id {}", print::plain(portal));
    }
    let requests = place.stores.directory.access_requests(portal, place.now(), u32::MAX).await?;
    if as_json {
        print::json(out, &Value::Array(requests.iter().map(request_json).collect()))?;
        return Ok(Outcome::Done);
    }
    for request in &requests {
        writeln!(
            out,
            "{}  {}  {}  asked {}",
            print::plain(&request.email),
            print::plain(&request.name),
            request.account,
            print::time(request.asked_at),
        )?;
    }
    Ok(Outcome::Done)
}

async fn exists(place: &Workplace, id: &str) -> anyhow::Result<bool> {
    if place.config.portals.iter().any(|portal| portal.id == id) {
        return Ok(true);
    }
    let stored = place.stores.directory.portals().await?;
    Ok(stored.iter().any(|portal| portal.id == id && portal_from_toml(&portal.toml).is_ok()))
}

fn request_json(request: &AccessRequest) -> Value {
    json!({
        "email": request.email,
        "name": request.name,
        "subject": request.account.to_string(),
        "asked_at": print::time(request.asked_at),
        "expires_at": print::time(request.expires_at),
    })
}
