//! People who come anew: each signs in with a browser of its own, and every third signs out again.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::ledger::Entry;
use super::people::NEWCOMERS;
use super::{Shared, keep};
use crate::door::Door;
use crate::journey::{Trouble, sign_in, sign_out};

/// How it went for those who came to one gateway.
#[derive(Default)]
pub(super) struct Newcomers {
    tally: Mutex<Tally>,
}

/// The same in numbers.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    /// Signed in.
    pub entered: u64,
    /// Told to come again: 503 with `Retry-After`.
    pub come_again: u64,
    /// Got no answer.
    pub no_answer: u64,
    /// Met something else.
    pub other: u64,
    /// Signed out again, and were told that it is done.
    pub left: u64,
    /// Signed out, and the token counted on where that was done.
    pub still_in: u64,
    /// What the first few who met something else met.
    pub met: Vec<String>,
}

impl Newcomers {
    pub(super) fn tally(&self) -> Tally {
        self.tally.lock().unwrap().clone()
    }

    /// Lets them come until it is enough.
    pub(super) async fn come(&self, shared: &Shared, door: &Door) {
        for n in 0_usize.. {
            if shared.enough() {
                return;
            }
            self.one(shared, door, n).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn one(&self, shared: &Shared, door: &Door, n: usize) {
        let browser = door.browser();
        let portal = shared.portal;
        let person = &NEWCOMERS[n % NEWCOMERS.len()];
        if let Err(trouble) = sign_in(&browser, person, &door.url(portal, "/newcomer")).await {
            return self.trouble(shared, &trouble);
        }
        self.tally.lock().unwrap().entered += 1;
        let Some(entry) = Entry::of(&browser, portal) else {
            return self.trouble_text(shared, "a page of the portal without cookies");
        };
        if !n.is_multiple_of(3) || shared.nobody_leaves.load(Ordering::Relaxed) {
            return shared.ledger.signed_in(entry);
        }
        // What was not answered as done may have been done or not: nothing is promised.
        match sign_out(&browser, &door.url(portal, "")).await {
            Ok(()) => {
                let still_in = entry.opens_portal(door, "/intruder/just-left").await;
                let mut tally = self.tally.lock().unwrap();
                tally.left += 1;
                tally.still_in += u64::from(still_in);
                shared.ledger.signed_out(entry);
            }
            Err(Trouble::Elsewhere(page)) => {
                self.trouble_text(
                    shared,
                    &format!("signing out: {} from {}", page.status, page.url),
                );
            }
            Err(_) => {}
        }
    }

    fn trouble(&self, shared: &Shared, trouble: &Trouble) {
        let mut tally = self.tally.lock().unwrap();
        if trouble.is_come_again() {
            tally.come_again += 1;
        } else if trouble.is_no_answer() {
            tally.no_answer += 1;
            keep(&mut tally.met, shared, &trouble.to_string());
        } else {
            tally.other += 1;
            keep(&mut tally.met, shared, &trouble.to_string());
        }
    }

    fn trouble_text(&self, shared: &Shared, what: &str) {
        let mut tally = self.tally.lock().unwrap();
        tally.other += 1;
        keep(&mut tally.met, shared, what);
    }
}

const PAUSE: Duration = Duration::from_millis(100);
