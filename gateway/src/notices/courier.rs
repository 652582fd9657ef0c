//! One POST to a webhook, bounded in time and size.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::causes::with_causes;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::notices::QueuedNotice;
use bitrix_id_config::Webhook;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};

use super::message::{body, signature};

/// Carries notices. Connections are kept and used again.
#[derive(Default)]
pub(crate) struct Courier {
    /// By the authorities that are trusted; `None`: the system's.
    clients: Mutex<HashMap<Option<String>, Client>>,
}

/// Why a notice did not arrive. The texts hold no word of the receiver's: it may answer with anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Trying again may help.
    Later(String),
    /// The receiver wants no more of it.
    ForGood(String),
}

impl Courier {
    /// Hands a notice over. `Ok`: the receiver has it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) async fn carry(
        &self,
        webhook: &Webhook,
        notice: &QueuedNotice,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        let (id, body) = (notice.id.to_string(), body(notice));
        let request = self
            .client(webhook.ca.as_deref())?
            .post(&webhook.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", signature(&webhook.secrets, &id, now, &body))
            .body(body);
        let answer = request.send().await.map_err(later)?;
        let status = answer.status();
        read_a_little(answer).await;
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Refusal::ForGood("answered 410".to_owned())),
            status if status.is_redirection() => {
                Err(Refusal::Later(format!("answered {}, which is not followed", status.as_u16())))
            }
            status => Err(Refusal::Later(format!("answered {}", status.as_u16()))),
        }
    }

    fn client(&self, ca: Option<&str>) -> Result<Client, Refusal> {
        // Clients have no invariant that a panic could break.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let ca = ca.map(str::to_owned);
        if let Some(client) = clients.get(&ca) {
            return Ok(client.clone());
        }
        if clients.len() >= MOST_CLIENTS {
            clients.clear();
        }
        let client = client(ca.as_deref()).map_err(later)?;
        clients.insert(ca, client.clone());
        Ok(client)
    }
}

fn client(ca: Option<&str>) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("bitrix-id/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        // The configuration says where notices go, not the environment.
        .no_proxy()
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(DEADLINE)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(KEEP_IDLE);
    if let Some(pem) = ca {
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(pem.as_bytes())?);
    }
    builder.build()
}

/// Enough of the answer for its connection to be used again, and no more. What it says does not matter.
async fn read_a_little(mut answer: Response) {
    let mut left = MOST_READ;
    while let Ok(Some(chunk)) = answer.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn later(error: reqwest::Error) -> Refusal {
    if error.is_timeout() {
        return Refusal::Later("no answer in time".to_owned());
    }
    // The path of the address may be a secret.
    Refusal::Later(with_causes(&error.without_url()))
}

/// The whole exchange; well below the time that a taken notice is hidden.
const DEADLINE: Duration = Duration::from_secs(10);
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
const KEEP_IDLE: Duration = Duration::from_secs(30);
const MOST_READ: usize = 4096;
/// Reloads may name ever new authorities.
const MOST_CLIENTS: usize = 64;
