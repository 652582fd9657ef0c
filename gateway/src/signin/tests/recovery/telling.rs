//! Recovery: who is told what, and in which language.

use super::*;

#[tokio::test]
async fn the_checkword_leaves_by_no_referrer_and_stays_in_no_cache() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    let page = browser.open(&link).await;
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    for address in page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(address.starts_with('/') && !address.starts_with("//"), "{address}");
    }
    set(&mut browser, &link, NEW).await;
    let old = browser.open(&link).await;
    assert_eq!(
        (old.header("referrer-policy"), old.header("cache-control")),
        ("strict-origin", "no-store")
    );
}

#[tokio::test]
async fn mails_link_to_the_configured_host_whatever_the_request_claims() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let form = browser.get(ID, "/forgot-password").await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ];
    let body = encode(&[("csrf", &form.csrf()), ("email", ANNA)]);
    let answer = browser.send(Method::POST, ID, "/forgot-password", &headers, body.as_str()).await;
    assert_eq!(answer.location(), url(ID, "/reset-password"));
    let sent = mails(&scene).await;
    assert!(link(&sent[0]).starts_with(&url(ID, "/reset-password?checkword=")));
    for text in [&sent[0].text, &sent[0].html, &sent[0].subject] {
        assert!(!text.contains("evil"), "{text}");
    }
}

#[tokio::test]
async fn no_event_holds_a_checkword() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    browser.get(ID, "/reset-password?checkword=7777-7777-7777-7777-7777-7777-7777").await;
    set(&mut browser, &link, NEW).await;
    for event in scene.hub.directory.audit(None, 100).await.unwrap() {
        let written = format!("{event:?}");
        // Longer than any run that a random id could have by chance.
        for secret in [checkword(&link), "7777-7777", &checkword(&link).replace('-', "")] {
            assert!(!written.contains(secret), "{written}");
        }
    }
}

#[tokio::test]
async fn the_end_is_told_once_and_to_nobody_else() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(ID, "/reset-password/done").await.location(), url(ID, "/sign-in"));
    let mut other = scene.signed_in(ANNA).await;
    assert_eq!(other.get(ID, "/reset-password/done").await.location(), url(ID, "/sign-in"));
    let link = link_for(&scene, &mut browser, ANNA).await;
    let answer = set(&mut browser, &link, NEW).await;
    assert_eq!(browser.open(&answer.location()).await.status, StatusCode::OK);
    scene.clock.advance(300);
    assert_eq!(browser.open(&answer.location()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_pages_keep_their_language_to_the_end_and_the_mails_speak_the_account_s() {
    let scene = Scene::new().await;
    let new = NewAccount {
        email: ANNA.into(),
        proof: AddressProof::Mail,
        name: "Anna".into(),
        password_hash: None,
        language: Some("de".into()),
    };
    scene.hub.directory.create_account(new, scene.clock.now()).await.unwrap();
    let sent = |scene| async move { super::sign_up::mails(scene).await };
    let mut browser = scene.browser();
    ask(&mut browser, ANNA).await;
    while answer_waiting(&scene.app).await.unwrap() {}
    let asked = sent(&scene).await;
    assert!(asked[0].subject.contains("Passwort"), "{}", asked[0].subject);
    let link = link(&asked[0]);
    let english = |page: &Answer| page.text.contains("<html lang=\"en\"");
    assert!(english(&browser.open(&link).await));
    let answer = set(&mut browser, &link, NEW).await;
    let done = browser.open(&answer.location()).await;
    assert!(english(&done) && done.text.contains("Your password is new"), "{}", done.text);
    let told = sent(&scene).await;
    assert!(told[0].subject.contains("geändert"), "{}", told[0].subject);

    // Where the way is at its end, pages speak the account's language as after any sign-in.
    let onward = browser.get(ID, "/sign-in").await;
    let home = browser.open(&onward.location()).await;
    assert!(home.text.contains("<html lang=\"de\""), "{}", home.text);
}

#[tokio::test]
async fn a_language_chosen_on_the_last_page_holds_there_and_afterwards() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    let answer = set(&mut browser, &link, NEW).await;
    let done = browser.open(&answer.location()).await;
    assert!(done.text.contains("Your password is new"), "{}", done.text);
    let (_, path) = split(&answer.location());
    let mark = if path.contains('?') { '&' } else { '?' };
    let chosen = browser.get(ID, &format!("{path}{mark}lang=fr")).await;
    for page in [chosen.location(), url(ID, "/profile")] {
        let page = browser.open(&page).await;
        assert!(page.text.contains("<html lang=\"fr\""), "{}", page.text);
    }
}
