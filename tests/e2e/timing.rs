//! Whether the time of an answer tells who has an account. Measures for a minute and prints figures; run
//! alone, with `--ignored`.

use std::time::Instant;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::database;
use bitrix_id_tests::stage::{ANNA, ID, Stage};
use reqwest::Method;

/// Of each kind.
const SAMPLES: u32 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures for a minute, and wants the machine to itself"]
async fn known_and_unknown_addresses_take_the_same_time() {
    let stage = Stage::with(|setup| {
        // Each sample comes from a network of its own, or limits would answer.
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
    })
    .await;
    database::copy_account(&stage.gateway.database(), ANNA.email, "known", SAMPLES).await;
    let sign_in = measure(&stage, "/sign-in", &[("password", "not the password")]).await;
    sign_in.print("sign-in with a wrong password");
    let recovery = measure(&stage, "/forgot-password", &[]).await;
    recovery.print("asking for recovery");
    for measured in [sign_in, recovery] {
        let (known, unknown) = (median(&measured.known), median(&measured.unknown));
        let apart = (known - unknown).abs();
        assert!(apart < 2.0 || apart / known < 0.05, "{known} ms and {unknown} ms");
    }
}

/// Milliseconds.
struct Measured {
    known: Vec<f64>,
    unknown: Vec<f64>,
}

impl Measured {
    fn print(&self, what: &str) {
        println!(
            "{what}: median {:.2} ms for known, {:.2} ms for unknown addresses, Mann-Whitney p = {:.3}, {} samples each",
            median(&self.known),
            median(&self.unknown),
            mann_whitney(&self.known, &self.unknown),
            self.known.len()
        );
    }
}

/// Sends the form of a page for known and unknown addresses in turn, each once.
async fn measure(stage: &Stage, path: &str, further: &[(&str, &str)]) -> Measured {
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ID, path)).await;
    let mut measured = Measured { known: Vec::new(), unknown: Vec::new() };
    for n in 0..SAMPLES {
        // The first of a pair is now the one, now the other.
        let mut pair = [("known", true), ("nobod", false)];
        if n % 2 == 1 {
            pair.reverse();
        }
        for (prefix, known) in pair {
            let email = format!("{prefix}{n}@example.com");
            let network = format!("198.{}.{}.{}", 18 + u8::from(known), n / 250, n % 250);
            let took = send(&browser, &page, path, &network, &email, further).await;
            let list = if known { &mut measured.known } else { &mut measured.unknown };
            list.push(took);
        }
    }
    measured
}

async fn send(
    browser: &Browser,
    page: &Page,
    path: &str,
    network: &str,
    email: &str,
    further: &[(&str, &str)],
) -> f64 {
    let form = page.form(path);
    let filled: Vec<(&str, &str)> = further.iter().copied().chain([("email", email)]).collect();
    let request = browser
        .navigation_from("same-origin", Method::POST, page.url.as_str())
        .header("origin", page.url.origin().ascii_serialization())
        .header("x-forwarded-for", network)
        .form(&form.fields(&filled));
    let begun = Instant::now();
    let answer = browser.answer(request).await;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    assert!(matches!(answer.status, 303 | 422), "{}: {}", answer.status, answer.text());
    took
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The two-sided p value of the Mann-Whitney U test, by the normal approximation, which is good from some
/// twenty samples on. Ties do not occur among times of this resolution.
fn mann_whitney(left: &[f64], right: &[f64]) -> f64 {
    let (n, m) = (left.len() as f64, right.len() as f64);
    let above =
        left.iter().map(|l| right.iter().filter(|r| *l > **r).count()).sum::<usize>() as f64;
    let z = (above - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * upper_tail(z.abs())
}

/// How likely a standard normal value lies above `z`. Abramowitz and Stegun, 26.2.17.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let polynomial = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * polynomial
}

#[test]
fn the_statistics_know_their_tables() {
    assert!((upper_tail(1.96) - 0.025).abs() < 1e-4);
    assert!((upper_tail(0.0) - 0.5).abs() < 1e-6);
    let low: Vec<f64> = (0..200).map(f64::from).collect();
    let same: Vec<f64> = (0..200).map(|n| f64::from(n) + 0.5).collect();
    let high: Vec<f64> = (0..200).map(|n| f64::from(n) + 40.5).collect();
    assert!(mann_whitney(&low, &same) > 0.9);
    assert!(mann_whitney(&low, &high) < 0.001);
}
