//! People whom an operator gives an account by command, one after another, and who sign in at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::cli;
use crate::client::browser::Browser;
use crate::gateway::Person;
use crate::journey;
use crate::poll::{STEP, until};
use crate::stage::{ACME, ANNA, Stage};

/// People on their way. They are told to stop by [`Newcomers::finish`].
pub struct Newcomers {
    came: Arc<AtomicU32>,
    enough: Arc<AtomicBool>,
    coming: JoinHandle<()>,
}

impl Newcomers {
    /// They come by this browser, one after another, to a portal of `stage`.
    pub fn start(stage: &Stage, browser: impl Fn() -> Browser + Send + 'static) -> Self {
        let (came, enough) = <(Arc<AtomicU32>, Arc<AtomicBool>)>::default();
        let config = stage.gateway.config_path().display().to_string();
        let url = stage.url(ACME, "/");
        let (counter, stop) = (came.clone(), enough.clone());
        let mut put_off = 0;
        let coming = tokio::spawn(async move {
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let email: &'static str = format!("newcomer{n}@example.com").leak();
                let person = Person { email, ..ANNA };
                if comes(&person, &config, &browser(), &url).await {
                    counter.fetch_add(1, Ordering::Relaxed);
                } else {
                    put_off += 1;
                }
                assert!(put_off <= MOST_PUT_OFF, "{put_off} people were put off");
                // The gateway bounds sign-ins from one network.
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        Self { came, enough, coming }
    }

    /// Waits until so many more have come.
    pub async fn more(&self, count: u32) {
        let goal = self.came.load(Ordering::Relaxed) + count;
        until(STEP * 2, "somebody comes", async || {
            self.coming.is_finished() || self.came.load(Ordering::Relaxed) >= goal
        })
        .await;
        assert!(!self.coming.is_finished(), "somebody could not sign in");
    }

    /// Lets the last one arrive. Panics if somebody could not come.
    pub async fn finish(self) {
        self.enough.store(true, Ordering::Relaxed);
        self.coming.await.expect("everybody could sign in");
        println!("{} people got an account and signed in", self.came.load(Ordering::Relaxed));
    }
}

/// False: a store took too long to answer, and said so.
async fn comes(person: &Person, config: &str, browser: &Browser, url: &str) -> bool {
    let arguments = [
        "account",
        "create",
        person.email,
        "--portal",
        "acme",
        "--password-stdin",
        "--config",
        config,
    ];
    let created = cli::run(&arguments, &format!("{}\n", person.password), &[]).await;
    if created.stderr.contains("the store is unavailable: no answer in time") {
        println!("{}: {}", person.email, created.stderr);
        return false;
    }
    let _ = created.expect_success();
    match journey::sign_in(browser, person, url).await {
        Ok(_) => true,
        Err(trouble) if trouble.is_come_again() => {
            println!("{}: {trouble}", person.email);
            false
        }
        Err(trouble) => panic!("{}: {trouble}", person.email),
    }
}

/// A disk that other tests and builds keep busy makes a store miss its deadline now and then.
const MOST_PUT_OFF: u32 = 2;
