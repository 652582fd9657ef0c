//! Who takes part, each in one role, so that what one does explains nothing about another.

use crate::gateway::Person;
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

/// All of them, for the configuration of a gateway.
pub fn cast() -> Vec<Person> {
    let [clara, david] = NEWCOMERS;
    vec![SIGNED_IN, CHANGING, clara, david, DISABLED]
}

const fn person(email: &'static str, name: &'static str, password: &'static str) -> Person {
    Person { email, name, password, portals: &["acme", "globex"] }
}
