//! The scene that is measured: a gateway with a thousand portals, ten thousand revocations in force, and
//! one person signed in on one portal.

use std::net::SocketAddr;

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::database;
use bitrix_id_tests::gateway::{Person, Setup, TestGateway};
use uuid::Uuid;

/// Where Bitrix ID is.
const IDENTITY: &str = "id.bench.localhost";
/// The portal that is asked: a name that every peer resolves.
pub(crate) const PORTAL: &str = "localhost";

const ANNA: Person = Person {
    email: "anna@example.com",
    name: "Anna Åström",
    password: "a long way to Tipperary",
    portals: &[],
};

/// How large the scene is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Portals in the files; at least 501.
    pub portals: usize,
    /// Ended sessions whose tokens are refused.
    pub revocations: usize,
}

/// The size every figure is given for unless it says otherwise.
pub(crate) const USUAL: Size = Size { portals: 1_000, revocations: 10_000 };

/// A gateway that is prepared and not running, and the token of the person.
pub(crate) struct Scene {
    /// It listens in plain HTTP, as behind a TLS terminator.
    pub gateway: TestGateway,
    /// Name and value of the cookie.
    pub cookie: String,
}

impl Scene {
    /// Signs the person in over TLS, then leaves the gateway with a plain listener alone.
    pub(crate) async fn prepare(upstream: SocketAddr, size: Size) -> Self {
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
            setup.config.portal(if id == "p500" { portal.host(PORTAL) } else { portal });
        }
        let mut gateway = setup.prepare();
        gateway.create_account(&ANNA).await;
        let roles = ["--local-id", "42", "--role", "employee"];
        let grant = [&["account", "grant", ANNA.email, "--portal", "p500"], &roles[..]].concat();
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
        let mut config = gateway.config();
        config.unset("server", "https").remove_table("tls");
        gateway.write_config(config);
        Self { gateway, cookie: format!("__Host-bitrix-id={token}") }
    }

    /// A GET of the portal's front page with these further lines.
    pub(crate) fn request(&self, fields: &[&str]) -> String {
        self.gateway.request(PORTAL, "GET /stream/latest", fields, "")
    }

    /// The same as the person, with what a browser sends along.
    pub(crate) fn signed_in_request(&self) -> String {
        let cookie = format!("Cookie: {}", self.cookie);
        self.request(&["User-Agent: bench", "Accept: */*", &cookie])
    }
}

/// Ends sessions that nobody has, the way the store keeps them.
async fn revoke(gateway: &TestGateway, count: usize) {
    let mut database = database::open(&gateway.database()).await;
    let next = "SELECT COALESCE(MAX(sequence), 0) FROM revocations";
    let last: i64 = sqlx::query_scalar(next).fetch_one(&mut database).await.expect("readable");
    sqlx::query("BEGIN").execute(&mut database).await.expect("writable");
    for (sequence, _) in (last + 1..).zip(0..count) {
        let insert =
            "INSERT INTO revocations (sequence, session, at_ms, until) VALUES (?, ?, 0, ?)";
        sqlx::query(insert)
            .bind(sequence)
            .bind(Uuid::now_v7().to_string())
            .bind(FAR)
            .execute(&mut database)
            .await
            .expect("writable");
    }
    let counter = "UPDATE counters SET value = (SELECT COALESCE(MAX(sequence), 0) FROM revocations) \
                   WHERE name = 'revocation'";
    sqlx::query(counter).execute(&mut database).await.expect("writable");
    sqlx::query("COMMIT").execute(&mut database).await.expect("writable");
}

/// Unix seconds, in the year 2100.
const FAR: i64 = 4_102_444_800;
