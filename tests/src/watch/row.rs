//! What came of one fault: a line of the table.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

/// Figures of one fault, both gateways together.
#[derive(Debug, Default)]
pub struct Row {
    /// Name of the fault, as its test is called.
    pub fault: String,
    /// From its beginning until it was taken away.
    pub lasted: Duration,
    /// From then until everything worked again.
    pub healed: Duration,
    /// Requests of the signed-in that went well.
    pub ok: u64,
    /// Those that did not.
    pub failed: u64,
    /// What the first few of those met.
    pub failures: Vec<String>,
    /// Those of a browser that were answered 503 with `Retry-After`.
    pub told_to_wait: u64,
    /// The longest that one took.
    pub slowest: Duration,
    /// The longest that one of the signed-in was without a good answer.
    pub longest_without: Duration,
    /// Messages that came back over WebSockets of the signed-in.
    pub echoes: u64,
    /// How WebSockets broke off.
    pub broke: Vec<String>,
    /// Sign-ins answered as done, all told.
    pub entered: u64,
    /// Sign-ins answered 503 with `Retry-After`.
    pub come_again: u64,
    /// Sign-ins that got no answer.
    pub no_answer: u64,
    /// Sign-ins that met anything else.
    pub other: u64,
    /// What the first few of these two met.
    pub met: Vec<String>,
    /// Times that somebody with a session was asked to sign in again.
    pub asked_again: u64,
    /// Tries of those who must not come in.
    pub tried: u64,
    /// Those that opened something.
    pub let_in: u64,
    /// How.
    pub how: Vec<String>,
    /// Sign-ins, sign-outs and changes of an account that were answered as done.
    pub acknowledged: u64,
    /// Sign-ins of these that are gone.
    pub lost_sign_ins: u64,
    /// Sign-outs of these that are undone.
    pub lost_sign_outs: u64,
    /// Changes of these that are gone.
    pub lost_changes: u64,
    /// Parts of which a gateway said that they do not work.
    pub said: BTreeSet<String>,
    /// Looks at the admin listeners that got no answer.
    pub unanswered: u64,
    /// Figures of the fault's own, for the table.
    pub notes: Vec<String>,
}

impl Row {
    /// Panics unless it went as for every store: nobody who is signed in noticed, nobody came in who must not,
    /// and nothing that was answered as done is lost.
    pub fn held(&self) {
        assert_eq!(self.told_to_wait, 0, "those who are signed in were told to come again");
        assert_eq!(self.other, 0, "sign-ins: {:#?}", self.met);
        assert_eq!(self.broke, Vec::<String>::new(), "WebSockets of the signed-in");
        self.held_but_for_a_moment();
    }

    /// The same where those who are signed in may be told to come again for a moment, and whoever is signing in
    /// to begin again.
    pub fn held_but_for_a_moment(&self) {
        assert_eq!(self.failed, 0, "requests of the signed-in: {:#?}", self.failures);
        assert!(self.longest_without < MOMENT, "they were without an answer: {self:?}");
        assert_eq!(self.asked_again, 0, "somebody had to sign in again");
        assert_eq!(self.lost_sign_ins, 0, "sign-ins that were answered as done are gone");
        self.nobody_came_in();
    }

    /// What holds whatever happens.
    pub fn nobody_came_in(&self) {
        // One for each gateway and step of the fault, if it was just then that they came.
        assert!(self.other <= 8, "sign-ins: {:#?}", self.met);
        assert_eq!(self.no_answer, 0, "sign-ins: {:#?}", self.met);
        assert_eq!(self.let_in, 0, "who must not come in came in: {:#?}", self.how);
        assert_eq!(self.lost_sign_outs, 0, "sign-outs that were answered as done are undone");
        assert_eq!(self.lost_changes, 0, "a change that was answered as done is gone");
        assert_eq!(self.unanswered, 0, "the admin listener did not answer");
        assert!(self.ok > 0 && self.tried > 0 && self.acknowledged > 0, "{self:?}");
    }

    /// Puts it where the table is made of.
    pub fn write(&self) {
        let folder = folder();
        std::fs::create_dir_all(&folder).expect("a folder for the figures");
        let file = folder.join(format!("{}.json", self.fault));
        let text = serde_json::to_string_pretty(&self.json()).expect("JSON");
        std::fs::write(file, text).expect("the figures are written");
    }

    fn json(&self) -> serde_json::Value {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        json!({
            "fault": self.fault,
            "lasted_ms": ms(self.lasted),
            "healed_ms": ms(self.healed),
            "signed_in": {
                "ok": self.ok,
                "failed": self.failed,
                "told_to_wait": self.told_to_wait,
                "slowest_ms": ms(self.slowest),
                "longest_without_ms": ms(self.longest_without),
            },
            "websockets": { "messages": self.echoes, "broken": self.broke.len() },
            "sign_ins": {
                "done": self.entered,
                "come_again": self.come_again,
                "no_answer": self.no_answer,
                "other": self.other,
            },
            "intruders": { "tried": self.tried, "let_in": self.let_in },
            "acknowledged": self.acknowledged,
            "lost": self.lost_sign_ins + self.lost_sign_outs + self.lost_changes,
            "said": self.said,
            "notes": self.notes,
        })
    }
}

/// As long as a machine that is busy may keep anybody waiting.
const MOMENT: Duration = Duration::from_secs(5);

/// `target/faults` of this workspace.
pub fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target");
    target.unwrap_or_else(own).join("faults")
}
