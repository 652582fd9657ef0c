//! What one of them does: with a browser, with WebSockets, and with a token that was signed out, as a thief.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_tests::client::browser::Browser;
use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::client::websocket::WebSocket;
use bitrix_id_tests::gateway::Person;
use bitrix_id_tests::journey::{self, Trouble};
use bitrix_id_tests::pki::Authority;
use bitrix_id_tests::stage::{ACME, GLOBEX, ID, INITECH, SESSION, TOKEN};

use super::board::{Board, Deed, Gateway};
use super::pace;

const STEP: Duration = Duration::from_millis(150);
/// Requests between a sign-in and the next hop.
const REQUESTS: usize = 12;
/// Rounds of requests and hops in one session.
const ROUNDS: usize = 6;

/// Where somebody works.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) gateway: Gateway,
    pub(super) address: SocketAddr,
    pub(super) authority: Authority,
    pub(super) port: u16,
    /// The address of the other gateway, where what was signed out here is refused too.
    pub(super) other: SocketAddr,
}

/// Somebody at work.
pub(super) struct Worker {
    pub(super) place: Place,
    pub(super) person: Person,
    pub(super) board: Arc<Board>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Worker {
    /// Signs in, works, hops, works; signs out or just closes the browser; and again.
    pub(super) async fn click(self) {
        let browser = self.place.browser();
        let mut leaves = false;
        while !self.stopped() {
            if self.sign_in(&browser).await {
                self.work(&browser).await;
                leaves = !leaves;
                if leaves {
                    self.sign_out(&browser).await;
                }
                close(&browser);
            }
        }
    }

    async fn work(&self, browser: &Browser) {
        let mut last = Instant::now();
        for host in [GLOBEX, ACME, INITECH].into_iter().cycle().take(ROUNDS) {
            for _ in 0..REQUESTS {
                pace(&mut last, STEP).await;
                if self.stopped() {
                    return;
                }
                let known = self.is_known(browser);
                let began = Instant::now();
                let page = journey::sign_in(browser, &self.person, &self.url(ACME, "/work")).await;
                // Whose session has ended by itself meanwhile has signed in again.
                self.note(if known { Deed::Request } else { Deed::SignIn }, began, &page);
            }
            let began = Instant::now();
            let hopped = journey::sign_in(browser, &self.person, &self.url(host, "/hop")).await;
            self.note(Deed::Hop, began, &hopped);
        }
    }

    async fn sign_in(&self, browser: &Browser) -> bool {
        let began = Instant::now();
        let page = journey::sign_in(browser, &self.person, &self.url(ACME, "/in")).await;
        self.note(Deed::SignIn, began, &page);
        if page.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        page.is_ok()
    }

    /// What was answered as done is done, here at once and there within a second.
    async fn sign_out(&self, browser: &Browser) {
        let Some(token) = browser.jar().value(ACME, TOKEN) else { return };
        let began = Instant::now();
        let outcome = journey::sign_out(browser, &self.url(ACME, "")).await;
        self.note(Deed::SignOut, began, &outcome);
        if outcome.is_err() {
            return;
        }
        self.intrude(self.place.address, &token).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.intrude(self.place.other, &token).await;
    }

    fn note<T>(&self, deed: Deed, began: Instant, outcome: &Result<T, Trouble>) {
        self.board.note(deed, began, outcome, self.place.gateway);
    }

    /// Tries a token that has been signed out; either gateway may be the one that is killed.
    async fn intrude(&self, address: SocketAddr, token: &str) {
        let began = Instant::now();
        let line = format!("Cookie: {TOKEN}={token}");
        let outcome = match self.place.get(address, ACME, "/stolen", &line).await {
            Ok(200) => {
                self.board.blame("a token that was signed out was let in");
                return;
            }
            Ok(_) => Ok(()),
            Err(error) => Err(Trouble::NoAnswer(error.to_string())),
        };
        self.board.note(Deed::Intrusion, began, &outcome, Gateway::Killed);
    }

    /// Opens a WebSocket, speaks over it for a while, closes it; and again.
    pub(super) async fn hold_sockets(self) {
        let browser = self.place.browser();
        while !self.stopped() {
            let began = Instant::now();
            if !self.sign_in(&browser).await {
                continue;
            }
            let outcome = self.speak(&browser).await;
            self.note(Deed::Socket, began, &outcome);
        }
    }

    async fn speak(&self, browser: &Browser) -> Result<(), Trouble> {
        let lost = |error: &dyn std::fmt::Display| Trouble::NoAnswer(error.to_string());
        let tls = self.place.authority.client(&[b"http/1.1"]);
        let connection = RawConnection::tls(self.place.address, ACME, tls).await;
        let connection = connection.map_err(|error| lost(&error))?;
        let cookie = format!("{TOKEN}={}", browser.jar().value(ACME, TOKEN).unwrap_or_default());
        let (origin, host) = (self.url(ACME, ""), format!("{ACME}:{}", self.place.port));
        let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
        let opened = WebSocket::try_open(connection, &host, "/do/ws", &fields).await;
        let opened = opened.map_err(|error| lost(&error))?;
        let mut socket = match opened {
            Ok(socket) => socket,
            // The session has reached its end since the page was shown.
            Err(answer) if answer.status == 401 => return Ok(()),
            Err(answer) => return Err(lost(&format!("{answer:?}"))),
        };
        let mut last = Instant::now();
        for n in 0..20 {
            pace(&mut last, Duration::from_millis(1000)).await;
            // A session that ends by itself takes its sockets along.
            if let Err(error) = socket.echo(&n.to_string()).await {
                return if n > 0 { Ok(()) } else { Err(lost(&error)) };
            }
            if self.stopped() {
                break;
            }
        }
        Ok(())
    }

    fn is_known(&self, browser: &Browser) -> bool {
        browser.jar().value(ID, SESSION).is_some()
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.place.port)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Only what makes a browser known stays.
fn close(browser: &Browser) {
    browser.jar().forget(ID, SESSION);
    for host in [ACME, GLOBEX, INITECH] {
        browser.jar().forget(host, TOKEN);
    }
}

impl Place {
    fn browser(&self) -> Browser {
        match self.address.ip() {
            std::net::IpAddr::V4(address) => Browser::on(address, &self.authority),
            std::net::IpAddr::V6(_) => unreachable!("test gateways listen on IPv4"),
        }
    }

    async fn get(
        &self,
        address: SocketAddr,
        host: &str,
        path: &str,
        line: &str,
    ) -> std::io::Result<u16> {
        let tls = self.authority.client(&[b"http/1.1"]);
        let mut connection = RawConnection::tls(address, host, tls).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}:{}\r\n{line}\r\n\r\n", self.port);
        Ok(connection.exchange("GET", request).await?.status)
    }
}
