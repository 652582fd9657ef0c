//! Sets the usual scene for the browser tests and says in one line of JSON where everything is.
//!
//! It ends, and the gateway with it, when its standard input does.

use std::io::{Read as _, Write as _};

use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, INITECH, Stage};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let stage = Stage::with_people(&[ANNA, BORIS]).await;
    let person = |person: &bitrix_id_tests::gateway::Person| json!({ "email": person.email, "password": person.password, "name": person.name });
    let said = json!({
        "id": stage.url(ID, ""),
        "acme": stage.url(ACME, ""),
        "globex": stage.url(GLOBEX, ""),
        "initech": stage.url(INITECH, ""),
        "anna": person(&ANNA),
        "boris": person(&BORIS),
        "authority": stage.gateway.folder().join("ca.pem"),
        "outbox": stage.gateway.folder().join("data/outbox"),
    });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{said}")?;
    stdout.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
