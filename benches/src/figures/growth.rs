//! What grows with the number of accounts and sessions, and what does not.

mod sessions;

use std::process::Stdio;
use std::time::{Duration, Instant};

use bitrix_id_auth_core::clock::{Clock as _, SystemClock};
use bitrix_id_auth_core::store::SessionLimits;
use bitrix_id_tests::process::command;

use super::pace::Latencies;
use super::people::{People, account, first_portal, log_bytes, portals_of};
use super::place::{Place, Stores, portal};
use super::servers::{POSTGRES_AND_REDIS, Pairing, SQLITE};
use super::sign_ins::SignIn;
use super::stores::calls::{Call, Calls};
use super::stores::spent::Idle;
use super::table::Table;
use super::today;
use super::visits::{Traveller, session_of, sign_in_place, timed};

/// A column for each size, as text with its circumstances.
pub(super) async fn table() -> String {
    let most = std::env::var("BENCH_ACCOUNTS").ok().and_then(|most| most.parse().ok());
    let most: u64 = most.unwrap_or(1_000_000);
    let sizes: Vec<u64> = SIZES.into_iter().filter(|size| *size <= most.max(SIZES[0])).collect();
    let columns = sizes.iter().map(|size| format!("{size} accounts")).collect();
    let mut table = Table::new("Growth of accounts and sessions", METHOD.to_owned(), columns);
    for pairing in [SQLITE, POSTGRES_AND_REDIS] {
        let mut grown = Grown::begin(&pairing, sizes.last().copied().unwrap_or_default()).await;
        for (column, size) in sizes.iter().enumerate() {
            let begun = Instant::now();
            grown.to(*size).await;
            eprintln!("{}: {size} accounts after {:.0?}", pairing.name, begun.elapsed());
            for (what, value) in grown.measure().await {
                table.add(column, &format!("{}: {what}", pairing.name), value);
            }
        }
    }
    format!("{table}\nOn {}.\n", today())
}

/// An installation that gets larger.
struct Grown {
    place: Place,
    people: People,
    size: u64,
    /// Sessions that were kept when there were none of ours.
    empty_bytes: u64,
}

type Values = Vec<(String, String)>;

impl Grown {
    async fn begin(pairing: &Pairing, most: u64) -> Self {
        let place = Place::prepare(pairing, portals_of(most)).await;
        place.servers.keep_sessions_in_memory_alone();
        let empty_bytes = place.servers.sessions_bytes().unwrap_or_default();
        Self { people: People::of(&place, pairing).await, place, size: 0, empty_bytes }
    }

    /// Makes the people who are missing, and a session of each.
    async fn to(&mut self, size: u64) {
        self.people.make(self.size, size).await;
        if self.place.servers.sessions_bytes().is_some() {
            let stores = Stores::open(&self.place.gateway).await;
            sessions::begin(&stores.sessions, self.size, size).await;
            stores.close().await;
        }
        self.size = size;
    }

    async fn measure(&mut self) -> Values {
        let mut values = self.sizes().await;
        values.extend(self.commands().await);
        let mut starts = Vec::new();
        for last in [false, false, true] {
            let begun = Instant::now();
            self.place.start().await;
            starts.push(begun.elapsed());
            if !last {
                self.place.gateway.stop().await;
            }
        }
        values.push(("start of the gateway, ms".into(), middle(starts)));
        values.extend(Idle::measure(&self.place, SETTLE).await.told());
        values.push(("gateway at rest, MiB".into(), self.resident()));
        values.extend(self.visits().await);
        values.push(("gateway after these, MiB".into(), self.resident()));
        self.place.gateway.stop().await;
        values.extend(self.calls().await);
        values
    }

    async fn sizes(&mut self) -> Values {
        let bytes = self.people.bytes().await + log_bytes(&self.place.gateway.database());
        let mut values = vec![("directory on disk, MiB".into(), mib(bytes))];
        for (table, what) in TABLES {
            if let Some(bytes) = self.people.bytes_of_row(table).await {
                values.push((what.into(), format!("{bytes:.0}")));
            }
        }
        if let Some(bytes) = self.place.servers.sessions_bytes() {
            values.push(("Redis, MiB".into(), mib(bytes)));
            let each = bytes.saturating_sub(self.empty_bytes) as f64 / self.size as f64;
            values.push(("Redis: bytes of a session".into(), format!("{each:.0}")));
        }
        values
    }

    /// What an operator waits for, from the start of a command to its end.
    async fn commands(&self) -> Values {
        let email = format!("person{}@example.com", self.size / 2);
        let show = ["account", "show", &email];
        let shown = vec![self.run(&show).await, self.run(&show).await, self.run(&show).await];
        // All of a million takes long enough to be told by once.
        let listed = vec![self.run(&["account", "list"]).await];
        vec![
            ("`account show`, ms".into(), middle(shown)),
            ("`account list`, all of it, ms".into(), middle(listed)),
        ]
    }

    async fn run(&self, arguments: &[&str]) -> Duration {
        let config = self.place.gateway.config_path().display().to_string();
        let arguments = [arguments, &["--config", &config]].concat();
        let begun = Instant::now();
        let mut command = command(&arguments, &[]);
        let status = command.stdout(Stdio::null()).status().await.expect("the binary starts");
        assert!(status.success(), "{arguments:?}");
        begun.elapsed()
    }

    /// One after the other, so that nothing waits but for the stores.
    async fn visits(&self) -> Values {
        let stores = Stores::open(&self.place.gateway).await;
        let now = SystemClock.now();
        let mut travellers = Vec::new();
        for turn in 0..TRAVELLERS {
            let person = turn * self.size / TRAVELLERS;
            let cookie = session_of(stores.sessions.as_ref(), account(person), now).await;
            let traveller = Traveller::new(&self.place.gateway, &cookie);
            travellers.push((first_portal(person), traveller));
        }
        stores.close().await;
        let mut hop = |turn: u64| {
            let (portal, traveller) = &mut travellers[(turn % TRAVELLERS) as usize];
            traveller.hop(*portal + turn / TRAVELLERS % 2);
        };
        timed(TRAVELLERS, &mut hop);
        let hops = Latencies::of(timed(HOPS, &mut hop));
        let (address, authority) = sign_in_place(&self.place.gateway);
        let mut door = SignIn::open(address, &authority);
        // Nobody twice: those of the sizes before are others.
        let person = |turn| u32::try_from(self.size - 1 - turn).expect("millions");
        let sign_ins = Latencies::of(timed(SIGN_INS, |turn| door.sign_in(person(turn))));
        vec![
            ("sign-in, p50 and p99, ms".into(), percentiles(&sign_ins)),
            ("hop, p50 and p99, ms".into(), percentiles(&hops)),
        ]
    }

    /// Past the gateway: what it asks of the stores by itself, and what people's pages ask.
    async fn calls(&self) -> Values {
        let calls = Calls::new(Stores::open(&self.place.gateway).await, self.size).await;
        let mut renewals = Vec::new();
        for turn in 0..RENEWALS {
            let begun = Instant::now();
            calls.one(Call::Renewal, turn).await.expect("the stores answer");
            renewals.push(begun.elapsed());
        }
        calls.close().await;
        let stores = Stores::open(&self.place.gateway).await;
        let limits = SessionLimits { idle: 24 * 3600, absolute: 30 * 24 * 3600 };
        let at = portal(first_portal(self.size / 2));
        let (mut counts, mut sweeps, mut searches) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..LOOKS {
            let now = SystemClock.now();
            let begun = Instant::now();
            stores.sessions.count_sessions().await.expect("the store answers");
            counts.push(begun.elapsed());
            let begun = Instant::now();
            stores.sessions.sweep(limits, now, now * 1000).await.expect("the store answers");
            sweeps.push(begun.elapsed());
            let begun = Instant::now();
            stores.directory.members(&at, "number", 50).await.expect("the store answers");
            searches.push(begun.elapsed());
        }
        stores.close().await;
        vec![
            ("renewal, p50 and p99, ms".into(), percentiles(&Latencies::of(renewals))),
            ("search among a portal's people, ms".into(), middle(searches)),
            ("count of sessions, every two seconds, ms".into(), middle(counts)),
            ("sweep of sessions, every second, ms".into(), middle(sweeps)),
        ]
    }

    fn resident(&self) -> String {
        mib(self.place.gateway.process().resident_kib() * 1024)
    }
}

fn percentiles(latencies: &Latencies) -> String {
    format!("{:.1}, {:.1}", latencies.at(0.5), latencies.at(0.99))
}

fn middle(spans: Vec<Duration>) -> String {
    format!("{:.1}", Latencies::of(spans).at(0.5))
}

fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

/// Accounts, and as many sessions.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Tables that grow with people.
const TABLES: [(&str, &str); 4] = [
    ("accounts", "bytes of an account"),
    ("addresses", "bytes of an address"),
    ("profiles", "bytes of a profile"),
    ("audit_events", "bytes of an audit event"),
];
const TRAVELLERS: u64 = 50;
const HOPS: u64 = 500;
const SIGN_INS: u64 = 100;
const RENEWALS: u64 = 1_000;
const LOOKS: usize = 5;
const SETTLE: Duration = Duration::from_secs(4);

const METHOD: &str = "Two installations that grow: everything in one SQLite file, and PostgreSQL with sessions in \
Redis. Accounts have an address, two profiles, an audit event and a session in which one portal was opened; a portal \
has two thousand people at every size. The database itself makes the rows, with the product's columns; sessions \
in Redis are begun by the product's own code. Redis keeps nothing on disk here. Latencies are of one browser or \
caller after the other, sign-ins with the default cost of hashing; a start is from the program's start until it is \
ready, middle of three; commands are from start to end, `account show` the middle of three. Bytes of a row have its indexes in them. Where a size is not \
told, it has not grown.";
