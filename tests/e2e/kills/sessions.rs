//! Sign-in and sign-out, with a gateway beside that goes on.

use bitrix_id_tests::journey;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, GLOBEX, ID, SESSION, TOKEN};

use super::scene::{HEARD, Scene, Somebody};

const AT_ONCE: u32 = 2;

#[tokio::test]
async fn a_sign_in_that_was_answered_holds_and_any_other_is_made_again_at_once() {
    let mut scene = Scene::of_two("sign-in", 10).await;
    while scene.moments.left() {
        let people = scene.newcomers(AT_ONCE, &["acme", "globex"]).await;
        let url = scene.stage.url(ACME, "/");
        let browsers: Vec<_> = people.iter().map(|somebody| scene.browser(somebody)).collect();
        let deeds = people.iter().zip(&browsers);
        let deeds =
            deeds.map(|(somebody, browser)| journey::sign_in(browser, &somebody.person, &url));
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        for (somebody, outcome) in people.iter().zip(outcomes) {
            let told = scene.events("sign_in.succeeded", somebody.person.email).await;
            scene.moments.count(outcome.is_some(), told == 1);
            assert!(told <= 1, "{told} sign-ins of one");
            // The balancer leads to the other gateway.
            let browser = scene.browser_beside(somebody);
            let there = scene.stage.url(GLOBEX, "/there");
            match outcome {
                Some(_) => journey::visit(&browser, &there).await,
                None => journey::sign_in(&browser, &somebody.person, &there).await,
            }
            .unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        scene.start_again().await;
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_sign_out_that_was_answered_ends_everything_and_no_other_ends_half() {
    let mut scene = Scene::of_two("sign-out", 8).await;
    while scene.moments.left() {
        let people = scene.newcomers(AT_ONCE, &["acme", "globex"]).await;
        let mut browsers = Vec::new();
        for somebody in &people {
            let browser = scene.browser(somebody);
            for host in [ACME, GLOBEX] {
                let url = scene.stage.url(host, "/");
                journey::sign_in(&browser, &somebody.person, &url).await.expect("signed in");
            }
            browsers.push(browser);
        }
        let before: Vec<Held> = people.iter().map(Held::of).collect();
        let portal = scene.stage.url(ACME, "");
        let deeds: Vec<_> =
            browsers.iter().map(|browser| journey::sign_out(browser, &portal)).collect();
        let outcomes = scene.killing(deeds).await;
        for ((somebody, held), outcome) in people.iter().zip(before).zip(outcomes) {
            // The rest of an end that was begun is done by whoever sweeps.
            until(HEARD, "what is open of a session is all or nothing", async || {
                let [session, acme, globex] = held.open(&scene).await;
                session == acme && acme == globex && !(outcome.is_some() && session)
            })
            .await;
            let [open, ..] = held.open(&scene).await;
            let told = scene.events("sign_out", somebody.person.email).await;
            scene.moments.count(outcome.is_some(), !open);
            assert!(told == 1 || outcome.is_none() && told == 0, "{told} of {outcome:?}");
            assert!(!(open && told == 1), "told of what has not happened");
            let browser = scene.browser_beside(somebody);
            let url = scene.stage.url(ACME, "/");
            if open {
                journey::sign_out(&browser, &portal).await.unwrap_or_else(|it| panic!("{it}"));
                until(HEARD, "the second try ends it", async || {
                    held.open(&scene).await == [false; 3]
                })
                .await;
            }
            let again = journey::sign_in(&browser, &somebody.person, &url).await;
            again.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        scene.start_again().await;
    }
    scene.finish().await;
}

/// The cookies of one browser.
struct Held {
    session: String,
    acme: String,
    globex: String,
}

impl Held {
    fn of(somebody: &Somebody) -> Self {
        let cookie = |host, name| somebody.cookie(host, name).expect("signed in there");
        Self {
            session: cookie(ID, SESSION),
            acme: cookie(ACME, TOKEN),
            globex: cookie(GLOBEX, TOKEN),
        }
    }

    /// What of it is good at the gateway that lives: the session, the token on either portal.
    async fn open(&self, scene: &Scene) -> [bool; 3] {
        let sibling = scene.sibling();
        let answers = [
            sibling.get(ID, "/", &self.session).await.status,
            sibling.get(ACME, "/", &self.acme).await.status,
            sibling.get(GLOBEX, "/", &self.globex).await.status,
        ];
        answers.map(|status| status == 200)
    }
}
