//! Built-in route policies of well-known portals.

pub mod bitrix24;
