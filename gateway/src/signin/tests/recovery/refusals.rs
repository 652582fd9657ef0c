//! Recovery: what does not set a password, and how often one may ask and guess.

use super::*;

#[tokio::test]
async fn a_scanner_that_opens_the_link_uses_nothing_up() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let link = link_for(&scene, &mut scene.browser(), ANNA).await;
    for n in 0..100 {
        let mut scanner = scene.browser();
        assert_eq!(scanner.open(&link).await.status, StatusCode::OK, "{n}");
        let (host, target) = split(&link);
        let head = scanner.send(Method::HEAD, &host, &target, &[], "").await;
        assert_eq!(head.status, StatusCode::OK, "{n}");
    }
    let mut browser = scene.browser();
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE), "in any browser");
}

#[tokio::test]
async fn a_second_request_outdates_the_first_and_says_when() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let first = link_for(&scene, &mut browser, ANNA).await;
    scene.clock.advance(60);
    let second = link_for(&scene, &mut browser, ANNA).await;
    let page = browser.open(&first).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    // 1_800_000_060 is 2027-01-15T08:01:00Z.
    for words in ["This is from an earlier message", "Use the one sent at 08:01 (UTC)", ANNA] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    let refused = press(&mut browser, &page.csrf(), checkword(&first), NEW).await;
    assert!(!refused.sets(SESSION_COOKIE) && refused.text.contains("08:01"), "{}", refused.text);

    // The button of that page, in a browser that has begun nothing.
    scene.clock.advance(60);
    let mut other = scene.browser();
    let page = other.open(&first).await;
    let fields = [("csrf", page.csrf()), ("checkword", checkword(&first).to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = other.post(ID, "/forgot-password/again", &fields).await;
    let wait = other.open(&answer.location()).await;
    assert!(wait.text.contains("A new message is on its way."), "{}", wait.text);
    let third = link(&mails(&scene).await[0]);
    assert!(!set(&mut browser, &second, NEW).await.sets(SESSION_COOKIE));
    assert!(set(&mut browser, &third, NEW).await.sets(SESSION_COOKIE));
    let used = browser.open(&first).await;
    assert!(used.text.contains("This was used already"), "{}", used.text);
}

#[tokio::test]
async fn a_checkword_that_is_used_or_too_old_says_so_kindly() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let late = link_for(&scene, &mut browser, ANNA).await;
    scene.clock.advance(3599);
    assert_eq!(browser.open(&late).await.status, StatusCode::OK);
    scene.clock.advance(1);
    let page = browser.open(&late).await;
    assert!(page.text.contains("This link is older than an hour. We can send a new one."));
    let refused = press(&mut browser, &page.csrf(), checkword(&late), NEW).await;
    assert!(!refused.sets(SESSION_COOKIE));
    let link = link_for(&scene, &mut browser, ANNA).await;
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE));
    let page = scene.browser().open(&link).await;
    assert!(page.text.contains("This was used already"), "{}", page.text);
    assert!(opens(&scene, ANNA, NEW).await);
}

#[tokio::test]
async fn steps_out_of_order_change_nothing() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    scene.account("eve@example.com", &[]).await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(ID, "/reset-password").await.location(), url(ID, "/forgot-password"));
    let eves = link_for(&scene, &mut browser, "eve@example.com").await;
    let annas = link_for(&scene, &mut browser, ANNA).await;
    let csrf = browser.open(&annas).await.csrf();
    let good = [("csrf", csrf.as_str()), ("step", "password"), ("password", NEW), ("again", NEW)];
    let right = ("checkword", checkword(&annas));
    let attempts: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("step", "password")],
        good.to_vec(),
        [&good[..], &[("checkword", "")]].concat(),
        [&good[..], &[("email", ANNA), ("account", "1")]].concat(),
        [&good[..], &[("checkword", "0000-0000-0000-0000-0000-0000-0000"), ("email", ANNA)]]
            .concat(),
        // Everything but a password that is one, twice the same, and the form's own value.
        vec![good[0], good[1], right],
        vec![good[0], good[1], right, good[2]],
        vec![good[0], good[1], right, good[2], ("again", "something else")],
        vec![good[0], good[1], right, ("password", "short"), ("again", "short")],
        vec![good[0], good[1], right, ("password", ANNA), ("again", ANNA)],
        vec![good[0], right, good[2], good[3]],
        vec![good[1], right, good[2], good[3]],
        vec![("csrf", "AAAAAAAA.AAAA"), good[1], right, good[2], good[3]],
    ];
    for fields in attempts {
        let answer = browser.post(ID, "/reset-password", &fields).await;
        assert!(!answer.sets(SESSION_COOKIE), "{fields:?}");
        let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
        assert_eq!(kept, account, "{fields:?}");
    }
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let body = encode(&[&good[..], &[right]].concat());
    let foreign = browser.send(Method::POST, ID, "/reset-password", &headers, body.as_str()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let target = format!("/reset-password?{body}");
    browser.get(ID, &target).await;
    assert_eq!(scene.hub.directory.account(account.id).await.unwrap().unwrap(), account, "by GET");
    // Eve's checkword is hers, whatever the form says besides.
    let csrf = browser.open(&eves).await.csrf();
    let swapped = [
        ("csrf", csrf.as_str()),
        ("checkword", checkword(&eves)),
        ("step", "password"),
        ("password", NEW),
        ("again", NEW),
        ("email", ANNA),
    ];
    assert!(browser.post(ID, "/reset-password", &swapped).await.sets(SESSION_COOKIE));
    assert_eq!(scene.hub.directory.account(account.id).await.unwrap().unwrap(), account);
}

#[tokio::test]
async fn pressing_twice_at_once_sets_one_password() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut one = scene.browser();
    let link = link_for(&scene, &mut one, ANNA).await;
    let csrf = one.open(&link).await.csrf();
    let mut two = one.clone();
    let (first, second) = tokio::join!(
        press(&mut one, &csrf, checkword(&link), NEW),
        press(&mut two, &csrf, checkword(&link), "twelve noisy badgers"),
    );
    let signed_in = [&first, &second].iter().filter(|answer| answer.sets(SESSION_COOKIE)).count();
    assert_eq!(signed_in, 1, "{first:?} {second:?}");
    let winner = if first.sets(SESSION_COOKIE) { &mut one } else { &mut two };
    assert_eq!(winner.get(ID, "/profile").await.status, StatusCode::OK, "the other does no harm");
    assert!(opens(&scene, ANNA, NEW).await != opens(&scene, ANNA, "twelve noisy badgers").await);
}

#[tokio::test]
async fn a_mail_goes_out_once_a_minute_and_five_times_an_hour_per_mailbox() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    for n in 0..5 {
        let mut browser = scene.browser();
        browser.ip = format!("198.51.100.{n}");
        ask(&mut browser, ANNA).await;
        let soon = browser.fill("/reset-password", "/forgot-password/again", &[]).await;
        assert_eq!(soon.location(), url(ID, "/reset-password"), "it is on its way already");
        assert_eq!(mails(&scene).await.len(), 1, "{n}");
        scene.clock.advance(60);
    }
    let mut browser = scene.browser();
    let refused = ask(&mut browser, ANNA).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    assert!(mails(&scene).await.is_empty());
    assert!(opens(&scene, ANNA, PASSWORD).await, "nobody is locked out of signing in");
    let unknown = ask(&mut browser, "nobody@example.com").await;
    assert_eq!(unknown.location(), url(ID, "/reset-password"));
}

#[tokio::test]
async fn guesses_are_limited_per_network_and_stop_nobody_else() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut guesser = scene.browser();
    ask(&mut guesser, "nobody@example.com").await;
    mails(&scene).await;
    let guess = |n: u32| format!("/reset-password?checkword={n:028}");
    for n in 0..60 {
        assert_eq!(guesser.get(ID, &guess(n)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(guesser.get(ID, &guess(60)).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut anna = scene.browser();
    anna.ip = "198.51.100.1".into();
    let link = link_for(&scene, &mut anna, ANNA).await;
    assert!(set(&mut anna, &link, NEW).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_changed_password_makes_the_mailed_checkword_worthless() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let stale = link_for(&scene, &mut anna, ANNA).await;
    let fields = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    anna.fill("/profile/security", "/profile/security", &fields).await;
    let notice = mails(&scene).await;
    assert!(notice[0].subject.contains("was changed"), "{}", notice[0].subject);
    let mut thief = scene.browser();
    let page = thief.open(&stale).await;
    assert!(page.text.contains("This was used already"), "{}", page.text);
    let csrf = page.csrf_or(&mut thief).await;
    assert!(
        !press(&mut thief, &csrf, checkword(&stale), "another one altogether")
            .await
            .sets(SESSION_COOKIE)
    );
    assert!(opens(&scene, ANNA, NEW).await);
}
