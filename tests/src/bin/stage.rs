//! Sets the usual scene for the browser tests and says in one line of JSON where everything is.
//!
//! It ends, and the gateway with it, when its standard input does.

use std::io::{Read as _, Write as _};

use anyhow::Context as _;
use bitrix_id_tests::config_text::quoted;
use bitrix_id_tests::provider::Provider;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, INITECH, Stage};
use bitrix_id_tests::upstream::Recorder;
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let created = Recorder::start("created").await;
    let mut provider = None;
    let stage = Stage::with(|setup| {
        setup.people = vec![ANNA, BORIS];
        provider = Some(Provider::start(setup));
        setup.config.set("provisioning", "domain", quoted("bitrix24.localhost")).set(
            "provisioning",
            "upstream",
            quoted(&created.url()),
        );
    })
    .await;
    let mut provider = provider.context("no provider")?;
    provider.ready().await;
    let person = |person: &bitrix_id_tests::gateway::Person| json!({ "email": person.email, "password": person.password, "name": person.name });
    for portal in ["acme", "globex", "initech"] {
        let line = |name: &&str| format!("{name},{name},{name}@example.com,{OLD_HASH},{name}");
        let lines: Vec<String> = IMPORTED.iter().map(line).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        stage.import(portal, &lines).await;
    }
    let imported = |name: &str| json!({ "email": format!("{name}@example.com"), "password": OLD_PASSWORD, "name": name });
    let said = json!({
        "id": stage.url(ID, ""),
        "acme": stage.url(ACME, ""),
        "globex": stage.url(GLOBEX, ""),
        "initech": stage.url(INITECH, ""),
        "anna": person(&ANNA),
        "boris": person(&BORIS),
        "carla": imported(IMPORTED[0]),
        "dora": imported(IMPORTED[1]),
        "elsa": imported(IMPORTED[2]),
        "provider": provider.issuer,
        "authority": stage.gateway.folder().join("ca.pem"),
        "outbox": stage.gateway.folder().join("data/outbox"),
    });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{said}")?;
    stdout.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

/// People whom all three portals know, without a Bitrix ID.
const IMPORTED: [&str; 3] = ["carla", "dora", "elsa"];
/// Their password on all three.
const OLD_PASSWORD: &str = "MyPassw0rd";
/// It, as older portals keep it.
const OLD_HASH: &str = "aB3$xY9z410d69fced580129ebb67e81f0ee93a8";
