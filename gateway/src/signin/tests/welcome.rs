//! The first sign-in: an old portal password, the proof of the address, and what joins then.

mod passwords;
mod proof;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::password::samples::{sample_md5, sample_sha512};
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinProof};
use bitrix_id_auth_core::store::{AccountState, Holder};
use serde_json::{Value, json};

use super::confirm_identity::strangers_sign_up;
use super::sign_up::{another, code, mails, refused_codes};
use super::*;

pub(super) const ACME_PASSWORD: &str = "accordion at dusk";
pub(super) const GLOBEX_PASSWORD: &str = "gravel and marmalade";
const INITECH_PASSWORD: &str = "seven red staplers";

/// A portal's record, as an import brings it.
pub(super) async fn import(scene: &Scene, portal: &str, local_id: &str, hash: Option<String>) {
    let record = ImportedProfile {
        portal: portal.into(),
        local_id: local_id.into(),
        login: format!("anna.{local_id}"),
        email: Some(ANNA.into()),
        password_hash: hash,
        name: format!("Anna of {portal}"),
        active: true,
        roles: vec!["employee".into()],
        imported_at: 0,
        account: None,
    };
    let now = scene.clock.now();
    scene.hub.directory.import_profiles(portal, vec![record], now).await.unwrap();
}

/// Anna on three portals, with a password of its own on each and no Bitrix ID.
pub(super) async fn three_portals(scene: &Scene) {
    import(scene, "acme", "17", Some(sample_sha512(ACME_PASSWORD, "saltsaltsaltsalt"))).await;
    import(scene, "globex", "4", Some(sample_md5(GLOBEX_PASSWORD, "pepper!?"))).await;
    import(scene, "initech", "99", Some(sample_md5(INITECH_PASSWORD, ""))).await;
}

/// Types the code of the newest mail; the page that waits for it comes first.
pub(super) async fn prove(browser: &mut Browser<'_>, code: &str) -> Answer {
    browser.fill("/welcome", "/welcome", &[("code", code)]).await
}

/// Signed in with an old password and the address proved: the answer leads to the page that joins.
pub(super) async fn proved<'a>(scene: &'a Scene, password: &str) -> Browser<'a> {
    let mut browser = scene.browser();
    let answer = browser.sign_in("/sign-in", ANNA, password).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let code = code(&mails(scene).await[0]);
    let answer = prove(&mut browser, &code).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    browser
}

pub(super) const ALL: [(&str, &str); 3] =
    [("portal-acme", "17"), ("portal-globex", "4"), ("portal-initech", "99")];

/// The portals that an account opens.
pub(super) async fn portals_of(scene: &Scene, email: &str) -> Vec<String> {
    let account = scene.hub.directory.account_by_email(email).await.unwrap().unwrap();
    let profiles = scene.hub.directory.profiles(account.id).await.unwrap();
    profiles.into_iter().map(|profile| profile.portal).collect()
}

/// Which of these the page names.
pub(super) fn named<'a>(page: &Answer, titles: &[&'a str]) -> Vec<&'a str> {
    titles.iter().copied().filter(|title| page.text.contains(title)).collect()
}

pub(super) const TITLES: [&str; 3] = ["Acme Inc.", "Globex", "Initech"];

#[tokio::test]
async fn one_of_three_passwords_and_the_code_join_all_three() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(GLOBEX, "/crm/?week=7");
    let answer = browser.sign_in(&sign_in, ANNA, GLOBEX_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!answer.sets(SESSION_COOKIE), "nobody is signed in yet");
    let page = browser.open(&answer.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(named(&page, &TITLES), ["Globex"], "no other portal is told before the proof");
    assert_eq!(scene.hub.directory.holder(ANNA).await.unwrap(), Holder::None);

    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA));
    let code = code(&sent[0]);
    assert!(
        sent[0].subject.starts_with(&code) && sent[0].text.lines().next().unwrap().ends_with(&code)
    );
    for part in [&*url(ID, &format!("/welcome?code={code}")), "Acme Inc.", "Globex", "Initech"] {
        assert!(sent[0].text.contains(part), "{part} in {}", sent[0].text);
    }
    let answer = prove(&mut browser, &code).await;
    assert!(answer.sets(SESSION_COOKIE));
    assert!(answer.location().starts_with(&url(ID, "/welcome?state=")));
    assert!(portals_of(&scene, ANNA).await.is_empty(), "nothing joins by itself");

    let (_, join_at) = split(&answer.location());
    let page = browser.get(ID, &join_at).await;
    assert_eq!(named(&page, &TITLES), TITLES);
    assert_eq!(page.text.matches(" checked").count(), 3, "{}", page.text);
    for part in ["Anna of acme", "anna.17", "acme.bitrix24.example:8443"] {
        assert!(page.text.contains(part), "{part}");
    }
    let answer = browser.fill(&join_at, "/welcome/join", &ALL).await;
    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
    let hop = browser.open(&answer.location()).await;
    let landed = browser.open(&hop.location()).await;
    assert_eq!(landed.location(), url(GLOBEX, "/crm/?week=7"));
    for (host, local_id) in [(GLOBEX, "4"), (ACME, "17"), (INITECH, "99")] {
        browser.arrive(host).await;
        let identity = browser.verified(host).unwrap().identity.clone();
        assert_eq!((identity.member, identity.portal_user.as_deref()), (true, Some(local_id)));
        assert_eq!(identity.email, ANNA);
    }
    let mut elsewhere = scene.browser();
    assert!(elsewhere.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await.sets(SESSION_COOKIE));
    for other in [ACME_PASSWORD, INITECH_PASSWORD] {
        assert!(!scene.browser().sign_in("/sign-in", ANNA, other).await.sets(SESSION_COOKIE));
    }
}

#[tokio::test]
async fn what_was_joined_is_journalled_told_and_kept_in_the_audit() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    mails(&scene).await;
    let answer = browser.fill("/welcome", "/welcome/join", &ALL).await;
    let home = browser.open(&answer.location()).await;
    let said = "Done. One sign-in now opens Acme Inc., Globex and Initech.";
    assert!(home.text.contains(said), "{}", home.text);
    assert!(!browser.get(ID, "/").await.text.contains(said), "said once");

    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    assert_eq!(account.name, "Anna of acme");
    let journal = scene.hub.directory.journal(account.id).await.unwrap();
    assert_eq!(journal.len(), 3);
    assert!(journal.iter().all(|entry| entry.proof == JoinProof::Address && entry.actor == "self"));
    let notice = mails(&scene).await;
    assert_eq!((notice.len(), notice[0].to.as_str()), (1, ANNA));
    assert!(TITLES.iter().all(|title| notice[0].text.contains(title)), "{}", notice[0].text);
    let events = scene.hub.directory.audit(Some(account.id), 20).await.unwrap();
    let joined: Vec<_> = events.iter().filter(|e| e.action == audit::PROFILE_JOINED).collect();
    assert_eq!(joined.len(), 3);
    for action in [audit::EMAIL_CONFIRMED, audit::ACCOUNT_CREATED, audit::SIGN_IN_SUCCEEDED] {
        assert!(events.iter().any(|event| event.action == action), "{action}");
    }
}

#[tokio::test]
async fn a_form_joins_only_what_it_was_offered() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let boris = ImportedProfile {
        portal: "acme".into(),
        local_id: "1".into(),
        login: "boris".into(),
        email: Some("boris@example.com".into()),
        password_hash: None,
        name: "Boris".into(),
        active: true,
        roles: vec!["admin".into()],
        imported_at: 0,
        account: None,
    };
    let gone = ImportedProfile {
        portal: "umbrella".into(),
        local_id: "7".into(),
        email: Some(ANNA.into()),
        ..boris.clone()
    };
    let now = scene.clock.now();
    scene.hub.directory.import_profiles("acme", vec![boris], now).await.unwrap();
    scene.hub.directory.import_profiles("umbrella", vec![gone], now).await.unwrap();
    let mut browser = proved(&scene, GLOBEX_PASSWORD).await;
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains("Boris") && !page.text.contains("umbrella"), "{}", page.text);
    let swapped = [
        ("portal-acme", "1"),
        ("portal-umbrella", "7"),
        ("portal-globex", "99"),
        ("portal-initech", "99"),
        ("account", "01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5e"),
        ("email", "boris@example.com"),
    ];
    browser.fill("/welcome", "/welcome/join", &swapped).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["initech"]);
}

#[tokio::test]
async fn of_several_records_on_one_portal_the_person_picks_one_or_none() {
    let scene = Scene::new().await;
    import(&scene, "acme", "1", Some(sample_md5(ACME_PASSWORD, ""))).await;
    import(&scene, "acme", "2", None).await;
    import(&scene, "globex", "3", None).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let page = browser.get(ID, "/welcome").await;
    assert_eq!(page.text.matches("type=\"radio\"").count(), 3, "two and none");
    assert_eq!(page.text.matches(" checked").count(), 1, "only where there is no doubt");
    let mut none = browser.clone();
    none.fill("/welcome", "/welcome/join", &[("portal-acme", "")]).await;
    assert!(portals_of(&scene, ANNA).await.is_empty());
    browser.fill("/welcome", "/welcome/join", &[("portal-acme", "2")]).await;
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    let joined = scene.hub.directory.profile(account.id, "acme").await.unwrap().unwrap();
    assert_eq!(joined.local_id.as_deref(), Some("2"));
}

#[tokio::test]
async fn who_joins_nothing_goes_on_and_is_asked_at_the_next_sign_in() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let answer = browser.fill("/welcome", "/welcome/join", &[("later", "1"), ALL[0]]).await;
    assert_eq!(answer.location(), url(ID, "/"));
    assert!(portals_of(&scene, ANNA).await.is_empty());
    let sign_in = browser.leave(ACME, "/");
    assert!(browser.get(ID, &sign_in).await.location().starts_with(&url(ACME, "/.bitrix-id/")));
    let mut later = scene.browser();
    let answer = later.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(answer.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_later_import_joins_the_same_way() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    import(&scene, "acme", "17", Some(sample_md5(ACME_PASSWORD, ""))).await;
    let page = browser.get(ID, "/profile/portals").await;
    assert!(page.text.contains("Anna of acme") && page.text.contains("/welcome?state="));

    let mut again = scene.browser();
    let sign_in = again.leave(ACME, "/x");
    let answer = again.sign_in(&sign_in, ANNA, PASSWORD).await;
    let (_, join_at) = split(&answer.location());
    assert!(join_at.starts_with("/welcome?state="));
    let answer = again.fill(&join_at, "/welcome/join", &ALL[..1]).await;
    let hop = again.open(&answer.location()).await;
    assert_eq!(again.open(&hop.location()).await.location(), url(ACME, "/x"));
    assert!(again.verified(ACME).unwrap().identity.member);
}

#[tokio::test]
async fn an_undone_join_frees_the_profile_and_it_can_be_joined_again() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    browser.fill("/welcome", "/welcome/join", &ALL).await;
    browser.arrive(ACME).await;
    mails(&scene).await;

    let ask = browser.get(ID, "/profile/portals/undo?portal=acme").await;
    assert!(ask.text.contains("Undo the join with Acme Inc.?"), "{}", ask.text);
    assert_eq!(portals_of(&scene, ANNA).await.len(), 3, "asking undoes nothing");
    let undo = "/profile/portals/undo";
    let answer =
        browser.fill("/profile/portals/undo?portal=acme", undo, &[("portal", "acme")]).await;
    assert_eq!(answer.location(), url(ID, "/profile/portals"));
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("no longer opens Acme Inc.<"), "{}", page.text);
    assert!(page.text.contains("You undid the join with Acme Inc."), "{}", page.text);
    assert_eq!(portals_of(&scene, ANNA).await, ["globex", "initech"]);
    let revocations = scene.hub.sessions.revocations_after(0).await.unwrap();
    for revocation in &revocations {
        scene.hub.revocations.apply(revocation);
    }
    assert!(browser.verified(ACME).is_none(), "the token that knew of it is dead");
    let notice = mails(&scene).await;
    assert_eq!((notice.len(), notice[0].to.as_str()), (1, ANNA));
    assert!(notice[0].subject.contains("Acme Inc."));

    // It is offered and no longer proposed: the next sign-in does not stop for it.
    let mut next = scene.browser();
    let answer = next.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/"));
    let page = next.get(ID, "/welcome").await;
    assert!(page.text.contains("Anna of acme") && !page.text.contains(" checked"));
    next.fill("/welcome", "/welcome/join", &ALL[..1]).await;
    assert_eq!(portals_of(&scene, ANNA).await.len(), 3);
    let again = next.post(ID, undo, &[("portal", "globex")]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "not without the form's value");
    assert_eq!(portals_of(&scene, ANNA).await.len(), 3);
}

#[tokio::test]
async fn no_access_offers_to_join_the_portal_s_own_record_and_comes_back() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(INITECH).await;
    import(&scene, "initech", "99", None).await;
    import(&scene, "globex", "4", None).await;
    let asked = [("x-bitrix-id-internal-purpose", "no-access")];
    let page = browser.send(Method::GET, INITECH, "/.bitrix-id/no-access", &asked, "").await;
    let link = page.text.split("href=\"").find(|rest| rest.contains("/welcome?state=")).unwrap();
    let join_at = split(link.split('"').next().unwrap()).1;
    let answer = browser.fill(&join_at, "/welcome/join", &ALL[2..]).await;
    let hop = browser.open(&answer.location()).await;
    let landed = browser.open(&hop.location()).await;
    assert!(landed.location().starts_with(&url(INITECH, "/")), "{landed:?}");
    assert!(browser.verified(INITECH).unwrap().identity.member);
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "initech"]);
}

#[tokio::test]
async fn a_portal_s_switcher_knows_of_a_join_at_once() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    browser.fill("/welcome", "/welcome/join", &ALL[..1]).await;
    browser.arrive(ACME).await;
    let list = async |browser: &mut Browser<'_>| {
        let answer = browser.get(ACME, "/.bitrix-id/portals").await;
        let rows: Value = serde_json::from_str(&answer.text).unwrap();
        rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list(&mut browser).await, [json!("acme")]);
    browser.fill("/welcome", "/welcome/join", &ALL[1..]).await;
    // The token of before is refused, and the next request brings a new one.
    browser.arrive(ACME).await;
    assert_eq!(list(&mut browser).await, [json!("acme"), json!("globex"), json!("initech")]);
}
