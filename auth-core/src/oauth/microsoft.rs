//! Microsoft: OpenID Connect with an issuer per directory, known by `tid` and `oid` together.

use async_trait::async_trait;
use bitrix_id_config::model::Tenant;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::id_token::{Claims, Expected};
use super::oidc::Keys;
use super::provider::{Person, Preset};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Microsoft {
    tenant: Tenant,
    keys: Keys,
}

impl Microsoft {
    pub(super) fn new(tenant: &Tenant) -> Self {
        Self { tenant: tenant.clone(), keys: Keys::default() }
    }

    fn at(&self, path: &str) -> String {
        let tenant = match &self.tenant {
            Tenant::Common => "common",
            Tenant::Organizations => "organizations",
            Tenant::Consumers => "consumers",
            Tenant::Id(id) => id,
        };
        format!("{HOST}/{tenant}/{path}")
    }

    /// The issuer is the token's own directory, which is one of those that may sign in.
    fn is_issuer(&self, claims: &Claims) -> bool {
        let Some(tid) = claims.text("tid").filter(|tid| is_directory(tid)) else { return false };
        let allowed = match &self.tenant {
            Tenant::Common => true,
            Tenant::Organizations => tid != PERSONAL,
            Tenant::Consumers => tid == PERSONAL,
            Tenant::Id(id) => tid == id,
        };
        allowed && claims.iss == format!("{HOST}/{tid}/v2.0")
    }
}

#[async_trait]
impl Preset for Microsoft {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let endpoint = self.at("oauth2/v2.0/authorize");
        let scopes = "openid profile email";
        let question = Question { endpoint: &endpoint, scopes, nonce: true, extra: &[] };
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
        let exchange = Exchange {
            endpoint: &self.at("oauth2/v2.0/token"),
            auth: ClientAuth::Body,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let issuer = |claims: &Claims| self.is_issuer(claims);
        let expected =
            Expected { issuer: &issuer, client_id: &client.id, nonce: &attempt.nonce, now };
        let keys = self.at("discovery/v2.0/keys");
        let claims = self.keys.verify(client, &keys, &tokens, &expected).await?;
        // `sub` differs from client to client; `oid` is the account, and unique within its directory.
        let subject = claims.text("oid").ok_or(ProviderError::Refused("subject"))?.to_owned();
        // A directory's administrator writes any address into it. `xms_edov` says that the domain's owner
        // was verified; personal accounts have verified mailboxes. `userPrincipalName` is no address.
        let personal = claims.text("tid") == Some(PERSONAL);
        Ok(Person {
            issuer: claims.iss.clone(),
            subject,
            email: claims.text("email").map(str::to_owned),
            email_trusted: personal || claims.is_true("xms_edov"),
            name: claims.text("name").map(str::to_owned),
        })
    }
}

fn is_directory(tid: &str) -> bool {
    tid.len() == 36 && tid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

const HOST: &str = "https://login.microsoftonline.com";
/// The directory of all personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Expect, Recorded, provider_of, rejected};
    use super::super::{Asserted, ProviderError};
    use super::*;
    use crate::linking::Word;

    const CORP: &str = "11111111-2222-3333-4444-555555555555";

    async fn identified(tenant: Tenant, tid: &str, more: Value) -> Result<Asserted, ProviderError> {
        let preset = Microsoft::new(&tenant);
        let (recorded, keys) = Recorded::oidc(&preset.at("discovery/v2.0/keys"));
        let mut claims = json!({
            "iss": format!("{HOST}/{tid}/v2.0"), "tid": tid, "oid": "oid-1",
            "email": "anna@corp.example",
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = keys.id_token("pairwise", &claims);
        recorded.expect(
            Expect::post(&preset.at("oauth2/v2.0/token"))
                .answers(json!({"access_token": "t", "token_type": "Bearer", "id_token": token})),
        );
        let social = bitrix_id_config::model::SocialPreset::Microsoft { tenant };
        provider_of(social, &recorded).identify_now().await
    }

    #[tokio::test]
    async fn the_subject_is_directory_and_object_together() {
        let asserted = identified(Tenant::Common, CORP, json!({})).await.unwrap();
        assert_eq!(asserted.link.issuer, format!("{HOST}/{CORP}/v2.0"));
        assert_eq!(asserted.link.subject, "oid-1");
        let without = identified(Tenant::Common, CORP, json!({"oid": null})).await;
        assert_eq!(rejected(without), "subject");
    }

    #[tokio::test]
    async fn an_address_in_a_directory_is_a_hint_unless_its_domain_was_verified() {
        for (tid, more, word) in [
            (CORP, json!({}), Word::Hint),
            (CORP, json!({"email_verified": true}), Word::Hint),
            (CORP, json!({"xms_edov": true}), Word::Trusted),
            (CORP, json!({"xms_edov": "1"}), Word::Hint),
            (CORP, json!({"xms_edov": 1}), Word::Hint),
            (PERSONAL, json!({}), Word::Trusted),
        ] {
            let asserted = identified(Tenant::Common, tid, more.clone()).await.unwrap();
            assert_eq!(asserted.word, word, "{tid} {more}");
        }
        let upn = json!({"email": null, "preferred_username": "anna@corp.example"});
        let asserted = identified(Tenant::Common, CORP, upn).await.unwrap();
        assert_eq!(asserted.link.email, None);
    }

    #[tokio::test]
    async fn only_the_configured_directories_sign_in() {
        let other = "99999999-2222-3333-4444-555555555555";
        for (tenant, tid, allowed) in [
            (Tenant::Common, CORP, true),
            (Tenant::Common, PERSONAL, true),
            (Tenant::Organizations, CORP, true),
            (Tenant::Organizations, PERSONAL, false),
            (Tenant::Consumers, PERSONAL, true),
            (Tenant::Consumers, CORP, false),
            (Tenant::Id(CORP.into()), CORP, true),
            (Tenant::Id(CORP.into()), other, false),
            (Tenant::Common, "common", false),
        ] {
            let outcome = identified(tenant.clone(), tid, json!({})).await;
            assert_eq!(outcome.is_ok(), allowed, "{tenant:?} {tid}");
        }
        let iss = json!({"iss": format!("{HOST}/{other}/v2.0")});
        let outcome = identified(Tenant::Common, CORP, iss).await;
        assert_eq!(rejected(outcome), "id_token_issuer");
    }
}
