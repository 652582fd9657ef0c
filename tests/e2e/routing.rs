//! Which portal and which rule a request meets.

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::stage::{ACME, GLOBEX, Stage};
use bitrix_id_tests::upstream::Recorder;

async fn status(stage: &Stage, host: &str, target: &str) -> u16 {
    stage.gateway.send(host, &format!("GET {target}"), &[], "").await.status
}

/// A raw request whose `Host` is written as given.
async fn as_written(stage: &Stage, name: &str, host: &str, target: &str) -> u16 {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let answer = stage.gateway.raw(name).await.exchange("GET", request).await;
    answer.map_or(0, |answer| answer.status)
}

#[tokio::test]
async fn the_most_specific_prefix_wins_whatever_the_order() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme
            .clone()
            .route("/a", "deny")
            .route("/a/b/c", "deny")
            .route("/a/b", "public")
            .route("/a/b/c/d", "public");
    })
    .await;
    for (target, expected) in [
        ("/a", 403),
        ("/a/", 403),
        ("/a/x", 403),
        ("/a/b", 200),
        ("/a/b/", 200),
        ("/a/b/x?/a/b/c", 200),
        ("/a/b/c", 403),
        ("/a/b/c/", 403),
        ("/a/b/c/d/e", 200),
        ("/a/bc", 403),
        ("/ab", 401),
        ("/A/B", 401),
    ] {
        assert_eq!(status(&stage, ACME, target).await, expected, "{target}");
    }
}

#[tokio::test]
async fn prefixes_end_at_segments() {
    let stage = Stage::empty().await;
    for (target, expected) in [
        ("/pub", 200),
        ("/pub/", 200),
        ("/pub/x", 200),
        ("/public", 401),
        ("/pub.", 401),
        ("/pub-x/", 401),
    ] {
        assert_eq!(status(&stage, ACME, target).await, expected, "{target}");
    }
}

#[tokio::test]
async fn a_host_is_the_same_in_any_spelling() {
    let stage = Stage::empty().await;
    let port = stage.gateway.https().port();
    let shouted = ACME.to_uppercase();
    for host in [
        format!("{ACME}:{port}"),
        format!("{shouted}:{port}"),
        format!("{ACME}.:{port}"),
        ACME.to_owned(),
        format!("{ACME}."),
        "Acme.Bitrix24.Localhost".to_owned(),
    ] {
        assert_eq!(as_written(&stage, ACME, &host, "/pub/x").await, 200, "{host}");
        assert_eq!(as_written(&stage, ACME, &host, "/closed/x").await, 403, "{host}");
    }
}

#[tokio::test]
async fn a_host_with_two_readings_is_refused() {
    let stage = Stage::empty().await;
    for host in [
        format!("{ACME}, {GLOBEX}"),
        format!("{ACME} {GLOBEX}"),
        format!("user@{ACME}"),
        format!("{ACME}/pub"),
        format!("{ACME}#x"),
        format!("{ACME}:"),
        format!("{ACME}:http"),
        format!("{ACME}:99999"),
        format!("{ACME}:443:443"),
        format!("{ACME}.."),
        format!(".{ACME}"),
        format!("{ACME}%00"),
        "acme_bitrix24.localhost".to_owned(),
        String::new(),
    ] {
        let status = as_written(&stage, ACME, &host, "/pub/twice").await;
        assert!(matches!(status, 400 | 404 | 421), "{host:?}: {status}");
    }
    assert!(!stage.acme.heard_of("/pub/twice"));
}

#[tokio::test]
async fn a_wildcard_stands_for_one_label_and_an_exact_host_goes_first() {
    let wild = Recorder::start("wild").await;
    let exact = Recorder::start("exact").await;
    let (wild_url, exact_url) = (wild.url(), exact.url());
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.portal(
            PortalText::new("wild", "*.wild.localhost", &wild_url).key("access", "\"public\""),
        );
        setup.config.portal(
            PortalText::new("exact", "one.wild.localhost", &exact_url).key("access", "\"public\""),
        );
    })
    .await;
    assert_eq!(status(&stage, "one.wild.localhost", "/for-exact").await, 200);
    assert_eq!(status(&stage, "two.wild.localhost", "/for-wild").await, 200);
    assert_eq!(status(&stage, "TWO.wild.localhost", "/for-wild-too").await, 200);
    assert!(
        exact.heard_of("/for-exact")
            && wild.heard_of("/for-wild")
            && wild.heard_of("/for-wild-too")
    );
    for host in ["a.two.wild.localhost", "wild.localhost", ".wild.localhost"] {
        let status = as_written(&stage, "two.wild.localhost", host, "/not-here").await;
        assert!(matches!(status, 400 | 404 | 421), "{host}: {status}");
    }
    assert!(!wild.heard_of("/not-here") && !exact.heard_of("/not-here"));
}

#[tokio::test]
async fn many_portals_change_nothing() {
    let crowd = Recorder::start("crowd").await;
    let url = crowd.url();
    let stage = Stage::with(|setup| {
        setup.people.clear();
        for n in 0..1000 {
            let host = format!("p{n}.wild.localhost");
            setup
                .config
                .portal(PortalText::new(&format!("p{n}"), &host, &url).key("access", "\"public\""));
        }
    })
    .await;
    for n in [0, 99, 100, 101, 999] {
        for host in [format!("p{n}.wild.localhost"), format!("P{n}.Wild.Localhost.")] {
            let name = format!("p{n}.wild.localhost");
            assert_eq!(
                as_written(&stage, &name, &host, &format!("/crowd/{n}")).await,
                200,
                "{host}"
            );
        }
        assert_eq!(crowd.marked(&format!("/crowd/{n} ")).len(), 2);
    }
    assert_eq!(status(&stage, "p1000.wild.localhost", "/").await, 404);
    assert_eq!(status(&stage, ACME, "/pub/x").await, 200);
}

#[tokio::test]
async fn a_route_may_have_upstreams_of_its_own() {
    let push = Recorder::start("push").await;
    let url = format!("[\"{}\"]", push.url());
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().route_with("/push/", "public", &[("upstreams", &url)]);
    })
    .await;
    assert_eq!(status(&stage, ACME, "/push/x").await, 200);
    assert_eq!(status(&stage, ACME, "/pub/x").await, 200);
    assert!(push.heard_of("/push/x") && !push.heard_of("/pub/x"));
    assert!(stage.acme.heard_of("/pub/x") && !stage.acme.heard_of("/push/x"));
}

#[tokio::test]
async fn the_bitrix24_preset_knows_a_real_portals_public_corners() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = PortalText::new("acme", ACME, "http://127.0.0.1:9").key("preset", "\"bitrix24\"");
    })
    .await;
    assert_eq!(status(&stage, ACME, "/stream/").await, 401, "the rest stays for members");
    assert_ne!(status(&stage, ACME, "/rest/1/abcdefghij/profile.json").await, 302);
}
