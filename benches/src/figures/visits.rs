//! What a browser does at a gateway: signing in, and opening another portal without a form.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_auth_core::hop::{HOP_COOKIE_PREFIX, SESSION_COOKIE, TOKEN_COOKIE, sha256};
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{NewSession, SessionStore};
use bitrix_id_tests::gateway::TestGateway;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::pace::Connection;
use super::place::host;
use crate::scene::IDENTITY;

/// A browser that is signed in on the Bitrix ID host and has no token of any portal.
pub(crate) struct Traveller {
    connection: Connection,
    port: String,
    session: String,
}

impl Traveller {
    /// `session` is the value of the session's cookie.
    pub(crate) fn new(gateway: &TestGateway, session: &str) -> Self {
        let port = gateway.authority_of("").trim_start_matches(':').to_owned();
        Self { connection: Connection::open(gateway.http()), port, session: session.to_owned() }
    }

    /// Opens a portal: away from it, to Bitrix ID, and back with a ticket, which is spent for a token.
    pub(crate) fn hop(&mut self, portal: u64) {
        let here = host(portal);
        let away = self.get(&here, "/", "", 302);
        let hop = cookie(&away, HOP_COOKIE_PREFIX);
        let session = format!("{SESSION_COOKIE}={}", self.session);
        let back = self.get(IDENTITY, path_of(&away), &session, 303);
        let landed = self.get(&here, path_of(&back), &hop, 303);
        cookie(&landed, TOKEN_COOKIE);
    }

    fn get(&mut self, host: &str, path: &str, cookie: &str, status: u16) -> String {
        let port = &self.port;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n{BROWSER}\r\n"
        );
        self.connection.ask(&request, status);
        self.connection.answer()
    }
}

/// What a field of an answer says, whatever the case of its name.
fn fields<'a>(answer: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// Path and query of where an answer leads.
fn path_of(answer: &str) -> &str {
    let url = fields(answer, "location").next().expect("it leads somewhere");
    let (_, rest) = url.split_once("://").expect("a whole URL");
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// Name and value of the cookie that an answer sets, its name beginning like this.
fn cookie(answer: &str, prefix: &str) -> String {
    let set = fields(answer, "set-cookie").find(|cookie| cookie.starts_with(prefix));
    let set = set.unwrap_or_else(|| panic!("no {prefix}: {answer}"));
    set.split(';').next().unwrap_or_default().to_owned()
}

/// A session for a browser that did not sign in; the value of its cookie.
pub(crate) async fn session_of(
    sessions: &dyn SessionStore,
    account: AccountId,
    now: i64,
) -> String {
    let cookie = random_cookie();
    let new = new_session(account, sha256(&cookie), now);
    sessions.create_session(new, now).await.expect("the store takes it");
    cookie
}

/// A session as a sign-in makes it.
pub(crate) fn new_session(account: AccountId, cookie_hash: [u8; 32], now: i64) -> NewSession {
    NewSession {
        account,
        generation: 1,
        cookie_hash,
        auth_time: now,
        amr: vec!["pwd".to_owned()],
        user_agent: USER_AGENT.to_owned(),
        client_ip: Some(std::net::Ipv4Addr::new(203, 0, 113, 7).into()),
        device: Some("D".repeat(43)),
    }
}

/// 32 random bytes.
pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes
}

fn random_cookie() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = [random(), random()].concat();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 64)]);
    // The last of 43 stands for two bits less.
    bytes.iter().take(42).map(letter).chain(['A']).collect()
}

/// How often each of some threads gets its act done in a span, all together.
pub(crate) fn crowd<A: FnMut() + Send>(acts: Vec<A>, span: Duration) -> (u64, Duration) {
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for mut act in acts {
            let done = &done;
            scope.spawn(move || {
                while begun.elapsed() < span {
                    act();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (done.load(Ordering::Relaxed), begun.elapsed())
}

/// How long an act takes each time.
pub(crate) fn timed(times: u64, mut act: impl FnMut(u64)) -> Vec<Duration> {
    let one = |turn| {
        let begun = Instant::now();
        act(turn);
        begun.elapsed()
    };
    (0..times).map(one).collect()
}

/// Where the sign-in form is.
pub(crate) fn sign_in_place(gateway: &TestGateway) -> (SocketAddr, String) {
    (gateway.http(), gateway.authority_of(IDENTITY))
}

const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/142.0.0.0 Safari/537.36";
const BROWSER: &str = "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\nSec-Fetch-Site: none\r\n\
                       Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nX-Forwarded-Proto: https\r\n\
                       X-Forwarded-For: 203.0.113.7\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_where_it_leads_and_what_it_sets() {
        let answer = "HTTP/1.1 302 Found\r\nLocation: https://id.example:8443/sign-in?state=x\r\n\
                      Set-Cookie: a=1; Path=/\r\nset-cookie: b-7=2; Path=/\r\n\r\nlocation: no";
        assert_eq!(path_of(answer), "/sign-in?state=x");
        assert_eq!(cookie(answer, "b-"), "b-7=2");
    }

    #[test]
    fn a_cookie_of_a_session_has_43_letters() {
        assert_eq!(random_cookie().len(), 43);
    }
}
