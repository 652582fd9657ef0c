//! Those who are signed in and work on, by token alone or as browsers that fetch a new one when they must.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::Shared;
use super::people::SIGNED_IN;
use crate::door::Door;
use crate::journey::{sign_in, visit};
use crate::load::{Load, Tally, Target};

/// How somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Works {
    /// Requests with one token, as a page's scripts make them: nothing else may be needed.
    ByToken,
    /// Navigations of a browser with a session: a new token may be fetched, without a question.
    ByBrowser,
}

/// Requests under way.
pub(super) enum SignedIn {
    Tokens(Vec<Load>),
    Browsers(Vec<JoinHandle<Tally>>),
}

impl SignedIn {
    /// Two clients at each of these targets.
    pub(super) fn by_token(targets: &[Target]) -> Self {
        Self::Tokens(targets.iter().map(|target| Load::start(target, 2)).collect())
    }

    /// A browser at each door.
    pub(super) async fn by_browser(shared: &Arc<Shared>, doors: &[Door]) -> Self {
        let mut browsers = Vec::new();
        for door in doors {
            let (shared, door, browser) = (shared.clone(), door.clone(), door.browser());
            let url = door.url(shared.portal, "/signed-in");
            sign_in(&browser, &SIGNED_IN, &url).await.expect("a sign-in before anything happens");
            browsers.push(tokio::spawn(async move {
                let (mut tally, mut went_well_at) = (Tally::default(), Instant::now());
                while !shared.enough() {
                    let asked = Instant::now();
                    match visit(&browser, &url).await {
                        Ok(_) => tally.went_well(&mut went_well_at),
                        Err(trouble) if trouble.is_come_again() => tally.come_again += 1,
                        Err(trouble) => tally.fail(format!("{}: {trouble}", shared.clock())),
                    }
                    tally.slowest = tally.slowest.max(asked.elapsed());
                    tokio::time::sleep(PAUSE).await;
                }
                tally
            }));
        }
        Self::Browsers(browsers)
    }

    /// Waits for the last answers and adds up.
    pub(super) async fn finish(self) -> Tally {
        let mut sum = Tally::default();
        match self {
            Self::Tokens(loads) => {
                for load in loads {
                    sum.add(load.finish().await);
                }
            }
            Self::Browsers(browsers) => {
                for browser in browsers {
                    sum.add(browser.await.expect("a browser does not panic"));
                }
            }
        }
        sum
    }
}

/// Between two requests of one client.
pub(super) const PAUSE: Duration = Duration::from_millis(20);
