//! A Bitrix ID of one's own: the code that is mailed, and the account that it makes.

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::journey;
use bitrix_id_tests::stage::{ID, SESSION};

use super::mails::code_in;
use super::scene::{Scene, Somebody, submit};

const AT_ONCE: u32 = 3;

/// Somebody at the form, or at the page that asks for the code.
struct Arriving {
    somebody: Somebody,
    browser: Browser,
    page: Page,
}

/// Opens the form.
async fn at_the_form(scene: &mut Scene) -> Arriving {
    let somebody = scene.stranger();
    let browser = scene.browser(&somebody);
    let page = browser.open(&scene.stage.url(ID, "/sign-up")).await;
    Arriving { somebody, browser, page }
}

impl Arriving {
    /// Sends the form; gives the page that asks for the code.
    async fn sign_up(&self) -> Result<Page, journey::Trouble> {
        let person = &self.somebody.person;
        let filled =
            [("name", person.name), ("email", person.email), ("password", person.password)];
        submit(&self.browser, &self.page, &self.page.form("/sign-up"), &filled).await
    }
}

/// Brings the code back.
async fn confirm(
    scene: &Scene,
    somebody: &Somebody,
    browser: &Browser,
    page: &Page,
) -> Result<Page, journey::Trouble> {
    let code = code_in(&body(&scene.mail(somebody.person.email, "").await));
    submit(browser, page, &page.form(CONFIRM), &[("code", &code)]).await
}

#[tokio::test]
async fn a_code_that_was_promised_is_mailed() {
    let mut scene = Scene::alone("sign-up", 5).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for _ in 0..AT_ONCE {
            people.push(at_the_form(&mut scene).await);
        }
        let outcomes =
            scene.killing(people.iter().map(Arriving::sign_up).collect::<Vec<_>>()).await;
        let mut promised = Vec::new();
        for Arriving { somebody, .. } in &people {
            let email = somebody.person.email;
            let mails = "SELECT count(*) FROM mails WHERE recipient = $1";
            let queued = scene.number(mails, &[email]).await;
            promised.push(queued > 0 || scene.mails_to(email).next().is_some());
        }
        scene.start_again().await;
        for ((arriving, outcome), promised) in people.iter().zip(outcomes).zip(promised) {
            scene.moments.count(outcome.is_some(), promised);
            let somebody = &arriving.somebody;
            let browser = scene.browser(somebody);
            let page = match outcome {
                Some(page) => page,
                // From the beginning; the code of an earlier mail is worth nothing then.
                None => {
                    let again = Arriving {
                        somebody: somebody.clone(),
                        page: browser.open(&scene.stage.url(ID, "/sign-up")).await,
                        browser: browser.clone(),
                    };
                    again.sign_up().await.unwrap_or_else(|trouble| panic!("{trouble}"))
                }
            };
            let home = confirm(&scene, somebody, &browser, &page).await;
            let home = home.unwrap_or_else(|trouble| panic!("{trouble}"));
            assert_eq!(home.url.as_str(), scene.stage.url(ID, "/"), "{}", home.text());
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_code_makes_a_whole_account_or_can_be_brought_again() {
    let mut scene = Scene::alone("confirmation", 6).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for _ in 0..AT_ONCE {
            let mut arriving = at_the_form(&mut scene).await;
            arriving.page = arriving.sign_up().await.unwrap_or_else(|trouble| panic!("{trouble}"));
            scene.mail(arriving.somebody.person.email, "").await;
            people.push(arriving);
        }
        let codes = people.iter().map(|arriving| {
            let mail = scene.mails_to(arriving.somebody.person.email).next();
            code_in(&body(&mail.expect("it was there")))
        });
        let codes: Vec<String> = codes.collect();
        let deeds =
            people.iter().zip(&codes).map(async |(Arriving { browser, page, .. }, code)| {
                submit(browser, page, &page.form(CONFIRM), &[("code", code)]).await
            });
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        scene.start_again().await;
        for ((Arriving { somebody, page, .. }, code), outcome) in
            people.iter().zip(&codes).zip(outcomes)
        {
            let email = somebody.person.email;
            let held = "SELECT count(*) FROM addresses WHERE address = $1 AND proof = 'mail'";
            let there = scene.number(held, &[email]).await == 1;
            scene.moments.count(outcome.is_some(), there);
            let told = scene.events("account.created", email).await;
            assert!(told == 1 || outcome.is_none(), "not told of what was answered");
            let (browser, home) = (scene.browser(somebody), scene.stage.url(ID, "/"));
            if outcome.is_some() {
                assert!(somebody.cookie(ID, SESSION).is_some());
                scene.mail(email, "").await;
                assert!(scene.mails_to(email).count() > 1, "the code, and the news of the account");
            } else if !there {
                let answer = submit(&browser, page, &page.form(CONFIRM), &[("code", code)]).await;
                answer.unwrap_or_else(|trouble| panic!("{trouble}"));
            } else {
                // The button once more leads to where the new password opens.
                let answer = submit(&browser, page, &page.form(CONFIRM), &[("code", code)]).await;
                let answer = answer.unwrap_or_else(|trouble| panic!("{trouble}"));
                assert!(answer.asks_to_sign_in() || answer.url.as_str() == home, "{}", answer.url);
            }
            let arrived = journey::sign_in(&browser, &somebody.person, &home).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
            assert!(scene.events("account.created", email).await <= 1, "made once");
        }
    }
    scene.finish().await;
}

/// What comes after the head: a subject may hold digits as well.
fn body(mail: &str) -> String {
    let body = mail.split_once("\r\n\r\n").or_else(|| mail.split_once("\n\n"));
    body.expect("a head and a body").1.to_owned()
}

const CONFIRM: &str = "/sign-up/confirm";
