//! Everybody stops, and what was answered as done is asked for.

use std::sync::atomic::Ordering;

use super::row::Row;
use super::{Shared, Watch};
use crate::load::Tally;
use crate::stage::Stage;

impl Watch {
    /// Lets everybody finish, asks for what was answered as done, and keeps the figures under a name,
    /// if there is one.
    pub async fn end(mut self, stage: &Stage, fault: &str) -> Row {
        self.shared.enough.store(true, Ordering::Relaxed);
        let signed_in = self.signed_in.finish().await;
        for task in self.tasks.drain(..) {
            task.await.expect("a task of the watch does not panic");
        }
        let (shared, mut row) = (&self.shared, self.row);
        row.fault = fault.to_owned();
        row.add_signed_in(signed_in);
        (0..2).for_each(|n| row.add_gateway(shared, n));
        row.acknowledged = shared.ledger.len() + shared.changes.done();
        row.asked_again = shared.changes.asked_again();
        row.lost_sign_ins = shared.ledger.lost_sign_ins(&self.doors).await;
        row.lost_sign_outs = shared.ledger.lost_sign_outs(&self.doors).await;
        for (door, browser) in self.doors.iter().zip(&self.changing) {
            row.lost_changes += u64::from(shared.changes.lost(door, browser).await);
        }
        row.add_reached(stage);
        if !fault.is_empty() {
            row.write();
        }
        println!("{row:#?}");
        row
    }
}

impl Row {
    fn add_signed_in(&mut self, tally: Tally) {
        (self.ok, self.failed, self.told_to_wait) = (tally.ok, tally.failed, tally.come_again);
        (self.slowest, self.longest_without) = (tally.slowest, tally.longest_without);
        self.failures = tally.failures;
    }

    fn add_gateway(&mut self, shared: &Shared, n: usize) {
        let tally = shared.newcomers[n].tally();
        self.entered += tally.entered;
        self.come_again += tally.come_again;
        self.no_answer += tally.no_answer;
        self.other += tally.other;
        self.met.extend(tally.met);
        self.let_in += tally.still_in;
        let tally = shared.intruders[n].tally();
        self.tried += tally.tried;
        self.let_in += tally.let_in;
        self.how.extend(tally.how);
        let tally = shared.streams[n].tally();
        self.echoes += tally.echoes;
        self.broke.extend(tally.broke);
        let words = shared.said[n].words();
        self.unanswered += words.unanswered;
        self.said.extend(words.parts);
    }

    /// Whatever the answer was: nothing of an intruder's may have gone through.
    fn add_reached(&mut self, stage: &Stage) {
        for upstream in [&stage.acme, &stage.globex] {
            let reached = upstream.marked("/intruder/");
            self.let_in += reached.len() as u64;
            self.how.extend(reached.iter().take(3).map(|request| request.target()));
        }
    }
}
