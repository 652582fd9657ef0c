//! Requests to providers: bounded in time and size, never redirected, never to an address inside.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bitrix_id_config::network::is_public;
use http::header::CONTENT_ENCODING;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use url::{Host, Url};

use crate::causes::with_causes;

/// A request with its whole body.
pub type FetchRequest = http::Request<Vec<u8>>;
/// An answer with its whole body.
pub type FetchResponse = http::Response<Vec<u8>>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, no certificate we trust, or not in time.
    #[error("{0}")]
    Unreachable(String),
    /// Larger than [`LARGEST_ANSWER`], or compressed.
    #[error("the answer is too large or compressed")]
    Answer,
    /// An address that this provider has no business to send us to.
    #[error("the address is not one to ask")]
    Address,
}

/// Sends requests to one provider.
///
/// Duties: the deadline is [`DEADLINE`] for the whole answer; an answer is at most [`LARGEST_ANSWER`]
/// bytes; redirects are answers; only `https` is spoken.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends it and reads the answer.
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError>;
}

/// Over the network.
pub struct Web {
    client: Client,
    own_host: Option<String>,
}

impl Web {
    /// For a provider whose configured address is `own`, if it has one of its own choosing. What it sends
    /// us to elsewhere must have a public address. `authorities` is PEM text; with it, no other authority
    /// counts.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`]: the certificates cannot be read, or TLS cannot be set up.
    pub fn new(own: Option<&Url>, authorities: Option<&str>) -> Result<Self, FetchError> {
        let own_host = own.and_then(Url::host_str).map(str::to_owned);
        let mut builder = Client::builder()
            .https_only(true)
            .redirect(Policy::none())
            .referer(false)
            // The environment's proxies are for people's browsers; a secret goes only where it is meant to.
            .no_proxy()
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(DEADLINE)
            .pool_max_idle_per_host(4)
            .dns_resolver(Arc::new(Careful { own_host: own_host.clone() }));
        if let Some(pem) = authorities {
            let roots = Certificate::from_pem_bundle(pem.as_bytes()).map_err(unreachable)?;
            builder = builder.tls_certs_only(roots);
        }
        Ok(Self { client: builder.build().map_err(unreachable)?, own_host })
    }

    /// A name is looked at when it is resolved; an address in the URL never is.
    fn is_allowed(&self, url: &Url) -> bool {
        let address = match url.host() {
            None => return false,
            Some(Host::Domain(_)) => return true,
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        self.own_host.as_deref() == url.host_str() || is_public(address)
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| FetchError::Address)?;
        if !self.is_allowed(&url) {
            return Err(FetchError::Address);
        }
        let request = request.try_into().map_err(unreachable)?;
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let encoded = answer.headers().get_all(CONTENT_ENCODING);
        if encoded.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(FetchError::Answer);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(FetchError::Answer);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = FetchResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

fn unreachable(error: reqwest::Error) -> FetchError {
    // The address may hold a token.
    FetchError::Unreachable(with_causes(&error.without_url()))
}

/// Looks names up, and passes over what is not for the public. The check is made on the very addresses
/// that are then connected to.
struct Careful {
    own_host: Option<String>,
}

impl Resolve for Careful {
    fn resolve(&self, name: Name) -> Resolving {
        let own = self.own_host.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> =
                found.filter(|address| own || is_public(address.ip())).collect();
            if usable.is_empty() {
                return Err(FetchError::Address.into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// For connecting.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// For connecting, sending and the whole answer.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// In bytes: key sets and discovery documents have a few thousand.
pub const LARGEST_ANSWER: usize = 256 << 10;

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web").field("own_host", &self.own_host).finish_non_exhaustive()
    }
}
