//! Whether people at work notice that many others sign in: password hashing takes all the CPU it can get.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bitrix_id_tests::database;
use bitrix_id_tests::html::forms;

use super::pace::Connection;
use super::{Effort, Figure, Section, median};
use crate::beside::peer::pin;
use crate::beside::peers;
use crate::load::wrk_with_latency;
use crate::scene::{ANNA, IDENTITY, Scene, USUAL};

/// Rounds without sign-ins and rounds with them.
pub(crate) async fn section(effort: &Effort) -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(BOTH_CORES);
    let mut scene = Scene::prepare(upstream.address, USUAL).await;
    database::copy_account(&scene.gateway.database(), ANNA.email, "person", PEOPLE).await;
    let mut config = scene.gateway.config();
    config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
    scene.gateway.write_config(config);
    scene.set_workers(2);
    scene.start().await;
    pin(scene.gateway.process().pid(), BOTH_CORES);
    let mut rounds = Vec::new();
    for round in 0..=effort.rounds {
        let span = if round == 0 { Duration::from_secs(1) } else { effort.span };
        let measured = Round::measure(&scene, span);
        if round > 0 {
            rounds.push(measured);
        }
    }
    scene.gateway.stop().await;
    let of = |value: fn(&Round) -> f64| median(&rounds.iter().map(value).collect::<Vec<_>>());
    Section {
        title: "Signed-in requests while sign-ins saturate the password pool",
        method: METHOD,
        figures: vec![
            Figure::new(
                "throughput with sign-ins ÷ without",
                ">= 0.70",
                format!("{:.2}", of(|round| round.busy.rate / round.quiet.rate)),
            ),
            Figure::new(
                "99th percentile with ÷ without",
                "<= 3",
                format!("{:.1}", of(|round| round.busy.p99 / round.quiet.p99)),
            ),
            Figure::new("requests a second without", "", format!("{:.0}", of(|r| r.quiet.rate))),
            Figure::new("requests a second with", "", format!("{:.0}", of(|r| r.busy.rate))),
            Figure::new("99th percentile without, ms", "", format!("{:.1}", of(|r| r.quiet.p99))),
            Figure::new("99th percentile with, ms", "", format!("{:.1}", of(|r| r.busy.p99))),
            Figure::new("sign-ins a second meanwhile", "", format!("{:.0}", of(|r| r.sign_ins))),
        ],
    }
}

/// What load found.
struct Answers {
    rate: f64,
    /// Milliseconds.
    p99: f64,
}

struct Round {
    quiet: Answers,
    busy: Answers,
    /// A second.
    sign_ins: f64,
}

impl Round {
    fn measure(scene: &Scene, span: Duration) -> Self {
        let quiet = answers(scene, span);
        let crowd = Crowd::gather(scene);
        // The pool's queue fills.
        std::thread::sleep(Duration::from_millis(500));
        let before = crowd.count();
        let busy = answers(scene, span);
        let sign_ins = f64::from(crowd.count() - before) / span.as_secs_f64();
        crowd.go_home();
        Self { quiet, busy, sign_ins }
    }
}

fn answers(scene: &Scene, span: Duration) -> Answers {
    let (requests, p99) = wrk_with_latency(scene.gateway.http(), &scene.signed_in_load(), span);
    Answers { rate: requests as f64 / span.as_secs_f64(), p99: p99.as_secs_f64() * 1e3 }
}

/// People who sign in one after the other, more of them at once than passwords are looked at.
struct Crowd {
    gone: Arc<AtomicBool>,
    signed_in: Arc<AtomicU32>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Crowd {
    fn gather(scene: &Scene) -> Self {
        let (gone, signed_in) = (Arc::<AtomicBool>::default(), Arc::<AtomicU32>::default());
        let address = scene.gateway.http();
        let authority = scene.gateway.authority_of(IDENTITY);
        let threads = (0..AT_ONCE)
            .map(|place| {
                let (gone, signed_in) = (gone.clone(), signed_in.clone());
                let mut door = SignIn::open(address, &authority);
                std::thread::spawn(move || {
                    for turn in 0.. {
                        if gone.load(Ordering::Relaxed) {
                            return;
                        }
                        door.sign_in(next_person(place, turn));
                        signed_in.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        Self { gone, signed_in, threads }
    }

    fn count(&self) -> u32 {
        self.signed_in.load(Ordering::Relaxed)
    }

    fn go_home(self) {
        self.gone.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("every sign-in succeeds");
        }
    }
}

// Nobody twice in a row: attempts of one person are limited.
fn next_person(place: u32, turn: u32) -> u32 {
    (turn * AT_ONCE + place) % PEOPLE
}

/// A connection with a form that is filled in again and again, by a browser that keeps no session.
pub(super) struct SignIn {
    connection: Connection,
    authority: String,
    cookie: String,
    csrf: String,
}

impl SignIn {
    pub(super) fn open(address: std::net::SocketAddr, authority: &str) -> Self {
        let mut connection = Connection::open(address);
        let visit = format!(
            "GET /sign-in HTTP/1.1\r\nHost: {authority}\r\nSec-Fetch-Mode: navigate\r\n\
             X-Forwarded-Proto: https\r\n\r\n"
        );
        connection.ask(&visit, 200);
        let page = connection.answer();
        let form = forms(&page).into_iter().find(|form| form.name_of("password").is_some());
        let csrf = form.as_ref().and_then(|form| form.value("csrf")).expect("a sign-in form");
        let cookie = page.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.or_else(|| page.lines().find_map(|l| l.strip_prefix("Set-Cookie: ")));
        let cookie = cookie.and_then(|line| line.split(';').next()).expect("the browser's cookie");
        let (cookie, csrf) = (cookie.to_owned(), csrf.to_owned());
        Self { connection, authority: authority.to_owned(), cookie, csrf }
    }

    /// Signs in `person<N>@example.com`, who has Anna's password.
    pub(super) fn sign_in(&mut self, person: u32) {
        let Self { connection, authority, cookie, csrf } = self;
        let password = ANNA.password.replace(' ', "+");
        let body = format!("csrf={csrf}&email=person{person}%40example.com&password={password}");
        // Everybody from a network of their own: attempts of one network are limited, too.
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 1)) + (person << 8));
        let request = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {authority}\r\nOrigin: https://{authority}\r\n\
             Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nCookie: {cookie}\r\n\
             X-Forwarded-For: {from}\r\nX-Forwarded-Proto: https\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.ask(&request, 303);
    }
}

/// Enough to keep a queue before the pool.
const AT_ONCE: u32 = 16;
const PEOPLE: u32 = 2_000;
const BOTH_CORES: &str = "0-1";

const METHOD: &str = "Two workers; gateway, upstream and load share both cores. Load is wrk on 64 connections. \
Meanwhile sixteen people at a time sign in, each with an account and a network of their own, a right password \
and the default cost of hashing (argon2id, 19 MiB, two passes). Medians of the rounds' ratios.";
