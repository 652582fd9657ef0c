//! Yandex: plain OAuth with a scheme of its own in the Authorization field.

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Yandex;

#[async_trait]
impl Preset for Yandex {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://oauth.yandex.ru/authorize",
            scopes: "login:info login:email",
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
            endpoint: "https://oauth.yandex.ru/token",
            auth: ClientAuth::Body,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        // Not Bearer; in the query it would end in logs.
        let authorization = Some(format!("OAuth {}", tokens.access_token()));
        let info = "https://login.yandex.ru/info?format=json";
        let about = client.get(info, authorization, &[]).await?;
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        let both = || full_name(text("first_name"), text("last_name"));
        Ok(Person {
            issuer: "https://oauth.yandex.ru".to_owned(),
            subject: text("id").ok_or(ProviderError::Refused("subject"))?.to_owned(),
            email: text("default_email").map(str::to_owned),
            // Nothing in the answer says that somebody has verified it.
            email_trusted: false,
            name: text("real_name").map(str::to_owned).or_else(both),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Expect, Recorded, provider, rejected};
    use super::*;
    use crate::linking::Word;

    fn recorded(about: Value) -> std::sync::Arc<Recorded> {
        let recorded = Recorded::new();
        recorded.expect(
            Expect::post("https://oauth.yandex.ru/token")
                .field("client_secret", "a client secret")
                .field("code_verifier", "the-verifier-the-verifier-the-verifier-the1")
                .answers(json!({"access_token": "y0_A", "token_type": "bearer", "expires_in": 31_536_000})),
        );
        recorded.expect(
            Expect::get("https://login.yandex.ru/info?format=json")
                .header("authorization", "OAuth y0_A")
                .answers(about),
        );
        recorded
    }

    #[tokio::test]
    async fn the_scheme_is_oauth_and_the_address_a_hint() {
        let recorded = recorded(
            json!({"id": "1000034426", "login": "anna", "default_email": "Anna@yandex.ru",
            "emails": ["anna@yandex.ru"], "real_name": "Anna B", "psuid": "1.AAA"}),
        );
        let asserted = provider("yandex", &recorded).identify_now().await.unwrap();
        assert_eq!(asserted.link.issuer, "https://oauth.yandex.ru");
        assert_eq!(asserted.link.subject, "1000034426");
        assert_eq!(asserted.link.email.as_deref(), Some("anna@yandex.ru"));
        assert_eq!(asserted.word, Word::Hint);
        recorded.assert_all_asked();
    }

    #[tokio::test]
    async fn a_login_name_is_no_subject() {
        let recorded = recorded(json!({"login": "anna", "default_email": "anna@yandex.ru"}));
        assert_eq!(rejected(provider("yandex", &recorded).identify_now().await), "subject");
    }

    #[tokio::test]
    async fn the_question_asks_for_the_address() {
        let asked = provider("yandex", &Recorded::new()).question_now().await;
        assert_eq!(asked.place, "https://oauth.yandex.ru/authorize");
        assert_eq!(asked.field("scope"), Some("login:info login:email"));
        asked.assert_is_bound();
    }
}
