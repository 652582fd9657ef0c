//! VK ID: OAuth without a secret, bound to the browser by PKCE and a device id that comes with the code.

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Vk;

#[async_trait]
impl Preset for Vk {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://id.vk.ru/authorize",
            scopes: "vkid.personal_info email",
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
        let device = returned.device_id.as_deref().ok_or(ProviderError::Refused("device_id"))?;
        let exchange = Exchange {
            endpoint: "https://id.vk.ru/oauth2/auth",
            auth: ClientAuth::Public,
            secret: None,
            extra: &[("device_id", device), ("state", &attempt.state)],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let form = [("client_id", client.id.as_str()), ("access_token", tokens.access_token())];
        let answer = client.post("https://id.vk.ru/oauth2/user_info", &form).await?;
        let user = answer.get("user").ok_or(ProviderError::Refused("subject"))?;
        let text = |name: &str| user.get(name).and_then(Value::as_str);
        // A number in some answers, a text in others.
        let number = || user.get("user_id").and_then(Value::as_u64).map(|id| id.to_string());
        let subject = text("user_id").map(str::to_owned).or_else(number);
        Ok(Person {
            issuer: "https://id.vk.ru".to_owned(),
            subject: subject.ok_or(ProviderError::Refused("subject"))?,
            email: text("email").map(str::to_owned),
            email_trusted: false,
            name: full_name(text("first_name"), text("last_name")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Expect, Recorded, provider, rejected};
    use crate::linking::Word;

    #[tokio::test]
    async fn device_and_state_go_along_and_no_secret_does() {
        for id in [json!("1234567"), json!(1_234_567)] {
            let recorded = Recorded::new();
            recorded.expect(
                Expect::post("https://id.vk.ru/oauth2/auth")
                    .field("grant_type", "authorization_code")
                    .field("client_id", "us")
                    .field("device_id", "the-device")
                    .field("state", "the-state")
                    .field("code_verifier", "the-verifier-the-verifier-the-verifier-the1")
                    .without_field("client_secret")
                    .without_header("authorization")
                    .answers(json!({"access_token": "vk2.a", "token_type": "Bearer", "user_id": 1, "expires_in": 3600})),
            );
            recorded.expect(
                Expect::post("https://id.vk.ru/oauth2/user_info")
                    .field("client_id", "us")
                    .field("access_token", "vk2.a")
                    .answers(
                        json!({"user": {"user_id": id, "first_name": "Anna", "last_name": "B",
                        "email": "anna@example.com", "verified": true}}),
                    ),
            );
            let mut provider = provider("vk", &recorded);
            provider.returned.device_id = Some("the-device".into());
            let asserted = provider.identify_now().await.unwrap();
            assert_eq!(asserted.link.subject, "1234567");
            assert_eq!(asserted.link.name.as_deref(), Some("Anna B"));
            assert_eq!(asserted.word, Word::Hint, "verified is not about the address");
            recorded.assert_all_asked();
        }
    }

    #[tokio::test]
    async fn an_answer_without_a_device_or_a_person_is_refused() {
        let provider_alone = provider("vk", &Recorded::new());
        assert_eq!(rejected(provider_alone.identify_now().await), "device_id");
        let recorded = Recorded::new();
        recorded.expect(
            Expect::post("https://id.vk.ru/oauth2/auth")
                .answers(json!({"access_token": "t", "token_type": "Bearer"})),
        );
        recorded.expect(
            Expect::post("https://id.vk.ru/oauth2/user_info")
                .answers(json!({"error": "invalid_token", "state": "x"})),
        );
        let mut provider = provider("vk", &recorded);
        provider.returned.device_id = Some("the-device".into());
        assert_eq!(rejected(provider.identify_now().await), "subject");
    }

    #[tokio::test]
    async fn the_challenge_is_s256() {
        let asked = provider("vk", &Recorded::new()).question_now().await;
        assert_eq!(asked.place, "https://id.vk.ru/authorize");
        asked.assert_is_bound();
    }
}
