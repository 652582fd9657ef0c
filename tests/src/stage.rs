//! The usual scene: Bitrix ID, two portals under one domain, one on a domain of its own, and people.

use crate::client::browser::{Browser, Page};
use crate::client::websocket::WebSocket;
use crate::config_text::PortalText;
use crate::gateway::{Person, Setup, TestGateway};
use crate::upstream::Recorder;

/// Bitrix ID's host.
pub const ID: &str = "id.bitrix24.localhost";
/// A portal under the network's domain.
pub const ACME: &str = "acme.bitrix24.localhost";
/// Another one.
pub const GLOBEX: &str = "globex.bitrix24.localhost";
/// A portal on a registrable domain of its own.
pub const INITECH: &str = "portal.initech.localhost";

/// Member of all three portals.
pub const ANNA: Person = Person {
    email: "anna@example.com",
    name: "Anna Åström",
    password: "a long way to Tipperary",
    portals: &["acme", "globex", "initech"],
};
/// Member of one.
pub const BORIS: Person = Person {
    email: "boris@example.com",
    name: "Boris",
    password: "borscht with sour cream",
    portals: &["acme"],
};
/// The attacker: an account of her own, member of one portal.
pub const EVE: Person = Person {
    email: "eve@example.com",
    name: "Eve",
    password: "overhearing everything",
    portals: &["acme"],
};

/// The cookie of a portal host.
pub const TOKEN: &str = "__Host-bitrix-id";
/// The cookie of the Bitrix ID host.
pub const SESSION: &str = "__Host-bitrix-id-session";

/// A running gateway with its upstreams.
pub struct Stage {
    /// The gateway.
    pub gateway: TestGateway,
    /// Upstream of `acme`.
    pub acme: Recorder,
    /// Upstream of `globex`.
    pub globex: Recorder,
    /// Upstream of `initech`.
    pub initech: Recorder,
}

impl Stage {
    /// The scene with Anna.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The scene with these people.
    pub async fn with_people(people: &[Person]) -> Self {
        Self::with(|setup| setup.people = people.to_vec()).await
    }

    /// The scene without anybody, for tests of public routes and refusals.
    pub async fn empty() -> Self {
        Self::with_people(&[]).await
    }

    /// The scene after `change` had a hand in it.
    pub async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let acme = Recorder::start("acme").await;
        let globex = Recorder::start("globex").await;
        let initech = Recorder::start("initech").await;
        let mut setup = Setup::new(ID);
        setup.names = ["*.bitrix24.localhost", "*.initech.localhost", "*.wild.localhost"]
            .map(str::to_owned)
            .to_vec();
        setup.people = vec![ANNA];
        setup.config.portal(portal("acme", ACME, &acme.url()));
        setup.config.portal(portal("globex", GLOBEX, &globex.url()));
        setup.config.portal(portal("initech", INITECH, &initech.url()));
        change(&mut setup);
        Self { gateway: setup.start().await, acme, globex, initech }
    }

    /// The URL of a path on a host.
    pub fn url(&self, host: &str, path: &str) -> String {
        self.gateway.url(host, path)
    }

    /// Imports a portal's people: lines of `local_id,login,email,password_hash,name`.
    pub async fn import(&self, portal: &str, lines: &[&str]) {
        let mut text = String::from(
            "local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles\r\n",
        );
        for line in lines {
            text.push_str(line);
            text.push_str(",,Y,,employee\r\n");
        }
        let file = self.gateway.folder().join(format!("{portal}.csv"));
        std::fs::write(&file, text).expect("the folder is ours");
        let file = file.to_str().expect("a path of ours");
        let imported = self.gateway.cli(&["portal", "import-users", portal, file], "").await;
        let _ = imported.expect_success();
    }

    /// A browser in which `person` has signed in by way of `host`.
    pub async fn signed_in(&self, person: &Person, host: &str) -> Visitor {
        let browser = self.gateway.browser();
        let form = browser.open(&self.url(host, "/")).await;
        let page = browser.sign_in(&form, person.email, person.password).await;
        assert_eq!(page.url.as_str(), self.url(host, "/"), "{}: {}", page.status, page.text());
        assert_eq!(page.status, 200, "{}", page.text());
        let visitor = Visitor { browser };
        assert!(
            visitor.token(host).is_some(),
            "no token cookie: {:?}",
            visitor.browser.jar().all(host)
        );
        visitor
    }

    /// Anna in a browser with a token on each of these hosts.
    pub async fn anna_on(&self, hosts: &[&str]) -> Visitor {
        self.visitor_on(&ANNA, hosts).await
    }

    /// Somebody with a token on each of these hosts; only the first must be a portal of theirs.
    pub async fn visitor_on(&self, person: &Person, hosts: &[&str]) -> Visitor {
        let visitor = self.signed_in(person, hosts[0]).await;
        for host in &hosts[1..] {
            let page = visitor.browser.open(&self.url(host, "/")).await;
            assert_eq!(page.url.host_str(), Some(*host), "{}", page.text());
            assert!(visitor.token(host).is_some(), "{}", page.text());
        }
        visitor
    }

    /// A WebSocket to the echo of a portal, as the visitor. Panics on a refusal.
    pub async fn echo(&self, visitor: &Visitor, host: &str) -> WebSocket {
        let cookie = visitor.cookie(host);
        let origin = self.url(host, "");
        let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
        let opened = self.gateway.websocket(host, "/do/ws", &fields).await;
        opened.unwrap_or_else(|answer| panic!("refused: {answer:?}"))
    }

    /// The browser leaves for sign-in and stops at the callback: the URL that carries its ticket.
    pub async fn callback_of(&self, browser: &Browser, host: &str, path: &str) -> String {
        let leaving = browser.visit(&self.url(host, path)).await;
        assert_eq!(leaving.status, 302, "{}", leaving.text());
        let answer = browser.visit(leaving.location().as_str()).await;
        assert!(answer.redirects(), "a live session is asked for nothing: {}", answer.text());
        let callback = answer.location();
        assert_eq!((callback.host_str(), callback.path()), (Some(host), "/.bitrix-id/callback"));
        callback.into()
    }

    /// Whether this page is the sign-in form on the Bitrix ID host.
    pub fn is_sign_in(&self, page: &Page) -> bool {
        page.url.host_str() == Some(ID) && page.url.path() == "/sign-in" && page.asks_to_sign_in()
    }
}

/// Someone with a browser.
pub struct Visitor {
    /// The browser.
    pub browser: Browser,
}

impl Visitor {
    /// The portal token on a host.
    pub fn token(&self, host: &str) -> Option<String> {
        self.browser.jar().value(host, TOKEN)
    }

    /// The `Cookie` field value with the portal token of a host, and nothing else.
    pub fn cookie(&self, host: &str) -> String {
        format!("{TOKEN}={}", self.token(host).expect("signed in there"))
    }

    /// The whole field line.
    pub fn cookie_line(&self, host: &str) -> String {
        format!("Cookie: {}", self.cookie(host))
    }
}

/// A portal with a route of each kind of access; everything else is for members.
pub fn portal(id: &str, host: &str, upstream: &str) -> PortalText {
    PortalText::new(id, host, upstream)
        .route("/pub/", "public")
        .route("/hook/", "own-auth")
        .route("/maybe/", "optional")
        .route("/anyone/", "authenticated")
        .route("/closed/", "deny")
}
