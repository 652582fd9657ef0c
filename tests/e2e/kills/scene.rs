//! A gateway to be killed, alone on its file or with another one beside it, and people.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis::{self, TestRedis};
use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::client::jar::Jar;
use bitrix_id_tests::consistency;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::gateway::Person;
use bitrix_id_tests::html::Form;
use bitrix_id_tests::journey::Trouble;
use bitrix_id_tests::poll::STEP;
use bitrix_id_tests::sibling::Sibling;
use bitrix_id_tests::stage::{ANNA, Stage};
use futures_util::future::join_all;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::moments::Moments;

/// A gateway that is killed now and then.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) moments: Moments,
    beside: Option<Beside>,
    directory: String,
    people: u32,
}

/// What a gateway that shares its stores has beside it; kept until the end.
struct Beside {
    sibling: Sibling,
    _postgres: (
        bitrix_id_test_servers::postgres::TestDatabase,
        bitrix_id_test_servers::postgres::TestPostgres,
    ),
    _redis: TestRedis,
}

/// Somebody with cookies and an address of this machine.
#[derive(Clone)]
pub(super) struct Somebody {
    pub(super) person: Person,
    jar: Arc<Jar>,
    source: Ipv4Addr,
}

impl Scene {
    /// One gateway on a SQLite file.
    pub(super) async fn alone(what: &'static str, moments: u32) -> Self {
        let stage = Stage::start().await;
        let directory = format!("sqlite:{}", stage.gateway.database().display());
        let moments = Moments::of(what, moments);
        Self { stage, moments, beside: None, directory, people: 0 }
    }

    /// Two gateways on one PostgreSQL and one Redis; the first one is killed.
    pub(super) async fn of_two(what: &'static str, moments: u32) -> Self {
        let redis = redis::own().await;
        let Fleet { stage, sibling, postgres, database } = Fleet::start(&redis.url()).await;
        let directory = database.url();
        let beside = Some(Beside { sibling, _postgres: (database, postgres), _redis: redis });
        Self { stage, moments: Moments::of(what, moments), beside, directory, people: 0 }
    }

    /// The gateway that is not killed.
    pub(super) fn sibling(&self) -> &Sibling {
        &self.beside.as_ref().expect("there are two").sibling
    }

    /// People with an account like Anna's, with her password, on these portals.
    pub(super) async fn newcomers(&mut self, count: u32, portals: &[&str]) -> Vec<Somebody> {
        let mut database = self.database().await;
        let mut people = Vec::new();
        for _ in 0..count {
            let somebody = self.stranger();
            let id = format!("01989f4e-6a7b-7c11-9d2e-{:012x}", self.people);
            let email = somebody.person.email;
            run(&mut database, COPY_ACCOUNT, &[&id, email, ANNA.email]).await;
            run(&mut database, GIVE_ADDRESS, &[email, &id]).await;
            for portal in portals {
                run(&mut database, GIVE_PROFILE, &[&id, portal]).await;
            }
            people.push(somebody);
        }
        people
    }

    /// Somebody nobody knows, yet with an address to be known by.
    pub(super) fn stranger(&mut self) -> Somebody {
        self.people += 1;
        let email: &'static str = String::leak(format!("p{}@example.com", self.people));
        self.elsewhere(&Person { email, ..ANNA })
    }

    /// The same person at another machine.
    pub(super) fn elsewhere(&mut self, person: &Person) -> Somebody {
        self.people += 1;
        let [.., high, low] = self.people.to_be_bytes();
        let source = Ipv4Addr::new(127, 100, high, low);
        Somebody { person: *person, jar: Arc::default(), source }
    }

    /// Their browser, at the gateway that is killed; with connections of its own.
    pub(super) fn browser(&self, somebody: &Somebody) -> Browser {
        somebody.at(Ipv4Addr::LOCALHOST, self)
    }

    /// Their browser, at the gateway that is not.
    pub(super) fn browser_beside(&self, somebody: &Somebody) -> Browser {
        match self.sibling().address {
            std::net::SocketAddr::V4(address) => somebody.at(*address.ip(), self),
            std::net::SocketAddr::V6(_) => unreachable!("siblings listen on IPv4"),
        }
    }

    /// Does all of it at once, and kills the gateway within the time that this takes; the first time, to learn
    /// that time, only after it. `None` for whoever was not answered.
    pub(super) async fn killing<T>(
        &mut self,
        deeds: impl IntoIterator<Item = impl Future<Output = Result<T, Trouble>>>,
    ) -> Vec<Option<T>> {
        let moment = self.moments.next();
        let gateway = &mut self.stage.gateway;
        let begun = Instant::now();
        let deeds = async {
            let outcomes = join_all(deeds).await;
            (outcomes, begun.elapsed())
        };
        let kill = async {
            tokio::time::sleep(moment.unwrap_or_default()).await;
            gateway.kill().await;
        };
        let (outcomes, took) = if moment.is_some() {
            tokio::join!(deeds, kill).0
        } else {
            let done = deeds.await;
            kill.await;
            done
        };
        self.moments.took(outcomes.iter().all(Result::is_ok), took);
        let answered = |outcome| match outcome {
            Ok(answer) => Some(answer),
            Err(Trouble::NoAnswer(_)) if moment.is_some() => None,
            Err(trouble) => panic!("{trouble}"),
        };
        outcomes.into_iter().map(answered).collect()
    }

    /// Starts the gateway again. Mails that it had taken to send them are due now, and not in a minute.
    pub(super) async fn start_again(&mut self) {
        consistency::assert_holds(&self.directory).await;
        let mut database = self.database().await;
        run(&mut database, "UPDATE mails SET due_at = 0 WHERE state = 'queued'", &[]).await;
        self.stage.gateway.start_again().await;
    }

    /// Panics with every rule that does not hold.
    pub(super) async fn rules_hold(&self) {
        consistency::assert_holds(&self.directory).await;
    }

    /// The rules once more, and the figures.
    pub(super) async fn finish(self) {
        self.rules_hold().await;
        self.moments.finish();
    }

    /// A connection to the directory.
    pub(super) async fn database(&self) -> AnyConnection {
        consistency::connect(&self.directory).await
    }

    /// What a query of one number gives; `$1` and on are the texts.
    pub(super) async fn number(&self, query: &str, texts: &[&str]) -> i64 {
        let mut query = sqlx::query_scalar(AssertSqlSafe(query));
        for text in texts {
            query = query.bind((*text).to_owned());
        }
        query.fetch_one(&mut self.database().await).await.expect("a number")
    }

    /// The texts that a query gives.
    pub(super) async fn texts(&self, query: &'static str) -> Vec<String> {
        let query = sqlx::query_scalar(query);
        query.fetch_all(&mut self.database().await).await.expect("texts")
    }

    /// How many events of a kind there are about the account that holds an address.
    pub(super) async fn events(&self, action: &str, email: &str) -> i64 {
        let query = "SELECT count(*) FROM audit_events JOIN addresses USING (account)
             WHERE action = $1 AND address = $2";
        self.number(query, &[action, email]).await
    }
}

impl Somebody {
    fn at(&self, address: Ipv4Addr, scene: &Scene) -> Browser {
        let authority = scene.stage.gateway.authority();
        Browser::at(self.source, address, Arc::clone(&self.jar), authority)
    }

    /// A cookie of theirs as a field line.
    pub(super) fn cookie(&self, host: &str, name: &str) -> Option<String> {
        Some(format!("Cookie: {name}={}", self.jar.value(host, name)?))
    }
}

/// Sends a form and follows where it leads.
///
/// # Errors
/// [`Trouble`], for any answer but a page that is good.
pub(super) async fn submit(
    browser: &Browser,
    page: &Page,
    form: &Form,
    filled: &[(&str, &str)],
) -> Result<Page, Trouble> {
    let sent = browser.try_answer(browser.submission(page, form, filled)).await;
    let answer = sent.map_err(|error| Trouble::NoAnswer(format!("{error:?}")))?;
    if answer.redirects() {
        return bitrix_id_tests::journey::open(browser, answer.location().as_str()).await;
    }
    if answer.status == 200 { Ok(answer) } else { Err(Trouble::Elsewhere(Box::new(answer))) }
}

/// Runs a statement; `$1` and on are the texts.
pub(super) async fn run(database: &mut AnyConnection, sql: &'static str, texts: &[&str]) {
    let mut query = sqlx::query(sql);
    for text in texts {
        query = query.bind((*text).to_owned());
    }
    query.execute(database).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

const COPY_ACCOUNT: &str = "INSERT INTO accounts
        (id, email, name, name_key, password_hash, state, generation, created_at)
    SELECT $1, $2, name, name_key, password_hash, state, 1, created_at FROM accounts WHERE email = $3";
const GIVE_ADDRESS: &str =
    "INSERT INTO addresses (address, account, proof, added_at) VALUES ($1, $2, 'mail', 0)";
const GIVE_PROFILE: &str =
    "INSERT INTO profiles (account, portal, roles, joined_at) VALUES ($1, $2, '[]', 0)";

/// Long enough for what another gateway has to hear.
pub(super) const HEARD: Duration = STEP;
