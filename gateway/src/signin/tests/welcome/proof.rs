//! The code that proves an address at the first sign-in.

use super::*;

#[tokio::test]
async fn a_code_that_is_wrong_old_or_tried_too_often_proves_nothing() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let right = code(&mails(&scene).await[0]);
    for _ in 0..5 {
        let answer = prove(&mut browser, &another(&right)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = prove(&mut browser, &right).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "five tries are used up");
    let soon = browser.fill("/welcome", "/welcome/resend", &[]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    scene.clock.advance(61);
    let again = browser.fill("/welcome", "/welcome/resend", &[]).await;
    assert_eq!(again.location(), url(ID, "/welcome"));
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("A new message is on its way."), "{}", page.text);
    let second = code(&mails(&scene).await[0]);
    scene.clock.advance(3600);
    let late = prove(&mut browser, &second).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.hub.directory.holder(ANNA).await.unwrap(), Holder::None);
    browser.fill("/welcome", "/welcome/resend", &[]).await;
    let third = code(&mails(&scene).await[0]);
    assert!(prove(&mut browser, &third).await.sets(SESSION_COOKIE));
    let spent = browser.post(ID, "/welcome", &[("code", third.as_str())]).await;
    assert!(!spent.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn the_mail_s_link_fills_the_code_in_and_uses_nothing_up() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let right = code(&mails(&scene).await[0]);
    let link = format!("/welcome?code={right}");
    // A mail scanner, and another browser of the same person.
    for _ in 0..3 {
        let page = scene.browser().get(ID, &link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Type this code where you began"), "{}", page.text);
        assert!(!page.text.contains("<form") && !page.sets(SESSION_COOKIE));
        assert!(page.text.contains("href=\"/sign-in\">Sign in here instead"), "{}", page.text);
    }
    let page = browser.get(ID, &link).await;
    assert!(page.text.contains(&format!("value=\"{right}\"")), "{}", page.text);
    assert!(!page.sets(SESSION_COOKIE), "only the button does it");
    assert!(prove(&mut browser, &right).await.sets(SESSION_COOKIE));
    for strange in ["/welcome?code=%3Cscript%3E", "/welcome?code=1234567"] {
        let page = scene.browser().get(ID, strange).await;
        assert!(!page.text.contains("class=\"code\""), "{strange}: {}", page.text);
    }
}

#[tokio::test]
async fn a_proof_completes_in_no_other_browser() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut eve = scene.browser();
    eve.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let for_eve = code(&mails(&scene).await[0]);
    // Anna has a proof of her own under way and presses the link of the other mail.
    let mut anna = scene.browser();
    anna.ip = "198.51.100.9".into();
    anna.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await;
    let for_anna = code(&mails(&scene).await[0]);
    if for_eve != for_anna {
        let page = anna.get(ID, &format!("/welcome?code={for_eve}")).await;
        let csrf = page.csrf();
        let fields = [("csrf", csrf.as_str()), ("code", for_eve.as_str())];
        let answer = anna.post(ID, "/welcome", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // A form of hers cannot be carried to another browser either.
    let csrf = eve.get(ID, "/welcome").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", for_eve.as_str())];
    let answer = anna.clone().post(ID, "/welcome", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(prove(&mut anna, &for_anna).await.sets(SESSION_COOKIE));
    assert!(!eve.jar(ID).contains_key(SESSION_COOKIE));
}

#[tokio::test]
async fn of_two_tabs_that_send_the_code_at_once_one_goes_on_and_the_other_is_no_error() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let right = code(&mails(&scene).await[0]);
    let csrf = browser.get(ID, "/welcome").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", right.as_str())];
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) =
        tokio::join!(one.post(ID, "/welcome", &fields), two.post(ID, "/welcome", &fields));
    let entered = [&first, &second].iter().filter(|answer| answer.sets(SESSION_COOKIE)).count();
    assert_eq!(entered, 1, "{first:?} {second:?}");
    assert!(first.status.is_redirection() && second.status.is_redirection());
    let accounts = scene.hub.directory.accounts(None, 10).await.unwrap();
    assert_eq!(accounts.len(), 1);
}

#[tokio::test]
async fn a_wrong_code_is_an_event_of_the_account_that_has_the_address() {
    for known in [true, false] {
        let scene = Scene::new().await;
        let account = if known { Some(scene.account(ANNA, &[]).await) } else { None };
        import(&scene, "initech", "99", Some(sample_md5(INITECH_PASSWORD, ""))).await;
        let mut browser = scene.browser();
        browser.sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
        let right = code(&mails(&scene).await[0]);
        prove(&mut browser, &another(&right)).await;
        let expected = (account.map(|account| account.id), "no match".to_owned());
        assert_eq!(refused_codes(&scene, None).await, [expected]);
    }
}

#[tokio::test]
async fn a_disabled_bitrix_id_is_opened_by_no_code() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    import(&scene, "initech", "99", Some(sample_md5(INITECH_PASSWORD, ""))).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
    let code = code(&mails(&scene).await[0]);
    let directory = &scene.hub.directory;
    directory.set_account_state(account.id, AccountState::Disabled).await.unwrap();
    let answer = prove(&mut browser, &code).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.sets(SESSION_COOKIE));
    let answer = scene.browser().sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "nor does it begin again");
}

#[tokio::test]
async fn a_store_that_fails_on_the_way_costs_nobody_the_code() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let code = code(&mails(&scene).await[0]);
    scene.store.failing.lock().unwrap().push("create_account");
    let answer = prove(&mut browser, &code).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(prove(&mut browser, &code).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn sign_ups_of_strangers_keep_no_code_from_who_knows_a_portals_password() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    strangers_sign_up(&scene, ANNA).await;
    mails(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA));
    assert!(prove(&mut browser, &code(&sent[0])).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn the_page_says_that_no_mail_went_out() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut mailed = 0;
    let mut browser = loop {
        let mut browser = scene.browser();
        browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
        match mails(&scene).await.len() {
            0 => break browser,
            more => mailed += more,
        }
        assert!(mailed <= 20, "no limit");
    };
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("No message to anna@example.com can be sent"), "{}", page.text);
    let again = browser.fill("/welcome", "/welcome/resend", &[]).await;
    assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!again.header("retry-after").is_empty());
    assert!(!again.text.contains("A message went out"), "{}", again.text);
}
