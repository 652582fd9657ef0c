//! Those who must not come in, trying all the time. Where they go, `/intruder/`, nobody else does, so a look at
//! what the upstream has heard tells as well.

use std::sync::Mutex;
use std::time::Duration;

use super::people::{CHANGING, DISABLED};
use super::{Shared, keep};
use crate::door::Door;
use crate::gateway::Person;
use crate::journey::sign_in;
use crate::jwt::{Jwt, SigningKey};
use crate::stage::{ACME, ID};

/// Ways to try.
pub(super) enum Attempt {
    /// A request to the portal with this field line.
    Token(&'static str, String),
    /// A request for a person's own page with this field line.
    Session(&'static str, String),
    /// A sign-in.
    Password(&'static str, Person),
}

/// What came of it at one gateway.
#[derive(Default)]
pub(super) struct Intruders {
    tally: Mutex<Tally>,
}

/// The same in numbers.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    /// Tries that were answered, or not.
    pub tried: u64,
    /// Tries that opened something.
    pub let_in: u64,
    /// How the first few got in.
    pub how: Vec<String>,
}

impl Intruders {
    pub(super) fn tally(&self) -> Tally {
        self.tally.lock().unwrap().clone()
    }

    /// Tries one after another until it is enough: sign-ins, or what needs none. A sign-in may take its time where
    /// a store is away, and nothing waits for it.
    pub(super) async fn try_all(
        &self,
        shared: &Shared,
        door: &Door,
        attempts: &[Attempt],
        sign_ins: bool,
    ) {
        let mine = |attempt: &&Attempt| matches!(attempt, Attempt::Password(..)) == sign_ins;
        let mine: Vec<&Attempt> = attempts.iter().filter(mine).collect();
        for attempt in mine.into_iter().cycle() {
            if shared.enough() {
                return;
            }
            let opened = attempt.opens(door).await;
            self.count(shared, opened);
            tokio::time::sleep(if sign_ins { PAUSE_TO_GUESS } else { PAUSE }).await;
        }
    }

    fn count(&self, shared: &Shared, opened: Option<String>) {
        let mut tally = self.tally.lock().unwrap();
        tally.tried += 1;
        if let Some(what) = opened {
            tally.let_in += 1;
            keep(&mut tally.how, shared, &what);
        }
    }
}

impl Attempt {
    /// What got in, if it did.
    async fn opens(&self, door: &Door) -> Option<String> {
        let (what, opened) = match self {
            Self::Token(what, field) => {
                let answer = door.get(ACME, &format!("/intruder/{what}"), field).await;
                (what, answer.is_ok_and(|answer| answer.status == 200))
            }
            Self::Session(what, field) => {
                let answer = door.get(ID, "/profile", field).await;
                (what, answer.is_ok_and(|answer| answer.status == 200))
            }
            Self::Password(what, person) => {
                let url = door.url(ACME, &format!("/intruder/{what}"));
                (what, sign_in(&door.browser(), person, &url).await.is_ok())
            }
        };
        opened.then(|| (*what).to_owned())
    }
}

/// All that must not open anything; `live` is a token that does.
pub(super) fn attempts(
    signed_out: &super::ledger::Entry,
    disabled: &super::ledger::Entry,
    live: &str,
) -> Vec<Attempt> {
    let genuine = Jwt::read(live);
    let key = SigningKey::stranger();
    let cookie = |token: &str| format!("Cookie: {}={token}", crate::stage::TOKEN);
    let wrong = Person { password: "not what it is", ..CHANGING };
    vec![
        Attempt::Token("signed-out", signed_out.token.clone()),
        Attempt::Session("signed-out-session", signed_out.session.clone()),
        Attempt::Token("disabled", disabled.token.clone()),
        Attempt::Session("disabled-session", disabled.session.clone()),
        Attempt::Password("wrong-password", wrong),
        Attempt::Token("stranger", "X-Nobody: 1".to_owned()),
        Attempt::Token("garbage", cookie("e30.e30.e30")),
        Attempt::Token("forged", cookie(&genuine.sign(&key))),
        Attempt::Token("unsigned", cookie(&genuine.unsigned("none"))),
        Attempt::Password("disabled-password", DISABLED),
    ]
}

const PAUSE: Duration = Duration::from_millis(40);

/// Not so often that attempts on the account are limited: then it would be the limit that refuses.
const PAUSE_TO_GUESS: Duration = Duration::from_millis(400);
