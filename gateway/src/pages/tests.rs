//! Checks over every page, in every language.

mod locales;
mod mails;
mod pages;
mod people;
mod single;
mod specimens;
mod write_out;
