//! Signing in with an account at an identity provider, and linking one to a Bitrix ID.
//!
//! A *trip* ([`trip`]) is a browser's way to a provider and back: begun at [`start`], kept in the store
//! under its state, spent at [`callback`] before anything is asked of the provider. What the provider
//! says then is decided by `auth_core::linking` and done by [`step`]; where that needs a word from the
//! person, the matter waits ([`waiting`]). [`profile`] lists the links of a signed-in person.

mod callback;
pub(super) mod notice;
mod profile;
mod providers;
mod start;
mod step;
mod trip;
mod waiting;

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::oauth::title;
use bitrix_id_auth_core::store::StoreError;
use bitrix_id_config::model::{Social, SocialPreset};
use http::StatusCode;

use super::failure::{Answer, RETRY_AFTER_SECONDS};
use super::hop;
use super::reply::Reply;
use super::visit::Visit;
use crate::pages::{self, Lang, ProviderIcon, SocialButton, SocialFailed, SocialProblem};

pub(crate) use callback::{arrive, posted};
pub(crate) use profile::{disconnect, show as show_links};
pub(crate) use providers::Providers;
pub(crate) use start::{link, sign_in};
pub(crate) use waiting::{show as show_waiting, submit as submit_waiting};

/// The buttons of a page for somebody on the way to `state`'s destination, in the order of the
/// configuration.
pub(super) fn buttons(visit: &Visit, state: Option<&str>) -> Vec<SocialButton> {
    let ahead = hop::portal_id_ahead(visit, state);
    let is_shown = |social: &&Social| {
        let by_portal = social.portals.is_empty()
            || ahead.as_ref().is_some_and(|portal| social.portals.contains(portal));
        by_portal && speaks(social, visit.lang)
    };
    let button = |social: &Social| SocialButton {
        url: hop::with_state(&format!("/social/{}/start", social.id), state),
        ..plain_button(social)
    };
    visit.snapshot.config.social.iter().filter(is_shown).map(button).collect()
}

/// Whether an account at a provider opens this one: a link to one that is not configured (any more) does not.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn opens(visit: &Visit, account: AccountId) -> Result<bool, StoreError> {
    let links = visit.hub().directory.links(account).await?;
    Ok(links.iter().any(|link| find(visit, &link.provider).is_some()))
}

/// Whether there is anything for the person to see about accounts at providers: one that is linked, or one
/// that can be.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn concerns(visit: &Visit, account: AccountId) -> Result<bool, StoreError> {
    if offered(visit).next().is_some() {
        return Ok(true);
    }
    Ok(!visit.hub().directory.links(account).await?.is_empty())
}

/// What can be linked from the profile. There the way to a portal plays no part; the language does.
fn offered(visit: &Visit) -> impl Iterator<Item = &Social> {
    visit.snapshot.config.social.iter().filter(|social| speaks(social, visit.lang))
}

fn speaks(social: &Social, lang: Lang) -> bool {
    social.languages.is_empty() || social.languages.iter().any(|tag| tag == lang.tag())
}

fn plain_button(social: &Social) -> SocialButton {
    SocialButton {
        id: social.id.clone(),
        title: title(social),
        icon: icon(&social.preset),
        url: String::new(),
    }
}

fn icon(preset: &SocialPreset) -> ProviderIcon {
    match preset {
        SocialPreset::Google => ProviderIcon::Google,
        SocialPreset::Microsoft { .. } => ProviderIcon::Microsoft,
        SocialPreset::Github => ProviderIcon::Github,
        SocialPreset::Facebook => ProviderIcon::Facebook,
        SocialPreset::Apple { .. } => ProviderIcon::Apple,
        SocialPreset::Vk => ProviderIcon::Vk,
        SocialPreset::Yandex => ProviderIcon::Yandex,
        SocialPreset::Mailru => ProviderIcon::Mailru,
        SocialPreset::Oidc { .. } => ProviderIcon::Other,
    }
}

/// The configured provider of this id.
fn find<'a>(visit: &'a Visit, id: &str) -> Option<&'a Social> {
    visit.snapshot.config.social.iter().find(|social| social.id == id)
}

/// The page that says that a provider signed nobody in, and what else there is to do. `again` is where to
/// try once more.
fn failed(visit: &Visit, social: &Social, problem: SocialProblem, state: Option<&str>) -> Answer {
    let view = SocialFailed {
        provider: title(social),
        problem,
        again: hop::with_state(&format!("/social/{}/start", social.id), state),
        other: hop::with_state("/sign-in", state),
    };
    let status = match problem {
        SocialProblem::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        SocialProblem::TooMany => StatusCode::TOO_MANY_REQUESTS,
        SocialProblem::NotAllowed => StatusCode::FORBIDDEN,
        SocialProblem::Refused | SocialProblem::Stale => StatusCode::BAD_REQUEST,
    };
    // The address of this page may hold a code: the language links lead elsewhere.
    let frame = visit.frame_at(&hop::with_state("/sign-in", state));
    let reply = Reply::page(pages::social_failed(&frame, &view)).status(status);
    Ok(match problem {
        SocialProblem::Unreachable | SocialProblem::TooMany => {
            reply.retry_after(RETRY_AFTER_SECONDS)
        }
        _ => reply,
    })
}
