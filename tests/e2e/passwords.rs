//! Passwords: one answer for every wrong one, limits, and a queue with an end.

use std::time::{Duration, Instant};

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::html::forms;
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use futures_util::future::join_all;

async fn attempt(stage: &Stage, browser: &Browser, email: &str, password: &str) -> Page {
    let form = browser.open(&stage.url(ACME, "/")).await;
    browser.try_sign_in(&form, email, password).await
}

/// A page with everything removed that differs between two visits by nature.
fn normalised(page: &Page, email: &str) -> String {
    let mut text = page.text().replace(email, "EMAIL");
    for form in forms(&text) {
        for input in
            form.inputs.iter().filter(|input| input.kind == "hidden" && input.value.len() > 8)
        {
            text = text.replace(&input.value, "HIDDEN");
        }
    }
    let state = text
        .find("state=")
        .map(|at| text[at..].chars().take_while(|c| *c != '"' && *c != '&').collect());
    match state {
        Some::<String>(state) => text.replace(&state, "STATE"),
        None => text,
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let stage = Stage::start().await;
    let one = stage.gateway.browser();
    let two = stage.gateway.browser();
    let wrong = attempt(&stage, &one, ANNA.email, "not her password").await;
    let unknown = attempt(&stage, &two, "nobody@example.com", "not her password").await;
    assert_eq!(wrong.status, unknown.status);
    let names =
        |page: &Page| -> Vec<String> { page.headers.keys().map(ToString::to_string).collect() };
    assert_eq!(names(&wrong), names(&unknown));
    assert_eq!(normalised(&wrong, ANNA.email), normalised(&unknown, "nobody@example.com"));
    // A form has a cookie of its own, so names may end in something random: their lengths are compared.
    let cookies = |browser: &Browser| {
        let all = browser.jar().all(bitrix_id_tests::stage::ID);
        all.iter().map(|(name, value)| (name.len(), value.len())).collect::<Vec<_>>()
    };
    assert_eq!(cookies(&one), cookies(&two));
}

#[tokio::test]
async fn after_a_wrong_password_the_address_stays_and_the_password_does_not() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let page = attempt(&stage, &browser, ANNA.email, "not her password").await;
    let form =
        forms(&page.text()).into_iter().find(|form| form.name_of("password").is_some()).unwrap();
    assert_eq!(form.value(form.name_of("email").unwrap()), Some(ANNA.email));
    assert_eq!(form.value(form.name_of("password").unwrap()), Some(""));
    assert!(!page.text().contains("not her password"));
    let arrived = browser.sign_in(&page, ANNA.email, ANNA.password).await;
    assert_eq!((arrived.status, arrived.url.as_str()), (200, stage.url(ACME, "/").as_str()));
}

#[tokio::test]
async fn unknown_addresses_take_as_long_as_known_ones() {
    let stage = Stage::start().await;
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for n in 0..8 {
        let unknown = format!("nobody{n}@example.com");
        for (side, email) in [(0, ANNA.email), (1, unknown.as_str())] {
            let browser = stage.gateway.browser();
            let form = browser.open(&stage.url(ACME, "/")).await;
            let started = Instant::now();
            browser.try_sign_in(&form, email, "wrong").await;
            times[side].push(started.elapsed());
        }
    }
    let fastest = times.map(|side| side.into_iter().min().unwrap());
    let ratio = fastest[0].as_secs_f64() / fastest[1].as_secs_f64();
    println!("wrong password {:?}, unknown address {:?}", fastest[0], fastest[1]);
    assert!((0.5..2.0).contains(&ratio), "{fastest:?}: the work is the same");
    assert!(fastest[1] > Duration::from_millis(5), "an unknown address costs a hash as well");
}

#[tokio::test]
async fn spellings_of_an_address_are_one_account() {
    let stage = Stage::start().await;
    for email in ["ANNA@example.com", "Anna@EXAMPLE.COM", " anna@example.com "] {
        let browser = stage.gateway.browser();
        let form = browser.open(&stage.url(ACME, "/")).await;
        let page = browser.sign_in(&form, email, ANNA.password).await;
        assert_eq!(page.url.as_str(), stage.url(ACME, "/"), "{email}: {}", page.text());
    }
}

#[tokio::test]
async fn guessing_is_limited_over_all_spellings_and_the_owner_is_not_locked_out() {
    let stage = Stage::start().await;
    let owner = stage.signed_in(&ANNA, ACME).await;
    let mut refused = None;
    for n in 0..30 {
        let email = if n % 2 == 0 { "anna@example.com" } else { "Anna@Example.COM" };
        let page = attempt(&stage, &stage.gateway.browser(), email, &format!("guess {n}")).await;
        if page.status == 429 {
            refused = Some((n, page));
            break;
        }
    }
    let (tries, page) = refused.expect("thirty guesses are too many");
    println!("refused after {tries} guesses");
    assert!(
        page.header("retry-after")
            .is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|s| s > 0))
    );
    let stranger = attempt(&stage, &stage.gateway.browser(), ANNA.email, ANNA.password).await;
    assert_eq!(stranger.status, 429, "a stranger with the right guess comes too late");

    // The owner's own browser has proved itself before.
    let ask = owner.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    owner.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    let form = owner.browser.open(&stage.url(ACME, "/")).await;
    let home = owner.browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(home.url.as_str(), stage.url(ACME, "/"), "{}", home.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_503_and_portals_do_not_notice() {
    let stage = Stage::with(|setup| {
        setup.config.set("passwords", "workers", "1").set("passwords", "queue", "2").set(
            "passwords",
            "iterations",
            "8",
        );
    })
    .await;
    let visitors: Vec<_> =
        (0..16).map(|n| (stage.gateway.browser(), format!("nobody{n}@example.com"))).collect();
    let pages =
        join_all(visitors.iter().map(|(browser, email)| attempt(&stage, browser, email, "wrong")));
    let portal = async {
        let mut slowest = Duration::ZERO;
        for n in 0..40 {
            let started = Instant::now();
            assert_eq!(
                stage.gateway.send(ACME, &format!("GET /pub/{n}"), &[], "").await.status,
                200
            );
            slowest = slowest.max(started.elapsed());
        }
        slowest
    };
    let (pages, slowest) = tokio::join!(pages, portal);
    let busy: Vec<_> = pages.iter().filter(|page| page.status == 503).collect();
    println!(
        "{} of {} were told to come back; slowest portal request {slowest:?}",
        busy.len(),
        pages.len()
    );
    assert!(!busy.is_empty(), "{:?}", pages.iter().map(|page| page.status).collect::<Vec<_>>());
    assert!(busy.iter().all(|page| page.header("retry-after").is_some()));
    assert!(pages.iter().any(|page| page.status != 503));
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
}

#[tokio::test]
async fn a_password_of_any_length_is_answered_and_a_huge_one_is_not_hashed() {
    let stage = Stage::start().await;
    for length in [1024, 1025, 60_000] {
        let page = attempt(&stage, &stage.gateway.browser(), ANNA.email, &"p".repeat(length)).await;
        assert!(page.asks_to_sign_in() && page.status < 500, "{length}: {}", page.status);
    }
    let browser = stage.gateway.browser();
    let page = attempt(&stage, &browser, ANNA.email, &"p".repeat(200_000)).await;
    assert_eq!(page.status, 413);
}

#[tokio::test]
async fn a_hash_is_renewed_when_the_parameters_grow() {
    let mut stage = Stage::start().await;
    let mut config = stage.gateway.config();
    config.set("passwords", "iterations", "3");
    stage.gateway.stop().await;
    stage.gateway.write_config(config);
    stage.gateway.start_again().await;
    stage.signed_in(&ANNA, ACME).await;
    let text =
        bitrix_id_tests::database::password_hash(&stage.gateway.database(), ANNA.email).await;
    assert!(text.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{text}");
    stage.signed_in(&ANNA, ACME).await;
}

#[tokio::test]
async fn a_sign_in_from_another_site_is_refused() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ACME, "/")).await;
    let form =
        forms(&page.text()).into_iter().find(|form| form.name_of("password").is_some()).unwrap();
    let fields = form.fields(&[("email", ANNA.email), ("password", ANNA.password)]);
    let target = page.url.join(&form.action).unwrap();
    for (site, origin) in
        [("cross-site", "https://evil.example"), ("same-site", &stage.url(ACME, ""))]
    {
        let request = browser
            .navigation_from(site, reqwest::Method::POST, target.as_str())
            .header("origin", origin)
            .form(&fields);
        let answer = browser.answer(request).await;
        assert!(matches!(answer.status, 400 | 403), "{origin}: {}", answer.status);
    }
    // Without the page's secret, or with somebody else's.
    let other = stage.gateway.browser();
    let foreign = other.open(&stage.url(ACME, "/")).await;
    let answer =
        other.send(&foreign, &form, &[("email", ANNA.email), ("password", ANNA.password)]).await;
    assert!(!answer.redirects(), "{} {:?}", answer.status, answer.headers);
    assert_eq!(
        other.jar().value(bitrix_id_tests::stage::ID, bitrix_id_tests::stage::SESSION),
        None
    );
}
