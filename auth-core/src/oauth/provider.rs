//! A `[[social]]` table at work.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bitrix_id_config::model::{Social, SocialPreset};
use tokio::sync::Semaphore;
use url::Url;

use super::client::Client;
use super::error::ProviderError;
use super::fetch::Fetch;
use super::{
    Asserted, Attempt, Returned, apple, facebook, github, google, mailru, microsoft, oidc, vk,
    yandex,
};
use crate::email;
use crate::identity::UnixSeconds;
use crate::linking::Word;
use crate::name::MAX_NAME_CHARS;
use crate::store::links::{MOST_SUBJECT_BYTES, NewLink};

/// How one provider does what all of them do.
#[async_trait]
pub(super) trait Preset: Send + Sync {
    /// The address a browser is sent to.
    async fn question(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        now: UnixSeconds,
    ) -> Result<Url, ProviderError>;

    /// Who the browser came back as.
    async fn identify(
        &self,
        client: &Client,
        attempt: &Attempt,
        redirect_uri: &str,
        returned: &Returned,
        now: UnixSeconds,
    ) -> Result<Person, ProviderError>;
}

/// Who a preset says somebody is.
pub(super) struct Person {
    /// The space that the subject is unique in.
    pub(super) issuer: String,
    pub(super) subject: String,
    /// As the provider writes it.
    pub(super) email: Option<String>,
    /// Whether the provider's word on it counts.
    pub(super) email_trusted: bool,
    pub(super) name: Option<String>,
}

/// One provider. Kept for as long as its table stays the same: it remembers keys and metadata.
pub struct Provider {
    /// The table.
    pub social: Social,
    client: Client,
    preset: Box<dyn Preset>,
    places: Semaphore,
}

impl Provider {
    /// For a table, over `fetch`.
    #[must_use]
    pub fn new(social: Social, fetch: Arc<dyn Fetch>) -> Self {
        crate::jwt::install();
        let client =
            Client { id: social.client_id.clone(), secret: social.client_secret.clone(), fetch };
        let preset: Box<dyn Preset> = match &social.preset {
            SocialPreset::Google => Box::new(google::Google::default()),
            SocialPreset::Microsoft { tenant } => Box::new(microsoft::Microsoft::new(tenant)),
            SocialPreset::Github => Box::new(github::Github),
            SocialPreset::Facebook => Box::new(facebook::Facebook),
            SocialPreset::Apple { team_id, key_id } => Box::new(apple::Apple::new(team_id, key_id)),
            SocialPreset::Vk => Box::new(vk::Vk),
            SocialPreset::Yandex => Box::new(yandex::Yandex),
            SocialPreset::Mailru => Box::new(mailru::Mailru),
            SocialPreset::Oidc { issuer, email_trust, scopes, .. } => {
                Box::new(oidc::Oidc::new(issuer, email_trust, scopes))
            }
        };
        Self { social, client, preset, places: Semaphore::new(MOST_AT_ONCE) }
    }

    /// Whether the browser comes back with a POST from the provider's own page, which carries no cookie
    /// of ours.
    #[must_use]
    pub fn posts_back(&self) -> bool {
        matches!(self.social.preset, SocialPreset::Apple { .. })
    }

    /// The address to send a browser to.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn question(
        &self,
        attempt: &Attempt,
        redirect_uri: &str,
        now: UnixSeconds,
    ) -> Result<Url, ProviderError> {
        let asked = self.preset.question(&self.client, attempt, redirect_uri, now);
        self.bounded(asked).await
    }

    /// Asks the provider who the browser came back as. The attempt is spent by now.
    ///
    /// # Errors
    /// [`ProviderError`]: nobody.
    pub async fn identify(
        &self,
        attempt: &Attempt,
        redirect_uri: &str,
        returned: &Returned,
        now: UnixSeconds,
    ) -> Result<Asserted, ProviderError> {
        let asked = self.preset.identify(&self.client, attempt, redirect_uri, returned, now);
        self.assert(self.bounded(asked).await?)
    }

    async fn bounded<T>(
        &self,
        asked: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let Ok(_place) = self.places.try_acquire() else { return Err(ProviderError::Busy) };
        match tokio::time::timeout(WHOLE_DEADLINE, asked).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(ProviderError::Unreachable("it took too long".into())),
        }
    }

    fn assert(&self, person: Person) -> Result<Asserted, ProviderError> {
        let plain = |text: &str| !text.chars().any(char::is_control);
        let subject = person.subject;
        if subject.is_empty() || subject.len() > MOST_SUBJECT_BYTES || !plain(&subject) {
            return Err(ProviderError::Refused("subject"));
        }
        let email = person.email.and_then(|email| email::canonical(email.trim()).ok());
        let word = match email {
            Some(_) if person.email_trusted => Word::Trusted,
            _ => Word::Hint,
        };
        let link = NewLink {
            issuer: person.issuer,
            subject,
            provider: self.social.id.clone(),
            name: person.name.as_deref().and_then(display_name),
            email,
        };
        Ok(Asserted { link, word })
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("id", &self.social.id).finish_non_exhaustive()
    }
}

/// A provider's name for people, in every language.
#[must_use]
pub fn title(social: &Social) -> String {
    match &social.preset {
        SocialPreset::Google => "Google".to_owned(),
        SocialPreset::Microsoft { .. } => "Microsoft".to_owned(),
        SocialPreset::Github => "GitHub".to_owned(),
        SocialPreset::Facebook => "Facebook".to_owned(),
        SocialPreset::Apple { .. } => "Apple".to_owned(),
        SocialPreset::Vk => "VK".to_owned(),
        SocialPreset::Yandex => "Yandex".to_owned(),
        SocialPreset::Mailru => "Mail.ru".to_owned(),
        SocialPreset::Oidc { title: Some(title), .. } => title.clone(),
        SocialPreset::Oidc { issuer, .. } => {
            let host = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
            host.unwrap_or_else(|| social.id.clone())
        }
    }
}

/// A name that fits ours, cut where it is too long; `None` for one that nobody could see.
fn display_name(text: &str) -> Option<String> {
    let short: String = text.trim().chars().take(MAX_NAME_CHARS).collect();
    crate::name::check(&short).ok()
}

/// Two names as one.
pub(super) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = [first, last].into_iter().flatten().filter(|s| !s.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A provider that hangs holds up this many people and no more.
const MOST_AT_ONCE: usize = 64;
/// For all questions of one sign-in together.
const WHOLE_DEADLINE: Duration = Duration::from_secs(12);
