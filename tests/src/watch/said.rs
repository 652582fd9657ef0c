//! What a gateway says about itself: readiness and metrics, looked at all the time.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use super::Shared;
use crate::door::Door;

/// What one gateway has said.
#[derive(Default)]
pub(super) struct Said {
    words: Mutex<Words>,
}

/// The same, to look at.
#[derive(Debug, Default, Clone)]
pub(super) struct Words {
    /// Parts that `not_working` named, ever.
    pub parts: BTreeSet<String>,
    /// Parts that it names now.
    pub now: BTreeSet<String>,
    /// Reasons that readiness gave, ever.
    pub reasons: BTreeSet<String>,
    /// Whether readiness says yes.
    pub ready: bool,
    /// Looks that got no answer.
    pub unanswered: u64,
}

impl Said {
    pub(super) fn words(&self) -> Words {
        self.words.lock().unwrap().clone()
    }

    /// Looks until it is enough.
    pub(super) async fn listen(&self, shared: &Shared, door: &Door) {
        while !shared.enough() {
            self.look(door).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn look(&self, door: &Door) {
        let (ready, metrics) = (door.admin("/health/ready").await, door.admin("/metrics").await);
        let mut words = self.words.lock().unwrap();
        let (Ok(ready), Ok(metrics)) = (ready, metrics) else {
            words.unanswered += 1;
            return;
        };
        words.ready = ready.status == 200;
        if !words.ready {
            let answer = ready.json();
            let reasons = answer["reasons"].as_array().expect("reasons").iter();
            words.reasons.extend(reasons.map(|reason| reason.as_str().expect("text").to_owned()));
        }
        words.now = metrics.text().lines().filter_map(not_working).map(str::to_owned).collect();
        let now = words.now.clone();
        words.parts.extend(now);
    }
}

/// The part that a line of metrics says does not work.
fn not_working(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("bitrix_id_not_working{what=\"")?;
    let (what, value) = rest.split_once("\"}")?;
    (value.trim() == "1").then_some(what)
}

const PAUSE: Duration = Duration::from_millis(100);
