//! What the old password of a portal opens, and what it does not.

use super::*;

#[tokio::test]
async fn the_old_hash_is_replaced_at_its_first_use() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    for _ in 0..2 {
        // The second time, what matches is our own hash.
        let answer = browser.sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
        assert_eq!(answer.location(), url(ID, "/welcome"));
        let free = scene.hub.directory.free_profiles(&[ANNA.into()]).await.unwrap();
        let ours = |record: &&ImportedProfile| {
            record.password_hash.as_deref().unwrap().starts_with("$argon2id$")
        };
        let replaced: Vec<_> = free.iter().filter(ours).map(|record| &*record.portal).collect();
        assert_eq!(replaced, ["initech"]);
    }
    assert_eq!(mails(&scene).await.len(), 1, "pressing twice sends one mail");
    // What was not used yet is still known.
    let mut other = scene.browser();
    let answer = other.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let mut again = scene.browser();
    let answer = again.sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
}

#[tokio::test]
async fn a_password_that_several_portals_share_opens_all_of_them_before_the_proof() {
    let scene = Scene::new().await;
    import(&scene, "acme", "1", Some(sample_md5(ACME_PASSWORD, "12345678"))).await;
    import(&scene, "globex", "2", Some(sample_md5(ACME_PASSWORD, ""))).await;
    import(&scene, "initech", "3", Some(sample_md5(INITECH_PASSWORD, ""))).await;
    let mut browser = scene.browser();
    for _ in 0..2 {
        browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
        let page = browser.get(ID, "/welcome").await;
        assert_eq!(named(&page, &TITLES), ["Acme Inc.", "Globex"]);
    }
}

#[tokio::test]
async fn a_portal_s_password_does_not_open_a_bitrix_id_that_has_another() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["globex"]).await;
    import(&scene, "initech", "99", Some(sample_md5(INITECH_PASSWORD, ""))).await;
    let mut browser = scene.browser();
    let answer = browser.sign_in("/sign-in", ANNA, INITECH_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!answer.sets(SESSION_COOKIE));
    let page = browser.get(ID, "/welcome").await;
    let said = "This is your password on Initech, not that of your Bitrix ID.";
    assert!(page.text.contains(said) && page.text.contains("this password no longer counts"));
    assert!(page.text.contains("href=\"/sign-in\"") && !page.text.contains("/welcome/later"));
    let later = browser.fill("/welcome", "/welcome/later", &[("portal", "0")]).await;
    assert_eq!(later.status, StatusCode::CONFLICT);
    let code = code(&mails(&scene).await[0]);
    let answer = prove(&mut browser, &code).await;
    assert!(answer.sets(SESSION_COOKIE));
    browser.fill("/welcome", "/welcome/join", &ALL[2..]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["globex", "initech"]);
    let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!(kept.password_hash, account.password_hash, "one password, the Bitrix ID's");
}

#[tokio::test]
async fn a_wrong_password_gets_the_same_answer_whatever_portals_know_the_address() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut answers = Vec::new();
    for email in [ANNA, "nobody@example.com"] {
        let answer = scene.browser().sign_in("/sign-in", email, "not this one").await;
        let csrf = answer.csrf();
        answers.push((answer.status, answer.text.replace(email, "EMAIL").replace(&csrf, "CSRF")));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(mails(&scene).await.is_empty());
}

#[tokio::test]
async fn knowing_an_old_password_takes_back_no_guesses_at_the_bitrix_id_s_own() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    import(&scene, "initech", "99", Some(sample_md5(INITECH_PASSWORD, ""))).await;
    let mut refused = 0;
    for n in 0..12 {
        let password = if n % 2 == 0 { "a guess" } else { INITECH_PASSWORD };
        let answer = scene.browser().sign_in("/sign-in", ANNA, password).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn the_password_of_one_portal_buys_no_guesses_at_the_others() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut guesses = 0;
    loop {
        let wrong = scene.browser().sign_in("/sign-in", ANNA, "wrong").await;
        if wrong.status == StatusCode::TOO_MANY_REQUESTS || guesses > 12 {
            break;
        }
        guesses += 1;
        scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    }
    assert_eq!(guesses, 10);
}
