//! Mail by SMTP.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bitrix_id_auth_core::causes::with_causes;
use bitrix_id_auth_core::mailer::{MailError, Mailer};
use bitrix_id_auth_core::store::QueuedMail;
use bitrix_id_config::secret::Secret;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use url::Url;

use super::message::{message, sender};

/// A relay.
pub(super) struct Smtp {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, or no mail: a relay that does not offer it, or somebody in between, gets nothing.
    StartTls,
    /// In the clear, to this very machine.
    None,
}

/// What a relay's URL says.
#[derive(Debug, PartialEq, Eq)]
struct Relay {
    host: String,
    port: u16,
    user: String,
    protection: Protection,
}

impl Smtp {
    /// `url` is `smtp://user@host:587` or `smtps://user@host:465`, without the password.
    ///
    /// # Errors
    /// [`MailError::Permanent`]: a URL, sender or certificate store that cannot be used.
    pub(super) fn new(
        from: &str,
        url: &str,
        password: Option<&Secret>,
        ca: Option<&str>,
    ) -> Result<Self, MailError> {
        Self::with(sender(from)?, Relay::read(url, ca.is_some())?, password, ca)
    }

    fn with(
        from: Mailbox,
        relay: Relay,
        password: Option<&Secret>,
        ca: Option<&str>,
    ) -> Result<Self, MailError> {
        let tls = match relay.protection {
            Protection::Tls => Tls::Wrapper(parameters(&relay.host, ca)?),
            Protection::StartTls => Tls::Required(parameters(&relay.host, ca)?),
            Protection::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&relay.host)
            .port(relay.port)
            .tls(tls)
            .timeout(Some(STEP));
        let builder = match (relay.user.is_empty(), password) {
            (false, Some(password)) => {
                let password = password.expose().to_owned();
                builder.credentials(Credentials::new(relay.user, password))
            }
            _ => builder,
        };
        Ok(Self { from, transport: builder.build() })
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &QueuedMail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Permanent(words(&error))),
            Err(error) => Err(MailError::Temporary(words(&error))),
        }
    }
}

impl Relay {
    /// With `always_tls` a relay on this machine is no exception.
    fn read(url: &str, always_tls: bool) -> Result<Self, MailError> {
        let refused = |why: &str| MailError::Permanent(format!("mail.smtp: {why}"));
        let url = Url::parse(url).map_err(|_| refused("not a URL"))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refused("no host"))?.trim_matches(['[', ']']).to_owned();
        let (protection, port) = match url.scheme() {
            "smtps" => (Protection::Tls, 465),
            "smtp" if is_loopback(&host) && !always_tls => (Protection::None, 587),
            "smtp" => (Protection::StartTls, 587),
            _ => return Err(refused("the scheme is neither smtp nor smtps")),
        };
        let user = percent_decode_str(url.username()).decode_utf8();
        let user = user.map_err(|_| refused("the user is not UTF-8"))?.into_owned();
        Ok(Self { host, port: url.port().unwrap_or(port), user, protection })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// `ca`: PEM text of the authorities that are trusted instead of the system's.
fn parameters(host: &str, ca: Option<&str>) -> Result<TlsParameters, MailError> {
    let refused = |error| MailError::Permanent(format!("TLS to {host}: {error}"));
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = ca {
        let authorities = Certificate::from_pem(pem.as_bytes()).map_err(refused)?;
        builder =
            builder.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    builder.build_rustls().map_err(refused)
}

/// What went wrong, for the log. A relay's own words quote the recipient, so only its code is told.
fn words(error: &SmtpError) -> String {
    if let Some(code) = error.status() {
        return format!("the relay said {code}");
    }
    with_causes(error)
}

/// Each command and its answer.
const STEP: Duration = Duration::from_secs(10);

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
