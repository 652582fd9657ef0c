//! SIGKILL at random moments: what was answered has happened, everything else wholly or not at all, and people
//! can go on.
//!
//! A *moment* is one kill while something is under way, at a random time within what it takes undisturbed. After
//! each, the directory keeps every rule of [`bitrix_id_tests::consistency`], and each person's own matter is held
//! against what their browser, or the command, was told. `KILLS=1000` spreads so many moments over the tests
//! instead of the usual hundred and some; `KILLS_SEED`, printed with each figure, repeats the delays.

mod arriving;
mod commands;
mod desk;
mod joining;
mod mails;
mod merging;
mod moments;
mod passwords;
mod scene;
mod schedule;
mod sessions;
mod transfer;
