//! A token past half its life is replaced in passing, without a redirect.

use std::time::Duration;

use bitrix_id_tests::client::browser::Page;
use bitrix_id_tests::jwt::Jwt;
use bitrix_id_tests::poll::eventually;
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage, TOKEN, Visitor};
use futures_util::future::join_all;

async fn short_lived_tokens() -> Stage {
    Stage::with(|setup| {
        setup.config.set("identity", "token_lifetime", "\"4s\"");
    })
    .await
}

async fn renewed(stage: &Stage, anna: &Visitor) -> Page {
    let before = anna.token(ACME).unwrap();
    eventually(Duration::from_secs(4), "a renewed token", || async {
        let page = anna.browser.fetch(&stage.url(ACME, "/do/echo")).await;
        assert_eq!(page.status, 200, "never a redirect or a refusal on the way");
        (anna.token(ACME).unwrap() != before).then_some(page)
    })
    .await
}

#[tokio::test]
async fn a_token_is_renewed_silently_past_half_its_life() {
    let stage = short_lived_tokens().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let before = Jwt::read(&anna.token(ACME).unwrap());
    let page = renewed(&stage, &anna).await;
    let after = Jwt::read(&anna.token(ACME).unwrap());

    assert_eq!(before.claims["sid"], after.claims["sid"]);
    assert_eq!(before.claims["auth_time"], after.claims["auth_time"]);
    assert!(after.claims["exp"].as_i64() > before.claims["exp"].as_i64());
    let age = after.claims["iat"].as_i64().unwrap() - before.claims["iat"].as_i64().unwrap();
    assert!(age >= 2, "not before half its life, but after {age} s");
    let field = page.header("set-cookie").unwrap();
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(field.contains(attribute), "{field}");
    }
}

#[tokio::test]
async fn a_renewal_goes_on_for_many_lives() {
    let stage = short_lived_tokens().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for _ in 0..3 {
        renewed(&stage, &anna).await;
    }
    let asked = anna.browser.jar().seen().iter().filter(|(host, _)| host == ID).count();
    assert!(asked <= 6, "the Bitrix ID host was not visited again: {asked} cookies");
}

#[tokio::test]
async fn parallel_requests_all_pass_while_a_token_is_renewed() {
    let stage = short_lived_tokens().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let old = anna.browser.stolen(stage.gateway.authority());
    renewed(&stage, &anna).await;
    // Each of these comes with the old token, as the requests of a page that is loading do.
    let url = stage.url(ACME, "/do/echo");
    let tabs: Vec<_> = (0..20).map(|_| old.stolen(stage.gateway.authority())).collect();
    let pages = join_all(tabs.iter().map(|tab| tab.fetch(&url))).await;
    for (page, tab) in pages.iter().zip(&tabs) {
        assert_eq!(page.status, 200);
        let token = Jwt::read(&tab.jar().value(ACME, TOKEN).unwrap());
        assert_eq!(token.claims["aud"], ACME);
    }
}

#[tokio::test]
async fn a_token_that_expired_meanwhile_costs_a_navigation_one_hop_and_no_question() {
    let stage = short_lived_tokens().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let expired = Duration::from_secs(8);
    eventually(expired, "the unused token has expired", || async {
        let answer = stage.gateway.send(ACME, "GET /watch", &[&cookie], "").await;
        (answer.status == 401).then_some(())
    })
    .await;
    let url = stage.url(ACME, "/back?to=work");
    let page = anna.browser.open(&url).await;
    assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200), "{}", page.text());
}
