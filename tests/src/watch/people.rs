//! Who takes part, each in one role, so that what one does explains nothing about another.

use futures_util::future::join_all;

use crate::gateway::{Person, TestGateway};
use crate::stage::ANNA;

/// Signed in all the time: hers are the requests that may not fail.
pub const SIGNED_IN: Person = ANNA;

/// Changes his name again and again; strangers guess at his password.
pub const CHANGING: Person = person("boris@example.com", "Boris", "borscht with sour cream");

/// Sign in anew, each time in another browser.
pub const NEWCOMERS: [Person; 2] = [
    person("clara@example.com", "Clara", "clearly not a short one"),
    person("david@example.com", "David", "a sling and five smooth stones"),
];

/// Was signed in, and is disabled.
pub const DISABLED: Person = person("eve@example.com", "Eve", "overhearing everything");

/// Makes the accounts of all of them, side by side: one after another takes longer than many a fault.
pub async fn move_in(gateway: &TestGateway) {
    let [clara, david] = NEWCOMERS;
    let everybody = [SIGNED_IN, CHANGING, clara, david, DISABLED];
    join_all(everybody.iter().map(|person| gateway.create_account(person))).await;
}

const fn person(email: &'static str, name: &'static str, password: &'static str) -> Person {
    Person { email, name, password, portals: &["acme", "globex"] }
}
