//! Mail.ru: plain OAuth with the client in the Authorization field.

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question};
use super::provider::{Person, Preset, full_name};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Mailru;

#[async_trait]
impl Preset for Mailru {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://oauth.mail.ru/login",
            scopes: "userinfo",
            nonce: false,
            // The person chooses the account each time, also on a shared machine.
            extra: &[("prompt_force", "1")],
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
            endpoint: "https://oauth.mail.ru/token",
            auth: ClientAuth::Basic,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let mut url = Url::parse("https://oauth.mail.ru/userinfo")
            .map_err(|_| ProviderError::Misconfigured("an address is malformed".into()))?;
        // The only form it documents.
        url.query_pairs_mut().append_pair("access_token", tokens.access_token());
        let about = client.get(url.as_str(), None, &[]).await?;
        let text = |name: &str| about.get(name).and_then(Value::as_str);
        let both = || full_name(text("first_name"), text("last_name"));
        Ok(Person {
            issuer: "https://oauth.mail.ru".to_owned(),
            // Never the address: a mailbox that was given up is somebody else's one day.
            subject: text("id").ok_or(ProviderError::Refused("subject"))?.to_owned(),
            email: text("email").map(str::to_owned),
            email_trusted: false,
            name: text("name").map(str::to_owned).or_else(both),
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
            Expect::post("https://oauth.mail.ru/token")
                // "us" and "a client secret", each as in a form (RFC 6749 2.3.1).
                .header("authorization", "Basic dXM6YStjbGllbnQrc2VjcmV0")
                .header("user-agent", concat!("bitrix-id/", env!("CARGO_PKG_VERSION")))
                .without_field("client_secret")
                .answers(json!({"access_token": "m&t", "expires_in": 3600, "refresh_token": "r"})),
        );
        recorded.expect(
            Expect::get("https://oauth.mail.ru/userinfo?access_token=m%26t")
                .header("user-agent", concat!("bitrix-id/", env!("CARGO_PKG_VERSION")))
                .answers(about),
        );
        recorded
    }

    #[tokio::test]
    async fn the_client_is_in_a_header_and_the_address_a_hint() {
        let recorded = recorded(json!({"id": "98765", "email": "anna@mail.ru", "name": "Anna B"}));
        let asserted = provider("mailru", &recorded).identify_now().await.unwrap();
        assert_eq!(asserted.link.subject, "98765");
        assert_eq!(
            (asserted.link.email.as_deref(), asserted.word),
            (Some("anna@mail.ru"), Word::Hint)
        );
        recorded.assert_all_asked();
    }

    #[tokio::test]
    async fn an_address_is_no_subject() {
        let recorded = recorded(json!({"email": "anna@mail.ru", "name": "Anna B"}));
        assert_eq!(rejected(provider("mailru", &recorded).identify_now().await), "subject");
    }

    #[tokio::test]
    async fn the_account_is_chosen_each_time() {
        let asked = provider("mailru", &Recorded::new()).question_now().await;
        assert_eq!(asked.place, "https://oauth.mail.ru/login");
        assert_eq!(asked.field("prompt_force"), Some("1"));
        asked.assert_is_bound();
    }
}
