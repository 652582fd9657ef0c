//! Calls of the stores by their traits, past the gateway.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bitrix_id_auth_core::audit::SIGN_IN_SUCCEEDED;
use bitrix_id_auth_core::clock::{Clock as _, SystemClock};
use bitrix_id_auth_core::identity::{SessionId, UnixSeconds};
use bitrix_id_auth_core::issuer::{IssueRequest, Issued, Issuer};
use bitrix_id_auth_core::keys::{KeyRing, generate};
use bitrix_id_auth_core::store::{
    Attempt, AuditEvent, Holder, QueuedMail, SessionLimits, StoreError,
};
use bitrix_id_auth_core::throttle::SignInThrottle;
use uuid::Uuid;

use crate::figures::people::{account, first_portal};
use crate::figures::place::{Stores, host, portal};
use crate::figures::visits::{new_session, random};

/// What is asked of the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    /// A session begins.
    Begin,
    /// A ticket is spent.
    Ticket,
    /// A token is made: for a renewal, and at the end of a hop.
    Renewal,
    /// All that a sign-in asks, its hash left out.
    SignIn,
    /// A session is ended, which writes a revocation.
    End,
    /// A mail is queued, and forgotten when it has been sent.
    Mail,
}

/// Makes calls, each with another session.
pub(crate) struct Calls {
    stores: Stores,
    issuer: Issuer,
    throttle: SignInThrottle,
    people: u64,
    turns: Mutex<HashMap<Call, Arc<AtomicU64>>>,
    /// Whose tokens are renewed.
    kept: Vec<SessionId>,
    /// To be ended.
    begun: Mutex<Vec<SessionId>>,
    begun_at: UnixSeconds,
}

/// What came of many calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    pub calls: u64,
    /// Of them, those that the store gave up at its deadline.
    pub failed: u64,
    pub span: Duration,
}

impl Done {
    pub(crate) fn per_second(&self) -> f64 {
        (self.calls - self.failed) as f64 / self.span.as_secs_f64()
    }
}

impl Calls {
    /// With so many people in the directory, from number 0 on.
    pub(crate) async fn new(stores: Stores, people: u64) -> Arc<Self> {
        let now = SystemClock.now();
        let key = generate(now - 1000, now - 1000).expect("a key");
        let keys = Arc::new(ArcSwap::from_pointee(KeyRing::new(&[key], now).expect("a ring")));
        let issuer = Issuer::new(stores.directory.clone(), stores.sessions.clone(), keys);
        let throttle = SignInThrottle::new(stores.sessions.clone());
        let mut kept = Vec::new();
        for number in 0..KEPT {
            let new = new_session(account(number * people / KEPT), random(), now);
            let session = stores.sessions.create_session(new, now).await;
            kept.push(session.expect("the store takes it").id);
        }
        let (turns, begun) = (Mutex::default(), Mutex::default());
        Arc::new(Self { stores, issuer, throttle, people, turns, kept, begun, begun_at: now })
    }

    /// Closes the stores.
    pub(crate) async fn close(self: Arc<Self>) {
        let calls = Arc::into_inner(self).expect("no call is under way");
        calls.stores.close().await;
    }

    /// Makes as many calls as it can in `span`, so many at a time.
    pub(crate) async fn make(self: &Arc<Self>, call: Call, at_once: usize, span: Duration) -> Done {
        let turns = self.turns.lock().expect("no panic").entry(call).or_default().clone();
        let begun = Instant::now();
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                let (me, turns) = (self.clone(), turns.clone());
                tokio::spawn(async move {
                    let mut done = Done::default();
                    while begun.elapsed() < span {
                        match me.one(call, turns.fetch_add(1, Ordering::Relaxed)).await {
                            Ok(true) => done.calls += 1,
                            // There is nothing left to end.
                            Ok(false) => break,
                            Err(StoreError::Unavailable(_)) => {
                                done.calls += 1;
                                done.failed += 1;
                            }
                            Err(error) => panic!("{call:?}: {error}"),
                        }
                    }
                    done
                })
            })
            .collect();
        let mut all = Done::default();
        for worker in workers {
            let done = worker.await.expect("calls succeed");
            (all.calls, all.failed) = (all.calls + done.calls, all.failed + done.failed);
        }
        Done { span: begun.elapsed(), ..all }
    }

    /// One call; false: there is nothing to do it with. `turn` is another one each time.
    pub(crate) async fn one(&self, call: Call, turn: u64) -> Result<bool, StoreError> {
        let sessions = &self.stores.sessions;
        let (person, now) = (turn % self.people, SystemClock.now());
        match call {
            Call::Begin => {
                let new = new_session(account(person), random(), now);
                let session = sessions.create_session(new, now).await?;
                self.begun.lock().expect("no panic").push(session.id);
            }
            Call::Ticket => {
                assert!(sessions.spend_ticket(Uuid::now_v7(), now + 30).await?, "spent once");
            }
            Call::Renewal => self.renew(turn).await?,
            Call::SignIn => self.sign_in(person, turn).await?,
            Call::End => {
                let Some(id) = self.begun.lock().expect("no panic").pop() else {
                    return Ok(false);
                };
                sessions.end_session(id, now + 3600, now * 1000).await?;
            }
            Call::Mail => {
                let mail = mail(turn);
                let id = mail.id;
                self.stores.directory.queue_mail(mail, now).await?;
                self.stores.directory.mail_sent(id).await?;
            }
        }
        Ok(true)
    }

    async fn renew(&self, turn: u64) -> Result<(), StoreError> {
        let which = turn % KEPT;
        let person = which * self.people / KEPT;
        // Each use is later than the one before: a store does not write what it knows.
        let now = self.begun_at + 1 + i64::try_from(turn / KEPT).expect("not for ever");
        let at = first_portal(person);
        let (host, portal) = (host(at), portal(at));
        let request = IssueRequest {
            session: self.kept[which as usize],
            issuer: "https://id.bench.localhost",
            host: &host,
            portal: &portal,
            token_lifetime: 600,
            limits: SessionLimits { idle: 24 * 3600, absolute: 30 * 24 * 3600 },
            now,
        };
        use bitrix_id_auth_core::issuer::IssueTokenError::{Sign, Store};
        match self.issuer.portal_token(request).await {
            Ok(Issued::Token { .. }) => Ok(()),
            Ok(Issued::SessionEnded) => panic!("it lives"),
            Err(Store(error)) => Err(error),
            Err(Sign(error)) => panic!("a key signs: {error}"),
        }
    }

    /// In the order in which the sign-in app asks for a right password in a browser without a past.
    async fn sign_in(&self, person: u64, turn: u64) -> Result<(), StoreError> {
        let Stores { directory, sessions, .. } = &self.stores;
        let now = SystemClock.now();
        let email = format!("person{person}@example.com");
        let network = 0x0a00_0000 + u32::try_from(turn % (1 << 24)).expect("24 bits");
        let ip = IpAddr::V4(Ipv4Addr::from(network));
        let Holder::Proved(id) = directory.holder(&email).await? else { panic!("no {email}") };
        directory.account(id).await?.expect("an account");
        let browser = random();
        sessions.peek_one_time(DISOWNED, &browser, now).await?;
        let attempt = self.throttle.before(&email, ip, None, now * 1000).await?;
        // Over and over by the same few: an account's own limit is reached, and costs no less.
        let _: Attempt = attempt;
        directory.any_portal_password().await?;
        self.throttle.succeeded(&email, ip, None).await?;
        let session = sessions.create_session(new_session(id, random(), now), now).await?;
        directory.account(id).await?;
        sessions.peek_one_time(DISOWNED, &browser, now).await?;
        sessions.take_one_time(DISOWNED, &browser, now).await?;
        let event = AuditEvent::new(SIGN_IN_SUCCEEDED, now * 1000)
            .with_account(id)
            .with_session(session.id)
            .with_client_ip(ip)
            .with_detail("password");
        directory.record(event).await?;
        directory.signed_in_before(id, session.id).await?;
        let addresses = directory.addresses(id).await?;
        let emails: Vec<String> = addresses.into_iter().map(|held| held.address).collect();
        directory.free_profiles(&emails).await?;
        Ok(())
    }
}

/// Of the size of one with a code.
fn mail(turn: u64) -> QueuedMail {
    QueuedMail {
        id: Uuid::now_v7(),
        to: format!("person{turn}@example.com"),
        subject: "Your code".to_owned(),
        text: "t".repeat(800),
        html: "h".repeat(4_000),
        attempts: 0,
    }
}

/// Sessions whose tokens are renewed in turn.
const KEPT: u64 = 200;
const DISOWNED: &str = "disowned-device";
