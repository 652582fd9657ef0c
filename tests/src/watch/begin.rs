//! Everybody takes their place before anything happens.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::task::JoinHandle;

use super::changes::Changes;
use super::intruders::{self, Attempt};
use super::ledger::{Entry, Ledger};
use super::people::{CHANGING, DISABLED, NEWCOMERS, SIGNED_IN};
use super::row::Row;
use super::signed_in::{self, SignedIn, Works};
use super::{PATIENCE, Shared, Watch};
use crate::client::browser::Browser;
use crate::door::Door;
use crate::gateway::Person;
use crate::journey::{sign_in, sign_out};
use crate::load::Target;
use crate::poll::until;
use crate::sibling::Sibling;
use crate::stage::{ACME, Stage, TOKEN};

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
            nobody_leaves: AtomicBool::new(false),
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
        let mut tasks = start(&shared, &doors, &changing, &attempts);
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
async fn entered(door: &Door, person: &Person, portal: &'static str) -> (Browser, Entry) {
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
    attempts: &Arc<Vec<Attempt>>,
) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    for (n, door) in doors.iter().enumerate() {
        let (all, at) = (shared.clone(), door.clone());
        tasks.push(tokio::spawn(async move { all.newcomers[n].come(&all, &at).await }));
        for sign_ins in [false, true] {
            let (all, at, attempts) = (shared.clone(), door.clone(), attempts.clone());
            let tries =
                async move { all.intruders[n].try_all(&all, &at, &attempts, sign_ins).await };
            tasks.push(tokio::spawn(tries));
        }
        let (all, at) = (shared.clone(), door.clone());
        tasks.push(tokio::spawn(async move { all.said[n].listen(&all, &at).await }));
    }
    let (all, at, browsers) = (shared.clone(), doors.clone(), changing.to_vec());
    tasks.push(tokio::spawn(async move { all.changes.go_on(&all, &at, &browsers).await }));
    tasks
}
