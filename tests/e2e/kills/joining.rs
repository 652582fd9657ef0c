//! A first sign-in that joins what portals know of somebody, and the undoing of a join.

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::html::forms;
use bitrix_id_tests::journey::{self, Trouble};
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, GLOBEX, ID, INITECH, TOKEN};

use super::mails::code_in;
use super::scene::{HEARD, Scene, Somebody, run, submit};

const AT_ONCE: u32 = 2;
/// As md5 with a salt, as older portals keep it.
const SALTED_MD5: &str = "aB3$xY9z410d69fced580129ebb67e81f0ee93a8";
const PASSWORD: &str = "MyPassw0rd";

/// People of three portals, nobody with a Bitrix ID.
async fn imported(scene: &mut Scene, count: usize) -> Vec<Somebody> {
    let mut people = Vec::new();
    for _ in 0..count {
        let mut somebody = scene.stranger();
        somebody.person.password = PASSWORD;
        people.push(somebody);
    }
    for portal in ["acme", "globex", "initech"] {
        let line = |somebody: &Somebody| {
            let email = somebody.person.email;
            let (id, _) = email.split_once('@').expect("an address");
            format!("{id},{id},{email},\"{SALTED_MD5}\",{id}")
        };
        let lines: Vec<String> = people.iter().map(line).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        scene.stage.import(portal, &lines).await;
    }
    people
}

/// Goes on from whatever is shown until the portal is: the password, the code, the join.
async fn get_in(
    scene: &Scene,
    browser: &Browser,
    somebody: &Somebody,
    mut page: Page,
    url: &str,
) -> Result<(), Trouble> {
    for _ in 0..6 {
        if page.url.as_str() == url && page.status == 200 {
            return Ok(());
        }
        let person = &somebody.person;
        let leads_to = |ending: &str| {
            forms(&page.text())
                .into_iter()
                .find(|form| form.method == "post" && form.action.split('?').next() == Some(ending))
        };
        page = if page.asks_to_sign_in() {
            let form = page.form("/sign-in");
            let filled = [("email", person.email), ("password", person.password)];
            submit(browser, &page, &form, &filled).await?
        } else if let Some(form) = leads_to("/welcome/join") {
            submit(browser, &page, &form, &[]).await?
        } else if let Some(form) = leads_to("/welcome") {
            let code = code_in(&scene.mail(person.email, "").await);
            submit(browser, &page, &form, &[("code", &code)]).await?
        } else if let Some(link) = link_to_the_join(&page) {
            // Signed in, and the portal's door says what is missing.
            journey::open(browser, &link).await?
        } else {
            return Err(Trouble::Elsewhere(Box::new(page)));
        };
    }
    Err(Trouble::Elsewhere(Box::new(page)))
}

fn link_to_the_join(page: &Page) -> Option<String> {
    let text = page.text();
    let mut links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.find(|link| link.contains("/welcome?state=")).map(|link| link.replace("&#38;", "&"))
}

#[tokio::test]
async fn a_first_sign_in_joins_everything_or_goes_on_where_it_was() {
    let mut scene = Scene::alone("first sign-in", 8).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in imported(&mut scene, AT_ONCE as usize).await {
            let browser = scene.browser(&somebody);
            let url = scene.stage.url(ACME, "/first?x=1");
            let form = browser.open(&url).await;
            let proof = browser.sign_in(&form, somebody.person.email, PASSWORD).await;
            assert_eq!(proof.url.path(), "/welcome", "{}", proof.text());
            let code = code_in(&scene.mail(somebody.person.email, "").await);
            people.push((somebody, browser, proof, code, url));
        }
        let deeds = people.iter().map(async |(_, browser, proof, code, url)| {
            let form = proof.form("/welcome");
            let join = submit(browser, proof, &form, &[("code", code)]).await?;
            let page = submit(browser, &join, &join.form("/welcome/join"), &[]).await?;
            if page.url.as_str() == url { Ok(()) } else { Err(Trouble::Elsewhere(Box::new(page))) }
        });
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        scene.start_again().await;
        for ((somebody, _, _, _, url), outcome) in people.iter().zip(outcomes) {
            let email = somebody.person.email;
            let profiles = scene.number(JOINED, &[email]).await;
            assert!(matches!(profiles, 0 | 3), "{profiles} of 3 profiles are joined");
            scene.moments.count(outcome.is_some(), profiles == 3);
            let told = scene.events("profile.joined", email).await;
            assert!(told <= profiles && (told == 3 || outcome.is_none()), "{told} of {profiles}");
            let browser = scene.browser(somebody);
            let page = journey::open(&browser, url).await.expect("a page");
            let arrived = get_in(&scene, &browser, somebody, page, url).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
            for host in [GLOBEX, INITECH] {
                let arrived = journey::visit(&browser, &scene.stage.url(host, "/joined")).await;
                arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
            }
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn an_account_without_a_proof_is_made_with_its_portal_or_not_at_all() {
    let mut scene = Scene::alone("first sign-in, to one portal", 6).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in imported(&mut scene, AT_ONCE as usize + 1).await {
            let browser = scene.browser(&somebody);
            let url = scene.stage.url(ACME, "/one");
            let form = browser.open(&url).await;
            let proof = browser.sign_in(&form, somebody.person.email, PASSWORD).await;
            people.push((somebody, browser, proof, url));
        }
        let deeds = people.iter().map(async |(_, browser, proof, url)| {
            let page = submit(browser, proof, &proof.form("/welcome/later"), &[]).await?;
            if page.url.as_str() == url { Ok(()) } else { Err(Trouble::Elsewhere(Box::new(page))) }
        });
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        for ((somebody, ..), outcome) in people.iter().zip(&outcomes) {
            let email = somebody.person.email;
            let made = scene.number(HELD, &[email]).await;
            assert_eq!(scene.number(JOINED, &[email]).await, made, "nobody is without a portal");
            scene.moments.count(outcome.is_some(), made == 1);
        }
        scene.start_again().await;
        for ((somebody, .., url), outcome) in people.iter().zip(outcomes) {
            let browser = scene.browser(somebody);
            let page = journey::open(&browser, url).await.expect("a page");
            let filled = [("email", somebody.person.email), ("password", PASSWORD)];
            let page = if page.asks_to_sign_in() {
                submit(&browser, &page, &page.form("/sign-in"), &filled).await.expect("a page")
            } else {
                page
            };
            let page = if page.url.path() == "/welcome" {
                let later = page.form("/welcome/later");
                submit(&browser, &page, &later, &[]).await.expect("a page")
            } else {
                page
            };
            assert_eq!((page.status, page.url.as_str()), (200, url.as_str()), "{outcome:?}");
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_join_is_undone_wholly_or_not_at_all() {
    let mut scene = Scene::alone("undone join", 6).await;
    while scene.moments.left() {
        let mut people = Vec::new();
        for somebody in scene.newcomers(AT_ONCE + 1, &["acme"]).await {
            let mut database = scene.database().await;
            for statement in JOIN {
                run(&mut database, statement, &[somebody.person.email]).await;
            }
            let browser = scene.browser(&somebody);
            for host in [INITECH, ACME] {
                let url = scene.stage.url(host, "/");
                journey::sign_in(&browser, &somebody.person, &url).await.expect("signed in");
            }
            let page = browser.open(&scene.stage.url(ID, UNDO_INITECH)).await;
            people.push((somebody, browser, page));
        }
        let deeds = people
            .iter()
            .map(async |(_, browser, page)| submit(browser, page, &page.form(UNDO), &[]).await);
        let outcomes = scene.killing(deeds.collect::<Vec<_>>()).await;
        scene.start_again().await;
        for ((somebody, ..), outcome) in people.iter().zip(outcomes) {
            let email = somebody.person.email;
            let undone = scene.number(JOINED, &[email]).await == 0;
            scene.moments.count(outcome.is_some(), undone);
            let told = scene.events("profile.unjoined", email).await;
            assert!(told <= i64::from(undone) && (told == 1 || outcome.is_none()), "{told}");
            let browser = scene.browser(somebody);
            if !undone {
                let page = browser.open(&scene.stage.url(ID, UNDO_INITECH)).await;
                let again = submit(&browser, &page, &page.form(UNDO), &[]).await;
                again.unwrap_or_else(|trouble| panic!("{trouble}"));
            }
            let token = somebody.cookie(INITECH, TOKEN).expect("a token");
            if outcome.is_some() || !undone {
                until(HEARD, "the portal is closed", async || {
                    scene.stage.gateway.send(INITECH, "GET /", &[&token], "").await.status != 200
                })
                .await;
            }
            let arrived = journey::visit(&browser, &scene.stage.url(ACME, "/still")).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
    }
    scene.finish().await;
}

const UNDO: &str = "/profile/portals/undo";
const UNDO_INITECH: &str = "/profile/portals/undo?portal=initech";
const JOINED: &str = "SELECT count(*) FROM imported_profiles JOIN addresses USING (account)
    WHERE address = $1";
const HELD: &str = "SELECT count(*) FROM addresses WHERE address = $1";
/// A record on `initech`, joined.
const JOIN: [&str; 3] = [
    "INSERT INTO imported_profiles
         (portal, local_id, login, email, name, active, roles, imported_at, account, joined_at)
     SELECT 'initech', account, 'x', address, 'x', 1, '[]', 0, account, 1 FROM addresses
     WHERE address = $1",
    "INSERT INTO profiles (account, portal, local_id, roles, joined_at)
     SELECT account, portal, local_id, roles, 1 FROM imported_profiles WHERE email = $1",
    "INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
     SELECT 'join of ' || account, 1, account, portal, local_id, 'address', 'self'
     FROM imported_profiles WHERE email = $1",
];
