//! A *visit*: one request as the gateway describes it, with everything a handler may ask about it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_auth_core::store::Account;
use bitrix_id_config::model::Portal;
use http::Method;
use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use http::request::Parts;
use http::uri::PathAndQuery;

use super::app::App;
use super::cookies::Cookies;
use super::failure::Failure;
use super::internal::{
    CLIENT_IP, HOST, NOT_FROM_GATEWAY, PORTAL, PURPOSE, REQUEST_ID, TARGET, is_same_origin,
    optional, required, text, token, wants_page,
};
use super::known::Known;
use crate::hub::Hub;
use crate::pages::{Frame, LANG_COOKIE, Lang};
use crate::snapshot::Snapshot;

/// One request.
pub(crate) struct Visit {
    /// The app's own parts.
    pub app: Arc<App>,
    /// The configuration this request sees.
    pub snapshot: Arc<Snapshot>,
    /// When it came, Unix milliseconds.
    pub now_ms: i64,
    /// Canonical host.
    pub host: String,
    /// Whose host it is; `None` on the Bitrix ID host.
    pub portal: Option<Arc<Portal>>,
    /// Who connects.
    pub client_ip: IpAddr,
    /// In logs and at the foot of error pages.
    pub request_id: String,
    /// The verified portal token's subject and session.
    pub token: Option<(AccountId, SessionId)>,
    /// The gateway asks for the page that says "no access".
    pub no_access: bool,
    /// Cookies of ours.
    pub cookies: Cookies,
    /// Language of the answer.
    pub lang: Lang,
    /// Whether the visitor chose the language in this browser.
    pub lang_chosen: bool,
    /// `User-Agent`, cut to 400 characters.
    pub user_agent: String,
    /// Whether the answer is for a person's eyes.
    pub wants_page: bool,
    /// Whether the request proves to come from a page of its own host.
    pub same_origin: bool,
    /// Path and query.
    pub target: String,
    /// Who is signed in, where that was looked up for the handler before it began.
    pub known: Known,
}

impl Visit {
    /// Reads a request's head.
    ///
    /// # Errors
    /// [`Failure::BadRequest`] when an internal header is missing, doubled or malformed;
    /// [`Failure::NotFound`] when the host is not, or no longer, configured.
    pub(crate) fn read(app: Arc<App>, parts: &Parts) -> Result<Self, Failure> {
        let headers = &parts.headers;
        let snapshot = app.hub.snapshot.load_full();
        let (host, _port) =
            canonical_host(required(headers, &HOST)?.as_bytes()).map_err(|_| NOT_FROM_GATEWAY)?;
        let client_ip = required(headers, &CLIENT_IP)?.parse().map_err(|_| NOT_FROM_GATEWAY)?;
        let portal = match optional(headers, &PORTAL)? {
            Some(id) => Some(snapshot.portal(id).cloned().ok_or(Failure::NotFound)?),
            None if host == snapshot.config.identity.url.host => None,
            None => return Err(Failure::NotFound),
        };
        let cookies = Cookies::read(headers);
        let chosen = cookies.one(LANG_COOKIE).and_then(Lang::from_tag);
        let own_origin = snapshot.origin_of(&host);
        Ok(Self {
            now_ms: app.hub.clock.now_ms(),
            client_ip,
            request_id: required(headers, &REQUEST_ID)?.to_owned(),
            token: token(headers)?,
            no_access: optional(headers, &PURPOSE)? == Some("no-access"),
            lang: Lang::negotiate(chosen.map(Lang::tag), text(headers, &ACCEPT_LANGUAGE)),
            lang_chosen: chosen.is_some(),
            user_agent: text(headers, &USER_AGENT).unwrap_or_default().chars().take(400).collect(),
            wants_page: wants_page(headers, parts.uri.path()),
            same_origin: is_same_origin(headers, &own_origin),
            target: text(headers, &TARGET)
                .or_else(|| parts.uri.path_and_query().map(PathAndQuery::as_str))
                .unwrap_or("/")
                .to_owned(),
            known: Known::default(),
            cookies,
            host,
            portal,
            snapshot,
            app,
        })
    }

    /// What the process shares.
    pub(crate) fn hub(&self) -> &Hub {
        &self.app.hub
    }

    /// Changes to accounts that tokens in circulation must not outlive.
    pub(crate) fn change(&self) -> AccountChange<'_> {
        let hub = self.hub();
        AccountChange {
            directory: hub.directory.as_ref(),
            sessions: hub.sessions.as_ref(),
            now_ms: self.now_ms,
        }
    }

    /// Has this process refuse at once what this request has ended, as [`Visit::change`] alone does within
    /// moments. What has been ended stays so if the store fails here: the log is followed anyhow.
    pub(crate) async fn refuse_ended(&self) {
        if let Err(error) = self.hub().catch_up_revocations().await {
            tracing::warn!(request_id = self.request_id, "revocations were not read: {error}");
        }
    }

    /// When the request came, Unix seconds.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.now_ms.div_euclid(1000)
    }

    /// `https://host[:port]` of the Bitrix ID host.
    pub(crate) fn identity_origin(&self) -> &str {
        &self.snapshot.issuer
    }

    /// An address on the Bitrix ID host; `path` begins with `/`.
    pub(crate) fn identity_url(&self, path: &str) -> String {
        format!("{}{path}", self.snapshot.issuer)
    }

    /// An address on the host of this request; `path` begins with `/`.
    pub(crate) fn own_url(&self, path: &str) -> String {
        format!("{}{path}", self.snapshot.origin_of(&self.host))
    }

    /// Where a portal is: `https://host[:port]/`; the Bitrix ID host's start page for one without a host
    /// that a link could lead to.
    pub(crate) fn portal_url(&self, portal: &Portal) -> String {
        match portal.first_host() {
            Some(host) => format!("{}/", self.snapshot.origin_of(host)),
            None => self.identity_url("/"),
        }
    }

    /// How mails name a portal: by its title where the configuration files say it, else by its address: of a
    /// portal that somebody has created, the title is what a stranger to the reader typed.
    pub(crate) fn portal_name(&self, portal: &Portal) -> String {
        let ours = self.snapshot.config.portals.iter().any(|configured| configured.id == portal.id);
        if ours { portal.title.clone() } else { self.portal_address(portal) }
    }

    /// The host of [`Visit::portal_url`], which is no free text.
    pub(crate) fn portal_address(&self, portal: &Portal) -> String {
        let host = portal.first_host().unwrap_or(&self.snapshot.config.identity.url.host);
        self.snapshot.authority_of(host)
    }

    /// The language that an account's owner chose, else that of the visit.
    pub(crate) fn lang_of(&self, account: &Account) -> Lang {
        account.language.as_deref().and_then(Lang::from_tag).unwrap_or(self.lang)
    }

    /// Lifetime of a session in seconds: no cookie of ours that means anything outlives it.
    pub(crate) fn session_lifetime(&self) -> i64 {
        whole_seconds(self.snapshot.config.identity.session_lifetime)
    }

    /// What surrounds a page of this request.
    pub(crate) fn frame(&self) -> Frame {
        let identity = &self.snapshot.config.identity;
        Frame {
            lang: self.lang,
            brand: identity.name.clone(),
            accent: identity.accent.clone(),
            request_id: self.request_id.clone(),
            path: if self.portal.is_none() { self.target.clone() } else { String::new() },
            portal: self.portal.as_ref().map(|portal| portal.title.clone()),
        }
    }

    /// As [`Visit::frame`], for a page that answers a POST: the language links lead to `path`, which
    /// answers GET.
    pub(crate) fn frame_at(&self, path: &str) -> Frame {
        Frame { path: path.to_owned(), ..self.frame() }
    }

    /// Refuses what another site may have sent.
    ///
    /// # Errors
    /// [`Failure::CrossSite`].
    pub(crate) fn require_same_origin(&self) -> Result<(), Failure> {
        if self.same_origin { Ok(()) } else { Err(Failure::CrossSite) }
    }
}

/// A visit of the Bitrix ID host; on a portal host the path does not exist.
pub(crate) struct AtIdentity(pub Arc<Visit>);

/// A visit of a portal host; on the Bitrix ID host the path does not exist.
pub(crate) struct AtPortal(pub Arc<Visit>, pub Arc<Portal>);

impl<S: Sync> FromRequestParts<S> for AtIdentity {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let visit = visit_of(parts)?;
        if visit.portal.is_some() { Err(Failure::NotFound) } else { Ok(Self(visit)) }
    }
}

impl<S: Sync> FromRequestParts<S> for AtPortal {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let visit = visit_of(parts)?;
        let portal = visit.portal.clone().ok_or(Failure::NotFound)?;
        // HEAD would reach the GET handlers and do what they do, without anybody to see the answer.
        if parts.method == Method::HEAD { Err(Failure::Method) } else { Ok(Self(visit, portal)) }
    }
}

fn visit_of(parts: &Parts) -> Result<Arc<Visit>, Failure> {
    let visit = parts.extensions.get::<Arc<Visit>>().cloned();
    visit.ok_or_else(|| Failure::Internal("a handler was reached around the guard".into()))
}
