//! The app's own parts and its routes: one line per path of the contract.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use bitrix_id_auth_core::throttle::SignInThrottle;
use tokio::sync::{Notify, Semaphore};

use super::failure::Failure;
use super::readers::Readers;
use super::{
    callback, confirm, guard, home, no_access, portals, profile, security, sessions, sign_in,
    sign_out, sign_up,
};
use crate::hub::Hub;

/// What every request of the app shares.
pub(crate) struct App {
    /// What the process shares.
    pub hub: Arc<Hub>,
    /// Counts sign-in attempts.
    pub throttle: SignInThrottle,
    /// Rung when a mail was queued, so that the worker need not wait for its next look.
    pub mail_bell: Notify,
    /// Bodies that are still coming.
    pub readers: Readers,
    /// Requests served at once.
    pub places: Semaphore,
}

impl App {
    /// Over the hub's stores.
    pub(crate) fn new(hub: Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            throttle: SignInThrottle::new(hub.sessions.clone()),
            mail_bell: Notify::new(),
            readers: Readers::default(),
            places: Semaphore::new(MOST_REQUESTS),
            hub,
        })
    }
}

/// Every page and action, behind the guard.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-up", get(sign_up::show).post(sign_up::submit))
        .route("/sign-up/confirm", get(confirm::show).post(confirm::submit))
        .route("/sign-up/resend", post(confirm::resend))
        .route("/sign-out", get(sign_out::ask).post(sign_out::submit))
        .route("/signed-out", get(sign_out::done))
        .route("/profile", get(profile::show).post(profile::submit))
        .route("/profile/security", get(security::show).post(security::submit))
        .route("/profile/sessions", get(sessions::show).post(sessions::submit))
        .route("/profile/portals", get(home::show))
        .route("/.bitrix-id/callback", get(callback::arrive))
        .route("/.bitrix-id/portals", get(portals::list))
        .route("/.bitrix-id/profile", get(portals::profile))
        .route("/.bitrix-id/no-access", get(no_access::show))
        .route(
            "/.bitrix-id/sign-out",
            get(sign_out::ask_on_portal).post(sign_out::submit_on_portal),
        )
        .fallback(no_such_page)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(app, guard::guard))
}

async fn no_such_page() -> Failure {
    Failure::NotFound
}

async fn no_such_method() -> Failure {
    Failure::Method
}

/// Each waits for a store or a hash, not for a processor; beyond this the queue would only grow.
const MOST_REQUESTS: usize = 512;
