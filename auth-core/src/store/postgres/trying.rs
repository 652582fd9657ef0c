//! Running a query function until it was as good as alone, or the call's deadline comes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep};

use super::PostgresStore;
use super::connect::Trust;
use super::replicas::Replicas;
use crate::store::sql::{Access, Cause, Durability, IfLeft, Interruption, Turn};
use crate::store::{Result, StoreError};

/// What a call has met so far.
#[derive(Default)]
pub(in crate::store) struct Trying<'s> {
    conflicts: u32,
    /// Constraints that said no, and connections that broke.
    setbacks: u32,
    /// After a conflict a call waits for its turn among those of this process that met one: they would
    /// only meet again.
    alone: Option<MutexGuard<'s, ()>>,
    on_replica: Option<(usize, Arc<Replicas>)>,
    replicas_tried: bool,
    /// Since when an answer of the server is waited for.
    asked: Option<(Instant, Arc<Trust>)>,
}

impl Drop for Trying<'_> {
    fn drop(&mut self) {
        // The deadline came, and no word from the server: the other connections lead to the same silence.
        if let Some((at, trust)) = &self.asked
            && at.elapsed() > SILENCE
        {
            trust.renew(Instant::now());
        }
        if let Some((replica, replicas)) = &self.on_replica {
            replicas.is_down(*replica);
        }
    }
}

impl<'s> Trying<'s> {
    pub(in crate::store) async fn begin(
        &mut self,
        store: &'s PostgresStore,
        access: Access,
    ) -> Result<Turn> {
        if access == Access::List && !self.replicas_tried {
            self.replicas_tried = true;
            if let Some((replica, turn)) = store.replicas.begin().await {
                self.on_replica = Some((replica, store.replicas.clone()));
                return Ok(turn);
            }
        }
        loop {
            // Before a connection is taken: whoever is waited for needs one, too.
            if self.conflicts > 0 && self.alone.is_none() {
                self.alone = Some(store.shared.one_at_a_time.lock().await);
            }
            if self.conflicts > 1 {
                sleep(pause(self.conflicts)).await;
            }
            let acquired = store.primary.acquire().await;
            let acquired = acquired.map_err(|error| unavailable(error, &store.shared.trust))?;
            let mut turn = Turn::new(acquired, IfLeft::Close);
            self.asked = Some((Instant::now(), store.shared.trust.clone()));
            let Some(statement) = store.begin_statement(access) else { return Ok(turn) };
            let Err(error) = turn.begin(statement).await else { return Ok(turn) };
            turn.discard();
            match StoreError::from(error) {
                StoreError::Interrupted(met) if self.is_worth_another(store, &met) => {}
                other => return Err(other),
            }
        }
    }

    pub(in crate::store) async fn end<T>(
        &mut self,
        store: &PostgresStore,
        access: Access,
        turn: Turn,
        outcome: Result<T>,
    ) -> Option<Result<T>> {
        let ended = self.settle(store, access, turn, outcome).await;
        self.asked = None;
        ended
    }

    async fn settle<T>(
        &mut self,
        store: &PostgresStore,
        access: Access,
        mut turn: Turn,
        outcome: Result<T>,
    ) -> Option<Result<T>> {
        if let Some((replica, replicas)) = self.on_replica.take() {
            return end_on_replica(&replicas, replica, turn, outcome).await;
        }
        let met = match outcome {
            Ok(value) if matches!(access, Access::Write(_)) => match turn.commit().await {
                Ok(()) => {
                    turn.give_back().await;
                    return Some(Ok(value));
                }
                Err(error) => match StoreError::from(error) {
                    StoreError::Interrupted(met) if met.cause == Cause::Conflict => {
                        turn.was_ended();
                        met
                    }
                    other => {
                        turn.discard();
                        store.shared.trust.renew(Instant::now());
                        return Some(Err(uncertain(&other)));
                    }
                },
            },
            Err(StoreError::Interrupted(met)) => met,
            settled => {
                turn.give_back().await;
                return Some(settled);
            }
        };
        match met.cause {
            Cause::Conflict | Cause::Constraint => turn.give_back().await,
            Cause::Lost | Cause::ReadOnly => turn.discard(),
        }
        if self.is_worth_another(store, &met) {
            None
        } else {
            Some(Err(StoreError::Interrupted(met)))
        }
    }

    /// Notes what a run met, which has changed nothing.
    fn is_worth_another(&mut self, store: &PostgresStore, met: &Interruption) -> bool {
        match met.cause {
            Cause::Conflict => {
                self.conflicts += 1;
                return true;
            }
            Cause::Lost | Cause::ReadOnly => store.shared.trust.renew(Instant::now()),
            Cause::Constraint => {}
        }
        self.setbacks += 1;
        self.setbacks <= MOST_SETBACKS
    }
}

impl PostgresStore {
    fn begin_statement(&self, access: Access) -> Option<&'static str> {
        match access {
            Access::Read | Access::List => None,
            Access::ReadSeveral => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Access::Write(Durability::Machine) => Some(BEGIN),
            Access::Write(Durability::Process) => Some(self.shared.begin_mark),
        }
    }
}

/// A replica that fails is left alone for a while, and the primary asked.
async fn end_on_replica<T>(
    replicas: &Replicas,
    replica: usize,
    turn: Turn,
    outcome: Result<T>,
) -> Option<Result<T>> {
    if matches!(outcome, Err(StoreError::Interrupted(_) | StoreError::Unavailable(_))) {
        turn.discard();
        replicas.is_down(replica);
        return None;
    }
    turn.give_back().await;
    Some(outcome)
}

fn unavailable(error: sqlx::Error, trust: &Trust) -> StoreError {
    if let (sqlx::Error::PoolTimedOut, Some(complaint)) = (&error, trust.complaint()) {
        return StoreError::Unavailable(complaint.to_owned());
    }
    match StoreError::from(error) {
        StoreError::Corrupt(text) => StoreError::Unavailable(text),
        other => other,
    }
}

fn uncertain(error: &StoreError) -> StoreError {
    StoreError::Unavailable(format!("it is not known whether the change was made: {error}"))
}

/// Grows with each conflict, and differs between gateways that met.
fn pause(conflicts: u32) -> Duration {
    let most = FIRST_PAUSE * 2_u32.pow(conflicts.min(LONGEST_PAUSE_AFTER));
    most.mul_f64(fastrand::f64())
}

pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

/// In one round trip.
pub(super) const BEGIN_MARK: &str =
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL synchronous_commit = off";

/// A connection that broke is replaced by one that is new; one more is for a server that restarts. A
/// constraint that says no because another transaction was faster says so once: the next run sees its work.
const MOST_SETBACKS: u32 = 2;

/// Longer than the server's own limit for a statement.
const SILENCE: Duration = Duration::from_millis(1850);

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE_AFTER: u32 = 4;
