//! Signing out ends the session everywhere, at once.

use std::time::{Duration, Instant};

use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::poll::{STEP, within};
use bitrix_id_tests::stage::{
    ACME, ANNA, BORIS, GLOBEX, ID, INITECH, SESSION, Stage, TOKEN, Visitor,
};
use reqwest::Method;

const SOON: Duration = Duration::from_secs(1);

/// Opens an endless event stream and reads its first event.
async fn events(stage: &Stage, visitor: &Visitor, host: &str) -> RawConnection {
    let mut connection = stage.gateway.raw(host).await;
    let fields = [visitor.cookie_line(host), "Accept: text/event-stream".into()];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    connection.send(stage.gateway.request(host, "GET /do/events", &fields, "")).await.unwrap();
    assert_eq!(connection.head("GET").await.unwrap().status, 200);
    assert_eq!(connection.chunk().await.unwrap().unwrap(), b"data: hello\n\n\n");
    connection
}

async fn sign_out_on_portal(stage: &Stage, visitor: &Visitor, host: &str) {
    let ask = visitor.browser.open(&stage.url(host, "/.bitrix-id/sign-out")).await;
    assert_eq!(ask.status, 200, "{}", ask.text());
    let answer = visitor.browser.send(&ask, &ask.form("/.bitrix-id/sign-out"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.location().as_str(), stage.url(ID, "/signed-out"));
}

async fn status_with(stage: &Stage, host: &str, cookie: &str) -> u16 {
    stage.gateway.send(host, "GET /still", &[cookie], "").await.status
}

#[tokio::test]
async fn every_portals_token_is_refused_at_once() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX, INITECH]).await;
    let stolen: Vec<_> =
        [ACME, GLOBEX, INITECH].map(|host| (host, anna.cookie_line(host))).to_vec();
    for (host, cookie) in &stolen {
        assert_eq!(status_with(&stage, host, cookie).await, 200);
    }
    sign_out_on_portal(&stage, &anna, ACME).await;
    for (host, cookie) in &stolen {
        assert_eq!(status_with(&stage, host, cookie).await, 401, "{host}");
        let said = stage.gateway.send(host, "GET /.bitrix-id/session", &[cookie], "").await.json();
        assert_eq!(said["signed_in"], false, "{host}: {said}");
        let list = stage.gateway.send(host, "GET /.bitrix-id/portals", &[cookie], "").await;
        assert_eq!(list.status, 401, "{host}");
    }
    let (_, cookie) = &stolen[0];
    stage.gateway.send(ACME, "GET /maybe/after", &[cookie], "").await;
    let named = stage.acme.marked("/maybe/after");
    assert!(named.iter().all(|request| request.header("x-bitrix-id-email").is_none()));
    assert_eq!(anna.token(ACME), None, "the browser has lost its token");
    let page = anna.browser.open(&stage.url(GLOBEX, "/")).await;
    assert!(stage.is_sign_in(&page), "{}", page.url);
}

#[tokio::test]
async fn open_websockets_and_event_streams_are_closed_within_a_second() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX]).await;
    let mut sockets = [stage.echo(&anna, ACME).await, stage.echo(&anna, GLOBEX).await];
    for socket in &mut sockets {
        assert_eq!(socket.echo("ping").await.unwrap(), "ping");
    }
    let mut streams = [events(&stage, &anna, ACME).await, events(&stage, &anna, GLOBEX).await];
    sign_out_on_portal(&stage, &anna, ACME).await;
    let signed_out = Instant::now();
    for socket in &mut sockets {
        socket.closed(SOON).await;
    }
    for stream in &mut streams {
        within(SOON, "the event stream ends", async {
            while let Ok(Some(_)) = stream.chunk().await {}
        })
        .await;
    }
    assert!(signed_out.elapsed() < SOON, "{:?}", signed_out.elapsed());
}

/// It may be answered for a while, and is nobody's for longer.
#[tokio::test]
async fn a_request_that_nobody_answers_ends_with_its_session_too() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut waiting = stage.gateway.raw(ACME).await;
    let line = anna.cookie_line(ACME);
    waiting.send(stage.gateway.request(ACME, "GET /do/hang", &[&line], "")).await.unwrap();
    bitrix_id_tests::poll::until(STEP, "the portal has it", || async {
        stage.acme.heard_of("/do/hang")
    })
    .await;
    sign_out_on_portal(&stage, &anna, ACME).await;
    assert!(waiting.closes_within(SOON).await);
}

#[tokio::test]
async fn nobody_elses_websocket_is_closed() {
    let stage = Stage::with_people(&[ANNA, BORIS]).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let elsewhere = stage.signed_in(&ANNA, ACME).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let mut hers = stage.echo(&anna, ACME).await;
    let mut other = stage.echo(&elsewhere, ACME).await;
    let mut his = stage.echo(&boris, ACME).await;
    sign_out_on_portal(&stage, &anna, ACME).await;
    hers.closed(SOON).await;
    assert_eq!(his.echo("still here").await.unwrap(), "still here");
    assert_eq!(other.echo("my other browser").await.unwrap(), "my other browser");
}

#[tokio::test]
async fn signing_out_on_the_bitrix_id_host_does_the_same() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX]).await;
    let cookie = anna.cookie_line(GLOBEX);
    let session = anna.browser.jar().value(ID, SESSION).unwrap();
    let ask = anna.browser.open(&stage.url(ID, "/sign-out")).await;
    let answer = anna.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(anna.browser.jar().value(ID, SESSION), None);
    assert_eq!(status_with(&stage, GLOBEX, &cookie).await, 401);
    let thief = stage.gateway.browser();
    thief.jar().put(ID, SESSION, &session);
    assert!(
        stage.is_sign_in(&thief.open(&stage.url(ID, "/")).await),
        "the session cookie is dead too"
    );
}

#[tokio::test]
async fn asking_by_get_signs_nobody_out() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for url in [stage.url(ACME, "/.bitrix-id/sign-out"), stage.url(ID, "/sign-out")] {
        let page = anna.browser.open(&url).await;
        assert_eq!(page.status, 200);
        page.form("/sign-out");
    }
    assert_eq!(status_with(&stage, ACME, &anna.cookie_line(ACME)).await, 200);
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let portal = stage.url(ACME, "/.bitrix-id/sign-out");
    let central = stage.url(ID, "/sign-out");
    for url in [&portal, &central] {
        for (site, origin) in [
            ("cross-site", "https://evil.example".to_owned()),
            ("same-site", stage.url(GLOBEX, "")),
            ("cross-site", "null".to_owned()),
        ] {
            let request =
                anna.browser.navigation_from(site, Method::POST, url).header("origin", &origin);
            let answer = anna.browser.answer(request.body("a=b")).await;
            assert!(matches!(answer.status, 400 | 403), "{url} from {origin}: {}", answer.status);
        }
    }
    // Old browsers send no Fetch Metadata: then Origin alone decides.
    let fields = [anna.cookie_line(ACME), "Origin: https://evil.example".into()];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let answer = stage.gateway.send(ACME, "POST /.bitrix-id/sign-out", &fields, "a=b").await;
    assert!(matches!(answer.status, 400 | 403), "{}", answer.status);
    assert_eq!(status_with(&stage, ACME, &anna.cookie_line(ACME)).await, 200);
}

#[tokio::test]
async fn a_form_without_its_secret_changes_nothing_on_the_bitrix_id_host() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for body in ["", "csrf=", "csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let request = anna
            .browser
            .navigation_from("same-origin", Method::POST, &stage.url(ID, "/sign-out"))
            .header("origin", stage.url(ID, ""))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let answer = anna.browser.answer(request).await;
        assert!(answer.status < 500, "{body}: {}", answer.status);
    }
    assert_eq!(status_with(&stage, ACME, &anna.cookie_line(ACME)).await, 200);
}

#[tokio::test]
async fn an_operator_ends_all_sessions_of_an_account_within_a_second() {
    let stage = Stage::start().await;
    let one = stage.signed_in(&ANNA, ACME).await;
    let two = stage.signed_in(&ANNA, GLOBEX).await;
    let mut socket = stage.echo(&one, ACME).await;
    let _ =
        stage.gateway.cli(&["account", "revoke-sessions", ANNA.email], "").await.expect_success();
    socket.closed(SOON).await;
    let (first, second) = (one.cookie_line(ACME), two.cookie_line(GLOBEX));
    bitrix_id_tests::poll::until(SOON, "both tokens are refused", || async {
        status_with(&stage, ACME, &first).await == 401
            && status_with(&stage, GLOBEX, &second).await == 401
    })
    .await;
    let again = stage.signed_in(&ANNA, ACME).await;
    assert_eq!(
        status_with(&stage, ACME, &again.cookie_line(ACME)).await,
        200,
        "she may sign in again"
    );
}

#[tokio::test]
async fn a_disabled_account_is_out_within_a_second_and_cannot_come_back() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let _ = stage.gateway.cli(&["account", "disable", ANNA.email], "").await.expect_success();
    bitrix_id_tests::poll::until(SOON, "the token is refused", || async {
        status_with(&stage, ACME, &cookie).await == 401
    })
    .await;
    let form = anna.browser.open(&stage.url(ACME, "/")).await;
    assert!(stage.is_sign_in(&form), "{} {}", form.url, form.text());
    let page = anna.browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert!(page.asks_to_sign_in(), "{} {}", page.url, page.text());
    let _ = stage.gateway.cli(&["account", "enable", ANNA.email], "").await.expect_success();
    stage.signed_in(&ANNA, ACME).await;
}

#[tokio::test]
async fn one_of_ones_sessions_can_be_ended_from_another_browser() {
    let stage = Stage::start().await;
    let office = stage.signed_in(&ANNA, ACME).await;
    let home = stage.signed_in(&ANNA, ACME).await;
    let page = home.browser.open(&stage.url(ID, "/profile/sessions")).await;
    assert_eq!(page.status, 200);
    let forms = bitrix_id_tests::html::forms(&page.text());
    let ending: Vec<_> = forms.into_iter().filter(|form| form.action.contains("session")).collect();
    assert!(!ending.is_empty(), "no way to end a session: {}", page.text());
    for form in &ending {
        // Sent by its button, as a browser does.
        let end = form.value("end").unwrap_or_default();
        home.browser.send(&page, form, &[("end", end)]).await;
    }
    let gone = office.cookie_line(ACME);
    bitrix_id_tests::poll::until(SOON, "the other session has ended", || async {
        status_with(&stage, ACME, &gone).await == 401
    })
    .await;
}

#[tokio::test]
async fn signing_out_twice_is_no_error() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let token = anna.token(ACME).unwrap();
    sign_out_on_portal(&stage, &anna, ACME).await;
    anna.browser.jar().put(ACME, TOKEN, &token);
    let request = anna
        .browser
        .navigation_from("same-origin", Method::POST, &stage.url(ACME, "/.bitrix-id/sign-out"))
        .header("origin", stage.url(ACME, ""))
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = anna.browser.answer(request.body("")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}
