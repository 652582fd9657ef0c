//! Linking and unlinking from the profile.

use bitrix_id_auth_core::store::AccountState;

use super::*;

#[tokio::test]
async fn an_unknown_subject_is_linked_to_who_asks_whatever_address_it_brings() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    let boris = scene.account("boris@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = browser.connect(&fake, "login", &Who::verified("7", "boris@example.com")).await;
    assert_eq!(answer.location(), url(ID, "/profile/social"));
    assert_eq!(scene.linked("7").await.unwrap().account, anna.id);
    let page = browser.get(ID, "/profile/social").await;
    assert!(page.text.contains("boris@example.com") && page.text.contains("Anna B"));
    assert!(page.text.contains("role=\"status\""));
    let mails = scene.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, ANNA, "to the stored address");
    assert!(!mails[0].1.contains("boris"), "nothing the provider said");
    assert!(scene.hub.directory.links(boris.id).await.unwrap().is_empty());
    assert!(scene.audited().await.contains(&("link.added".into(), "login".into())));
}

#[tokio::test]
async fn a_known_subject_never_moves() {
    let (scene, fake) = scene().await;
    let boris = scene.account("boris@example.com", &[]).await;
    scene.link(boris.id, "7").await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = browser.connect(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, "/profile/social"));
    let page = browser.get(ID, "/profile/social").await;
    assert!(page.text.contains("/profile/merge") && !page.text.contains("boris@example.com"));
    assert_eq!(scene.linked("7").await.unwrap().account, boris.id);
    assert!(scene.audited().await.contains(&("link.refused".into(), "login elsewhere".into())));
    let profile = browser.get(ID, "/profile").await;
    assert!(profile.text.contains(ANNA), "still the same person");
}

#[tokio::test]
async fn a_link_is_made_in_the_session_that_asked_for_it() {
    let (scene, fake) = scene().await;
    scene.account(ANNA, &[]).await;
    let eve = scene.account("eve@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let left = browser.fill("/profile/social", "/social/login/start", &[]).await;
    let back = fake.consent(&left.location(), &Who::verified("7", ANNA));

    let mut eves = scene.signed_in("eve@example.com").await;
    let answer = eves.get(ID, &back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(scene.hub.directory.links(eve.id).await.unwrap().is_empty());

    // Signed out and in again as somebody else, in the very same browser.
    let left = browser.fill("/profile/social", "/social/login/start", &[]).await;
    let back = fake.consent(&left.location(), &Who::verified("8", ANNA));
    let mut jar = browser.jars.clone();
    let session = eves.jar(ID)[SESSION_COOKIE].clone();
    jar.get_mut(ID).unwrap().insert(SESSION_COOKIE.into(), session);
    let mut swapped = Browser { jars: jar, ..scene.browser() };
    assert_eq!(swapped.get(ID, &back).await.status, StatusCode::BAD_REQUEST);
    assert!(scene.linked("7").await.is_none() && scene.linked("8").await.is_none());
}

#[tokio::test]
async fn linking_takes_a_form_of_ours_and_a_fresh_sign_in() {
    let (scene, fake) = scene().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/profile/social").await.csrf();
    let form = encode(&[("csrf", &csrf)]);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    for path in ["/social/login/start", "/profile/social"] {
        let answer = browser.send(Method::POST, ID, path, &headers, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let answer = browser.post(ID, path, &[("csrf", "made.up")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    scene.clock.advance(601);
    let csrf = browser.get(ID, "/profile/social").await.csrf();
    for path in ["/social/login/start", "/profile/social"] {
        let answer = browser.post(ID, path, &[("csrf", &csrf)]).await;
        assert!(answer.location().starts_with(&url(ID, "/confirm?state=")), "{path}");
    }
    assert!(fake.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_cancels_there_is_back_at_the_list() {
    let (scene, _fake) = scene().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let left = browser.fill("/profile/social", "/social/login/start", &[]).await;
    let question = ::url::Url::parse(&left.location()).unwrap();
    let state = question.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = format!("/social/login/callback?state={state}&error=access_denied");
    assert_eq!(browser.get(ID, &back).await.location(), url(ID, "/profile/social"));
    assert!(browser.get(ID, "/profile/social").await.text.contains("Nothing changed"));
    assert!(scene.audited().await.contains(&("link.refused".into(), "login cancelled".into())));
}

async fn press_disconnect(browser: &mut Browser<'_>) -> Answer {
    let page = browser.get(ID, "/profile/social").await;
    let link = page.text.split("name=\"link\" value=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    browser.post(ID, "/profile/social", &[("csrf", &page.csrf()), ("link", &link)]).await
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    let answer = press_disconnect(&mut browser).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let link = scene.linked("7").await.unwrap();

    scene.clock.advance(1);
    browser.connect(&fake, "hint", &Who::nameless("8")).await;
    let answer = press_disconnect(&mut browser).await;
    assert_eq!(answer.location(), url(ID, "/profile/social"));
    assert!(scene.linked("7").await.is_none());
    let answer = press_disconnect(&mut browser).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "the other one is the last now");

    let directory = &scene.hub.directory;
    assert!(directory.replace_password_hash(link.account, None, "$argon2id$x").await.unwrap());
    assert_eq!(press_disconnect(&mut browser).await.status, StatusCode::SEE_OTHER);
    assert!(directory.links(link.account).await.unwrap().is_empty());
    let removed =
        scene.audited().await.iter().filter(|(action, _)| action == "link.removed").count();
    assert_eq!(removed, 2);
    let told = scene.mails().await.iter().filter(|(_, text)| text.contains("no longer")).count();
    assert_eq!(told, 2, "each time a notice");
}

#[tokio::test]
async fn nobody_disconnects_another_person_s_account() {
    let (scene, _fake) = scene().await;
    let boris = scene.account("boris@example.com", &[]).await;
    scene.link(boris.id, "7").await;
    let mut boriss = scene.signed_in("boris@example.com").await;
    let page = boriss.get(ID, "/profile/social").await;
    let link = page.text.split("name=\"link\" value=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    scene.account(ANNA, &[]).await;
    let mut annas = scene.signed_in(ANNA).await;
    let csrf = annas.get(ID, "/profile/social").await.csrf();
    let answer = annas.post(ID, "/profile/social", &[("csrf", &csrf), ("link", &link)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(scene.linked("7").await.is_some());
}

/// Asks for a link from the profile; where the provider sends the browser back to.
async fn ask(browser: &mut Browser<'_>, fake: &Fake) -> String {
    let left = browser.fill("/profile/social", "/social/login/start", &[]).await;
    fake.consent(&left.location(), &Who::verified("7", "eve@example.com"))
}

#[tokio::test]
async fn who_is_signed_out_while_the_provider_is_asked_gets_no_link() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut thief = scene.signed_in(ANNA).await;
    let back = ask(&mut thief, &fake).await;
    let (hub, now_ms) = (scene.hub.clone(), scene.clock.now_ms());
    *fake.meanwhile.lock().unwrap() = Some(Box::pin(async move {
        let until = hub.revocation_until();
        hub.sessions.end_sessions_of(anna.id, None, until, now_ms).await.unwrap();
    }));
    let answer = thief.get(ID, &back).await;
    assert!(fake.meanwhile.lock().unwrap().is_none(), "it was asked");
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert!(scene.linked("7").await.is_none());
    assert!(!scene.audited().await.iter().any(|(action, _)| action == "link.added"));
}

#[tokio::test]
async fn what_puts_an_end_to_all_sessions_at_the_last_moment_keeps_a_link_out() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut thief = scene.signed_in(ANNA).await;
    let back = ask(&mut thief, &fake).await;
    let directory = scene.hub.directory.clone();
    let stopped = async move {
        for state in [AccountState::Disabled, AccountState::Active] {
            directory.set_account_state(anna.id, state).await.unwrap();
        }
    };
    *scene.store.meanwhile.lock().unwrap() = Some(("link", Box::pin(stopped)));
    let answer = thief.get(ID, &back).await;
    assert!(scene.store.meanwhile.lock().unwrap().is_none(), "it was about to be stored");
    assert!(scene.linked("7").await.is_none());
    let answer = thief.open(&answer.location()).await;
    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")), "{}", answer.location());
}
