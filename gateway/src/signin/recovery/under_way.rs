//! A recovery under way in a browser: which address, and where its visitor was going. It proves nothing.

use bitrix_id_auth_core::identity::UnixSeconds;
use serde::{Deserialize, Serialize};

use crate::signin::browser::Browser;
use crate::signin::failure::Failure;
use crate::signin::mailed_code::{RESEND_AFTER_SECONDS, lifetime};
use crate::signin::transaction::{self, Transaction};
use crate::signin::visit::Visit;

/// What the store keeps, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// Canonical address.
    pub email: String,
    /// The hop's state.
    pub state: Option<String>,
    /// When the newest mail was asked for, by whomever. Unix seconds.
    pub asked_at: UnixSeconds,
}

impl Transaction for UnderWay {
    const KIND: &'static str = "recovery";
}

impl UnderWay {
    /// Stores it, in place of whatever this browser had before.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn store(&self, visit: &Visit, browser: &Browser) -> Result<(), Failure> {
        transaction::store(visit, browser, self, lifetime(visit) + GRACE_SECONDS).await
    }

    /// Seconds until another mail may be asked for.
    pub(super) fn resend_in(&self, now: UnixSeconds) -> u32 {
        let left = (self.asked_at + RESEND_AFTER_SECONDS - now).clamp(0, RESEND_AFTER_SECONDS);
        u32::try_from(left).unwrap_or_default()
    }
}

/// Who comes late with an old checkword still finds the address, and the way on.
const GRACE_SECONDS: i64 = 3600;
