//! A changed password, and one that is set by mail: one of the two opens, and what it ends is ended.

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::html::forms;
use bitrix_id_tests::journey;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, GLOBEX, ID, SESSION, TOKEN};

use super::scene::{HEARD, Scene, Somebody, run, submit};

const AT_ONCE: u32 = 2;
const NEW: &str = "eleven quiet badgers";

/// The stored hash.
async fn hash(scene: &Scene, email: &str) -> String {
    let query = "SELECT password_hash FROM accounts WHERE email = $1";
    let query = sqlx::query_scalar(query).bind(email.to_owned());
    query.fetch_one(&mut scene.database().await).await.expect("an account")
}

fn with_password(somebody: &Somebody, password: &'static str) -> bitrix_id_tests::gateway::Person {
    bitrix_id_tests::gateway::Person { password, ..somebody.person }
}

/// Somebody at two machines, and the page to change the password at the first.
struct Changing {
    here: Somebody,
    elsewhere: Somebody,
    browser: Browser,
    page: Page,
    hash: String,
}

async fn about_to_change(scene: &mut Scene, here: Somebody) -> Changing {
    let elsewhere = scene.elsewhere(&here.person);
    let url = scene.stage.url(ACME, "/");
    for somebody in [&here, &elsewhere] {
        let browser = scene.browser(somebody);
        journey::sign_in(&browser, &here.person, &url).await.expect("signed in");
    }
    let browser = scene.browser(&here);
    let page = browser.open(&scene.stage.url(ID, "/profile/security")).await;
    let hash = hash(scene, here.person.email).await;
    Changing { here, elsewhere, browser, page, hash }
}

#[tokio::test]
async fn a_password_is_changed_with_all_that_it_ends_or_not_at_all() {
    let mut scene = Scene::of_two("password change", 6).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in scene.newcomers(AT_ONCE, &["acme", "globex"]).await {
            people.push(about_to_change(&mut scene, somebody).await);
        }
        let deeds = people.iter().map(async |Changing { here, browser, page, .. }| {
            let filled = [("current", here.person.password), ("password", NEW), ("again", NEW)];
            submit(browser, page, &page.form("/profile/security"), &filled).await
        });
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        for (Changing { here, elsewhere, hash: before, .. }, outcome) in people.iter().zip(outcomes)
        {
            let email = here.person.email;
            let changed = hash(&scene, email).await != *before;
            scene.moments.count(outcome.is_some(), changed);
            let told = scene.events("password.changed", email).await;
            assert!(told <= i64::from(changed), "told of what has not happened");
            assert!(told == 1 || outcome.is_none(), "not told of what was answered");
            if changed {
                let sibling = scene.sibling();
                let session = elsewhere.cookie(ID, SESSION).expect("a session");
                let token = elsewhere.cookie(ACME, TOKEN).expect("a token");
                until(HEARD, "what was open elsewhere has ended", async || {
                    sibling.get(ID, "/", &session).await.status != 200
                        && sibling.get(ACME, "/", &token).await.status != 200
                })
                .await;
            }
            let (works, does_not) =
                if changed { (NEW, here.person.password) } else { (here.person.password, NEW) };
            let (browser, url) = (scene.browser_beside(here), scene.stage.url(GLOBEX, "/go-on"));
            match outcome {
                Some(_) => journey::visit(&browser, &url).await,
                None => journey::sign_in(&browser, &with_password(here, works), &url).await,
            }
            .unwrap_or_else(|trouble| panic!("{trouble}"));
            let anew = scene.elsewhere(&here.person);
            let browser = scene.browser_beside(&anew);
            let refused = journey::sign_in(&browser, &with_password(here, does_not), &url).await;
            assert!(refused.is_err(), "both passwords open");
        }
        scene.start_again().await;
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_request_for_a_checkword_that_was_answered_is_mailed() {
    let mut scene = Scene::alone("forgotten password", 5).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in scene.newcomers(AT_ONCE + 1, &["acme"]).await {
            let browser = scene.browser(&somebody);
            let page = browser.open(&scene.stage.url(ID, "/forgot-password")).await;
            people.push((somebody, browser, page));
        }
        let deeds = people.iter().map(async |(somebody, browser, page)| {
            submit(browser, page, &page.form(ASK), &[("email", somebody.person.email)]).await
        });
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        for ((somebody, ..), outcome) in people.iter().zip(&outcomes) {
            let email = somebody.person.email;
            let kept = "SELECT (SELECT count(*) FROM recovery_requests WHERE address = $1)
                    + (SELECT count(*) FROM checkwords WHERE address = $1)";
            let kept = scene.number(kept, &[email]).await;
            scene.moments.count(outcome.is_some(), kept == 1);
            if kept == 0 {
                // A minute later: so long a mailbox has rest from whoever asks.
                run(&mut scene.database().await, "DELETE FROM attempts", &[]).await;
            }
        }
        scene.start_again().await;
        for ((somebody, ..), outcome) in people.iter().zip(outcomes) {
            let email = somebody.person.email;
            if outcome.is_none() {
                ask(&scene, somebody).await;
            }
            let link = link_in(&scene.mail(email, "checkword=").await);
            let page = scene.browser(somebody).open(&link).await;
            assert!(takes_a_password(&page), "{}", page.text());
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_checkword_is_spent_and_the_password_set_or_neither() {
    let mut scene = Scene::alone("password by mail", 6).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in scene.newcomers(AT_ONCE, &["acme"]).await {
            let email = somebody.person.email;
            ask(&scene, &somebody).await;
            let link = link_in(&scene.mail(email, "checkword=").await);
            let browser = scene.browser(&somebody);
            let page = browser.open(&link).await;
            people.push((hash(&scene, email).await, somebody, browser, page, link));
        }
        let deeds = people.iter().map(async |(_, _, browser, page, _)| set(browser, page).await);
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        // Half a minute later, when nobody can be at it any more.
        let aged = "UPDATE checkwords SET used_at = used_at - 60 WHERE finished = 0";
        run(&mut scene.database().await, aged, &[]).await;
        scene.start_again().await;
        for ((before, somebody, _, _, link), outcome) in people.iter().zip(outcomes) {
            let email = somebody.person.email;
            let changed = hash(&scene, email).await != *before;
            scene.moments.count(outcome.is_some(), changed);
            let told = scene.events("recovery.succeeded", email).await;
            assert!(told <= i64::from(changed), "told of what has not happened");
            assert!(told == 1 || outcome.is_none(), "not told of what was answered");
            let anew = scene.elsewhere(&somebody.person);
            let browser = scene.browser(&anew);
            let page = browser.open(link).await;
            assert_eq!(takes_a_password(&page), !changed, "{}", page.text());
            if !changed {
                set(&browser, &page).await.unwrap_or_else(|trouble| panic!("{trouble}"));
            }
            let url = scene.stage.url(ACME, "/go-on");
            let anew = scene.elsewhere(&somebody.person);
            let arrived =
                journey::sign_in(&scene.browser(&anew), &with_password(somebody, NEW), &url).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        until(HEARD, "what was begun before the end is finished", async || {
            scene.number("SELECT count(*) FROM checkwords WHERE finished = 0", &[]).await == 0
        })
        .await;
    }
    scene.finish().await;
}

/// Asks for a checkword, and is answered.
async fn ask(scene: &Scene, somebody: &Somebody) {
    let browser = scene.browser(somebody);
    let page = browser.open(&scene.stage.url(ID, "/forgot-password")).await;
    let filled = [("email", somebody.person.email)];
    let asked = submit(&browser, &page, &page.form(ASK), &filled).await;
    asked.unwrap_or_else(|trouble| panic!("{trouble}"));
}

async fn set(browser: &Browser, page: &Page) -> Result<Page, journey::Trouble> {
    submit(browser, page, &page.form("/reset-password"), &[("password", NEW), ("again", NEW)]).await
}

fn takes_a_password(page: &Page) -> bool {
    forms(&page.text()).iter().any(|form| form.value("again").is_some())
}

fn link_in(mail: &str) -> String {
    let at = mail.find("https://").expect("a link");
    mail[at..].split_whitespace().next().expect("its end").to_owned()
}

const ASK: &str = "/forgot-password";
