//! A sign-up under way: what was typed, and the code that is in the mail. The password is kept as its hash.

use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::failure::Failure;
use super::mailed_code::{MailedCode, lifetime};
use super::transaction::{self, Transaction};
use super::visit::Visit;

/// What the store keeps, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The code in the newest mail.
    pub code: MailedCode,
    /// The hop's state.
    pub state: Option<String>,
    /// Display name.
    pub name: String,
    /// Canonical address.
    pub email: String,
    /// PHC string of the chosen password.
    pub password_hash: String,
    /// Tag of the language the form was in.
    pub language: String,
}

impl Transaction for Pending {
    const KIND: &'static str = "sign-up";
}

impl Pending {
    /// Stores it, in place of whatever this browser had before.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(crate) async fn store(&self, visit: &Visit, browser: &Browser) -> Result<(), Failure> {
        transaction::store(visit, browser, self, lifetime(visit) + GRACE_SECONDS).await
    }
}

/// A sign-up outlives its code by this, so that who comes late needs a new code and not a new form.
const GRACE_SECONDS: i64 = 3600;
