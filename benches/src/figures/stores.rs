//! What each pairing of stores takes: its calls by themselves, and sign-ins and hops at a whole gateway.

pub(super) mod calls;
pub(super) mod spent;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bitrix_id_auth_core::clock::{Clock as _, SystemClock};

use super::people::{People, account, first_portal, portals_of};
use super::place::{Place, Stores};
use super::servers::PAIRINGS;
use super::sign_ins::SignIn;
use super::table::Table;
use super::visits::{Traveller, crowd, session_of, sign_in_place};
use super::{Effort, circumstances, median};
use calls::{Call, Calls, Done};
use spent::{Idle, Spent};

/// A column for each pairing, as text with its circumstances.
pub(super) async fn table(effort: &Effort) -> String {
    let effort = Effort { span: effort.span / PARTS, ..*effort };
    let columns = PAIRINGS.iter().map(|pairing| pairing.name.to_owned()).collect();
    let mut table = Table::new("What each store takes", METHOD.to_owned(), columns);
    for (column, pairing) in PAIRINGS.iter().enumerate() {
        let mut place = Place::prepare(pairing, portals_of(PEOPLE)).await;
        People::of(&place, pairing).await.make(0, PEOPLE).await;
        measure_calls(&mut table, column, &place, effort).await;
        place.start().await;
        for (what, value) in Idle::measure(&place, effort.span * PARTS).await.told() {
            table.add(column, &what, value);
        }
        let sessions = sessions_for(&place).await;
        measure_hops(&mut table, column, &place, &sessions, effort);
        measure_sign_ins(&mut table, column, &place, effort);
        place.gateway.stop().await;
        eprintln!("{}: done", pairing.name);
    }
    format!("{table}\n{}\n", circumstances(&effort))
}

async fn measure_calls(table: &mut Table, column: usize, place: &Place, effort: Effort) {
    let calls = Calls::new(Stores::open(&place.gateway).await, WHO_CALL).await;
    for (call, name) in CALLS {
        calls.make(call, MANY, effort.span.min(WARM_UP)).await;
        for at_once in [1, MANY] {
            let mut rates = Vec::new();
            let (mut all, mut spent) = (Done::default(), Spent::default());
            for _ in 0..effort.rounds {
                if call == Call::End {
                    calls.make(Call::Begin, MANY, effort.span).await;
                }
                let before = Spent::of(place, std::process::id());
                let done = calls.make(call, at_once, effort.span).await;
                spent.add(&before, &Spent::of(place, std::process::id()));
                rates.push(done.per_second());
                (all.calls, all.failed) = (all.calls + done.calls, all.failed + done.failed);
            }
            let failed = match all.failed {
                0 => String::new(),
                failed => format!(" ({failed} of {} failed)", all.calls),
            };
            let rate = format!("{:.0}{failed}", median(&rates));
            table.add(column, &format!("{name}, {at_once} at a time, a second"), rate);
            if at_once == MANY {
                tell(table, column, [name, "the caller"], &spent, all.calls);
            }
        }
    }
    calls.close().await;
}

/// Values of session cookies, one for each traveller.
async fn sessions_for(place: &Place) -> Vec<(u64, String)> {
    let stores = Stores::open(&place.gateway).await;
    let now = SystemClock.now();
    let mut made = Vec::new();
    for turn in 0..TRAVELLERS {
        let person = turn * PEOPLE / TRAVELLERS;
        let cookie = session_of(stores.sessions.as_ref(), account(person), now).await;
        made.push((first_portal(person), cookie));
    }
    stores.close().await;
    made
}

fn measure_hops(
    table: &mut Table,
    column: usize,
    place: &Place,
    sessions: &[(u64, String)],
    effort: Effort,
) {
    let acts = || {
        let traveller = |(portal, cookie): &(u64, String)| {
            let mut traveller = Traveller::new(&place.gateway, cookie);
            let (portal, mut turn) = (*portal, 0);
            move || {
                traveller.hop(portal + turn % 2);
                turn += 1;
            }
        };
        sessions.iter().map(traveller).collect::<Vec<_>>()
    };
    measure_visits(table, column, place, "hops at the gateway", effort, acts);
}

fn measure_sign_ins(table: &mut Table, column: usize, place: &Place, effort: Effort) {
    let person = Arc::new(AtomicU64::new(0));
    let (address, authority) = sign_in_place(&place.gateway);
    let acts = || {
        let door = |_| {
            let (mut door, person) = (SignIn::open(address, &authority), person.clone());
            move || {
                let next = person.fetch_add(1, Ordering::Relaxed) % (PEOPLE - WHO_CALL);
                door.sign_in(u32::try_from(WHO_CALL + next).expect("few"));
            }
        };
        (0..DOORS).map(door).collect::<Vec<_>>()
    };
    // Slow by design: half a second would count a dozen.
    let effort = Effort { span: effort.span * 2, ..effort };
    measure_visits(table, column, place, "sign-ins at the gateway", effort, acts);
}

fn measure_visits<A: FnMut() + Send>(
    table: &mut Table,
    column: usize,
    place: &Place,
    name: &str,
    effort: Effort,
    acts: impl Fn() -> Vec<A>,
) {
    crowd(acts(), effort.span);
    let (mut rates, mut all) = (Vec::new(), 0);
    let (mut spent, gateway) = (Spent::default(), place.gateway.process().pid());
    for _ in 0..effort.rounds {
        let before = Spent::of(place, gateway);
        let (done, span) = crowd(acts(), effort.span);
        spent.add(&before, &Spent::of(place, gateway));
        rates.push(done as f64 / span.as_secs_f64());
        all += done;
    }
    table.add(column, &format!("{name}, a second"), format!("{:.0}", median(&rates)));
    tell(table, column, [name, "the gateway"], &spent, all);
}

/// Of each act, for whoever asks and for the servers.
fn tell(table: &mut Table, column: usize, [name, asks]: [&str; 2], spent: &Spent, acts: u64) {
    for (process, spent) in spent.by_process(asks) {
        let each = |spent: Duration| spent.as_secs_f64() * 1e6 / acts.max(1) as f64;
        let told = spent.map_or_else(|| "–".to_owned(), |spent| format!("{:.0}", each(spent)));
        table.add(column, &format!("{name}, CPU µs of {process}"), told);
    }
}

const CALLS: [(Call, &str); 6] = [
    (Call::Begin, "sessions begun"),
    (Call::Ticket, "tickets spent"),
    (Call::Renewal, "renewals"),
    (Call::SignIn, "sign-ins without their hash"),
    (Call::End, "sessions ended, a revocation each"),
    (Call::Mail, "mails queued and sent"),
];

const MANY: usize = 32;
const PEOPLE: u64 = 10_000;
/// Calls are made for these; the others sign in, for the first time in their lives: nobody is told of a new
/// browser.
const WHO_CALL: u64 = 5_000;
const TRAVELLERS: u64 = 16;
/// Enough to keep the hashing pool busy.
const DOORS: u64 = 8;
/// There are many figures: each takes a tenth of the time.
const PARTS: u32 = 10;
const WARM_UP: Duration = Duration::from_millis(200);

const METHOD: &str = "Directory, and sessions beside it where another name follows. Servers, gateway and load share \
both cores; every acknowledged write has been flushed to the disk that all of them share (PostgreSQL with its own \
settings, Redis with `appendfsync always`; a Sentinel's primary likewise, its replica in memory), except for \
times of last use and counts of attempts. Calls go to the stores by their traits, past the gateway. A renewal \
reads session, account and profile, notes a use, and signs a token; a ticket is spent by one call, and \
issued by none; a sign-in without its hash is every call of one for a right password in a new browser; a mail is \
queued by one call and forgotten by another. A hop opens a portal without a form, in three requests; 16 browsers at \
a time. A sign-in is one with the default cost of hashing (argon2id, 19 MiB, two passes), which is also the lowest \
that a configuration may ask for; 8 at a time, no two of a person. CPU times are those of whole processes at the \
larger number of calls at a time, whatever else they did; a caller's are what a gateway spends for the call.";
