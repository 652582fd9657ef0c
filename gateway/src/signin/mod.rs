//! The sign-in app: everything a person does with their Bitrix ID, as an upstream of the gateway.
//!
//! It runs in the same process on a runtime of its own, behind a unix socket that the gateway alone can
//! reach, so that forms, stores, password hashing and mail never hold up a proxy thread. The words:
//!
//! - a *visit* ([`visit`]) is a request as the gateway describes it;
//! - the *guard* ([`guard`]) stands around every request and turns failures into pages;
//! - a *hop* ([`hop`]) carries a sign-in from the Bitrix ID host to a portal host: the portal sends a
//!   browser here with a sealed state, [`sign_in`] finds or makes the session, and [`callback`] turns the
//!   one-time ticket into the portal's token;
//! - *renewal* ([`renew`]) makes new tokens while the session lives, and the [`mail`] worker empties the
//!   mail queue. Both live here because this runtime may wait for stores and relays.

mod access_mail;
mod add_address;
mod app;
mod ask_access;
mod browser;
mod callback;
mod code_step;
mod confirm;
mod confirm_identity;
mod cookies;
mod crypto;
mod data;
mod delete;
mod device;
mod device_mail;
mod emails;
mod enter;
mod failure;
mod fields;
mod flash;
mod fresh;
mod guard;
mod home;
mod hop;
mod internal;
mod invitation;
mod invite;
mod invited;
mod keep;
mod known;
mod link_value;
mod mail;
mod mail_quota;
mod mailed_code;
mod merge;
mod new_portal;
mod no_access;
mod not_me;
mod notices;
mod one_time;
mod outgoing;
mod own_password;
mod password_rules;
mod pending;
mod people;
mod person;
mod photo;
mod picture;
mod portal_name;
mod portal_password;
mod portals;
mod profile;
mod profile_portals;
mod readers;
mod recovery;
mod remove_address;
pub(crate) mod renew;
mod reply;
mod security;
mod serve;
mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
mod social;
mod sole_owner;
mod switch;
mod time_zone;
mod transaction;
mod visit;
mod welcome;

#[cfg(test)]
mod tests;

pub(crate) use serve::start;
