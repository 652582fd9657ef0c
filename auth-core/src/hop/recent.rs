//! The last hop without a cookie that a thread began. Scripts of one page are refused together, and what
//! they are told is the same text within a second: nothing in it is random.

use std::cell::RefCell;

use crate::identity::UnixSeconds;

/// What the text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// Which sealer, by its number.
    pub(super) sealer: u64,
    /// Canonical.
    pub(super) host: &'a str,
    /// As it came.
    pub(super) unchecked_return_to: &'a str,
    /// Of this second.
    pub(super) now: UnixSeconds,
}

/// The text of `asked`, which `make` makes if the last one was another.
pub(super) fn once(asked: Asked<'_>, make: impl FnOnce() -> String) -> String {
    LAST.with_borrow_mut(|last| {
        if last.asked() != asked {
            last.remember(asked, make());
        }
        last.text.clone()
    })
}

struct Last {
    sealer: u64,
    host: String,
    unchecked_return_to: String,
    now: UnixSeconds,
    text: String,
}

impl Last {
    fn asked(&self) -> Asked<'_> {
        let Self { sealer, host, unchecked_return_to, now, .. } = self;
        Asked { sealer: *sealer, host, unchecked_return_to, now: *now }
    }

    fn remember(&mut self, asked: Asked<'_>, text: String) {
        self.sealer = asked.sealer;
        self.now = asked.now;
        self.host.clear();
        self.host.push_str(asked.host);
        self.unchecked_return_to.clear();
        self.unchecked_return_to.push_str(asked.unchecked_return_to);
        self.text = text;
    }
}

thread_local! {
    // No sealer has the number 0.
    static LAST: RefCell<Last> = const {
        RefCell::new(Last {
            sealer: 0,
            host: String::new(),
            unchecked_return_to: String::new(),
            now: 0,
            text: String::new(),
        })
    };
}
