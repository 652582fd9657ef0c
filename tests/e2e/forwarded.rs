//! Where a request came from, as the socket says it.

use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};

/// Every member of the family, with something untrue in it.
const CLAIMS: &[&str] = &[
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-For: 7.7.7.7, 8.8.8.8",
    "x_forwarded_for: 9.9.9.9",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: evil.example",
    "X_Forwarded_Host: evil.example",
    "X-Forwarded-Port: 1",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Uri: /pub/x",
    "X-Forwarded-Method: OPTIONS",
    "X-Forwarded-Server: evil.example",
    "Forwarded: for=6.6.6.6;host=evil.example;proto=http",
    "X-Real-IP: 6.6.6.6",
    "X-Original-URL: /pub/x",
    "X-Rewrite-URL: /pub/x",
    "X-Client-IP: 6.6.6.6",
    "True-Client-IP: 6.6.6.6",
    "CF-Connecting-IP: 6.6.6.6",
    "X-Host: evil.example",
];

#[tokio::test]
async fn the_family_is_rebuilt_from_the_socket() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "GET /pub/from", CLAIMS, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = stage.acme.only("/pub/from");
    assert_eq!(request.all_folded("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(request.all_folded("x-forwarded-proto"), ["https"]);
    assert_eq!(request.all_folded("x-forwarded-host"), [stage.gateway.authority_of(ACME)]);
    for name in [
        "forwarded",
        "x-real-ip",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-uri",
        "x-forwarded-method",
        "x-forwarded-server",
        "x-original-url",
        "x-rewrite-url",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
    ] {
        assert!(request.all_folded(name).is_empty(), "{name}: {}", request.text());
    }
    let line = stage.gateway.logged("/pub/from").await;
    assert_eq!(line["client_ip"], "127.0.0.1");
}

#[tokio::test]
async fn no_such_field_opens_a_protected_path_or_moves_a_redirect() {
    let stage = Stage::empty().await;
    for claim in CLAIMS {
        let fields = [claim, "Accept: text/html"];
        let answer = stage.gateway.send(ACME, "GET /protected", &fields, "").await;
        assert_eq!(answer.status, 302, "{claim}");
        let target = answer.header("location").unwrap();
        assert!(target.starts_with(&stage.url(ID, "/sign-in?state=")), "{claim}: {target}");
        assert!(answer.all("set-cookie").iter().all(|field| field.contains("Secure")), "{claim}");
    }
    assert!(!stage.acme.heard_of("/protected"));
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_up_to_the_first_address_that_is_not_one() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\", \"10.0.0.0/8\"]");
    })
    .await;
    let cases = [
        ("/pub/one", "203.0.113.9", "203.0.113.9"),
        ("/pub/two", "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("/pub/six", "2001:db8::7", "2001:db8::7"),
        ("/pub/odd", "not-an-address", "127.0.0.1"),
    ];
    for (path, said, believed) in cases {
        let field = format!("X-Forwarded-For: {said}");
        stage.gateway.send(ACME, &format!("GET {path}"), &[&field], "").await;
        assert_eq!(stage.gateway.logged(path).await["client_ip"], believed, "{said}");
        let passed = stage.acme.only(path).all_folded("x-forwarded-for").join(", ");
        assert!(passed.contains(believed) && !passed.contains("not-an"), "{said} became {passed}");
    }
}

#[tokio::test]
async fn addresses_in_links_come_from_the_configuration_also_behind_a_trusted_proxy() {
    let stage = Stage::with(|setup| {
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
    })
    .await;
    for field in [
        "X-Forwarded-Proto: http",
        "X-Forwarded-Proto: javascript",
        "X-Forwarded-Proto: https,http",
    ] {
        let answer = stage.gateway.send(ACME, "GET /x", &[field, "Accept: text/html"], "").await;
        let target = answer.header("location").unwrap_or_default();
        // A proxy that says plain http is answered with the portal's own https address.
        let ours =
            target.starts_with(&stage.url(ID, "/sign-in")) || target == stage.url(ACME, "/x");
        assert!(ours, "{field}: {} {target}", answer.status);
    }
    let anna = stage.signed_in(&ANNA, ACME).await;
    assert!(anna.token(ACME).is_some());
}
