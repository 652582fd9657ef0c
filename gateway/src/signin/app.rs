//! The app's own parts and its routes: one line per path of the contract.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use bitrix_id_auth_core::throttle::SignInThrottle;
use tokio::sync::{Notify, Semaphore};

use super::failure::Failure;
use super::readers::Readers;
use super::social::{self, Providers};
use super::{
    add_address, ask_access, callback, confirm, confirm_identity, data, delete, emails, guard,
    home, invitation, keep, merge, new_portal, no_access, not_me, people, photo, portal_name,
    portals, profile, profile_portals, recovery, remove_address, security, sessions, sign_in,
    sign_out, sign_up, switch, time_zone, welcome,
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
    /// Likewise for notices to portals.
    pub notice_bell: Arc<Notify>,
    /// Likewise for requests of recovery.
    pub recovery_bell: Notify,
    /// Bodies that are still coming.
    pub readers: Readers,
    /// Photos made at once.
    pub pictures: Arc<Semaphore>,
    /// Providers of social sign-in.
    pub social: Providers,
    /// Requests served at once.
    pub places: Semaphore,
}

impl App {
    /// Over the hub's stores.
    pub(crate) fn new(hub: Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            throttle: SignInThrottle::new(hub.sessions.clone()),
            mail_bell: Notify::new(),
            notice_bell: Arc::new(Notify::new()),
            recovery_bell: Notify::new(),
            readers: Readers::default(),
            pictures: Arc::new(Semaphore::new(photo::PICTURES_AT_ONCE)),
            social: Providers::new(),
            places: Semaphore::new(MOST_REQUESTS),
            hub,
        })
    }
}

/// Every page and action, behind the guard.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(entry())
        .merge(showing_who())
        .merge(welcome_pages())
        .merge(social_pages())
        .merge(addresses())
        .merge(own_account())
        .merge(portal_pages())
        .merge(on_portals())
        .fallback(no_such_page)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn(welcome::limited::limit))
        .layer(from_fn_with_state(app, guard::guard))
}

/// Signing up, in and out.
fn entry() -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-up", get(sign_up::show).post(sign_up::submit))
        .route("/sign-up/confirm", get(confirm::show).post(confirm::submit))
        .route("/sign-up/resend", post(confirm::resend))
        .route("/sign-out", get(sign_out::ask).post(sign_out::submit))
        .route("/signed-out", get(sign_out::done))
}

/// Showing who one is once more, or without the password.
fn showing_who() -> Router {
    Router::new()
        .route("/confirm", get(confirm_identity::show).post(confirm_identity::submit))
        .route("/confirm/send", post(confirm_identity::send))
        .route(
            "/confirm/code",
            get(confirm_identity::show_code).post(confirm_identity::submit_code),
        )
        .route("/forgot-password", get(recovery::ask::show).post(recovery::ask::submit))
        .route("/forgot-password/again", post(recovery::ask::again))
        .route("/reset-password", get(recovery::reset::show).post(recovery::reset::submit))
        .route("/reset-password/done", get(recovery::show_done))
        .route("/not-me", get(not_me::show).post(not_me::submit))
}

/// The first sign-in with what portals know of the person.
fn welcome_pages() -> Router {
    Router::new()
        .route("/welcome", get(welcome::show).post(welcome::submit))
        .route("/welcome/resend", post(welcome::resend))
        .route("/welcome/later", post(welcome::later_submit))
        .route("/welcome/prove", post(welcome::start))
        .route("/welcome/join", post(welcome::join_submit))
}

/// Sign-in with other providers' accounts.
fn social_pages() -> Router {
    Router::new()
        .route("/profile/social", get(social::show_links).post(social::disconnect))
        .route("/social/{id}/start", get(social::sign_in).post(social::link))
        .route("/social/{id}/callback", get(social::arrive).post(social::posted))
        .route("/social/next", get(social::show_waiting).post(social::submit_waiting))
}

/// Addresses of an account, and merging two accounts.
fn addresses() -> Router {
    Router::new()
        .route("/profile/emails", get(emails::show).post(add_address::submit))
        .route(
            "/profile/emails/confirm",
            get(add_address::show_code).post(add_address::submit_code),
        )
        .route("/profile/emails/resend", post(add_address::resend))
        .route("/profile/emails/primary", post(emails::make_primary))
        .route("/profile/emails/cancel", post(add_address::cancel))
        .route("/profile/emails/remove", get(remove_address::ask).post(remove_address::submit))
        .route("/profile/merge", get(merge::show).post(merge::submit))
        .route("/profile/merge/send", post(merge::send))
        .route("/profile/merge/resend", post(merge::resend))
        .route("/profile/merge/code", get(merge::show_code).post(merge::submit_code))
        .route("/profile/merge/review", get(merge::show_review).post(merge::submit_review))
        .route("/profile/merge/undo", post(merge::undo))
}

/// What a person sees and changes of their account.
fn own_account() -> Router {
    Router::new()
        .route("/profile", get(profile::show).post(profile::submit))
        .route("/profile/time-zone", get(time_zone::show).post(time_zone::submit))
        .route(
            "/profile/photo",
            get(photo::show)
                .post(photo::submit)
                .layer(DefaultBodyLimit::max(photo::UPLOAD_LIMIT_BYTES)),
        )
        .route("/profile/photo/remove", post(photo::remove))
        .route("/profile/portal/{id}", get(portal_name::show).post(portal_name::submit))
        .route("/profile/data", get(data::show))
        .route("/profile/data/download", get(data::download))
        .route("/profile/delete", get(delete::show).post(delete::submit))
        .route("/profile/keep", get(keep::show).post(keep::submit))
        .route("/profile/security", get(security::show).post(security::submit))
        .route("/profile/sessions", get(sessions::show).post(sessions::submit))
        .route("/profile/portals", get(profile_portals::show))
        .route("/profile/portals/undo", get(profile_portals::ask).post(profile_portals::undo))
}

/// Portals that are created, opened to others, and gone to.
fn portal_pages() -> Router {
    Router::new()
        .route("/portals/new", get(new_portal::show).post(new_portal::submit))
        .route("/portals/new/check", get(new_portal::check))
        .route("/portals/{id}/people", get(people::show).post(people::submit))
        .route("/portals/{id}/people/remove", get(people::remove::ask))
        .route("/invitation", get(invitation::show).post(invitation::submit))
        .route("/switch", post(switch::submit))
}

/// What portal hosts answer.
fn on_portals() -> Router {
    Router::new()
        .route("/.bitrix-id/callback", get(callback::arrive))
        .route("/.bitrix-id/portals", get(portals::list))
        .route("/.bitrix-id/profile", get(portals::profile))
        .route("/.bitrix-id/photo", get(photo::on_portal))
        .route("/.bitrix-id/no-access", get(no_access::show))
        .route("/.bitrix-id/access", post(ask_access::submit))
        .route("/.bitrix-id/switch", post(switch::submit_on_portal))
        .route(
            "/.bitrix-id/sign-out",
            get(sign_out::ask_on_portal).post(sign_out::submit_on_portal),
        )
}

async fn no_such_page() -> Failure {
    Failure::NotFound
}

async fn no_such_method() -> Failure {
    Failure::Method
}

/// Each waits for a store or a hash, not for a processor; beyond this the queue would only grow.
const MOST_REQUESTS: usize = 512;
