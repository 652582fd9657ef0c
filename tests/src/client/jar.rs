//! A cookie jar that keeps what a browser would keep, and lets a test look inside and interfere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use reqwest::cookie::CookieStore;
use reqwest::header::HeaderValue;
use url::Url;

/// Cookies by host. All cookies of the gateway are host-only with `Path=/`, so that is all it knows.
#[derive(Debug, Default)]
pub struct Jar {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default, Clone)]
struct Inner {
    hosts: BTreeMap<String, BTreeMap<String, String>>,
    refusing: BTreeSet<String>,
    seen: Vec<(String, String)>,
}

impl Jar {
    /// The value of a cookie.
    pub fn value(&self, host: &str, name: &str) -> Option<String> {
        self.inner.lock().unwrap().hosts.get(host)?.get(name).cloned()
    }

    /// Names and values of a host.
    pub fn all(&self, host: &str) -> BTreeMap<String, String> {
        self.inner.lock().unwrap().hosts.get(host).cloned().unwrap_or_default()
    }

    /// The `Cookie` field a browser would send to the host; empty when there is none.
    pub fn field(&self, host: &str) -> String {
        let pairs = self.all(host);
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Plants a cookie.
    pub fn put(&self, host: &str, name: &str, value: &str) {
        let mut inner = self.inner.lock().unwrap();
        inner.hosts.entry(host.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Forgets a cookie.
    pub fn forget(&self, host: &str, name: &str) {
        if let Some(cookies) = self.inner.lock().unwrap().hosts.get_mut(host) {
            cookies.remove(name);
        }
    }

    /// From now on this host's cookies are dropped, as by a browser that blocks them.
    pub fn refuse(&self, host: &str) {
        self.inner.lock().unwrap().refusing.insert(host.to_owned());
    }

    /// Every `Set-Cookie` field so far: host and field value.
    pub fn seen(&self) -> Vec<(String, String)> {
        self.inner.lock().unwrap().seen.clone()
    }

    /// A jar with the same cookies.
    pub fn copy(&self) -> Self {
        Self { inner: Mutex::new(self.inner.lock().unwrap().clone()) }
    }

    fn take(&self, host: &str, field: &str) {
        let mut inner = self.inner.lock().unwrap();
        inner.seen.push((host.to_owned(), field.to_owned()));
        if inner.refusing.contains(host) {
            return;
        }
        let mut parts = field.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: BTreeMap<String, String> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()))
            .collect();
        // RFC 6265bis section 4.1.3.2: a browser drops a __Host- cookie that is not one.
        if name.starts_with("__Host-") {
            assert!(attributes.contains_key("secure"), "not Secure: {field}");
            assert_eq!(
                attributes.get("path").map(String::as_str),
                Some("/"),
                "not Path=/: {field}"
            );
            assert!(!attributes.contains_key("domain"), "with Domain: {field}");
        }
        let cookies = inner.hosts.entry(host.to_owned()).or_default();
        let over = attributes
            .get("max-age")
            .is_some_and(|age| age.parse::<i64>().is_ok_and(|age| age <= 0));
        if over || value.is_empty() {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl CookieStore for Jar {
    fn set_cookies(&self, fields: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let host = url.host_str().unwrap_or_default().to_owned();
        for field in fields {
            self.take(&host, field.to_str().expect("a text Set-Cookie"));
        }
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let field = self.field(url.host_str()?);
        (!field.is_empty()).then(|| HeaderValue::from_str(&field).expect("cookies are text"))
    }
}
