//! Two accounts become one, and two again.

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::journey::{self, Trouble};
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, TOKEN};

use super::scene::{HEARD, Scene, Somebody, submit};

const AT_ONCE: u32 = 2;

/// Two accounts of one person, on `acme` and on `globex`, both signed in; the first looks at what would happen.
struct Pair {
    stays: Somebody,
    goes: Somebody,
    browser: Browser,
    page: Page,
}

async fn pairs(scene: &mut Scene) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for _ in 0..AT_ONCE {
        let stays = scene.newcomers(1, &["acme"]).await.remove(0);
        let goes = scene.newcomers(1, &["globex"]).await.remove(0);
        for (somebody, host) in [(&stays, ACME), (&goes, GLOBEX)] {
            let (browser, url) = (scene.browser(somebody), scene.stage.url(host, "/"));
            journey::sign_in(&browser, &somebody.person, &url).await.expect("signed in");
        }
        let browser = scene.browser(&stays);
        let page = browser.open(&scene.stage.url(ID, MERGE)).await;
        let filled = [("email", goes.person.email), ("password", ANNA.password)];
        let page = submit(&browser, &page, &page.form(MERGE), &filled).await;
        let page = page.unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!(page.url.path(), REVIEW, "{}", page.text());
        pairs.push(Pair { stays, goes, browser, page });
    }
    pairs
}

impl Pair {
    /// Agrees to what the page says.
    async fn merge(&self) -> Result<Page, Trouble> {
        submit(&self.browser, &self.page, &self.page.form(REVIEW), &[]).await
    }

    async fn undo(&self) -> Result<Page, Trouble> {
        let form = self.page.form(UNDO);
        let merge = form.value("merge").expect("the button of a merge");
        submit(&self.browser, &self.page, &form, &[("merge", merge)]).await
    }

    async fn is_merged(&self, scene: &Scene) -> bool {
        scene.number(MERGED, &[self.goes.person.email, self.stays.person.email]).await == 1
    }

    /// What either of the two held opens the portals of both.
    async fn is_one(&self, scene: &Scene) {
        let browser = scene.browser(&self.stays);
        for host in [ACME, GLOBEX] {
            let arrived = journey::visit(&browser, &scene.stage.url(host, "/one")).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        let token = self.goes.cookie(GLOBEX, TOKEN).expect("a token");
        until(HEARD, "the other account's token is refused", async || {
            scene.stage.gateway.send(GLOBEX, "GET /", &[&token], "").await.status != 200
        })
        .await;
    }
}

#[tokio::test]
async fn accounts_are_merged_wholly_or_not_at_all() {
    let mut scene = Scene::alone("merge", 6).await;
    while scene.moments.left() {
        let pairs = pairs(&mut scene).await;
        let outcomes = scene.killing(pairs.iter().map(Pair::merge).collect::<Vec<_>>()).await;
        scene.start_again().await;
        for (mut pair, outcome) in pairs.into_iter().zip(outcomes) {
            let merged = pair.is_merged(&scene).await;
            scene.moments.count(outcome.is_some(), merged);
            let told = scene.events("account.merged", pair.stays.person.email).await;
            assert!(told <= i64::from(merged) && (told == 1 || outcome.is_none()), "{told}");
            if outcome.is_none() {
                // The same form once more ends what may be left open, whatever became of the first time.
                pair.browser = scene.browser(&pair.stays);
                pair.merge().await.unwrap_or_else(|trouble| panic!("{trouble}"));
                assert!(pair.is_merged(&scene).await);
                assert!(scene.events("account.merged", pair.stays.person.email).await >= 1);
            }
            pair.is_one(&scene).await;
            // Both are told.
            for somebody in [&pair.stays, &pair.goes] {
                scene.mail(somebody.person.email, "").await;
            }
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_merge_is_undone_wholly_or_not_at_all() {
    let mut scene = Scene::alone("undone merge", 5).await;
    while scene.moments.left() {
        let mut pairs = pairs(&mut scene).await;
        for pair in &mut pairs {
            pair.page = pair.merge().await.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        let outcomes = scene.killing(pairs.iter().map(Pair::undo).collect::<Vec<_>>()).await;
        scene.start_again().await;
        for (mut pair, outcome) in pairs.into_iter().zip(outcomes) {
            let undone = !pair.is_merged(&scene).await;
            scene.moments.count(outcome.is_some(), undone);
            let told = scene.events("account.unmerged", pair.stays.person.email).await;
            assert!(told <= i64::from(undone) && (told == 1 || outcome.is_none()), "{told}");
            if !undone {
                pair.browser = scene.browser(&pair.stays);
                pair.page = pair.browser.open(&scene.stage.url(ID, MERGE)).await;
                pair.undo().await.unwrap_or_else(|trouble| panic!("{trouble}"));
            }
            for (somebody, host) in [(&pair.stays, ACME), (&pair.goes, GLOBEX)] {
                let anew = scene.elsewhere(&somebody.person);
                let (browser, url) = (scene.browser(&anew), scene.stage.url(host, "/two"));
                let arrived = journey::sign_in(&browser, &anew.person, &url).await;
                arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
            }
        }
    }
    scene.finish().await;
}

const MERGE: &str = "/profile/merge";
const REVIEW: &str = "/profile/merge/review";
const UNDO: &str = "/profile/merge/undo";
const MERGED: &str = "SELECT count(*) FROM merges JOIN accounts ON accounts.id = from_account
    WHERE undone_at_ms IS NULL AND merged_into = into_account
      AND into_account = (SELECT account FROM addresses WHERE address = $1)
      AND into_account = (SELECT account FROM addresses WHERE address = $2)";
