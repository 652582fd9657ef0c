//! People that portals know of, and their first sign-in: one password, one code, every portal.

use std::time::Duration;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::poll::eventually;
use bitrix_id_tests::stage::{ACME, GLOBEX, ID, INITECH, SESSION, Stage};

const ANNA: &str = "anna@example.com";
/// `MyPassw0rd` as md5 with a salt, as older portals keep it.
const SALTED_MD5: &str = "aB3$xY9z410d69fced580129ebb67e81f0ee93a8";
/// The same as sha512-crypt, as newer ones do.
const SHA512: &str = "$6$abcdefghij012345$MIhdqTK1Ek6VEtJEjCFP62KwPHUD4ZpgGVdJX7MQ2nfy/N4fx3naGnakOb7D2HHZuck10x0ReGO6Ql.b4fAxg.";
/// `gravel and marmalade` as md5 without a salt.
const OTHER_MD5: &str = "a743d4e8d6203a67800ab5f11e9fd3d9";
const PASSWORD: &str = "MyPassw0rd";

/// Anna on three portals: one password on two of them, another on the third.
async fn imported(stage: &Stage) {
    for (portal, local_id, hash) in
        [("acme", "17", SALTED_MD5), ("globex", "4", SHA512), ("initech", "99", OTHER_MD5)]
    {
        let line = format!("{local_id},anna,{ANNA},\"{hash}\",Anna Åström");
        stage.import(portal, &[&line]).await;
    }
}

/// The newest mail to Anna after so many.
async fn mail(stage: &Stage, after: usize) -> String {
    eventually(Duration::from_secs(10), "a mail", || async {
        stage.gateway.mails().into_iter().skip(after).rfind(|mail| mail.contains(ANNA))
    })
    .await
}

fn code_in(mail: &str) -> String {
    let subject = mail.lines().find(|line| line.starts_with("Subject: ")).expect("a subject");
    let code: String = subject.chars().filter(char::is_ascii_digit).take(6).collect();
    assert_eq!(code.len(), 6, "{subject}");
    code
}

/// Leaves a portal, signs in with an old password and comes to the page that asks for the code.
async fn to_the_proof(stage: &Stage, browser: &Browser, host: &str) -> Page {
    let form = browser.open(&stage.url(host, "/first/visit?x=1")).await;
    let page = browser.sign_in(&form, ANNA, PASSWORD).await;
    assert_eq!(page.url.path(), "/welcome", "{}", page.text());
    page
}

#[tokio::test]
async fn one_password_and_a_code_open_every_portal_and_a_join_can_be_undone() {
    let stage = Stage::empty().await;
    imported(&stage).await;
    let browser = stage.gateway.browser();
    let page = to_the_proof(&stage, &browser, ACME).await;
    let portal = |page: &Page| page.text().contains("initech");
    assert!(!portal(&page), "no other portal is told before the proof: {}", page.text());
    assert!(browser.jar().value(ID, SESSION).is_none());
    let code = code_in(&mail(&stage, 0).await);

    let answer = browser.send(&page, &page.form("/welcome"), &[("code", &code)]).await;
    let join = browser.follow(answer).await;
    assert_eq!(join.url.path(), "/welcome", "{}", join.text());
    assert!(portal(&join), "{}", join.text());
    let answer = browser.send(&join, &join.form("/welcome/join"), &[]).await;
    let landed = browser.follow(answer).await;
    assert_eq!(landed.status, 200, "{}", landed.text());
    assert_eq!(landed.url.as_str(), stage.url(ACME, "/first/visit?x=1"));
    for host in [GLOBEX, INITECH] {
        let page = browser.open(&stage.url(host, "/joined")).await;
        assert_eq!((page.status, page.url.host_str()), (200, Some(host)), "{}", page.text());
    }
    let told = |recorder: &bitrix_id_tests::upstream::Recorder| {
        let request = recorder.only("/joined");
        (request.header("x-bitrix-id-portal-user"), request.header("x-bitrix-id-email"))
    };
    assert_eq!(told(&stage.globex), (Some("4".into()), Some(ANNA.into())));
    assert_eq!(told(&stage.initech), (Some("99".into()), Some(ANNA.into())));

    let mails = stage.gateway.mails().len();
    let ask = browser.open(&stage.url(ID, "/profile/portals/undo?portal=initech")).await;
    let answer = browser.send(&ask, &ask.form("/profile/portals/undo"), &[]).await;
    let done = browser.follow(answer).await;
    assert_eq!((done.status, done.url.path()), (200, "/profile/portals"), "{}", done.text());
    let refused = browser.open(&stage.url(INITECH, "/undone")).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(!stage.initech.heard_of("/undone"));
    mail(&stage, mails).await;
}

#[tokio::test]
async fn without_the_proof_one_password_opens_its_own_portals_only_one_at_a_time() {
    let stage = Stage::empty().await;
    imported(&stage).await;
    let browser = stage.gateway.browser();
    let page = to_the_proof(&stage, &browser, ACME).await;
    let answer = browser.send(&page, &page.form("/welcome/later"), &[]).await;
    let landed = browser.follow(answer).await;
    assert_eq!(landed.url.as_str(), stage.url(ACME, "/first/visit?x=1"), "{}", landed.text());
    let request = stage.acme.only("/first/visit?x=1");
    assert_eq!(request.header("x-bitrix-id-portal-user").as_deref(), Some("17"));
    assert_eq!(request.header("x-bitrix-id-email").filter(|email| !email.is_empty()), None);
    for (host, recorder) in [(GLOBEX, &stage.globex), (INITECH, &stage.initech)] {
        let page = browser.open(&stage.url(host, "/not/mine")).await;
        assert_eq!(page.status, 403, "{}", page.text());
        assert!(!recorder.heard_of("/not/mine"));
    }
}
