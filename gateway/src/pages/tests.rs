//! Checks over every page, in every language.

mod locales;
mod mails;
mod pages;
mod single;
mod specimens;
mod write_out;
