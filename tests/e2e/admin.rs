//! The admin listener: for operators, and for nobody by way of a browser.

use bitrix_id_tests::logs::{sample, total};
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};

#[tokio::test]
async fn health_says_live_and_ready() {
    let stage = Stage::empty().await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(stage.gateway.admin("GET", path).await.status, 200, "{path}");
        assert_eq!(stage.gateway.admin("HEAD", path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_configuration_in_force_is_described_without_its_content() {
    let stage = Stage::empty().await;
    let state = stage.gateway.status().await;
    assert!(state["generation"].as_u64().is_some_and(|generation| generation >= 1));
    assert_eq!(state["hash"].as_str().map(str::len), Some(64), "{state}");
    assert!(!state["loaded_at"].is_null());
    assert!(state["last_error"].is_null());
    assert_eq!(state["pending_restart"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn metrics_have_the_promised_names_and_count() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /x", &[&anna.cookie_line(ACME)], "").await;
    stage.gateway.send(ACME, "GET /x", &["Cookie: __Host-bitrix-id=bad"], "").await;
    stage.gateway.send(ACME, "GET /closed/x", &[], "").await;
    stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    stage.gateway.send(ACME, "GET /pub/do/broken", &[], "").await;
    let metrics = stage.gateway.metrics().await;
    for family in [
        "bitrix_id_requests_total",
        "bitrix_id_request_duration_seconds",
        "bitrix_id_token_verifications_total",
        "bitrix_id_sign_ins_total",
        "bitrix_id_config_generation",
        "bitrix_id_config_reload_failures_total",
        "bitrix_id_revocations_total",
        "bitrix_id_revocation_lag_seconds",
        "bitrix_id_sessions_active",
        "bitrix_id_upstream_failures_total",
        "bitrix_id_password_hash_queue_depth",
    ] {
        assert!(metrics.contains(&format!("# TYPE {family} ")), "{family}:\n{metrics}");
    }
    let requests = "bitrix_id_requests_total";
    for decision in ["permit", "sign_in", "refuse", "anonymous"] {
        let label = format!("decision=\"{decision}\"");
        assert!(
            total(&metrics, requests, &["portal=\"acme\"", &label]) >= 1.0,
            "{decision}:\n{metrics}"
        );
    }
    assert!(
        total(&metrics, requests, &["portal=\"acme\"", "status_class=\"2xx\""]) >= 2.0,
        "{metrics}"
    );
    assert!(
        total(&metrics, "bitrix_id_sign_ins_total", &["method=\"password\""]) >= 1.0,
        "{metrics}"
    );
    assert!(total(&metrics, "bitrix_id_token_verifications_total", &[]) >= 2.0);
}

#[tokio::test]
async fn sessions_are_counted() {
    let stage = Stage::start().await;
    let active =
        || async { sample(&stage.gateway.metrics().await, "bitrix_id_sessions_active", &[]) };
    assert_eq!(active().await, Some(0.0));
    stage.signed_in(&ANNA, ACME).await;
    bitrix_id_tests::poll::until(std::time::Duration::from_secs(5), "one session", || async {
        active().await == Some(1.0)
    })
    .await;
}

#[tokio::test]
async fn what_clients_make_up_adds_no_series() {
    let stage = Stage::empty().await;
    stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    stage.gateway.send("x0.bitrix24.localhost", "GET /", &[], "").await;
    stage.gateway.send(ACME, "BREW /pub/x", &[], "").await;
    let before = stage.gateway.metrics().await.lines().count();
    for n in 0..30 {
        stage.gateway.send(ACME, &format!("GET /pub/{n}"), &[&format!("X-{n}: {n}")], "").await;
        stage.gateway.send(ACME, &format!("M{n} /pub/x"), &[], "").await;
        stage.gateway.send(&format!("x{n}.bitrix24.localhost"), "GET /", &[], "").await;
        stage
            .gateway
            .send(ACME, "GET /x", &[&format!("Cookie: __Host-bitrix-id=a{n}.b.c")], "")
            .await;
    }
    let after = stage.gateway.metrics().await.lines().count();
    assert!(after <= before + 20, "{before} lines became {after}");
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_reload() {
    let stage = Stage::empty().await;
    let before = stage.gateway.generation().await;
    for fields in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Origin: https://evil.example\r\nContent-Type: text/plain\r\n",
        "Host: evil.example\r\n",
        "Host: rebound.evil.example:80\r\n",
    ] {
        let answer = stage.gateway.admin_with("POST", "/config/reload", fields).await;
        assert!(matches!(answer.status, 400 | 403 | 421), "{fields}: {}", answer.status);
        assert!(answer.all("access-control-allow-origin").is_empty());
    }
    assert_eq!(stage.gateway.generation().await, before);
}

#[tokio::test]
async fn a_rebound_host_name_reads_nothing() {
    let stage = Stage::empty().await;
    for path in ["/config", "/metrics"] {
        let answer = stage.gateway.admin_with("GET", path, "Host: evil.example\r\n").await;
        assert!(matches!(answer.status, 400 | 403 | 404 | 421), "{path}: {}", answer.status);
        assert!(!answer.text().contains("generation"), "{}", answer.text());
    }
    let fields = format!("Host: localhost:{}\r\n", stage.gateway.admin_address().port());
    assert_eq!(stage.gateway.admin_with("GET", "/config", &fields).await.status, 200);
}

#[tokio::test]
async fn reload_takes_a_post_only() {
    let stage = Stage::empty().await;
    let before = stage.gateway.generation().await;
    assert_eq!(stage.gateway.admin("GET", "/config/reload").await.status, 405);
    assert_eq!(stage.gateway.admin("GET", "/nothing").await.status, 404);
    assert_eq!(stage.gateway.generation().await, before);
}

#[tokio::test]
async fn the_admin_listener_is_not_reachable_by_way_of_a_portal() {
    let stage = Stage::empty().await;
    for host in [ACME, ID] {
        for path in ["/metrics", "/config", "/health/ready"] {
            let answer =
                stage.gateway.send(host, &format!("GET {path}"), &["Accept: */*"], "").await;
            assert!(!answer.text().contains("bitrix_id_requests_total"), "{host}{path}");
            assert!(!answer.text().contains("pending_restart"), "{host}{path}");
        }
    }
}
