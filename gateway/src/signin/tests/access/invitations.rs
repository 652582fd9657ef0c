//! Who is invited comes in, once.

use super::*;

#[tokio::test]
async fn an_invitation_by_mail_lets_one_person_in() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let carol = scene.account("carol@example.com", &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let emails = "Boris@Example.com, new@example.com";
    press(&mut anna, &[("invite", "1"), ("emails", emails)]).await;
    assert!(anna.get(ID, PEOPLE).await.text.contains("2 invitations are on their way"));
    let sent = mails(&scene).await;
    let to: Vec<_> = sent.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [BORIS, "new@example.com"]);
    assert_ne!(link(&sent[0]), link(&sent[1]));
    let page = anna.get(ID, PEOPLE).await;
    assert_eq!(page.text.matches("Ends in 7 days").count(), 2, "{}", page.text);
    for mail in &sent {
        assert_eq!(mail.subject, "You're invited to Acme Inc.", "as the operator calls it");
        assert!(!mail.text.contains("Anna"), "{}", mail.text);
    }

    let (_, path) = split(&link(&sent[0]));
    let mut stranger = scene.browser();
    let page = stranger.get(ID, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Acme Inc.") && page.text.contains(ANNA), "{}", page.text);
    assert!(page.text.contains("/sign-in?state=") && page.text.contains("/sign-up?state="));
    assert_eq!(scene.roles(&boris, "acme").await, None, "a look changes nothing");

    let way = page.text.split("href=\"/sign-in?state=").nth(1).unwrap().split('"').next().unwrap();
    let form_at = format!("/sign-in?state={}", way.replace("&#38;", "&"));
    let answer = stranger.sign_in(&form_at, BORIS, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, &path), "back to the invitation");
    let token = path.split_once('=').unwrap().1;
    let answer = stranger.fill(&path, "/invitation", &[("token", token)]).await;
    assert_eq!(answer.location(), url(ACME, "/"));
    assert_eq!(scene.roles(&boris, "acme").await.unwrap(), ["employee"]);
    let page = stranger.get(ID, &path).await;
    assert!(page.text.contains("You already belong to Acme Inc."), "{}", page.text);

    let mut other = scene.signed_in("carol@example.com").await;
    let page = other.get(ID, &path).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text.contains("This invitation has been used"));
    let csrf = other.get(ID, "/").await.csrf();
    let answer = other.post(ID, "/invitation", &[("csrf", &csrf), ("token", token)]).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert_eq!(scene.roles(&carol, "acme").await, None);
}

/// The path of a link made for so many people; it is shown once.
async fn made_link(browser: &mut Browser<'_>, uses: &str) -> String {
    press(browser, &[("link", "1"), ("uses", uses)]).await;
    let page = browser.get(ID, PEOPLE).await;
    let rest = page.text.split_once("/invitation?token=").expect("the link").1;
    let token = rest.split_once('"').unwrap().0.to_owned();
    assert!(!browser.get(ID, PEOPLE).await.text.contains(&token), "shown once");
    format!("/invitation?token={token}")
}

async fn accept(browser: &mut Browser<'_>, path: &str) -> Answer {
    let token = path.split_once('=').unwrap().1;
    let csrf = browser.get(ID, "/").await.csrf();
    browser.post(ID, "/invitation", &[("csrf", &csrf), ("token", token)]).await
}

#[tokio::test]
async fn a_link_ends_in_several_ways_and_says_which() {
    let scene = Scene::new().await;
    let anna = scene.owner(ANNA, "acme").await;
    scene.account(BORIS, &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    let mut guest = scene.signed_in(BORIS).await;
    let revoked = made_link(&mut owner, "5").await;
    let invitation = button(&owner.get(ID, PEOPLE).await, "revoke");
    press(&mut owner, &[("revoke", &invitation)]).await;
    let answer = accept(&mut guest, &revoked).await;
    assert!(answer.text.contains("This invitation was taken back"), "{}", answer.text);

    let unknown = format!("/invitation?token={}", "A".repeat(43));
    for path in [unknown.as_str(), "/invitation?token=x", "/invitation"] {
        let page = guest.get(ID, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("We don&#39;t know this invitation"), "{}", page.text);
    }

    let outlived = made_link(&mut owner, "5").await;
    let employee = Profile {
        roles: vec!["employee".into()],
        ..Profile::new(anna.id, "acme", scene.clock.now())
    };
    scene.hub.directory.put_profile(employee.clone(), scene.clock.now()).await.unwrap();
    let answer = accept(&mut guest, &outlived).await;
    assert_eq!(answer.status, StatusCode::GONE, "whoever made it runs the portal no more");
    let owner_again = Profile { roles: vec!["owner".into()], ..employee };
    scene.hub.directory.put_profile(owner_again, scene.clock.now()).await.unwrap();

    scene.clock.advance(7 * 24 * 3600);
    let mut guest = scene.signed_in(BORIS).await;
    let answer = accept(&mut guest, &outlived).await;
    assert!(answer.text.contains("This invitation is too old"), "{}", answer.text);
}

#[tokio::test]
async fn a_link_lets_nobody_in_twice() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let carol = scene.account("carol@example.com", &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    let mut guest = scene.signed_in(BORIS).await;
    let link = made_link(&mut owner, "5").await;
    assert_eq!(accept(&mut guest, &link).await.status, StatusCode::SEE_OTHER);
    assert!(scene.roles(&boris, "acme").await.is_some());
    press(&mut owner, &[("remove", &boris.id.to_string())]).await;
    for answer in [guest.get(ID, &link).await, accept(&mut guest, &link).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(answer.text.contains("You have used this invitation before"), "{}", answer.text);
        assert!(!answer.text.contains("name=\"token\""), "there is nothing to press");
    }
    assert_eq!(scene.roles(&boris, "acme").await, None);
    let mut other = scene.signed_in("carol@example.com").await;
    assert_eq!(accept(&mut other, &link).await.status, StatusCode::SEE_OTHER);
    assert!(scene.roles(&carol, "acme").await.is_some());
    // Another one is another welcome.
    let second = made_link(&mut owner, "1").await;
    assert_eq!(accept(&mut guest, &second).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn invitations_are_checked_before_any_is_sent_and_are_limited() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let mut owner = scene.signed_in(ANNA).await;
    for (emails, expected) in [
        ("", "Enter at least one"),
        ("boris@example.com, boris", "“boris” is not an e-mail address"),
    ] {
        let answer = press(&mut owner, &[("invite", "1"), ("emails", emails)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(expected), "{}", answer.text);
    }
    assert!(mails(&scene).await.is_empty());
    for uses in ["0", "51", "", "-1", "many"] {
        let answer = press(&mut owner, &[("link", "1"), ("uses", uses)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{uses}");
    }
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = press(&mut owner, &[("invite", "1"), ("emails", BORIS)]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(mails(&scene).await.len(), 5);
    // One that is one too many keeps back all that stand before it.
    let emails = [("invite", "1"), ("emails", "new@example.com, boris@example.com")];
    assert_eq!(press(&mut owner, &emails).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(mails(&scene).await.is_empty());
    let open = scene.hub.directory.invitations("acme", scene.clock.now()).await.unwrap();
    assert_eq!(open.len(), 5);
}

#[tokio::test]
async fn invitations_that_are_not_stored_are_not_sent_and_the_form_keeps_what_was_typed() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let mut owner = scene.signed_in(ANNA).await;
    let emails = [("invite", "1"), ("emails", "new@example.com, boris@example.com")];
    scene.store.failing.lock().unwrap().push("invite");
    let answer = press(&mut owner, &emails).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("new@example.com, boris@example.com"), "{}", answer.text);
    assert!(mails(&scene).await.is_empty());
    press(&mut owner, &emails).await;
    let open = scene.hub.directory.invitations("acme", scene.clock.now()).await.unwrap();
    assert_eq!((open.len(), mails(&scene).await.len()), (2, 2), "once");
}
