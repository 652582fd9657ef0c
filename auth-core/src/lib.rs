//! Bitrix ID core: who is it, and may they.
//!
//! A request goes one way: [`authority`] and [`path`] bring its target to one spelling, [`route`] finds
//! the portal and the rule, [`authenticate`] turns the cookie into an [`identity::Identity`], and
//! [`policy`] answers with a permit, a sign-in or a refusal. None of these waits for a store: they read
//! the [`keys::KeyRing`], the [`revocation::Revocations`] and the clock's `now`, and nothing else.
//!
//! What the sign-in app does (sessions, passwords, tickets between hosts, issuing tokens) goes through
//! the traits of [`store`]. This crate knows HTTP's names and bytes, and no proxy.

pub mod accounts;
pub mod assertion;
pub mod audit;
pub mod authenticate;
pub mod authority;
pub mod causes;
pub mod clock;
pub mod email;
pub mod headers;
pub mod hop;
pub mod identity;
pub mod import;
pub mod issuer;
pub mod jwt;
pub mod keys;
pub mod linking;
pub mod mailer;
pub mod memo;
pub mod name;
pub mod oauth;
pub mod password;
pub mod path;
pub mod phone;
pub mod policy;
pub mod portal_name;
pub mod preset;
pub mod revocation;
pub mod route;
pub mod scheme;
pub mod store;
pub mod throttle;
pub mod token;

#[cfg(test)]
mod testing;
