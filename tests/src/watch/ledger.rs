//! What was answered as done, to be asked for afterwards.

use std::future::ready;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};

use crate::client::browser::Browser;
use crate::door::Door;
use crate::stage::{ID, SESSION, TOKEN};

/// Sign-ins and sign-outs that were answered as done.
#[derive(Default)]
pub(super) struct Ledger {
    signed_in: Mutex<Vec<Entry>>,
    signed_out: Mutex<Vec<Entry>>,
}

/// What a browser had of one sign-in.
#[derive(Clone)]
pub(super) struct Entry {
    portal: &'static str,
    /// The field line with the portal's token.
    pub token: String,
    /// The field line with the session.
    pub session: String,
}

impl Entry {
    /// What this browser has, if it has both.
    pub(super) fn of(browser: &Browser, portal: &'static str) -> Option<Self> {
        let cookie = |host, name| {
            browser.jar().value(host, name).map(|value| format!("Cookie: {name}={value}"))
        };
        Some(Self { portal, token: cookie(portal, TOKEN)?, session: cookie(ID, SESSION)? })
    }

    /// Whether the token opens the portal.
    pub(super) async fn opens_portal(&self, door: &Door, path: &str) -> bool {
        let answer = door.get(self.portal, path, &self.token).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// Whether the session opens the person's own pages.
    pub(super) async fn opens_pages(&self, door: &Door) -> bool {
        let answer = door.get(ID, "/profile", &self.session).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }
}

impl Ledger {
    pub(super) fn signed_in(&self, entry: Entry) {
        self.signed_in.lock().unwrap().push(entry);
    }

    pub(super) fn signed_out(&self, entry: Entry) {
        self.signed_out.lock().unwrap().push(entry);
    }

    pub(super) fn forget_sign_ins(&self) {
        self.signed_in.lock().unwrap().clear();
    }

    /// How much is in it.
    pub(super) fn len(&self) -> u64 {
        (self.signed_in.lock().unwrap().len() + self.signed_out.lock().unwrap().len()) as u64
    }

    /// The sign-ins that are gone, as each gateway sees it.
    pub(super) async fn lost_sign_ins(&self, doors: &[Door]) -> u64 {
        let entries = self.signed_in.lock().unwrap().clone();
        count(&entries, doors, async |entry, door| !entry.opens_pages(door).await).await
    }

    /// The sign-outs that are undone, as each gateway sees it.
    pub(super) async fn lost_sign_outs(&self, doors: &[Door]) -> u64 {
        let entries = self.signed_out.lock().unwrap().clone();
        count(&entries, doors, async |entry, door| {
            // The other gateway has a moment to hear of it.
            let asked = Instant::now();
            while entry.opens_portal(door, "/signed-out-before").await
                || entry.opens_pages(door).await
            {
                if asked.elapsed() > HEARD_WITHIN {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            false
        })
        .await
    }
}

/// For how many entries, at how many doors, that is so.
async fn count(
    entries: &[Entry],
    doors: &[Door],
    is_so: impl AsyncFn(&Entry, &Door) -> bool,
) -> u64 {
    let looks = entries.iter().flat_map(|entry| doors.iter().map(move |door| (entry, door)));
    let answers = stream::iter(looks).map(|(entry, door)| is_so(entry, door));
    answers.buffer_unordered(AT_ONCE).filter(|so| ready(*so)).count().await as u64
}

const AT_ONCE: usize = 8;

/// A second is promised; a busy machine takes longer.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
