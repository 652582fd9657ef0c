//! What an OpenID provider says of itself at `/.well-known/openid-configuration`.

use serde_json::Value;

use super::client::{Client, https};
use super::error::ProviderError;
use super::flow::ClientAuth;

/// The parts that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    /// RFC 9207: every answer says who it is from.
    pub(super) names_itself: bool,
    token_auth_methods: Vec<String>,
}

impl Metadata {
    /// Asks the issuer.
    pub(super) async fn fetch(client: &Client, issuer: &str) -> Result<Self, ProviderError> {
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Self::read(&client.get(&place, None, &[]).await?, issuer)
    }

    fn read(document: &Value, issuer: &str) -> Result<Self, ProviderError> {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        // OpenID Connect Discovery 4.3: the very same text, or it speaks for somebody else.
        if text("issuer") != Some(issuer) {
            let words = "its discovery document names another issuer";
            return Err(ProviderError::Misconfigured(words.into()));
        }
        let endpoint = |name: &'static str| {
            let url = text(name).filter(|url| https(url).is_some()).map(str::to_owned);
            url.ok_or_else(|| {
                ProviderError::Misconfigured(format!("its discovery document has no {name}"))
            })
        };
        let methods = document.get("token_endpoint_auth_methods_supported");
        let methods = methods.and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            userinfo_endpoint: endpoint("userinfo_endpoint").ok(),
            names_itself: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            token_auth_methods: methods.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// How we prove who we are. A provider that does not say takes the header (Discovery 3).
    pub(super) fn client_auth(&self, has_secret: bool) -> ClientAuth {
        let takes = |method: &str| self.token_auth_methods.iter().any(|one| one == method);
        match (has_secret, self.token_auth_methods.is_empty()) {
            (false, _) => ClientAuth::Public,
            (true, false) if !takes("client_secret_basic") && takes("client_secret_post") => {
                ClientAuth::Body
            }
            (true, _) => ClientAuth::Basic,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://login.example",
            "authorization_endpoint": "https://login.example/auth",
            "token_endpoint": "https://login.example/token",
            "jwks_uri": "https://login.example/jwks",
        })
    }

    #[test]
    fn another_issuer_is_another_provider() {
        assert!(Metadata::read(&document(), "https://login.example").is_ok());
        for issuer in
            ["https://login.example/", "https://LOGIN.example", "https://login.example.evil"]
        {
            let refused = Metadata::read(&document(), issuer);
            assert!(matches!(refused, Err(ProviderError::Misconfigured(_))), "{issuer}");
        }
    }

    #[test]
    fn endpoints_are_https() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for value in [json!("http://login.example/x"), json!("/x"), json!(7), Value::Null] {
                let mut document = document();
                document[name] = value;
                assert!(Metadata::read(&document, "https://login.example").is_err(), "{name}");
            }
        }
        let mut plain = document();
        plain["userinfo_endpoint"] = json!("http://login.example/me");
        let read = Metadata::read(&plain, "https://login.example").unwrap();
        assert_eq!(read.userinfo_endpoint, None);
    }

    #[test]
    fn the_client_proves_itself_as_the_provider_wants() {
        let read = |methods: Value| {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = methods;
            Metadata::read(&document, "https://login.example").unwrap()
        };
        let both = json!(["client_secret_post", "client_secret_basic"]);
        assert_eq!(read(both).client_auth(true), ClientAuth::Basic);
        assert_eq!(read(json!(["client_secret_post"])).client_auth(true), ClientAuth::Body);
        assert_eq!(read(Value::Null).client_auth(true), ClientAuth::Basic);
        assert_eq!(read(json!(["none"])).client_auth(false), ClientAuth::Public);
    }
}
