//! Whether the time of an answer tells who has an account, or is known to a portal. Measures for some minutes
//! and prints figures: `make timing`, on a machine that does nothing else.
//!
//! Three populations are asked for in rounds, whose orders a seed shuffles: no kind always follows the same other
//! one, and what drifts meanwhile falls on all alike. They are addresses with a Bitrix ID, addresses that only
//! portals know (one imported record each, hashes of all three formats), and addresses nobody knows. Two of them
//! count as alike when a Mann-Whitney test finds no difference (p > 0.01), or when their medians lie within 5 % or
//! 2 ms of each other: 200 samples show a difference long before anybody far away could.

use std::time::Instant;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::database;
use bitrix_id_tests::import::hash;
use bitrix_id_tests::stage::{ANNA, ID, Stage};
use reqwest::Method;

/// Of each kind.
const SAMPLES: u32 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures for a minute, and wants the machine to itself"]
async fn addresses_with_a_bitrix_id_on_a_portal_alone_and_unknown_take_the_same_time() {
    let stage = Stage::with(|setup| {
        // Each sample comes from a network of its own, or limits would answer.
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
    })
    .await;
    println!("orders by TIMING_SEED={}", seed());
    database::copy_account(&stage.gateway.database(), ANNA.email, KINDS[0], SAMPLES).await;
    let rows: Vec<String> = (0..SAMPLES)
        .map(|n| {
            let email = format!("{}{n}@example.com", KINDS[1]);
            format!("{n},user{n},{email},{},Anna", hash(n.into()))
        })
        .collect();
    stage.import("acme", &rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let sign_in = measure(&stage, "/sign-in", &[("password", "not the password")]).await;
    let recovery = measure(&stage, "/forgot-password", &[]).await;
    let told =
        [judge("sign-in with a wrong password", &sign_in), judge("asking for recovery", &recovery)];
    assert!(told.concat().is_empty(), "{:#?}", told.concat());
}

/// What the addresses begin with, all of one length: with a Bitrix ID, known to a portal alone, unknown.
const KINDS: [&str; 3] = ["known", "ports", "nobod"];

/// Prints the figures, and gives the pairs of kinds that can be told apart.
fn judge(what: &str, measured: &[Vec<f64>; 3]) -> Vec<String> {
    let mut apart = Vec::new();
    for (one, other) in [(0, 2), (1, 2), (0, 1)] {
        let p = mann_whitney(&measured[one], &measured[other]);
        let (left, right) = (median(&measured[one]), median(&measured[other]));
        let line = format!(
            "{what}: {} {left:.2} ms, {} {right:.2} ms (medians of {}), Mann-Whitney p = {p:.3}",
            KINDS[one],
            KINDS[other],
            measured[one].len()
        );
        println!("{line}");
        if !alike(p, left, right) {
            apart.push(line);
        }
    }
    apart
}

/// The rule at the top of this file.
fn alike(p: f64, left: f64, right: f64) -> bool {
    let apart = (left - right).abs();
    p > 0.01 || apart < 2.0 || apart / left.max(right) < 0.05
}

/// Sends the form of a page for addresses of each kind, each once, in shuffled rounds. Milliseconds.
async fn measure(stage: &Stage, path: &str, further: &[(&str, &str)]) -> [Vec<f64>; 3] {
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ID, path)).await;
    let mut measured = [Vec::new(), Vec::new(), Vec::new()];
    for (n, order) in rounds(seed()).into_iter().enumerate() {
        for kind in order {
            let email = format!("{}{n}@example.com", KINDS[kind]);
            let network = format!("198.{}.{}.{}", 18 + kind, n / 250, n % 250);
            let took = send(&browser, &page, path, &network, &email, further).await;
            measured[kind].push(took);
        }
    }
    measured
}

/// The order of the kinds in each round: all six as often, give or take one, and those shuffled.
fn rounds(seed: u64) -> Vec<[usize; 3]> {
    let six = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut rounds: Vec<_> = six.into_iter().cycle().take(SAMPLES as usize).collect();
    let mut random = Random(seed);
    // Fisher and Yates.
    for last in (1..rounds.len()).rev() {
        rounds.swap(last, random.below(last + 1));
    }
    rounds
}

/// Numbers by xorshift64*: the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        high as usize % bound
    }
}

/// `TIMING_SEED`, so that a run that found something can be run again in its order; else the usual one. Not 0,
/// which the generator never leaves.
fn seed() -> u64 {
    let given = std::env::var("TIMING_SEED").ok();
    given.and_then(|seed| seed.parse().ok()).filter(|seed| *seed != 0).unwrap_or(USUAL_SEED)
}

const USUAL_SEED: u64 = 0x0b17_0215_1d00_0001;

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
fn a_seed_gives_the_same_balanced_order_again() {
    let usual = rounds(USUAL_SEED);
    assert_eq!(usual, rounds(USUAL_SEED));
    assert_ne!(usual, rounds(1));
    assert_ne!(usual[..12], rounds(1)[..12]);
    for kind in 0..3 {
        for place in 0..3 {
            let there = usual.iter().filter(|order| order[place] == kind).count();
            assert!((66..=68).contains(&there), "kind {kind} is {there} times at place {place}");
        }
    }
    // Nor does one round tell the next, as it would if the six came in turn.
    let again = usual.windows(7).filter(|rounds| rounds[0] == rounds[6]).count();
    assert!(again < 60, "{again} of {} rounds are those of six before", usual.len());
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
    assert!(alike(0.02, 10.0, 90.0) && alike(0.0, 10.0, 11.9) && alike(0.0, 100.0, 104.0));
    assert!(!alike(0.0, 10.0, 12.1) && !alike(0.009, 100.0, 106.0));
}
