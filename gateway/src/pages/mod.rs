//! The pages and mails people meet.
//!
//! A *view* says what a page shows, a *frame* ([`Frame`]) what surrounds it: language, name, colour.
//! Each function here takes the two and gives a whole HTML document, which needs one stylesheet and one
//! small script from [`asset`](fn@asset), both on the same host, and works without either. Texts live in
//! `locales/<tag>/*.ftl`, markup in `templates/`, colours and sizes in `assets/style.css`.

mod accent;
mod account;
mod asset;
mod device;
mod entry;
mod headers;
mod lang;
pub(crate) mod mail;
mod refusal;
mod security;
mod surround;
mod text;
mod view;
mod when;

pub(crate) use account::{portals, profile, sessions};
pub(crate) use asset::{ASSET_PREFIX, asset};
pub(crate) use entry::{confirm_code, sign_in, sign_out_ask, sign_up, signed_out};
pub(crate) use headers::{content_security_policy, security_headers};
pub(crate) use lang::Lang;
pub(crate) use refusal::{cookies_blocked, error, no_access};
pub(crate) use security::{Security, SecurityError, security};
pub(crate) use view::*;

/// The cookie that keeps the visitor's choice of language; its value is a [`Lang::tag`].
pub(crate) const LANG_COOKIE: &str = "__Host-bitrix-id-lang";

#[cfg(test)]
mod tests;
