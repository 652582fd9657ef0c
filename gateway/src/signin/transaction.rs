//! A transaction: something that a browser has begun and not finished, such as a sign-up that waits for
//! its code.
//!
//! Kept in the session store under the browser's cookie, so only the browser that began can go on, and a
//! restart of the gateway loses nothing. A browser has one of each kind; beginning anew replaces it.

use bitrix_id_auth_core::throttle::attempt_key;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::browser::{self, Browser};
use super::failure::Failure;
use super::one_time::Key;
use super::visit::Visit;

/// A kind of transaction. Its fields name all that it is about; handlers take nothing of that from a form.
pub(crate) trait Transaction: Serialize + DeserializeOwned {
    /// Keeps the kinds apart. Never changed: what is under way outlives an upgrade.
    const KIND: &'static str;
}

/// Stores it for so many seconds, in place of whatever this browser had of the kind.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn store<T: Transaction>(
    visit: &Visit,
    browser: &Browser,
    transaction: &T,
    lifetime_seconds: i64,
) -> Result<(), Failure> {
    key::<T>(browser).put(visit, transaction, lifetime_seconds).await
}

/// The one under way in this browser.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn peek<T: Transaction>(
    visit: &Visit,
    browser: &Browser,
) -> Result<Option<T>, Failure> {
    key::<T>(browser).peek(visit).await
}

/// The same, whichever of the browser's values it is kept under.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn find<T: Transaction>(visit: &Visit) -> Result<Option<(Browser, T)>, Failure> {
    for browser in browser::known(&visit.cookies).into_iter().take(MOST_VALUES) {
        if let Some(found) = peek(visit, &browser).await? {
            return Ok(Some((browser, found)));
        }
    }
    Ok(None)
}

/// Reads and spends it: `Some` exactly once, however many ask at once.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn take<T: Transaction>(
    visit: &Visit,
    browser: &Browser,
) -> Result<Option<T>, Failure> {
    key::<T>(browser).take(visit).await
}

fn key<T: Transaction>(browser: &Browser) -> Key {
    Key { kind: T::KIND, hash: attempt_key("transaction", &[T::KIND, browser.key()]) }
}

/// Browser values looked through; more than a few mean a client that makes them up.
const MOST_VALUES: usize = 16;
