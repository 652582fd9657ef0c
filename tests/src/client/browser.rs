//! A client that behaves as a browser does: cookies, redirects one by one, Fetch Metadata, forms.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use url::Url;

use super::jar::Jar;
use crate::html::{Form, forms, refresh};
use crate::pki::Authority;
use crate::poll::STEP;

/// A browser with a cookie jar of its own.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
}

/// What the browser shows.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it came from.
    pub url: Url,
    /// Status code.
    pub status: u16,
    /// Fields.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
    /// The redirects on the way: address and status of each.
    pub hops: Vec<(Url, u16)>,
}

impl Page {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON. Panics when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is not JSON ({error}): {}", self.url, self.text()))
    }

    /// A field as text, `None` if absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a text value"))
    }

    /// Where it leads: a redirect, or a page that goes on by itself at once.
    pub fn location(&self) -> Url {
        let target = self.next_target();
        let target = target.unwrap_or_else(|| {
            panic!("{} ({}) leads nowhere: {}", self.url, self.status, self.text())
        });
        self.url.join(&target).expect("a URL")
    }

    /// Whether it leads elsewhere.
    pub fn redirects(&self) -> bool {
        self.next_target().is_some()
    }

    fn next_target(&self) -> Option<String> {
        if matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return self.header("location").map(str::to_owned);
        }
        let html = self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        html.then(|| refresh(&self.text())).flatten()
    }

    /// The first form that posts to a path with this ending. Panics when there is none.
    pub fn form(&self, action_ending: &str) -> Form {
        let found = forms(&self.text()).into_iter().find(|form| {
            let target = self.url.join(&form.action).expect("an action");
            target.path().ends_with(action_ending) && form.method == "post"
        });
        found.unwrap_or_else(|| {
            panic!("{} ({}) has no form to {action_ending}: {}", self.url, self.status, self.text())
        })
    }

    /// Whether it asks for a password.
    pub fn asks_to_sign_in(&self) -> bool {
        forms(&self.text()).iter().any(|form| form.name_of("password").is_some())
    }
}

impl Browser {
    /// A browser that trusts `authority` and finds every name on 127.0.0.1.
    pub fn new(authority: &Authority) -> Self {
        let config = authority.client(&[b"h2", b"http/1.1"]);
        Self::with(Arc::new(Jar::default()), (*config).clone())
    }

    /// The same without HTTP/2.
    pub fn http1(authority: &Authority) -> Self {
        let config = authority.client(&[b"http/1.1"]);
        Self::with(Arc::new(Jar::default()), (*config).clone())
    }

    /// A browser that finds every name on `address`, where another gateway listens.
    pub fn on(address: Ipv4Addr, authority: &Authority) -> Self {
        let config = authority.client(&[b"h2", b"http/1.1"]);
        Self::finding(None, address, Arc::new(Jar::default()), (*config).clone())
    }

    /// A browser with these cookies at `source`, one of this machine's addresses, that finds every name on `address`:
    /// the same person's again after their gateway is another, or limits by client address are not the subject.
    pub fn at(source: Ipv4Addr, address: Ipv4Addr, jar: Arc<Jar>, authority: &Authority) -> Self {
        let config = authority.client(&[b"h2", b"http/1.1"]);
        Self::finding(Some(source), address, jar, (*config).clone())
    }

    /// Another browser with the same cookies, as a thief would have it.
    #[must_use]
    pub fn stolen(&self, authority: &Authority) -> Self {
        let config = authority.client(&[b"h2", b"http/1.1"]);
        Self::with(Arc::new(self.jar.copy()), (*config).clone())
    }

    fn with(jar: Arc<Jar>, config: rustls::ClientConfig) -> Self {
        Self::finding(None, Ipv4Addr::LOCALHOST, jar, config)
    }

    fn finding(
        source: Option<Ipv4Addr>,
        address: Ipv4Addr,
        jar: Arc<Jar>,
        config: rustls::ClientConfig,
    ) -> Self {
        let client = Client::builder()
            .local_address(source.map(IpAddr::V4))
            .tls_backend_preconfigured(config)
            .dns_resolver(Always(address))
            .cookie_provider(Arc::clone(&jar))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(STEP)
            .user_agent("Mozilla/5.0 (X11; Linux x86_64) test-browser/1.0")
            .build()
            .expect("a client");
        Self { client, jar }
    }

    /// Its cookies.
    pub fn jar(&self) -> &Jar {
        &self.jar
    }

    /// A navigation, one step: no redirect is followed.
    pub async fn visit(&self, url: &str) -> Page {
        self.answer(self.navigation(Method::GET, url)).await
    }

    /// A navigation with all its redirects.
    pub async fn open(&self, url: &str) -> Page {
        let page = self.visit(url).await;
        self.follow(page).await
    }

    /// What a page's script gets from `fetch(url)`, redirects not followed.
    pub async fn fetch(&self, url: &str) -> Page {
        self.answer(self.script(Method::GET, url)).await
    }

    /// A request as a page's script sends it, for further fields and bodies.
    pub fn script(&self, method: Method, url: &str) -> RequestBuilder {
        self.client
            .request(method, url)
            .header("accept", "application/json")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty")
            .header("sec-fetch-site", "same-origin")
    }

    /// A navigation, for further fields and bodies.
    pub fn navigation(&self, method: Method, url: &str) -> RequestBuilder {
        self.navigation_from("none", method, url)
    }

    /// The same, started by a page of the same origin, the same site, or another one.
    pub fn navigation_from(&self, site: &str, method: Method, url: &str) -> RequestBuilder {
        self.client
            .request(method, url)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("accept-language", "en")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", site)
            .header("upgrade-insecure-requests", "1")
    }

    /// Sends a request as it is, without redirects.
    pub async fn answer(&self, request: RequestBuilder) -> Page {
        self.try_answer(request).await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The same where there may be no answer.
    ///
    /// # Errors
    /// A connection that is refused or breaks, or nothing in time.
    pub async fn try_answer(&self, request: RequestBuilder) -> reqwest::Result<Page> {
        let response = request.send().await?;
        let (url, status) = (response.url().clone(), response.status().as_u16());
        let headers = response.headers().clone();
        let body = response.bytes().await?.to_vec();
        Ok(Page { url, status, headers, body, hops: Vec::new() })
    }

    /// Follows redirects from a page, at most 20, each by GET as after a 303.
    pub async fn follow(&self, mut page: Page) -> Page {
        let mut hops = Vec::new();
        while page.redirects() {
            assert!(hops.len() < 20, "redirected in a circle: {hops:?}");
            hops.push((page.url.clone(), page.status));
            page = self.visit(page.location().as_str()).await;
        }
        page.hops = hops;
        page
    }

    /// Sends a form of a page, without following what comes back.
    pub async fn send(&self, page: &Page, form: &Form, filled: &[(&str, &str)]) -> Page {
        self.answer(self.submission(page, form, filled)).await
    }

    /// The request that sends a form of a page.
    pub fn submission(&self, page: &Page, form: &Form, filled: &[(&str, &str)]) -> RequestBuilder {
        let target = page.url.join(&form.action).expect("an action");
        self.navigation_from("same-origin", Method::POST, target.as_str())
            .header("origin", page.url.origin().ascii_serialization())
            .form(&form.fields(filled))
    }

    /// Fills in a page's sign-in form and follows where it leads.
    pub async fn sign_in(&self, page: &Page, email: &str, password: &str) -> Page {
        let answer = self.try_sign_in(page, email, password).await;
        self.follow(answer).await
    }

    /// Fills in a page's sign-in form, one step.
    pub async fn try_sign_in(&self, page: &Page, email: &str, password: &str) -> Page {
        let request = self.credentials(page, email, password).unwrap_or_else(|| {
            panic!("{} ({}) asks for no password: {}", page.url, page.status, page.text())
        });
        self.answer(request).await
    }

    /// The request that sends a page's sign-in form, if it has one.
    pub fn credentials(&self, page: &Page, email: &str, password: &str) -> Option<RequestBuilder> {
        let forms = forms(&page.text());
        let form = forms.iter().find(|form| form.name_of("password").is_some())?;
        let email_field = form.name_of("email").unwrap_or("email");
        let password_field = form.name_of("password")?;
        Some(self.submission(page, form, &[(email_field, email), (password_field, password)]))
    }
}

/// Finds every name at one address; the port comes from the URL.
struct Always(Ipv4Addr);

impl Resolve for Always {
    fn resolve(&self, _name: Name) -> Resolving {
        let addresses: Addrs = Box::new(std::iter::once(SocketAddr::from((self.0, 0))));
        Box::pin(std::future::ready(Ok(addresses)))
    }
}
