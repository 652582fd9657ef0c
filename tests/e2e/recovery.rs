//! A new password by mail: one for all portals, and the end of everything from before.

use std::time::Duration;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::poll::{eventually, until};
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, INITECH, Stage};

const NEW: &str = "eleven quiet badgers";
const SOON: Duration = Duration::from_secs(1);

async fn ask(stage: &Stage, browser: &Browser, email: &str) -> Page {
    let page = browser.open(&stage.url(ID, "/forgot-password")).await;
    let answer = browser.send(&page, &page.form("/forgot-password"), &[("email", email)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser.follow(answer).await
}

/// The newest of several mails to an address that holds `mark`.
async fn mail_to(stage: &Stage, email: &str, mark: &str) -> String {
    eventually(Duration::from_secs(10), "a mail", || async {
        let mails = stage.gateway.mails().into_iter().map(|mail| unfolded(&mail));
        mails.into_iter().rfind(|mail| mail.contains(email) && mail.contains(mark))
    })
    .await
}

/// Quoted-printable with its soft line breaks undone, as far as ASCII goes.
fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

fn link_in(mail: &str) -> String {
    let at = mail.find("https://").expect("a link");
    mail[at..].split_whitespace().next().expect("its end").to_owned()
}

async fn set(browser: &Browser, link: &str, password: &str) -> Page {
    let page = browser.open(link).await;
    let form = page.form("/reset-password");
    browser.send(&page, &form, &[("password", password), ("again", password)]).await
}

async fn recover(stage: &Stage, browser: &Browser) -> Page {
    ask(stage, browser, ANNA.email).await;
    let link = link_in(&mail_to(stage, ANNA.email, "checkword=").await);
    set(browser, &link, NEW).await
}

#[tokio::test]
async fn a_recovery_cuts_open_sockets_elsewhere_and_mails_a_notice() {
    let stage = Stage::start().await;
    let thief = stage.anna_on(&[ACME, GLOBEX]).await;
    let mut sockets = [stage.echo(&thief, ACME).await, stage.echo(&thief, GLOBEX).await];
    for socket in &mut sockets {
        assert_eq!(socket.echo("ping").await.unwrap(), "ping");
    }
    let browser = stage.gateway.browser();
    let answer = recover(&stage, &browser).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    for socket in &mut sockets {
        socket.closed(SOON).await;
    }
    for host in [ACME, GLOBEX] {
        let cookie = thief.cookie_line(host);
        until(SOON, "the thief's token is refused", || async {
            stage.gateway.send(host, "GET /x", &[&cookie], "").await.status == 401
        })
        .await;
    }
    let done = browser.follow(answer).await;
    assert!(done.text().contains("all 3 portals"), "{}", done.text());
    for host in [ACME, GLOBEX, INITECH] {
        let page = browser.open(&stage.url(host, "/here")).await;
        assert_eq!((page.status, page.url.path()), (200, "/here"), "signed in here");
    }
    let notice = mail_to(&stage, ANNA.email, "was changed").await;
    assert!(notice.contains("127.0.0.1"), "{notice}");
}

#[tokio::test]
async fn the_new_password_opens_every_portal_and_the_old_one_none() {
    let stage = Stage::start().await;
    recover(&stage, &stage.gateway.browser()).await;
    for host in [ACME, GLOBEX, INITECH] {
        for (password, opens) in [(ANNA.password, false), (NEW, true)] {
            let browser = stage.gateway.browser();
            let form = browser.open(&stage.url(host, "/")).await;
            let page = browser.sign_in(&form, ANNA.email, password).await;
            assert_eq!(page.url.as_str() == stage.url(host, "/"), opens, "{}", page.url);
        }
    }
}

#[tokio::test]
async fn the_visitor_ends_where_they_were_going() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let sign_in = browser.open(&stage.url(ACME, "/crm/deal/42?tab=2")).await;
    let failed = browser.try_sign_in(&sign_in, ANNA.email, "not it").await;
    let text = failed.text();
    let forgot = text.split("href=\"/forgot-password").nth(1).expect("a link");
    let forgot = format!("/forgot-password{}", forgot.split('"').next().expect("its end"));
    let page = browser.open(&stage.url(ID, &forgot.replace("&#38;", "&"))).await;
    // What was typed before is there.
    let answer = browser.send(&page, &page.form("/forgot-password"), &[]).await;
    browser.follow(answer).await;
    let link = link_in(&mail_to(&stage, ANNA.email, "checkword=").await);
    let answer = set(&browser, &link, NEW).await;
    let done = browser.follow(answer).await.text();
    let onward = done.split("class=\"button\" href=\"").nth(1).expect("a button");
    let onward = onward.split('"').next().expect("its end").replace("&#38;", "&");
    let page = browser.open(&stage.url(ID, &onward)).await;
    assert_eq!(page.url.as_str(), stage.url(ACME, "/crm/deal/42?tab=2"), "{}", page.text());
}

#[tokio::test]
async fn a_request_outlives_the_process_that_took_it() {
    let mut stage = Stage::start().await;
    let browser = stage.gateway.browser();
    // Whether the mail was queued before the end or not: after the start it goes out.
    ask(&stage, &browser, ANNA.email).await;
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    let link = link_in(&mail_to(&stage, ANNA.email, "checkword=").await);
    let answer = set(&browser, &link, NEW).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[tokio::test]
async fn no_log_line_holds_a_checkword() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    ask(&stage, &browser, ANNA.email).await;
    let link = link_in(&mail_to(&stage, ANNA.email, "checkword=").await);
    set(&browser, &link, NEW).await;
    let checkword = link.split_once("checkword=").expect("a checkword").1.to_owned();
    let path = "/reset-password";
    let logged = eventually(SOON, "the log line of the button", || async {
        let lines = stage.gateway.output();
        (lines.matches(path).count() > 1).then_some(lines)
    })
    .await;
    for text in [logged, stage.gateway.process().errors()] {
        assert!(!text.contains(&checkword), "{text}");
        assert!(!text.contains(&checkword[..9]), "{text}");
    }
}
