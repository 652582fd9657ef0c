//! People at two gateways while something breaks, and what came of it for each of them.
//!
//! A [`Watch`] starts, before the fault: requests of somebody who is signed in ([`signed_in`]), people who
//! come anew ([`newcomers`]), WebSockets ([`streams`]), those who must not come in ([`intruders`]), changes of an account ([`changes`]),
//! and a look at what the gateways say about themselves ([`said`]). What was answered as done is kept in a
//! [`ledger`] and asked for at the end, at both gateways. A [`row::Row`] has the figures.

mod changes;
mod intruders;
mod ledger;
mod newcomers;
pub mod people;
pub mod row;
mod said;
pub mod signed_in;
mod streams;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::client::browser::Browser;
use crate::door::Door;
use crate::journey::{sign_in, sign_out};
use crate::load::Target;
use crate::poll::{eventually, until};
use crate::sibling::Sibling;
use crate::stage::{ACME, Stage, TOKEN};
use changes::Changes;
use intruders::{Attempt, Intruders};
use ledger::{Entry, Ledger};
use newcomers::Newcomers;
use people::{CHANGING, DISABLED, NEWCOMERS, SIGNED_IN};
use row::Row;
use said::Said;
use signed_in::{SignedIn, Works};
use streams::Streams;

/// People at two gateways.
pub struct Watch {
    shared: Arc<Shared>,
    doors: [Door; 2],
    signed_in: SignedIn,
    changing: Vec<Browser>,
    tasks: Vec<JoinHandle<()>>,
    row: Row,
    began: Instant,
}

/// What the tasks of a watch share.
struct Shared {
    enough: AtomicBool,
    started: Instant,
    portal: &'static str,
    ledger: Ledger,
    newcomers: [Newcomers; 2],
    intruders: [Intruders; 2],
    said: [Said; 2],
    changes: Changes,
    streams: [Streams; 2],
}

impl Shared {
    fn enough(&self) -> bool {
        self.enough.load(Ordering::Relaxed)
    }

    /// How long it has been going on, for whoever reads a failure.
    fn clock(&self) -> String {
        format!("{:.2} s", self.started.elapsed().as_secs_f64())
    }
}

impl Watch {
    /// Everybody comes and goes by `acme`; who is signed in has a token and needs nothing else.
    pub async fn over(stage: &Stage, sibling: &Sibling) -> Self {
        Self::by(stage, sibling, ACME, Works::ByToken).await
    }

    /// The same by another portal, or with browsers.
    pub async fn by(stage: &Stage, sibling: &Sibling, portal: &'static str, works: Works) -> Self {
        let doors = [stage.gateway.door(), sibling.door()];
        let shared = Arc::new(Shared {
            enough: AtomicBool::new(false),
            started: Instant::now(),
            portal,
            ledger: Ledger::default(),
            newcomers: Default::default(),
            intruders: Default::default(),
            said: Default::default(),
            changes: Changes::default(),
            streams: Default::default(),
        });
        let (attempts, live) = intruders(stage, &doors).await;
        let mut changing = Vec::new();
        for door in &doors {
            changing.push(entered(door, &CHANGING, ACME).await.0);
        }
        let mut tasks = start(&shared, &doors, &changing, attempts);
        let signed_in = match works {
            Works::ByToken => {
                let field = if portal == ACME { live } else { token_at(&doors[0], portal).await };
                tasks.extend(streams(&shared, stage, sibling, &field).await);
                SignedIn::by_token(&targets(stage, sibling, portal, &field))
            }
            Works::ByBrowser => SignedIn::by_browser(&shared, &doors).await,
        };
        let row = Row::default();
        let began = Instant::now();
        let watch = Self { shared, doors, signed_in, changing, tasks, row, began };
        watch.calm().await;
        watch
    }

    /// Waits until everybody has come through, at both gateways.
    async fn calm(&self) {
        until(PATIENCE, "everybody is about", async || {
            let here = (0..2).all(|n| {
                self.shared.newcomers[n].tally().entered >= 2
                    && self.shared.intruders[n].tally().tried >= 5
                    && self.shared.said[n].words().ready
            });
            here && self.shared.changes.done() >= 2
        })
        .await;
    }

    /// From now on it is the fault that is seen.
    pub fn fault_begins(&mut self) {
        self.began = Instant::now();
    }

    /// Waits until both gateways say that these parts do not work: in readiness and in metrics.
    pub async fn until_said(&mut self, parts: &[&str]) {
        for part in parts {
            let reason = format!("not working: {part}");
            until(PATIENCE, &format!("both say {reason:?}"), async || {
                self.shared.said.iter().map(Said::words).all(|words| {
                    words.parts.contains(*part) && words.reasons.iter().any(|said| *said == reason)
                })
            })
            .await;
        }
    }

    /// Waits until both gateways give a reason that holds this.
    pub async fn until_reason(&self, word: &str) {
        until(PATIENCE, &format!("both say {word:?}"), async || {
            let mut words = self.shared.said.iter().map(Said::words);
            words.all(|words| words.reasons.iter().any(|reason| reason.contains(word)))
        })
        .await;
    }

    /// Waits until so many more newcomers at each gateway were told to come again.
    pub async fn until_turned_away(&self, times: u64) {
        let before = self.counts(|tally| tally.come_again);
        until(PATIENCE, "newcomers are told to come again", async || {
            let now = self.counts(|tally| tally.come_again);
            (0..2).all(|n| now[n] >= before[n] + times)
        })
        .await;
    }

    /// Waits until so many more newcomers came in at each gateway.
    pub async fn until_entered(&self, times: u64) {
        let before = self.counts(|tally| tally.entered);
        until(PATIENCE, "newcomers come in", async || {
            let now = self.counts(|tally| tally.entered);
            (0..2).all(|n| now[n] >= before[n] + times)
        })
        .await;
    }

    /// Newcomers that came in so far, at both gateways together.
    pub fn entered(&self) -> u64 {
        self.counts(|tally| tally.entered).iter().sum()
    }

    /// Keeps the fault on for at least so long since its beginning.
    pub async fn until_it_lasted(&self, time: Duration) {
        until(PATIENCE, "time passes", async || self.began.elapsed() >= time).await;
    }

    /// The fault is gone: waits until newcomers come in at both gateways again and both say that all is well.
    /// Panics when that takes longer than [`HEALS_WITHIN`].
    pub async fn heals(&mut self) {
        self.heals_when(async || true).await;
    }

    /// The same where something else has to be well again, too.
    pub async fn heals_when(&mut self, also: impl AsyncFn() -> bool) {
        self.row.lasted = self.began.elapsed();
        let gone = Instant::now();
        let before = self.counts(|tally| tally.entered);
        let changes = self.shared.changes.done();
        eventually(HEALS_WITHIN, "everything works again", async || {
            let now = self.counts(|tally| tally.entered);
            let well = (0..2).all(|n| {
                let words = self.shared.said[n].words();
                now[n] > before[n] && words.ready && words.now.is_empty()
            });
            let well = well && self.shared.changes.done() > changes;
            (well && also().await).then_some(())
        })
        .await;
        self.row.healed = gone.elapsed();
        // A little longer: who must not come in may be let in by what has just come back.
        self.until_entered(2).await;
    }

    /// Sign-ins until now may be gone: the store has lost them.
    pub fn forgets_sign_ins(&self) {
        self.shared.ledger.forget_sign_ins();
    }

    /// A figure of the fault's own.
    pub fn note(&mut self, text: String) {
        self.row.notes.push(text);
    }

    /// Lets everybody finish, asks for what was answered as done, and keeps the figures under a name.
    pub async fn end(mut self, stage: &Stage, fault: &str) -> Row {
        self.shared.enough.store(true, Ordering::Relaxed);
        let signed_in = self.signed_in.finish().await;
        for task in self.tasks.drain(..) {
            task.await.expect("a task of the watch does not panic");
        }
        let (shared, mut row) = (&self.shared, self.row);
        row.fault = fault.to_owned();
        (row.ok, row.failed) = (signed_in.ok, signed_in.failed);
        (row.failures, row.slowest) = (signed_in.failures, signed_in.slowest);
        row.told_to_wait = signed_in.come_again;
        row.longest_without = signed_in.longest_without;
        for n in 0..2 {
            let tally = shared.newcomers[n].tally();
            row.entered += tally.entered;
            row.come_again += tally.come_again;
            row.no_answer += tally.no_answer;
            row.other += tally.other;
            row.met.extend(tally.met);
            row.let_in += tally.still_in;
            let tally = shared.intruders[n].tally();
            row.tried += tally.tried;
            row.let_in += tally.let_in;
            row.how.extend(tally.how);
            let tally = shared.streams[n].tally();
            row.echoes += tally.echoes;
            row.broke.extend(tally.broke);
            row.unanswered += shared.said[n].words().unanswered;
        }
        row.acknowledged = shared.ledger.len() + shared.changes.done();
        row.asked_again = shared.changes.asked_again();
        row.lost_sign_ins = shared.ledger.lost_sign_ins(&self.doors).await;
        row.lost_sign_outs = shared.ledger.lost_sign_outs(&self.doors).await;
        for (door, browser) in self.doors.iter().zip(&self.changing) {
            row.lost_changes += u64::from(shared.changes.lost(door, browser).await);
        }
        let [one, other] = [0, 1].map(|n| shared.said[n].words().parts);
        row.said = one.intersection(&other).cloned().collect::<BTreeSet<_>>();
        // Whatever the answer was: nothing of an intruder's may have gone through.
        for upstream in [&stage.acme, &stage.globex] {
            let reached = upstream.marked("/intruder/");
            row.let_in += reached.len() as u64;
            row.how.extend(reached.iter().take(3).map(|request| request.target()));
        }
        row.write();
        println!("{row:#?}");
        row
    }

    fn counts(&self, count: impl Fn(&newcomers::Tally) -> u64) -> [u64; 2] {
        [0, 1].map(|n| count(&self.shared.newcomers[n].tally()))
    }
}

/// Those who must not come in, with what they have; and the field line of one who may.
async fn intruders(stage: &Stage, doors: &[Door; 2]) -> (Arc<Vec<Attempt>>, String) {
    let (leaver, signed_out) = entered(&doors[0], &NEWCOMERS[0], ACME).await;
    let left = sign_out(&leaver, &doors[0].url(ACME, "")).await;
    left.expect("a sign-out before anything happens");
    let (_, disabled) = entered(&doors[0], &DISABLED, ACME).await;
    let disable = ["account", "disable", DISABLED.email];
    let _ = stage.gateway.cli(&disable, "").await.expect_success();
    for (entry, door) in [&signed_out, &disabled].into_iter().zip(doors.iter().rev()) {
        until(PATIENCE, "who is out is out", async || {
            !entry.opens_portal(door, "/on-the-way-out").await
                && !entry.opens_portal(&doors[0], "/on-the-way-out").await
        })
        .await;
    }
    let (_, live) = entered(&doors[0], &SIGNED_IN, ACME).await;
    let token = live.token.trim_start_matches("Cookie: ").trim_start_matches(TOKEN);
    let attempts = intruders::attempts(&signed_out, &disabled, token.trim_start_matches('='));
    (Arc::new(attempts), live.token)
}

/// Somebody who has just signed in by way of a portal.
async fn entered(
    door: &Door,
    person: &crate::gateway::Person,
    portal: &'static str,
) -> (Browser, Entry) {
    let browser = door.browser();
    let page = sign_in(&browser, person, &door.url(portal, "/before")).await;
    page.unwrap_or_else(|trouble| panic!("a sign-in before anything happens: {trouble}"));
    let entry = Entry::of(&browser, portal).expect("a token and a session");
    (browser, entry)
}

async fn token_at(door: &Door, portal: &'static str) -> String {
    entered(door, &SIGNED_IN, portal).await.1.token
}

/// A WebSocket at each gateway with this field line.
async fn streams(
    shared: &Arc<Shared>,
    stage: &Stage,
    sibling: &Sibling,
    field: &str,
) -> Vec<JoinHandle<()>> {
    let (portal, path) = (shared.portal, "/do/ws");
    let origin = stage.url(portal, "");
    let cookie = field.trim_start_matches("Cookie: ");
    let fields = [("Cookie", cookie), ("Origin", origin.as_str())];
    let here = stage.gateway.websocket(portal, path, &fields).await;
    let there = sibling.websocket(portal, path, &fields).await;
    let mut tasks = Vec::new();
    for (n, opened) in [here, there].into_iter().enumerate() {
        let socket = opened.unwrap_or_else(|answer| panic!("refused: {answer:?}"));
        let all = shared.clone();
        tasks.push(tokio::spawn(async move { all.streams[n].talk(&all, socket).await }));
    }
    tasks
}

/// Requests at both gateways with this field line.
fn targets(stage: &Stage, sibling: &Sibling, portal: &str, field: &str) -> [Target; 2] {
    let mut target = stage.gateway.target(portal, "/signed-in", &[field]);
    target.pause = signed_in::PAUSE;
    target.requests_per_connection = 10;
    let other = sibling.target(&target);
    [target, other]
}

fn start(
    shared: &Arc<Shared>,
    doors: &[Door; 2],
    changing: &[Browser],
    attempts: Arc<Vec<Attempt>>,
) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    for (n, door) in doors.iter().enumerate() {
        let (all, at) = (shared.clone(), door.clone());
        tasks.push(tokio::spawn(async move { all.newcomers[n].come(&all, &at).await }));
        let (all, at, attempts) = (shared.clone(), door.clone(), attempts.clone());
        let tries = async move { all.intruders[n].try_all(&all, &at, &attempts).await };
        tasks.push(tokio::spawn(tries));
        let (all, at) = (shared.clone(), door.clone());
        tasks.push(tokio::spawn(async move { all.said[n].listen(&all, &at).await }));
    }
    let (all, at, browsers) = (shared.clone(), doors.clone(), changing.to_vec());
    tasks.push(tokio::spawn(async move { all.changes.go_on(&all, &at, &browsers).await }));
    tasks
}

/// Keeps the first few of many.
fn note(kept: &mut Vec<String>, shared: &Shared, what: String) {
    if kept.len() < 5 {
        let mut what = format!("{}: {what}", shared.clock());
        let end = what.char_indices().map(|(at, _)| at).find(|at| *at > 600);
        what.truncate(end.unwrap_or(what.len()));
        kept.push(what);
    }
}

/// How long it may take until everything works again, on a busy machine.
pub const HEALS_WITHIN: Duration = Duration::from_secs(30);

/// How long anything else may take there.
const PATIENCE: Duration = Duration::from_secs(60);
