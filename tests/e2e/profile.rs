//! One's own pages on the Bitrix ID host.

use std::collections::BTreeSet;
use std::time::Duration;

use bitrix_id_tests::client::browser::Page;
use bitrix_id_tests::html::tags;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage, Visitor};

const NEW: &str = "quite another way to Tipperary";

async fn change_password(stage: &Stage, visitor: &Visitor, current: &str, new: &str) -> Page {
    let page = visitor.browser.open(&stage.url(ID, "/profile/security")).await;
    let form = page.form("/profile/security");
    let filled = [("current", current), ("password", new), ("again", new)];
    let answer = visitor.browser.send(&page, &form, &filled).await;
    visitor.browser.follow(answer).await
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_keeps_this_one() {
    let stage = Stage::start().await;
    let here = stage.signed_in(&ANNA, ACME).await;
    let elsewhere = stage.signed_in(&ANNA, ACME).await;
    let page = change_password(&stage, &here, ANNA.password, NEW).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("role=\"status\""), "{}", page.text());
    let (mine, other) = (here.cookie_line(ACME), elsewhere.cookie_line(ACME));
    until(Duration::from_secs(1), "the other session has ended", || async {
        stage.gateway.send(ACME, "GET /x", &[&other], "").await.status == 401
    })
    .await;
    let page = here.browser.open(&stage.url(ACME, "/still-here")).await;
    assert_eq!((page.status, page.url.path()), (200, "/still-here"), "no question: {mine}");
    for (password, opens) in [(ANNA.password, false), (NEW, true)] {
        let browser = stage.gateway.browser();
        let form = browser.open(&stage.url(ACME, "/")).await;
        let page = browser.sign_in(&form, ANNA.email, password).await;
        assert_eq!(page.url.as_str() == stage.url(ACME, "/"), opens, "{}", page.url);
    }
}

#[tokio::test]
async fn a_new_password_takes_the_current_one_and_a_good_one() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for (current, new) in [
        ("not it", NEW),
        ("", NEW),
        (ANNA.password, "short"),
        (ANNA.password, "password"),
        (ANNA.password, ""),
        (ANNA.password, ANNA.password),
    ] {
        let page = change_password(&stage, &anna, current, new).await;
        assert!((400..500).contains(&page.status), "{current:?} {new:?}: {}", page.status);
        assert!(!page.text().contains(NEW));
    }
    stage.signed_in(&ANNA, ACME).await;
}

#[tokio::test]
async fn a_new_name_reaches_the_portals() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let page = anna.browser.open(&stage.url(ID, "/profile")).await;
    let form = page.form("/profile");
    let answer = anna.browser.send(&page, &form, &[("name", "Änne O'Neil")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let again = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /renamed", &[&again.cookie_line(ACME)], "").await;
    let name = stage.acme.only("/renamed").header("x-bitrix-id-name").unwrap();
    assert!(name.starts_with("%C3%84nne%20O"), "{name}");
}

#[tokio::test]
async fn pages_of_ones_own_are_for_the_signed_in() {
    let stage = Stage::empty().await;
    for path in ["/", "/profile", "/profile/security", "/profile/sessions", "/profile/portals"] {
        let page = stage.gateway.browser().open(&stage.url(ID, path)).await;
        assert!(stage.is_sign_in(&page), "{path}: {} {}", page.status, page.url);
    }
}

#[tokio::test]
async fn every_link_on_a_page_leads_somewhere() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut seen = BTreeSet::new();
    let mut next =
        vec![stage.url(ID, "/"), stage.url(ID, "/signed-out"), stage.url(ID, "/sign-out")];
    while let Some(url) = next.pop() {
        if !seen.insert(url.clone()) {
            continue;
        }
        let page = anna.browser.open(&url).await;
        assert!(page.status < 400, "{url}: {}", page.status);
        if page.url.host_str() != Some(ID) {
            continue;
        }
        for (name, attributes) in tags(&page.text()) {
            let href = attributes.iter().find(|(key, _)| name == "a" && key == "href");
            let Some((_, href)) = href else { continue };
            let mut target = page.url.join(href).unwrap();
            target.set_fragment(None);
            next.push(target.into());
        }
    }
    println!("{} addresses", seen.len());
    assert!(seen.len() > 5, "{seen:?}");
}
