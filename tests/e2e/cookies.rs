//! The gateway's cookies stay with the gateway; the portal's own pass untouched.

use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage, TOKEN};

#[tokio::test]
async fn no_part_of_our_cookies_reaches_an_upstream() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let token = anna.token(ACME).unwrap();
    let fields = [
        format!(
            "Cookie: a=1; {TOKEN}={token}; __Host-bitrix-id-hop-AAAAAAAAAAA=nonce; b=two words; c=\"q=1\""
        ),
        "Cookie: __Host-bitrix-id-session=planted; __Host-bitrix-id-hop-BBBBBBBBBBB=nonce"
            .to_owned(),
        "Cookie: d=;e; f==x".to_owned(),
    ];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let answer = stage.gateway.send(ACME, "GET /jar", &fields, "").await;
    assert_eq!(answer.status, 200);
    let request = stage.acme.only("/jar");
    let cookies = request.all("cookie");
    assert_eq!(cookies.len(), 1, "one field: {cookies:?}");
    let pairs: Vec<&str> = cookies[0].split(';').map(str::trim).collect();
    assert_eq!(pairs, ["a=1", "b=two words", "c=\"q=1\"", "d=", "e", "f==x"]);
    // The beginning of a token is its header, which an assertion may share.
    let signature = token.rsplit('.').next().unwrap();
    for ours in ["__Host-bitrix-id", "nonce", "planted", signature] {
        assert!(!request.holds(ours), "{ours}: {}", request.text());
    }
}

#[tokio::test]
async fn a_request_with_none_but_our_cookies_reaches_the_upstream_without_a_cookie_field() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for path in ["/bare", "/pub/bare", "/hook/bare"] {
        stage.gateway.send(ACME, &format!("GET {path}"), &[&anna.cookie_line(ACME)], "").await;
        let found = stage.acme.marked(&format!("GET {path} "));
        assert!(found[0].all("cookie").is_empty(), "{}", found[0].text());
    }
}

#[tokio::test]
async fn an_upstream_cannot_set_our_cookies() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let answer = stage.gateway.send(ACME, "GET /do/cookies", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.all("set-cookie"), ["portal=own; Path=/", "other=kept; Path=/"]);

    let mut connection = stage.gateway.h2(ACME).await;
    let answer = connection.get("/do/cookies", &[("cookie", &anna.cookie(ACME))]).await.unwrap();
    let set: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(set, ["portal=own; Path=/", "other=kept; Path=/"]);
    let public = stage.gateway.send(ACME, "GET /pub/do/cookies", &[], "").await;
    assert_eq!(public.all("set-cookie").len(), 2);
}

#[tokio::test]
async fn a_portals_cookies_do_not_reach_the_bitrix_id_host_and_ours_do_not_leave_it() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let hosts = anna.browser.jar().seen();
    for (host, field) in &hosts {
        assert!(!field.to_lowercase().contains("domain="), "host-only: {field}");
        if field.starts_with("__Host-bitrix-id-session=") {
            assert_eq!(host, ID);
        }
        if field.starts_with(&format!("{TOKEN}=")) {
            assert_eq!(host, ACME);
        }
        let pair = field.split(';').next().unwrap();
        assert!(pair.len() <= 4096, "{} bytes", pair.len());
    }
}
