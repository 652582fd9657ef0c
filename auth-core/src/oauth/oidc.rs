//! Any OpenID Connect provider, by discovery.

use async_trait::async_trait;
use bitrix_id_config::model::EmailTrust;
use serde_json::Value;
use url::Url;

use super::cache::Cached;
use super::client::Client;
use super::discovery::Metadata;
use super::error::ProviderError;
use super::flow::{Exchange, Question, Tokens};
use super::id_token::{Claims, Expected, Reject, verify};
use super::jwks::KeySet;
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

/// A provider with an issuer.
pub(super) struct Oidc {
    issuer: String,
    trust: EmailTrust,
    scopes: String,
    metadata: Cached<Metadata>,
    keys: Keys,
}

impl Oidc {
    pub(super) fn new(issuer: &str, trust: &EmailTrust, scopes: &[String]) -> Self {
        Self {
            issuer: issuer.to_owned(),
            trust: trust.clone(),
            scopes: scopes.join(" "),
            metadata: Cached::default(),
            keys: Keys::default(),
        }
    }

    async fn metadata(
        &self,
        client: &Client,
        now: UnixSeconds,
    ) -> Result<std::sync::Arc<Metadata>, ProviderError> {
        self.metadata.get(now, Metadata::fetch(client, &self.issuer)).await
    }

    fn trusts(&self, email: Option<&str>, verified: bool) -> bool {
        let domain = email.and_then(|email| crate::email::canonical(email.trim()).ok());
        let domain = domain.as_deref().and_then(|email| email.rsplit_once('@'));
        let within = |domains: &[String]| {
            domain.is_some_and(|(_, domain)| domains.iter().any(|one| one == domain))
        };
        verified
            && match &self.trust {
                EmailTrust::Never => false,
                EmailTrust::IfVerified => true,
                EmailTrust::Domains(domains) => within(domains),
            }
    }
}

#[async_trait]
impl Preset for Oidc {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata(client, now).await?;
        let question = Question {
            endpoint: &metadata.authorization_endpoint,
            scopes: &self.scopes,
            nonce: true,
            extra: &[],
        };
        client.question(attempt, redirect_uri, &question)
    }

    async fn identify(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        returned: &Returned,
        now: UnixSeconds,
    ) -> Result<Person, ProviderError> {
        let metadata = self.metadata(client, now).await?;
        check_issuer(returned, &self.issuer, metadata.names_itself)?;
        let exchange = Exchange {
            endpoint: &metadata.token_endpoint,
            auth: metadata.client_auth(client.secret.is_some()),
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let issuer = |claims: &Claims| claims.iss == self.issuer;
        let expected =
            Expected { issuer: &issuer, client_id: &client.id, nonce: &attempt.nonce, now };
        let claims = self.keys.verify(client, &metadata.jwks_uri, &tokens, &expected).await?;
        let about = match &metadata.userinfo_endpoint {
            // Many providers keep addresses and names out of the token.
            Some(endpoint) if claims.text("email").is_none() => {
                userinfo(client, endpoint, &tokens, &claims).await?
            }
            _ => claims.other.clone(),
        };
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        let verified = about.get("email_verified") == Some(&Value::Bool(true));
        let both = || full_name(text("given_name"), text("family_name"));
        Ok(Person {
            issuer: self.issuer.clone(),
            subject: claims.sub,
            email: text("email").map(str::to_owned),
            email_trusted: self.trusts(text("email"), verified),
            name: text("name").map(str::to_owned).or_else(both),
        })
    }
}

/// RFC 9207: an answer that names its sender names the one that was asked; a provider that always names
/// itself does so.
pub(super) fn check_issuer(
    returned: &Returned,
    issuer: &str,
    names_itself: bool,
) -> Result<(), ProviderError> {
    match &returned.issuer {
        Some(named) if named == issuer => Ok(()),
        None if !names_itself => Ok(()),
        _ => Err(ProviderError::Refused("response_issuer")),
    }
}

/// OpenID Connect Core 5.3.2: an answer about another subject is not about this one.
async fn userinfo(
    client: &Client,
    endpoint: &str,
    tokens: &Tokens,
    claims: &Claims,
) -> Result<serde_json::Map<String, Value>, ProviderError> {
    let bearer = Some(format!("Bearer {}", tokens.access_token()));
    let Value::Object(about) = client.get(endpoint, bearer, &[]).await? else {
        return Err(ProviderError::Refused("answer_malformed"));
    };
    if about.get("sub").and_then(Value::as_str) != Some(claims.sub.as_str()) {
        return Err(ProviderError::Refused("userinfo_subject"));
    }
    Ok(about)
}

/// The keys of a provider, as last seen.
#[derive(Default)]
pub(super) struct Keys(Cached<KeySet>);

impl Keys {
    /// Verifies the `id_token` among the tokens. A key that is not known yet is looked for once more.
    pub(super) async fn verify(
        &self,
        client: &Client,
        jwks_uri: &str,
        tokens: &Tokens,
        expected: &Expected<'_>,
    ) -> Result<Claims, ProviderError> {
        let token = tokens.id_token.as_deref().ok_or(ProviderError::Refused("id_token_missing"))?;
        let keys = self.0.get(expected.now, fetch_keys(client, jwks_uri)).await?;
        let outcome = match verify(token, &keys, expected) {
            Err(Reject::UnknownKey) => {
                let newer =
                    self.0.newer_than(&keys, expected.now, fetch_keys(client, jwks_uri)).await?;
                verify(token, &newer, expected)
            }
            outcome => outcome,
        };
        outcome.map_err(|reject| match reject {
            Reject::UnknownKey => ProviderError::Refused("id_token_key"),
            Reject::For(reason) => ProviderError::Refused(reason),
        })
    }
}

async fn fetch_keys(client: &Client, jwks_uri: &str) -> Result<KeySet, ProviderError> {
    let document = client.get(jwks_uri, None, &[]).await?;
    KeySet::read(&document).ok_or(ProviderError::Refused("keys_malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_who_it_is_from_where_that_was_announced() {
        let returned = |issuer: Option<&str>| Returned {
            issuer: issuer.map(str::to_owned),
            ..Returned::default()
        };
        let check = |issuer, names_itself| {
            check_issuer(&returned(issuer), "https://login.example", names_itself).is_ok()
        };
        assert!(check(Some("https://login.example"), true));
        assert!(check(Some("https://login.example"), false));
        assert!(check(None, false));
        assert!(!check(None, true));
        assert!(!check(Some("https://other.example"), false));
        assert!(!check(Some(""), true));
    }

    #[test]
    fn a_word_is_trusted_within_the_configured_domains_alone() {
        let oidc = |trust: EmailTrust| Oidc::new("https://login.example", &trust, &[]);
        let domains = EmailTrust::Domains(vec!["example.com".to_owned()]);
        for (trust, email, verified, expected) in [
            (EmailTrust::Never, "anna@example.com", true, false),
            (EmailTrust::IfVerified, "anna@example.com", true, true),
            (EmailTrust::IfVerified, "anna@example.com", false, false),
            (domains.clone(), "anna@example.com", true, true),
            (domains.clone(), "ANNA@Example.COM", true, true),
            (domains.clone(), "anna@mail.example.com", true, false),
            (domains.clone(), "anna@evil.example", true, false),
            (domains, "anna@evil.example@example.com", true, false),
        ] {
            assert_eq!(oidc(trust).trusts(Some(email), verified), expected, "{email}");
        }
    }
}
