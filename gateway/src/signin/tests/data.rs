//! "Download my data" leaves nothing out.

use std::collections::BTreeMap;

use bitrix_id_auth_core::store::access::NewInvitation;
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinProof, ProfileKey};
use bitrix_id_auth_core::store::links::NewLink;
use bitrix_id_auth_core::store::merging::{MergeOutcome, MergeRequest};
use bitrix_id_auth_core::store::people::Photo;
use serde_json::Value;

use super::*;

const BORIS: &str = "boris@example.com";

/// Where a table's rows about a person are in the file, or why they are not.
enum Told {
    /// Under this key of the file.
    At(&'static str),
    /// What is in it is about nobody, or gone within days, or lets somebody in.
    Not,
}

/// Every table there is.
fn tables() -> BTreeMap<&'static str, Told> {
    use Told::{At, Not};
    [
        ("access_requests", At("access_requests")),
        ("accounts", At("account")),
        ("addresses", At("addresses")),
        ("audit_events", At("events")),
        ("imported_profiles", At("portal_records")),
        ("invitation_uses", At("invitations_accepted")),
        ("invitations", At("invitations_made")),
        ("joins", At("joins")),
        ("links", At("linked_accounts")),
        ("merges", At("merges")),
        ("photos", At("photo")),
        ("portals", At("portals_made")),
        ("profiles", At("profiles")),
        ("session_portals", At("sessions")),
        ("sessions", At("sessions")),
        // Hashes and numbers.
        ("attempts", Not),
        ("checkwords", Not),
        ("counters", Not),
        ("one_time_values", Not),
        ("revocations", Not),
        ("secrets", Not),
        ("signing_keys", Not),
        ("spent_tickets", Not),
        // On their way, and forgotten once they are there.
        ("mails", Not),
        ("notice_portals", Not),
        ("notices", Not),
        ("recovery_requests", Not),
    ]
    .into()
}

/// As the migrations make them.
fn tables_of_migrations() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../auth-core/migrations");
    let mut tables = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let made = text.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        tables.extend(made.map(|rest| rest.split_whitespace().next().unwrap().to_owned()));
    }
    tables.sort();
    tables
}

pub(super) async fn file_of(browser: &mut Browser<'_>) -> Value {
    let file = browser.get(ID, "/profile/data/download").await;
    assert_eq!(file.status, StatusCode::OK);
    serde_json::from_str(&file.text).unwrap()
}

/// Boris's record on Globex, joined to his account.
pub(super) async fn joined_record(scene: &Scene, boris: &Account, local_id: &str) {
    let (directory, now) = (&scene.hub.directory, scene.clock.now());
    let record = ImportedProfile {
        portal: "globex".into(),
        local_id: local_id.into(),
        login: "boris".into(),
        email: Some(BORIS.into()),
        password_hash: None,
        name: "Boris".into(),
        active: true,
        roles: vec!["employee".into()],
        imported_at: now,
        account: None,
    };
    let key = ProfileKey { portal: "globex".into(), local_id: local_id.into() };
    directory.import_profiles("globex", vec![record], now).await.unwrap();
    directory.join(boris.id, &[key], JoinProof::Address, "self", now * 1000).await.unwrap();
}

/// Anna with something of everything: Boris's account is part of hers.
async fn busy(scene: &Scene) -> Account {
    let (directory, now) = (&scene.hub.directory, scene.clock.now());
    let anna = scene.account(ANNA, &["acme"]).await;
    let boris = scene.account(BORIS, &[]).await;
    joined_record(scene, &boris, "9").await;
    let jpeg = vec![1, 2, 3];
    directory.put_photo(anna.id, Photo { jpeg, hash: "h".into(), updated_at: now }).await.unwrap();
    let link = NewLink {
        issuer: "https://login.example".into(),
        subject: "7".into(),
        provider: "login".into(),
        name: None,
        email: None,
    };
    directory.link(anna.id, anna.generation, link, now).await.unwrap();
    directory.ask_for_access("initech", anna.id, now, now + 60).await.unwrap();
    directory
        .add_portal(bitrix_id_auth_core::store::StoredPortal {
            id: "nova".into(),
            toml: "x".into(),
            created_at: now,
            created_by: Some(anna.id),
        })
        .await
        .unwrap();
    let owner = Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", now) };
    directory.put_profile(owner.clone(), now).await.unwrap();
    directory.put_profile(Profile { portal: "nova".into(), ..owner }, now).await.unwrap();
    for (portal, hash) in [("acme", [1; 32]), ("nova", [2; 32])] {
        let new = NewInvitation {
            token_hash: hash,
            email: Some("carl@example.com".into()),
            roles: vec!["employee".into()],
            invited_by: anna.id,
            expires_at: now + 60,
            most_uses: 1,
        };
        directory.invite(portal, vec![new], Vec::new(), now).await.unwrap().unwrap();
    }
    directory.accept_invitation(&[1; 32], boris.id, now).await.unwrap();
    let read = async |id| directory.account(id).await.unwrap().unwrap();
    let (stays, gone) = (read(anna.id).await, read(boris.id).await);
    let request = MergeRequest {
        into: anna.id,
        into_generation: stays.generation,
        from: boris.id,
        from_generation: gone.generation,
        from_password_hash: gone.password_hash,
        from_stays_on: Vec::new(),
        actor: "self".into(),
    };
    let merged = directory.merge(request, now * 1000).await.unwrap();
    assert!(matches!(merged, MergeOutcome::Merged(_)), "{merged:?}");
    anna
}

#[tokio::test]
async fn every_table_is_in_the_file_or_has_a_reason_not_to_be() {
    let tables = tables();
    let known: Vec<&str> = tables.keys().copied().collect();
    assert_eq!(tables_of_migrations(), known, "a new table: is it about people?");

    let scene = Scene::new().await;
    busy(&scene).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let data = file_of(&mut browser).await;
    for (table, told) in tables {
        if let Told::At(key) = told {
            let part = &data[key];
            let filled = part.as_array().map_or(part.is_object(), |rows| !rows.is_empty());
            assert!(filled, "{table}: {key} in {data:#}");
        }
    }
}

#[tokio::test]
async fn the_file_says_what_was_asked_for_offered_taken_made_and_merged() {
    let scene = Scene::new().await;
    let anna = busy(&scene).await;
    let mut browser = scene.signed_in(ANNA).await;
    let data = file_of(&mut browser).await;
    assert_eq!(data["access_requests"][0]["portal"], "initech");
    assert_eq!(data["invitations_made"][0]["email"], "carl@example.com");
    assert_eq!(data["invitations_accepted"][0]["portal"], "acme");
    assert_eq!(data["portals_made"][0]["portal"], "nova");
    let merge = &data["merges"][0];
    assert_eq!(merge["into"], anna.id.to_string().as_str());
    assert_eq!(merge["moved"]["primary"], BORIS);
    let merged = &data["merged_accounts"][0];
    assert_eq!(merged["account"]["name"], "Anna");
    assert_eq!(merged["joins"][0]["portal"], "globex");
    assert!(!data.to_string().contains("argon2"));
}

#[tokio::test]
async fn nobody_else_is_in_the_file() {
    let scene = Scene::new().await;
    busy(&scene).await;
    scene.account("carl@example.com", &["acme"]).await;
    let mut carl = scene.signed_in("carl@example.com").await;
    let text = file_of(&mut carl).await.to_string();
    for other in [ANNA, BORIS, "nova", "globex"] {
        assert!(!text.contains(other), "{other} in {text}");
    }
}
