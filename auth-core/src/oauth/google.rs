//! Google: OpenID Connect with two spellings of its issuer.

use async_trait::async_trait;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::id_token::{Claims, Expected};
use super::oidc::{Keys, check_issuer};
use super::provider::{Person, Preset};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

#[derive(Default)]
pub(super) struct Google {
    keys: Keys,
}

#[async_trait]
impl Preset for Google {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
            scopes: "openid email profile",
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
        check_issuer(returned, ISSUER, false)?;
        let exchange = Exchange {
            endpoint: "https://oauth2.googleapis.com/token",
            auth: ClientAuth::Body,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let issuer = |claims: &Claims| claims.iss == ISSUER || claims.iss == SHORT_ISSUER;
        let expected =
            Expected { issuer: &issuer, client_id: &client.id, nonce: &attempt.nonce, now };
        let claims = self.keys.verify(client, JWKS, &tokens, &expected).await?;
        let email = claims.text("email").map(str::to_owned);
        Ok(Person {
            issuer: ISSUER.to_owned(),
            email_trusted: is_authoritative(&claims),
            email,
            name: claims.text("name").map(str::to_owned),
            subject: claims.sub,
        })
    }
}

/// Google speaks for its own mailboxes and for those of the organisations it hosts. Any other address it
/// has seen verified once, and who has it today it does not know.
fn is_authoritative(claims: &Claims) -> bool {
    let own = claims.text("email").is_some_and(|email| {
        email.len() > OWN_DOMAIN.len()
            && email.is_char_boundary(email.len() - OWN_DOMAIN.len())
            && email[email.len() - OWN_DOMAIN.len()..].eq_ignore_ascii_case(OWN_DOMAIN)
    });
    let hosted = claims.text("hd").is_some_and(|domain| !domain.is_empty());
    claims.is_true("email_verified") && (own || hosted)
}

const ISSUER: &str = "https://accounts.google.com";
/// The same issuer, in older tokens.
const SHORT_ISSUER: &str = "accounts.google.com";
const JWKS: &str = "https://www.googleapis.com/oauth2/v3/certs";
const OWN_DOMAIN: &str = "@gmail.com";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Expect, Recorded, provider, rejected};
    use super::*;
    use crate::linking::Word;

    #[tokio::test]
    async fn both_spellings_of_the_issuer_are_one_and_the_word_counts_for_its_own_mailboxes() {
        for (changes, word) in [
            (json!({"iss": ISSUER, "email": "anna@gmail.com"}), Word::Trusted),
            (json!({"iss": SHORT_ISSUER, "email": "Anna@GMail.com"}), Word::Trusted),
            (
                json!({"iss": ISSUER, "email": "anna@corp.example", "hd": "corp.example"}),
                Word::Trusted,
            ),
            (json!({"iss": ISSUER, "email": "anna@corp.example"}), Word::Hint),
            (json!({"iss": ISSUER, "email": "anna@notgmail.com"}), Word::Hint),
            (
                json!({"iss": ISSUER, "email": "anna@gmail.com", "email_verified": "true"}),
                Word::Hint,
            ),
        ] {
            let (recorded, keys) = Recorded::oidc(JWKS);
            let token = keys.id_token("248", &changes);
            recorded.expect(
                Expect::post("https://oauth2.googleapis.com/token")
                    .field("client_id", "us")
                    .field("client_secret", "a client secret")
                    .field("grant_type", "authorization_code")
                    .answers(
                        json!({"access_token": "t", "token_type": "Bearer", "id_token": token}),
                    ),
            );
            let asserted = provider("google", &recorded).identify_now().await.unwrap();
            assert_eq!(asserted.link.issuer, ISSUER);
            assert_eq!((asserted.link.subject.as_str(), asserted.word), ("248", word), "{changes}");
        }
    }

    #[tokio::test]
    async fn another_issuer_is_refused() {
        for issuer in ["https://accounts.google.com/", "accounts.google.com.evil.example"] {
            let (recorded, keys) = Recorded::oidc(JWKS);
            let token = keys.id_token("248", &json!({ "iss": issuer }));
            recorded.expect(
                Expect::post("https://oauth2.googleapis.com/token").answers(
                    json!({"access_token": "t", "token_type": "Bearer", "id_token": token}),
                ),
            );
            let outcome = provider("google", &recorded).identify_now().await;
            assert_eq!(rejected(outcome), "id_token_issuer");
        }
    }

    #[tokio::test]
    async fn the_question_carries_state_nonce_and_challenge() {
        let recorded = Recorded::new();
        let asked = provider("google", &recorded).question_now().await;
        assert_eq!(asked.place, "https://accounts.google.com/o/oauth2/v2/auth");
        assert_eq!(asked.field("scope"), Some("openid email profile"));
        asked.assert_is_bound();
        assert_eq!(asked.field("nonce"), Some("the-nonce"));
    }
}
