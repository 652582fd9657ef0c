//! `bitrix-id portal requests`: who asks to be let into a portal.

use std::io::Write;

use bitrix_id_auth_core::store::access::AccessRequest;
use serde_json::{Value, json};

use super::account::check_portals;
use super::workplace::Workplace;
use super::{Outcome, print};

pub(super) async fn list(
    place: &Workplace,
    portal: &str,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    check_portals(place, &[portal.to_owned()]).await?;
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
    if requests.is_empty() {
        eprintln!("Nobody asks to be let in.");
    }
    Ok(Outcome::Done)
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
