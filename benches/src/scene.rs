//! The scene that is measured: a gateway with a thousand portals, ten thousand revocations in force, and
//! one person signed in on one portal, unless a figure is about just that.

use std::net::SocketAddr;

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::database;
use bitrix_id_tests::gateway::{Person, Setup, TestGateway};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::beside::peer::pin;
use crate::load::{PROXY_CORE, Request};

/// Where Bitrix ID is.
pub(crate) const IDENTITY: &str = "id.bench.localhost";
/// The portal that is asked: a name that every peer resolves.
pub(crate) const PORTAL: &str = "localhost";

/// The person.
pub(crate) const ANNA: Person = Person {
    email: "anna@example.com",
    name: "Anna Åström",
    password: "a long way to Tipperary",
    portals: &[],
};

/// How large the scene is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Portals in the file, one at least.
    pub portals: usize,
    /// Ended sessions whose tokens are refused.
    pub revocations: usize,
}

/// The size every figure is given for unless it says otherwise.
pub(crate) const USUAL: Size = Size { portals: 1_000, revocations: 10_000 };

/// A gateway that is prepared and not running, and the token of the person.
pub(crate) struct Scene {
    /// It listens in plain HTTP alone, as behind a TLS terminator, unless it was prepared over TLS.
    pub gateway: TestGateway,
    /// Name and value of the cookie.
    pub cookie: String,
}

impl Scene {
    /// Signs the person in over TLS, then leaves the gateway with a plain listener alone.
    pub(crate) async fn prepare(upstream: SocketAddr, size: Size) -> Self {
        let scene = Self::prepare_over_tls(upstream, size).await;
        let Self { mut gateway, cookie } = scene;
        let mut config = gateway.config();
        config.unset("server", "https").remove_table("tls");
        gateway.write_config(config);
        Self { gateway, cookie }
    }

    /// The same with its TLS listener, whose certificate is `tls.pem` with `tls-key.pem` in its folder.
    pub(crate) async fn prepare_over_tls(upstream: SocketAddr, size: Size) -> Self {
        let mut setup = Setup::new(IDENTITY);
        setup.names = vec!["*.bench.localhost".to_owned(), PORTAL.to_owned()];
        setup.with_http();
        setup.config.set("server", "threads", "1");
        // Long enough for a slow tool to look at every request of one token.
        setup.config.set("identity", "token_lifetime", "\"1h\"");
        let url = format!("http://{upstream}");
        for number in 0..size.portals {
            let (id, host) = (format!("p{number}"), format!("p{number}.bench.localhost"));
            let portal = PortalText::new(&id, &host, &url);
            let asked = number == size.portals / 2;
            setup.config.portal(if asked { portal.host(PORTAL) } else { portal });
        }
        let asked = format!("p{}", size.portals / 2);
        let mut gateway = setup.prepare();
        gateway.create_account(&ANNA).await;
        let roles = ["--local-id", "42", "--role", "employee"];
        let grant = [&["account", "grant", ANNA.email, "--portal", &asked], &roles[..]].concat();
        let granted = gateway.cli(&grant, "").await;
        assert_eq!(granted.code, 0, "{}", granted.stderr);
        gateway.start_process(&[]);
        gateway.wait_ready().await;
        let browser = gateway.browser();
        let form = browser.open(&gateway.url(PORTAL, "/")).await;
        let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let token = browser.jar().value(PORTAL, "__Host-bitrix-id").expect("a token");
        gateway.stop().await;
        revoke(&gateway, size.revocations).await;
        Self { gateway, cookie: format!("__Host-bitrix-id={token}") }
    }

    /// Starts it on the core of what is measured.
    pub(crate) async fn start(&mut self) {
        self.gateway.start_process(&[]);
        self.gateway.wait_ready().await;
        pin(self.gateway.process().pid(), PROXY_CORE);
    }

    /// Changes the number of workers of the next start.
    pub(crate) fn set_workers(&mut self, workers: usize) {
        let mut config = self.gateway.config();
        config.set("server", "threads", workers.to_string());
        self.gateway.write_config(config);
    }

    /// What a load generator asks as the person.
    pub(crate) fn signed_in_load(&self) -> Request {
        let host = ("Host", self.gateway.authority_of(PORTAL));
        let cookie = ("Cookie", self.cookie.clone());
        Request { path: PATH.to_owned(), fields: vec![host, cookie] }
    }

    /// A GET of the portal's front page with these further lines.
    pub(crate) fn request(&self, fields: &[&str]) -> String {
        self.gateway.request(PORTAL, &format!("GET {PATH}"), fields, "")
    }

    /// The same as the person, with what a browser sends along.
    pub(crate) fn signed_in_request(&self) -> String {
        let cookie = format!("Cookie: {}", self.cookie);
        self.request(&["User-Agent: bench", "Accept: */*", &cookie])
    }
}

/// Ends sessions that nobody has, the way the store keeps them.
async fn revoke(gateway: &TestGateway, count: usize) {
    let total = i64::try_from(count).expect("a number of rows");
    let mut database = database::open(&gateway.database()).await;
    let next = "SELECT COALESCE(MAX(sequence), 0) FROM revocations";
    let last: i64 = sqlx::query_scalar(next).fetch_one(&mut database).await.expect("readable");
    sqlx::query("BEGIN").execute(&mut database).await.expect("writable");
    let mut sequence = last;
    while sequence < last + total {
        let rows = (sequence + 1..=last + total).take(ROWS);
        let insert = "INSERT INTO revocations (sequence, session, at_ms, until) ";
        let mut insert = QueryBuilder::new(insert);
        insert.push_values(rows.clone(), |mut row, sequence| {
            row.push_bind(sequence).push_bind(Uuid::now_v7().to_string());
            row.push_bind(0).push_bind(FAR);
        });
        insert.build().execute(&mut database).await.expect("writable");
        sequence += i64::try_from(rows.count()).expect("few");
    }
    let counter = "UPDATE counters SET value = (SELECT COALESCE(MAX(sequence), 0) FROM revocations) \
                   WHERE name = 'revocation'";
    sqlx::query(counter).execute(&mut database).await.expect("writable");
    sqlx::query("COMMIT").execute(&mut database).await.expect("writable");
}

/// Of one statement; SQLite takes 32,766 values.
const ROWS: usize = 1_000;
/// The path that is asked.
pub(crate) const PATH: &str = "/stream/latest";
/// Unix seconds, in the year 2100.
const FAR: i64 = 4_102_444_800;
