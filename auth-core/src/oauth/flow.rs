//! The authorization code flow: the address a browser is sent to, and the exchange of what it brings
//! back.

use std::borrow::Cow;
use std::pin::Pin;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointNotSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenType, TokenUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Attempt;
use super::client::Client;
use super::error::{ProviderError, error_code};
use super::fetch::{FetchError, FetchRequest, FetchResponse};

/// The address to send a browser to.
pub(super) struct Question<'a> {
    /// The provider's page.
    pub(super) endpoint: &'a str,
    /// One text, joined as the provider wants it.
    pub(super) scopes: &'a str,
    /// The provider puts the nonce into an `id_token`.
    pub(super) nonce: bool,
    /// What this provider wants besides.
    pub(super) extra: &'a [(&'static str, &'static str)],
}

/// Who we say we are at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    /// RFC 6749 2.3.1, in a header.
    Basic,
    /// The same, in the body.
    Body,
    /// Not by a secret: `client_id` and the verifier alone.
    Public,
}

/// A code to be exchanged.
pub(super) struct Exchange<'a> {
    /// The token endpoint.
    pub(super) endpoint: &'a str,
    /// How we prove who we are.
    pub(super) auth: ClientAuth,
    /// Instead of the configured secret, where it is made for the occasion.
    pub(super) secret: Option<String>,
    /// What this provider wants besides.
    pub(super) extra: &'a [(&'static str, &'a str)],
}

/// What the token endpoint gives. Used for the questions that follow and then forgotten.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    access_token: AccessToken,
    #[serde(default = "Kind::bearer")]
    token_type: Kind,
    pub(super) id_token: Option<String>,
}

impl Tokens {
    pub(super) fn access_token(&self) -> &str {
        self.access_token.secret()
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

impl TokenResponse for Tokens {
    type TokenType = Kind;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &Kind {
        &self.token_type
    }

    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// `token_type`; Mail.ru leaves it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Kind(String);

impl Kind {
    fn bearer() -> Self {
        Self("bearer".to_owned())
    }
}

impl TokenType for Kind {}

type OauthClient<Auth, Token> = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Auth,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

impl Client {
    /// Where to send a browser.
    pub(super) fn question(
        &self,
        attempt: &Attempt,
        redirect_uri: &str,
        question: &Question<'_>,
    ) -> Result<Url, ProviderError> {
        let malformed = |_| ProviderError::Misconfigured("an address is malformed".into());
        let endpoint = AuthUrl::new(question.endpoint.to_owned()).map_err(malformed)?;
        let client: OauthClient<EndpointNotSet, EndpointNotSet> =
            oauth2::Client::new(ClientId::new(self.id.clone()));
        let client = client
            .set_auth_uri(endpoint)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(malformed)?);
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let mut request = client
            .authorize_url(|| CsrfToken::new(attempt.state.clone()))
            .add_scope(Scope::new(question.scopes.to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if question.nonce {
            request = request.add_extra_param("nonce", attempt.nonce.clone());
        }
        for (name, value) in question.extra {
            request = request.add_extra_param(*name, *value);
        }
        Ok(request.url().0)
    }

    /// Exchanges a code for tokens.
    pub(super) async fn exchange(
        &self,
        attempt: &Attempt,
        redirect_uri: &str,
        code: &str,
        exchange: &Exchange<'_>,
    ) -> Result<Tokens, ProviderError> {
        let malformed = |_| ProviderError::Misconfigured("an address is malformed".into());
        let client: OauthClient<EndpointNotSet, EndpointNotSet> =
            oauth2::Client::new(ClientId::new(self.id.clone()));
        let mut client = client
            .set_token_uri(TokenUrl::new(exchange.endpoint.to_owned()).map_err(malformed)?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(malformed)?);
        if exchange.auth != ClientAuth::Public {
            let secret = match &exchange.secret {
                Some(secret) => secret.clone(),
                None => self.secret()?.to_owned(),
            };
            client = client.set_client_secret(ClientSecret::new(secret));
        }
        client = client.set_auth_type(match exchange.auth {
            ClientAuth::Basic => AuthType::BasicAuth,
            ClientAuth::Body | ClientAuth::Public => AuthType::RequestBody,
        });
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()));
        for (name, value) in exchange.extra {
            request = request.add_extra_param(*name, Cow::from((*value).to_owned()));
        }
        let tokens: Tokens = request.request_async(self).await.map_err(read_error)?;
        if !tokens.token_type.0.eq_ignore_ascii_case("bearer") {
            return Err(ProviderError::Refused("token_type"));
        }
        Ok(tokens)
    }
}

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<FetchResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: FetchRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn read_error(error: RequestTokenError<FetchError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(said) => denied(said.error().as_ref()),
        RequestTokenError::Request(error) => error.into(),
        // GitHub says what is wrong with status 200.
        RequestTokenError::Parse(_, body) => {
            match serde_json::from_slice::<BasicErrorResponse>(&body) {
                Ok(said) => denied(said.error().as_ref()),
                Err(_) => ProviderError::Refused("tokens_malformed"),
            }
        }
        RequestTokenError::Other(_) => ProviderError::Refused("tokens_malformed"),
    }
}

fn denied(code: &str) -> ProviderError {
    let code = error_code(code);
    // RFC 6749 5.2; GitHub has a name of its own for it.
    if matches!(code.as_str(), "invalid_client" | "incorrect_client_credentials") {
        return ProviderError::Misconfigured(format!("it answered {code}"));
    }
    ProviderError::Denied(code)
}
