//! Facebook: plain OAuth. Subjects are made for each app; an address is often absent and never verified.

use async_trait::async_trait;
use ring::hmac;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Facebook;

#[async_trait]
impl Preset for Facebook {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://www.facebook.com/v24.0/dialog/oauth",
            // Joined by commas here.
            scopes: "email,public_profile",
            nonce: false,
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
        _now: UnixSeconds,
    ) -> Result<Person, ProviderError> {
        let exchange = Exchange {
            endpoint: "https://graph.facebook.com/v24.0/oauth/access_token",
            auth: ClientAuth::Body,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let proof = appsecret_proof(client.secret()?, tokens.access_token());
        let url = format!(
            "https://graph.facebook.com/v24.0/me?fields=id,name,first_name,last_name,email&appsecret_proof={proof}"
        );
        let bearer = Some(format!("Bearer {}", tokens.access_token()));
        let me = client.get(&url, bearer, &[]).await?;
        let text = |name: &str| me.get(name).and_then(Value::as_str);
        let both = || full_name(text("first_name"), text("last_name"));
        Ok(Person {
            issuer: format!("https://www.facebook.com/{}", client.id),
            subject: text("id").ok_or(ProviderError::Refused("subject"))?.to_owned(),
            email: text("email").map(str::to_owned),
            email_trusted: false,
            name: text("name").map(str::to_owned).or_else(both),
        })
    }
}

/// Shows that whoever uses the token has the secret as well: HMAC-SHA256 in hexadecimal.
fn appsecret_proof(secret: &str, access_token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = hmac::sign(&key, access_token.as_bytes());
    mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Expect, Recorded, provider, rejected};
    use super::*;
    use crate::linking::Word;

    #[test]
    fn the_proof_is_a_keyed_hash_of_the_token() {
        // RFC 4231, test case 2, the other way round: key "Jefe", data "what do ya want for nothing?".
        assert_eq!(
            appsecret_proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[tokio::test]
    async fn the_subject_belongs_to_the_app_and_the_address_is_a_hint() {
        let proof = appsecret_proof("a client secret", "EAA");
        for (email, expected) in
            [(json!("anna@example.com"), Some("anna@example.com")), (Value::Null, None)]
        {
            let recorded = Recorded::new();
            recorded.expect(
                Expect::post("https://graph.facebook.com/v24.0/oauth/access_token")
                    .field("client_secret", "a client secret")
                    .answers(json!({"access_token": "EAA", "token_type": "bearer", "expires_in": 5_183_944})),
            );
            recorded.expect(
                Expect::get(&format!("https://graph.facebook.com/v24.0/me?fields=id,name,first_name,last_name,email&appsecret_proof={proof}"))
                    .header("authorization", "Bearer EAA")
                    .answers(json!({"id": "10158", "name": "Anna B", "email": email, "verified": true})),
            );
            let asserted = provider("facebook", &recorded).identify_now().await.unwrap();
            assert_eq!(asserted.link.issuer, "https://www.facebook.com/us");
            assert_eq!(asserted.link.subject, "10158");
            assert_eq!((asserted.link.email.as_deref(), asserted.word), (expected, Word::Hint));
            recorded.assert_all_asked();
        }
    }

    #[tokio::test]
    async fn an_error_of_its_own_shape_is_an_error() {
        let recorded = Recorded::new();
        recorded.expect(
            Expect::post("https://graph.facebook.com/v24.0/oauth/access_token")
                .status(400)
                .answers(json!({"error": {"message": "x", "type": "OAuthException", "code": 100}})),
        );
        let outcome = provider("facebook", &recorded).identify_now().await;
        assert_eq!(rejected(outcome), "tokens_malformed");
    }

    #[tokio::test]
    async fn scopes_are_joined_by_commas() {
        let asked = provider("facebook", &Recorded::new()).question_now().await;
        assert_eq!(asked.place, "https://www.facebook.com/v24.0/dialog/oauth");
        assert_eq!(asked.field("scope"), Some("email,public_profile"));
        asked.assert_is_bound();
    }
}
