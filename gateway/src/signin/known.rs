//! What one request knows already of who sent it.

use std::sync::{Mutex, PoisonError};

use super::person::SignedIn;

/// Who is signed in, from a look-up of this request that is not a moment old. Whoever asks first takes it: a
/// handler that asks again has changed something in between, and is told how things stand then.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<LookedUp>>);

/// Outcome of the look-up.
pub(super) struct LookedUp(pub Option<SignedIn>);

impl Known {
    /// Leaves it for [`super::person::signed_in`].
    pub(super) fn leave(&self, person: Option<SignedIn>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(LookedUp(person));
    }

    /// Takes it, once.
    pub(super) fn take(&self) -> Option<LookedUp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
