//! Changes of an account, one after another, in turn at each gateway.

use std::sync::Mutex;
use std::time::Duration;

use super::Shared;
use super::people::CHANGING;
use crate::client::browser::Browser;
use crate::door::Door;
use crate::html::forms;
use crate::journey::{Trouble, change_name, open, sign_in};
use crate::stage::{ACME, ID};

/// The changes of one account.
#[derive(Default)]
pub(super) struct Changes {
    tally: Mutex<Tally>,
}

#[derive(Debug, Default, Clone)]
struct Tally {
    done: u64,
    asked_again: u64,
    /// The name that was answered as saved, then those of which nothing is known.
    possible: Vec<String>,
}

impl Changes {
    /// Changes that were answered as done.
    pub(super) fn done(&self) -> u64 {
        self.tally.lock().unwrap().done
    }

    /// How often the one who changes was asked to sign in again.
    pub(super) fn asked_again(&self) -> u64 {
        self.tally.lock().unwrap().asked_again
    }

    /// Changes the name until it is enough; there is a browser for each door.
    pub(super) async fn go_on(&self, shared: &Shared, doors: &[Door], browsers: &[Browser]) {
        for (n, (door, browser)) in doors.iter().zip(browsers).cycle().enumerate() {
            if shared.enough() {
                return;
            }
            let name = format!("Boris {n}");
            self.tally.lock().unwrap().possible.push(name.clone());
            match change_name(browser, &door.url(ID, "/profile"), &name).await {
                Ok(()) => {
                    let mut tally = self.tally.lock().unwrap();
                    tally.done += 1;
                    tally.possible = vec![name];
                }
                Err(Trouble::Elsewhere(page)) if page.asks_to_sign_in() => {
                    self.tally.lock().unwrap().asked_again += 1;
                    // While things are broken that may fail as well; the next turn tries again.
                    let _ = sign_in(browser, &CHANGING, &door.url(ACME, "/again")).await;
                }
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether the name there now was not the last one answered as saved, nor tried later.
    pub(super) async fn lost(&self, door: &Door, browser: &Browser) -> bool {
        let Ok(page) = open(browser, &door.url(ID, "/profile")).await else { return true };
        let forms = forms(&page.text());
        let name = forms.iter().find_map(|form| form.value("name")).unwrap_or_default();
        let tally = self.tally.lock().unwrap().clone();
        tally.done > 0 && !tally.possible.iter().any(|possible| possible == name)
    }
}

const PAUSE: Duration = Duration::from_millis(150);
