//! Bitrix ID's configuration: text in, checked values out.
//!
//! A *file* is what an operator writes (TOML, one main file and the portal files it includes); the
//! *model* is what the program uses. Between them: [`load()`] reads the files, `document` parses each
//! into a tree with places, `file`, `read` and `leaf` turn the tree into tables, and `check` turns tables
//! into the model. No step stops at its first problem: all of them, in all files, are collected and
//! returned together, each with its [`Place`].
//!
//! This crate knows no HTTP and opens no socket.

mod address;
mod check;
pub mod colour;
pub mod diagnostic;
mod document;
mod either;
mod file;
mod files;
pub mod host;
mod include;
mod leaf;
mod load;
mod mask;
pub mod model;
pub mod names;
pub mod network;
mod read;
mod report;
pub mod secret;
mod source;
mod suggest;
mod units;
pub mod webhook;
mod write;

pub use diagnostic::{Diagnostic, LoadConfigError, Place};
pub use load::{load, portal_from_toml};
pub use model::*;
pub use names::{FORWARDED, fold};
pub use secret::Secret;
pub use webhook::{NoticeEvent, Webhook};
pub use write::new_portal_toml;
