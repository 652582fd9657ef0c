//! Recovery: a new password for who can read the mail of an address.
//!
//! Three steps. [`ask`] takes an address and keeps a request, at the same cost whoever's it is. The
//! [`worker`] finds out whose it is and mails a [`checkword`]. [`reset`] takes the checkword back, typed or
//! by link, in any browser: looking at it changes nothing, the button sets the password. The checkword
//! alone names the account; what the browser remembers ([`under_way`]) is where its visitor was going.

mod also;
pub(super) mod ask;
pub(super) mod checkword;
mod done;
mod mail;
pub(super) mod notice;
pub(super) mod reset;
mod set;
mod under_way;
pub(super) mod worker;

pub(super) use done::show as show_done;
