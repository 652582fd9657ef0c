//! One-time values in mailed links: 32 random bytes that name what a page of ours may do, for whoever has
//! the mail, in any browser. Looking at the page spends nothing; programs that look into mails do that.

use bitrix_id_auth_core::throttle::attempt_key;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::browser::is_base64url;
use super::crypto;
use super::failure::Failure;
use super::one_time::Key;
use super::visit::Visit;

/// What a link stands for.
pub(super) trait LinkValue: Serialize + DeserializeOwned {
    /// Keeps the kinds apart. Never changed: links outlive an upgrade.
    const KIND: &'static str;
}

/// Keeps a value for so many seconds and gives the text that finds it again.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn make<T: LinkValue>(
    visit: &Visit,
    value: &T,
    lifetime_seconds: i64,
) -> Result<String, Failure> {
    let text = crypto::random_text::<32>()?;
    key::<T>(&text).put(visit, value, lifetime_seconds).await?;
    Ok(text)
}

/// What a text stands for; `None`: nothing, or nothing any more.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn peek<T: LinkValue>(visit: &Visit, text: &str) -> Result<Option<T>, Failure> {
    if !is_base64url(text, 43) {
        return Ok(None);
    }
    key::<T>(text).peek(visit).await
}

/// The same, exactly once.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn take<T: LinkValue>(visit: &Visit, text: &str) -> Result<Option<T>, Failure> {
    if !is_base64url(text, 43) {
        return Ok(None);
    }
    key::<T>(text).take(visit).await
}

fn key<T: LinkValue>(text: &str) -> Key {
    Key { kind: T::KIND, hash: attempt_key("link", &[T::KIND, text]) }
}
