//! The ways in: browsers, raw connections, the admin listener.

use std::net::SocketAddr;
use std::time::Duration;

use super::TestGateway;
use crate::client::browser::Browser;
use crate::client::h2::H2Connection;
use crate::client::raw::RawConnection;
use crate::client::raw_h2::RawH2;
use crate::client::response::Response;
use crate::client::websocket::WebSocket;
use crate::door::Door;
use crate::load::Target;

/// Ways in.
impl TestGateway {
    /// The TLS listener.
    pub fn https(&self) -> SocketAddr {
        self.https.address()
    }

    /// The plain listener, if opened.
    pub fn http(&self) -> SocketAddr {
        self.http.address()
    }

    /// The admin listener.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// `https://host:port` and a path.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.https.port())
    }

    /// `host:port`, as a browser says it in `Host`.
    pub fn authority_of(&self, host: &str) -> String {
        format!("{host}:{}", self.https.port())
    }

    /// The URL of a path on the Bitrix ID host.
    pub fn identity_url(&self, path: &str) -> String {
        self.url(&self.identity_host, path)
    }

    /// The gateway as clients find it.
    pub fn door(&self) -> Door {
        Door::new(self.https(), self.admin.address(), &self.authority)
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.authority)
    }

    /// A raw HTTP/1.1 connection with `host` as server name.
    pub async fn raw(&self, host: &str) -> RawConnection {
        let config = self.authority.client(&[b"http/1.1"]);
        RawConnection::tls(self.https(), host, config).await.expect("a connection")
    }

    /// One request over a connection of its own; `fields` are whole lines without line ends.
    pub async fn send(&self, host: &str, line: &str, fields: &[&str], body: &str) -> Response {
        let method = line.split(' ').next().unwrap_or_default();
        let request = self.request(host, line, fields, body);
        let answer = self.raw(host).await.exchange(method, request).await;
        answer.unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The bytes of such a request.
    pub fn request(&self, host: &str, line: &str, fields: &[&str], body: &str) -> String {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {}\r\n", self.authority_of(host));
        for field in fields {
            request.push_str(field);
            request.push_str("\r\n");
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request + "\r\n" + body
    }

    /// An HTTP/2 connection with `host` as server name and authority.
    pub async fn h2(&self, host: &str) -> H2Connection {
        let config = self.authority.client(&[b"h2"]);
        H2Connection::open(self.https(), host, &self.authority_of(host), config)
            .await
            .expect("HTTP/2")
    }

    /// HTTP/2 frame by frame.
    pub async fn raw_h2(&self, host: &str) -> RawH2 {
        RawH2::open(self.https(), host, self.authority.client(&[b"h2"])).await.expect("HTTP/2")
    }

    /// Asks a portal for a WebSocket; `Err` is the refusal.
    ///
    /// # Errors
    /// Any answer but 101.
    pub async fn websocket(
        &self,
        host: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<WebSocket, Box<Response>> {
        WebSocket::open(self.raw(host).await, &self.authority_of(host), path, fields).await
    }

    /// Load on a path that needs no sign-in, or with these header lines one that does.
    pub fn target(&self, host: &str, path: &str, fields: &[&str]) -> Target {
        Target {
            address: self.https(),
            host: host.to_owned(),
            tls: self.authority.client(&[b"http/1.1"]),
            request: self.request(host, &format!("GET {path}"), fields, ""),
            requests_per_connection: 50,
            pause: Duration::ZERO,
            until_refused: false,
        }
    }

    /// A request to the admin listener.
    pub async fn admin(&self, method: &str, path: &str) -> Response {
        self.admin_with(method, path, "").await
    }

    /// The same with further header lines, each with its line end.
    pub async fn admin_with(&self, method: &str, path: &str, fields: &str) -> Response {
        let answer = self.try_admin(method, path, fields).await;
        answer
            .unwrap_or_else(|error| panic!("{method} {path}: {error}; {}", self.process().errors()))
    }

    pub(super) async fn try_admin(
        &self,
        method: &str,
        path: &str,
        fields: &str,
    ) -> std::io::Result<Response> {
        let mut connection = RawConnection::plain(self.admin.address()).await?;
        let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
        let host = if fields.to_ascii_lowercase().starts_with("host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.admin.address())
        };
        let request =
            format!("{method} {path} HTTP/1.1\r\n{host}{length}Connection: close\r\n{fields}\r\n");
        connection.exchange(method, request).await
    }

    /// `/metrics`.
    pub async fn metrics(&self) -> String {
        self.admin("GET", "/metrics").await.text()
    }
}
