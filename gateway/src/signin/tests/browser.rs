//! A browser behind the gateway, one request at a time.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bitrix_id_auth_core::authenticate::{Authentication, Criteria, Verified};
use bitrix_id_auth_core::clock::Clock;
use bitrix_id_auth_core::hop::{HOP_COOKIE_PREFIX, HopState, TOKEN_COOKIE, new_nonce};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::super::app::router;
use super::super::visit::Visit;
use super::{ID, Scene, encode, split, url};

/// A browser behind the gateway: cookies by host, internal headers on every request.
#[derive(Clone)]
pub(super) struct Browser<'a> {
    pub(super) scene: &'a Scene,
    pub(super) jars: HashMap<String, HashMap<String, String>>,
    pub(super) ip: String,
}

impl Browser<'_> {
    /// A navigation, one step.
    pub(super) async fn get(&mut self, host: &str, target: &str) -> Answer {
        self.send(Method::GET, host, target, &[("sec-fetch-mode", "navigate")], "").await
    }

    /// A navigation to an absolute address.
    pub(super) async fn open(&mut self, address: &str) -> Answer {
        let (host, target) = split(address);
        self.get(&host, &target).await
    }

    /// A form sent by a page of the same host.
    pub(super) async fn post(&mut self, host: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = url(host, "");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "same-origin"),
            ("origin", origin.as_str()),
        ];
        self.send(Method::POST, host, path, &headers, &encode(fields)).await
    }

    /// Opens a page with a form and sends the form with its hidden values and these.
    pub(super) async fn fill(
        &mut self,
        form_at: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let page = self.get(ID, form_at).await;
        let csrf = page.csrf();
        let state = page.hidden("state").unwrap_or_default();
        let mut all = vec![("csrf", csrf.as_str()), ("state", state.as_str())];
        all.extend_from_slice(fields);
        self.post(ID, action, &all).await
    }

    pub(super) async fn sign_in(&mut self, form_at: &str, email: &str, password: &str) -> Answer {
        self.fill(form_at, "/sign-in", &[("email", email), ("password", password)]).await
    }

    /// What the gateway does with a navigation to a portal without a token: the nonce cookie is set, the
    /// path of the sign-in page comes back.
    pub(super) fn leave(&mut self, host: &str, return_to: &str) -> String {
        let (attempt, nonce, nonce_hash) = new_nonce();
        self.jar(host).insert(format!("{HOP_COOKIE_PREFIX}{attempt}"), nonce);
        let state = self.scene.hub.hop.seal(&HopState {
            host: host.into(),
            return_to: return_to.into(),
            attempt,
            nonce_hash,
            restarts: 0,
            issued_at: self.scene.clock.now(),
        });
        format!("/sign-in?state={state}")
    }

    /// Leaves a portal and comes back up to the callback's address, which holds the ticket.
    pub(super) async fn callback_of(&mut self, host: &str, return_to: &str) -> String {
        let sign_in = self.leave(host, return_to);
        let answer = self.get(ID, &sign_in).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let callback = answer.location();
        assert!(callback.starts_with(&url(host, "/.bitrix-id/callback?ticket=")), "{callback}");
        callback
    }

    /// Signed in on a portal host.
    pub(super) async fn arrive(&mut self, host: &str) {
        let callback = self.callback_of(host, "/").await;
        let answer = self.open(&callback).await;
        assert_eq!(answer.location(), url(host, "/"));
        assert!(self.jar(host).contains_key(TOKEN_COOKIE));
    }

    pub(super) async fn send(
        &mut self,
        method: Method,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("x-bitrix-id-internal-host", format!("{host}:8443"))
            .header("x-bitrix-id-internal-client-ip", &self.ip)
            .header("x-bitrix-id-internal-request-id", "r-1")
            .header("cookie", self.cookie_line(host))
            .header("accept", "text/html");
        if let Some(portal) = self.scene.hub.snapshot.load().portal_by_host(host) {
            request = request.header("x-bitrix-id-internal-portal", &portal.id);
        }
        if let Some(verified) = self.verified(host) {
            let identity = &verified.identity;
            request = request
                .header("x-bitrix-id-internal-subject", identity.subject.to_string())
                .header("x-bitrix-id-internal-session", identity.session.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.as_ref().to_vec())).unwrap();
        let answer =
            Answer::read(router(self.scene.app.clone()).oneshot(request).await.unwrap()).await;
        self.keep_cookies(host, &answer.headers);
        answer
    }

    /// The token of a host as the gateway judges it now.
    pub(super) fn verified(&self, host: &str) -> Option<Arc<Verified>> {
        let hub = &self.scene.hub;
        let line = self.cookie_line(host);
        let issuer = hub.snapshot.load().issuer.clone();
        let now = self.scene.clock.now();
        let cookies = std::iter::once(line.as_bytes());
        let keys = hub.keys.load();
        let (ring, revocations, issuer) = (&**keys, &hub.revocations, issuer.as_str());
        let criteria = Criteria { ring, revocations, issuer, host, now };
        let found = hub.authenticator.authenticate(cookies, None, criteria);
        match found {
            Authentication::Verified(verified) => Some(verified),
            Authentication::NotPresented
            | Authentication::Outdated(_)
            | Authentication::Rejected(_) => None,
        }
    }

    /// The values that this jar has for telling browsers apart, and none that were given since: what
    /// somebody has who could put cookies of their own into the browser.
    pub(super) fn replant(&mut self, old: &HashMap<String, String>) {
        let tells = |name: &String| name.starts_with("__Host-bitrix-id-browser-");
        let planted = old.iter().filter(|(name, _)| tells(name));
        let planted: Vec<_> = planted.map(|(name, value)| (name.clone(), value.clone())).collect();
        assert!(!planted.is_empty(), "{old:?}");
        let jar = self.jar(ID);
        jar.retain(|name, _| !tells(name));
        jar.extend(planted);
    }

    /// What a handler is given of a request that this browser makes on the Bitrix ID host.
    pub(super) fn visit(&self) -> Visit {
        let request = Request::builder()
            .header("x-bitrix-id-internal-host", format!("{ID}:8443"))
            .header("x-bitrix-id-internal-client-ip", &self.ip)
            .header("x-bitrix-id-internal-request-id", "r-1")
            .header("cookie", self.cookie_line(ID));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Visit::read(self.scene.app.clone(), &parts).unwrap_or_else(|failure| panic!("{failure}"))
    }

    pub(super) fn jar(&mut self, host: &str) -> &mut HashMap<String, String> {
        self.jars.entry(host.to_owned()).or_default()
    }

    pub(super) fn cookie_line(&self, host: &str) -> String {
        let pairs = self.jars.get(host).into_iter().flatten();
        pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(super) fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        for field in headers.get_all("set-cookie") {
            let field = field.to_str().unwrap();
            for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(field.split("; ").any(|part| part == attribute), "{attribute} in {field}");
            }
            let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{field}");
            if field.contains("Max-Age=0") {
                self.jar(host).remove(name);
            } else {
                self.jar(host).insert(name.into(), value.into());
            }
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty if it is none.
    pub(super) text: String,
    pub(super) bytes: Bytes,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let is_text = parts.headers.get("content-type").is_none_or(|kind| kind != "image/jpeg");
        let text = if is_text { String::from_utf8(body.to_vec()).unwrap() } else { String::new() };
        Self { status: parts.status, headers: parts.headers, text, bytes: body }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> String {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text);
        self.header("location").to_owned()
    }

    /// A hidden field of the page's first form that has it.
    pub(super) fn hidden(&self, name: &str) -> Option<String> {
        let rest = self.text.split_once(&format!("name=\"{name}\" value=\""))?.1;
        Some(rest.split_once('"')?.0.to_owned())
    }

    pub(super) fn csrf(&self) -> String {
        self.hidden("csrf").unwrap_or_else(|| panic!("{}: no form: {}", self.status, self.text))
    }

    pub(super) fn sets(&self, cookie: &str) -> bool {
        let fields = self.headers.get_all("set-cookie").iter();
        let prefix = format!("{cookie}=");
        fields
            .filter_map(|field| field.to_str().ok())
            .any(|field| field.strip_prefix(&prefix).is_some_and(|rest| !rest.starts_with(';')))
    }
}
