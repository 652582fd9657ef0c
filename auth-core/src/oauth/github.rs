//! GitHub: plain OAuth, with errors under status 200 and addresses at a place of their own.

use async_trait::async_trait;
use http::HeaderName;
use http::header::ACCEPT;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::flow::{ClientAuth, Exchange, Question, Tokens};
use super::provider::{Person, Preset};
use super::{Attempt, Returned};
use crate::identity::UnixSeconds;

pub(super) struct Github;

#[async_trait]
impl Preset for Github {
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        _now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let question = Question {
            endpoint: "https://github.com/login/oauth/authorize",
            scopes: "read:user user:email",
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
            endpoint: "https://github.com/login/oauth/access_token",
            auth: ClientAuth::Body,
            secret: None,
            extra: &[],
        };
        let tokens = client.exchange(attempt, redirect_uri, &returned.code, &exchange).await?;
        let user = ask(client, "https://api.github.com/user", &tokens).await?;
        let emails = ask(client, "https://api.github.com/user/emails", &tokens).await?;
        // The number stays when the person changes the login name, and somebody else takes that.
        let id = user.get("id").and_then(Value::as_u64);
        let text = |name: &str| user.get(name).and_then(Value::as_str);
        let name = text("name").filter(|name| !name.trim().is_empty()).or(text("login"));
        let email = verified_primary(&emails);
        Ok(Person {
            issuer: "https://github.com".to_owned(),
            subject: id.ok_or(ProviderError::Refused("subject"))?.to_string(),
            email_trusted: email.is_some(),
            email,
            name: name.map(str::to_owned),
        })
    }
}

async fn ask(client: &Client, url: &str, tokens: &Tokens) -> Result<Value, ProviderError> {
    let bearer = Some(format!("Bearer {}", tokens.access_token()));
    let headers = [
        (ACCEPT, "application/vnd.github+json"),
        (HeaderName::from_static("x-github-api-version"), "2022-11-28"),
    ];
    client.get(url, bearer, &headers).await
}

/// The address in `/user` may be anything; here the primary one says whether it is verified. Those that
/// GitHub makes up lead to no mailbox.
fn verified_primary(emails: &Value) -> Option<String> {
    let is_true = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    let entry = emails
        .as_array()?
        .iter()
        .find(|entry| is_true(entry, "primary") && is_true(entry, "verified"))?;
    let email = entry.get("email")?.as_str()?;
    (!email.to_ascii_lowercase().ends_with("@users.noreply.github.com")).then(|| email.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Expect, Recorded, provider, rejected};
    use super::*;
    use crate::linking::Word;

    fn token() -> Expect {
        Expect::post("https://github.com/login/oauth/access_token")
            .header("accept", "application/json")
            .field("client_id", "us")
            .field("client_secret", "a client secret")
            .field("code", "the-code")
            .field("code_verifier", "the-verifier-the-verifier-the-verifier-the1")
            .field("redirect_uri", "https://id.example/social/it/callback")
    }

    fn user(answer: Value) -> Expect {
        Expect::get("https://api.github.com/user")
            .header("authorization", "Bearer gho_t")
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("user-agent", concat!("bitrix-id/", env!("CARGO_PKG_VERSION")))
            .answers(answer)
    }

    fn emails(answer: Value) -> Expect {
        Expect::get("https://api.github.com/user/emails")
            .header("authorization", "Bearer gho_t")
            .answers(answer)
    }

    #[tokio::test]
    async fn the_number_is_the_subject_and_the_verified_primary_address_counts() {
        for (listed, expected) in [
            (
                json!([{"email": "a@x.example", "primary": false, "verified": true},
                    {"email": "anna@example.com", "primary": true, "verified": true}]),
                Some("anna@example.com"),
            ),
            (json!([{"email": "anna@example.com", "primary": true, "verified": false}]), None),
            (json!([{"email": "anna@example.com", "primary": false, "verified": true}]), None),
            (json!([{"email": "anna@example.com", "primary": true, "verified": "true"}]), None),
            (
                json!([{"email": "7+anna@users.noreply.github.com", "primary": true, "verified": true}]),
                None,
            ),
            (json!([]), None),
        ] {
            let recorded = Recorded::new();
            let tokens = json!({"access_token": "gho_t", "token_type": "bearer", "scope": "read:user,user:email"});
            recorded.expect(token().answers(tokens));
            recorded.expect(user(
                json!({"id": 583_231, "login": "anna", "name": null, "email": "public@x.example"}),
            ));
            recorded.expect(emails(listed.clone()));
            let asserted = provider("github", &recorded).identify_now().await.unwrap();
            assert_eq!(asserted.link.issuer, "https://github.com");
            assert_eq!(asserted.link.subject, "583231");
            assert_eq!(asserted.link.name.as_deref(), Some("anna"));
            assert_eq!(asserted.link.email.as_deref(), expected, "{listed}");
            let word = if expected.is_some() { Word::Trusted } else { Word::Hint };
            assert_eq!(asserted.word, word);
            recorded.assert_all_asked();
        }
    }

    #[tokio::test]
    async fn an_error_under_status_200_is_an_error() {
        for (code, expected) in
            [("bad_verification_code", "denied"), ("incorrect_client_credentials", "misconfigured")]
        {
            let recorded = Recorded::new();
            recorded.expect(token().answers(json!({"error": code, "error_description": "x"})));
            assert_eq!(rejected(provider("github", &recorded).identify_now().await), expected);
        }
    }

    #[tokio::test]
    async fn the_question_asks_for_addresses() {
        let recorded = Recorded::new();
        let asked = provider("github", &recorded).question_now().await;
        assert_eq!(asked.place, "https://github.com/login/oauth/authorize");
        assert_eq!(asked.field("scope"), Some("read:user user:email"));
        asked.assert_is_bound();
    }
}
