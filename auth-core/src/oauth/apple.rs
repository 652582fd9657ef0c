//! Apple: OpenID Connect whose secret is a token of our own making, and whose browsers come back with a
//! POST.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::id_token::{Claims, Expected};
use super::oidc::Keys;
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Apple {
    team_id: String,
    key_id: String,
    keys: Keys,
}

impl Apple {
    pub(super) fn new(team_id: &str, key_id: &str) -> Self {
        let (team_id, key_id) = (team_id.to_owned(), key_id.to_owned());
        Self { team_id, key_id, keys: Keys::default() }
    }

    /// The client secret for one exchange: a statement that we are who we are, signed with the team's key.
    fn client_secret(&self, client: &Client, now: UnixSeconds) -> Result<String, ProviderError> {
        let unusable = || ProviderError::Misconfigured("the private key cannot be used".into());
        let key: String =
            client.secret()?.lines().filter(|line| !line.starts_with("-----")).collect();
        let pkcs8 = STANDARD.decode(key.trim()).map_err(|_| unusable())?;
        let (way, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(way, &pkcs8, &random).map_err(|_| unusable())?;
        let header = json!({"alg": "ES256", "kid": self.key_id, "typ": "JWT"});
        let claims = json!({
            "iss": self.team_id, "iat": now, "exp": now + SECRET_LIFETIME, "aud": ISSUER,
            "sub": client.id,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature = pair.sign(&random, text.as_bytes()).map_err(|_| unusable())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[async_trait]
impl Preset for Apple {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://appleid.apple.com/auth/authorize",
            scopes: "name email",
            nonce: true,
            // Required where a scope is asked for.
            extra: &[("response_mode", "form_post")],
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
        let exchange = Exchange {
            endpoint: "https://appleid.apple.com/auth/token",
            auth: ClientAuth::Body,
            secret: Some(self.client_secret(client, now)?),
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let issuer = |claims: &Claims| claims.iss == ISSUER;
        let expected =
            Expected { issuer: &issuer, client_id: &client.id, nonce: &attempt.nonce, now };
        let claims = self.keys.verify(client, JWKS, &tokens, &expected).await?;
        // Documented as a string or a boolean.
        let verified =
            claims.is_true("email_verified") || claims.text("email_verified") == Some("true");
        Ok(Person {
            // Subjects are made for each team.
            issuer: format!("{ISSUER}/{}", self.team_id),
            email: claims.text("email").map(str::to_owned),
            email_trusted: verified,
            name: returned.user.as_deref().and_then(name_of),
            subject: claims.sub,
        })
    }
}

/// The name in what the browser posted. Unsigned, so it is only shown.
fn name_of(user: &str) -> Option<String> {
    let user: Value = serde_json::from_str(user).ok()?;
    let text = |name: &str| user.get("name")?.get(name)?.as_str();
    full_name(text("firstName"), text("lastName"))
}

const ISSUER: &str = "https://appleid.apple.com";
const JWKS: &str = "https://appleid.apple.com/auth/keys";
/// Seconds; one is made for every exchange.
const SECRET_LIFETIME: i64 = 600;

#[cfg(test)]
mod tests {
    use bitrix_id_config::model::SocialPreset;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, KeyPair, UnparsedPublicKey};

    use super::super::testing::{Expect, Recorded, provider_of, rejected};
    use super::*;
    use crate::linking::Word;
    use crate::testing::NOW;

    fn preset() -> SocialPreset {
        SocialPreset::Apple { team_id: "TEAM123456".into(), key_id: "KEY1234567".into() }
    }

    /// A .p8 file and the key to check with.
    fn key_file() -> (String, Vec<u8>) {
        let (way, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(way, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(way, pkcs8.as_ref(), &random).unwrap();
        let body = STANDARD.encode(pkcs8.as_ref());
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let file =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", lines.join("\n"));
        (file, pair.public_key().as_ref().to_vec())
    }

    #[tokio::test]
    async fn the_secret_is_a_short_statement_signed_with_the_team_s_key() {
        let (file, public) = key_file();
        let (recorded, keys) = Recorded::oidc(JWKS);
        let token = keys.id_token("001.abc", &json!({"iss": ISSUER, "email": "anna@icloud.com"}));
        recorded.expect(
            Expect::post("https://appleid.apple.com/auth/token")
                .field("client_id", "us")
                .answers(json!({"access_token": "t", "token_type": "Bearer", "id_token": token})),
        );
        let mut provider = provider_of(preset(), &recorded).with_secret(&file);
        provider.returned.user =
            Some(r#"{"name":{"firstName":"Anna","lastName":"B"},"email":"eve@x.example"}"#.into());
        let asserted = provider.identify_now().await.unwrap();
        assert_eq!(asserted.link.issuer, "https://appleid.apple.com/TEAM123456");
        assert_eq!(asserted.link.name.as_deref(), Some("Anna B"));
        assert_eq!(asserted.link.email.as_deref(), Some("anna@icloud.com"), "not the unsigned one");

        let secret = recorded.sent_field("client_secret");
        let (text, signature) = secret.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public)
            .verify(text.as_bytes(), &signature)
            .unwrap();
        let part = |n: usize| -> Value {
            let part = text.split('.').nth(n).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(part(0), json!({"alg": "ES256", "kid": "KEY1234567", "typ": "JWT"}));
        assert_eq!(
            part(1),
            json!({"iss": "TEAM123456", "iat": NOW, "exp": NOW + 600, "aud": ISSUER, "sub": "us"})
        );
    }

    #[tokio::test]
    async fn a_string_may_say_that_the_address_is_verified() {
        let (file, _) = key_file();
        for (verified, word) in [
            (json!("true"), Word::Trusted),
            (json!(true), Word::Trusted),
            (json!("false"), Word::Hint),
            (json!(1), Word::Hint),
            (json!([true]), Word::Hint),
            (Value::Null, Word::Hint),
        ] {
            let (recorded, keys) = Recorded::oidc(JWKS);
            let claims =
                json!({"iss": ISSUER, "email": "a@icloud.com", "email_verified": verified});
            let token = keys.id_token("001", &claims);
            recorded.expect(
                Expect::post("https://appleid.apple.com/auth/token").answers(
                    json!({"access_token": "t", "token_type": "Bearer", "id_token": token}),
                ),
            );
            let provider = provider_of(preset(), &recorded).with_secret(&file);
            assert_eq!(provider.identify_now().await.unwrap().word, word, "{verified}");
        }
    }

    #[tokio::test]
    async fn a_key_that_is_none_is_the_operator_s_to_mend() {
        let file = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let provider = provider_of(preset(), &Recorded::new()).with_secret(file);
        assert_eq!(rejected(provider.identify_now().await), "misconfigured");
    }

    #[tokio::test]
    async fn the_answer_is_to_be_posted() {
        let asked = provider_of(preset(), &Recorded::new()).question_now().await;
        assert_eq!(asked.place, "https://appleid.apple.com/auth/authorize");
        assert_eq!(asked.field("response_mode"), Some("form_post"));
        assert_eq!(asked.field("nonce"), Some("the-nonce"));
        asked.assert_is_bound();
    }
}
