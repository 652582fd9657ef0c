//! The one-time ticket: one use, one host, one browser, a short life.

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::database::signing_key;
use bitrix_id_tests::jwt::{Jwt, SigningKey};
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, SESSION, Stage, TOKEN};
use futures_util::future::join_all;
use url::Url;

/// The ticket of a callback URL.
fn ticket_of(callback: &str) -> String {
    let url = Url::parse(callback).unwrap();
    url.query_pairs().find(|(name, _)| name == "ticket").expect("a ticket").1.into_owned()
}

/// The same URL with another ticket.
fn with_ticket(callback: &str, ticket: &str) -> String {
    callback.replace(&ticket_of(callback), ticket)
}

/// Whether an answer sets a portal token.
fn gives_token(page: &Page) -> bool {
    let fields = page.headers.get_all("set-cookie").iter();
    fields.filter_map(|field| field.to_str().ok()).any(|field| {
        field
            .strip_prefix(TOKEN)
            .and_then(|rest| rest.strip_prefix('='))
            .is_some_and(|rest| !rest.starts_with(';'))
    })
}

/// Every redirect of ours leads to one of our hosts over https.
fn leads_home(page: &Page) -> bool {
    let target = page.location();
    target.scheme() == "https" && target.host_str().is_some_and(|host| host.ends_with(".localhost"))
}

fn has_hop_cookie(browser: &Browser, host: &str) -> bool {
    browser.jar().all(host).keys().any(|name| name.starts_with("__Host-bitrix-id-hop-"))
}

#[tokio::test]
async fn a_callback_answers_with_the_token_and_the_clean_url() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/x?y=1").await;
    assert!(has_hop_cookie(&anna.browser, GLOBEX));

    let answer = anna.browser.visit(&callback).await;

    assert_eq!(answer.status, 303);
    assert_eq!(answer.location().as_str(), stage.url(GLOBEX, "/x?y=1"));
    assert!(gives_token(&answer));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(!has_hop_cookie(&anna.browser, GLOBEX), "the nonce is used up");
    for (host, field) in anna.browser.jar().seen() {
        for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(field.contains(attribute), "{attribute} is missing on {host}: {field}");
        }
    }
}

#[tokio::test]
async fn a_ticket_lives_thirty_seconds_at_most_and_names_its_host() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let ticket = Jwt::read(&ticket_of(&callback));
    assert_eq!(ticket.header["typ"], "bitrix-id-ticket+jwt");
    let audience = ticket.claims["aud"].as_str().unwrap();
    assert_eq!(audience.split('/').next(), Some(GLOBEX));
    assert_ne!(audience, GLOBEX, "not the audience of a token");
    let lives = ticket.claims["exp"].as_i64().unwrap() - ticket.claims["iat"].as_i64().unwrap();
    assert!((1..=30).contains(&lives), "{lives} s");
}

#[tokio::test]
async fn a_ticket_works_once() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let before = anna.browser.stolen(stage.gateway.authority());
    assert!(gives_token(&anna.browser.visit(&callback).await));

    // With the very cookies of the first time, nonce included.
    let again = before.visit(&callback).await;

    assert!(!gives_token(&again));
    assert!(again.redirects() && leads_home(&again));
    assert!(
        again.location().as_str().starts_with(&stage.url(ID, "/sign-in?state=")),
        "it starts over"
    );
}

#[tokio::test]
async fn of_twenty_redemptions_at_once_one_succeeds_and_none_breaks() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let thieves: Vec<_> = (0..20).map(|_| anna.browser.stolen(stage.gateway.authority())).collect();
    let answers = join_all(thieves.iter().map(|browser| browser.visit(&callback))).await;
    assert_eq!(answers.iter().filter(|answer| gives_token(answer)).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 302 | 303)));
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_on_another_host() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    // The thief even carries the nonce over.
    for (name, value) in anna.browser.jar().all(GLOBEX) {
        anna.browser.jar().put("portal.initech.localhost", &name, &value);
    }
    let moved = callback.replace(GLOBEX, "portal.initech.localhost");
    let answer = anna.browser.visit(&moved).await;
    assert!(!gives_token(&answer), "{:?}", answer.headers);
    assert!(answer.status < 500);
}

#[tokio::test]
async fn a_stolen_ticket_is_worth_nothing_in_another_browser() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/secret?x=1").await;
    let thief = stage.gateway.browser();
    let answer = thief.visit(&callback).await;
    assert!(!gives_token(&answer));
    let arrived = thief.follow(answer).await;
    assert!(stage.is_sign_in(&arrived), "the thief is asked to sign in: {}", arrived.url);
    assert!(!stage.globex.heard_of("/secret"));
}

#[tokio::test]
async fn an_attackers_ticket_does_not_sign_a_victim_in_as_the_attacker() {
    let stage = Stage::with_people(&[ANNA, BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let callback = stage.callback_of(&boris.browser, GLOBEX, "/").await;
    let victim = stage.gateway.browser();
    // The victim has an attempt of their own under way, so a nonce cookie is there, but another one.
    victim.open(&stage.url(GLOBEX, "/")).await;
    assert!(has_hop_cookie(&victim, GLOBEX));
    let answer = victim.visit(&callback).await;
    assert!(!gives_token(&answer));
    assert_eq!(victim.jar().value(GLOBEX, TOKEN), None);
}

#[tokio::test]
async fn a_replayed_callback_with_a_live_token_just_goes_on() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/after?all=1").await;
    anna.browser.open(&callback).await;
    // The visitor presses Back and lands on the callback again.
    let page = anna.browser.open(&callback).await;
    assert_eq!((page.url.as_str(), page.status), (stage.url(GLOBEX, "/after?all=1").as_str(), 200));
    assert!(
        page.hops.iter().all(|(url, _)| url.host_str() != Some(ID)),
        "no new hop: {:?}",
        page.hops
    );
}

#[tokio::test]
async fn a_stale_ticket_with_a_live_session_starts_over_and_arrives() {
    let stage = Stage::start().await;
    let key = signing_key(&stage.gateway.database()).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/late?x=%20").await;
    let stale = Jwt::read(&ticket_of(&callback)).shifted(-120).sign(&key);
    let first = anna.browser.visit(&with_ticket(&callback, &stale)).await;
    assert!(!gives_token(&first));
    let page = anna.browser.follow(first).await;
    assert_eq!((page.url.as_str(), page.status), (stage.url(GLOBEX, "/late?x=%20").as_str(), 200));
}

#[tokio::test]
async fn forged_and_mangled_tickets_give_nothing_and_lead_nowhere_else() {
    let stage = Stage::start().await;
    let key = signing_key(&stage.gateway.database()).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let genuine = Jwt::read(&ticket_of(&callback));
    let token = anna.token(ACME).unwrap();
    let forged = [
        genuine.sign(&SigningKey::stranger()),
        genuine.unsigned("none"),
        genuine.sign_hs256(b""),
        genuine.clone().claim("aud", ACME.into()).sign(&key),
        genuine.clone().header("typ", "bitrix-id+jwt".into()).sign(&key),
        genuine.clone().claim("iss", "https://elsewhere.localhost".into()).sign(&key),
        genuine.clone().without("exp").sign(&key),
        genuine.clone().claim("exp", 4_102_444_800_i64.into()).sign(&key),
        token.clone(),
        "x".into(),
        "..".into(),
        String::new(),
        "a".repeat(9000),
    ];
    for ticket in forged {
        let url = with_ticket(&callback, &ticket);
        let answer = anna.browser.visit(&url).await;
        assert!(!gives_token(&answer), "{ticket}");
        assert!(answer.status < 500, "{ticket}: {}", answer.status);
        assert!(!answer.redirects() || leads_home(&answer), "{ticket}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn a_callback_with_a_state_that_is_not_ours_leads_to_our_own_hosts_only() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let ticket = ticket_of(&callback);
    let base = stage.url(GLOBEX, "/.bitrix-id/callback");
    let queries = [
        String::new(),
        "?".into(),
        format!("?ticket={ticket}"),
        "?state=x".into(),
        format!("?ticket={ticket}&state=https://evil.example/"),
        format!("?ticket={ticket}&state=%0d%0aSet-Cookie:%20a=b"),
        format!("?ticket={ticket}&ticket={ticket}&state=a&state=b"),
        format!("?ticket={ticket}&state=//evil.example/"),
    ];
    for query in queries {
        let answer = anna.browser.visit(&format!("{base}{query}")).await;
        assert!(!gives_token(&answer), "{query}");
        assert!(answer.status < 500, "{query}: {}", answer.status);
        assert!(!answer.redirects() || leads_home(&answer), "{query}: {:?}", answer.headers);
        assert!(answer.headers.get("a").is_none());
    }
}

#[tokio::test]
async fn a_ticket_of_a_session_that_has_ended_is_worth_nothing() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME]).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let other_tab = anna.browser.stolen(stage.gateway.authority());
    let ask = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    anna.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    let answer = other_tab.visit(&callback).await;
    assert!(!gives_token(&answer));
    assert!(stage.is_sign_in(&other_tab.follow(answer).await));
}

#[tokio::test]
async fn signing_in_gives_every_identifier_a_new_value() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let form = browser.open(&stage.url(ACME, "/")).await;
    let planted = "A".repeat(43);
    browser.jar().put(ID, SESSION, &planted);
    let before = browser.jar().all(ID);
    browser.sign_in(&form, ANNA.email, ANNA.password).await;
    let after = browser.jar().all(ID);
    for (name, value) in &before {
        assert_ne!(after.get(name), Some(value), "{name} was there before the sign-in");
    }
    let thief = stage.gateway.browser();
    thief.jar().put(ID, SESSION, &planted);
    assert!(
        stage.is_sign_in(&thief.open(&stage.url(ID, "/")).await),
        "the planted one opens nothing"
    );
}
