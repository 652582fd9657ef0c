//! `/profile/photo` and a portal host's `/.bitrix-id/photo`.
//!
//! An upload is the one body that may be large, so it is read only for somebody who is signed in, from a
//! page of our own, and by a few at once. What is kept is made anew from its pixels ([`super::picture`]).

use std::time::Duration;

use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::people::Photo;
use bitrix_id_auth_core::store::{Attempt, Quota};
use bitrix_id_auth_core::throttle::attempt_key;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::browser::Browser;
use super::crypto;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::Flash;
use super::person::{self, SignedIn, event, record};
use super::picture::{BadPicture, portrait};
use super::profile::{refuse, to_profile_sign_in};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::visit::{AtIdentity, AtPortal, Visit};
use crate::pages::ProfileError;

/// Whether this request brings a photo, so that its body may have up to [`UPLOAD_LIMIT_BYTES`].
pub(super) fn is_upload(visit: &Visit, method: &Method) -> bool {
    let path = visit.target.split('?').next();
    visit.portal.is_none() && method == Method::POST && path == Some(UPLOAD_PATH)
}

/// What is checked before a byte of an upload is read: `Some` is the answer instead.
///
/// # Errors
/// [`Failure::CrossSite`], [`Failure::Store`].
pub(super) async fn before_upload(visit: &Visit) -> Result<Result<AccountId, Reply>, Failure> {
    visit.require_same_origin()?;
    let person = person::signed_in(visit).await?;
    let elsewhere = || Reply::see_other(&visit.identity_url("/profile"));
    Ok(person.map(|person| person.account.id).ok_or_else(elsewhere))
}

/// `GET /profile/photo`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, headers: HeaderMap) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Err(Failure::NotFound);
    };
    picture_of(&visit, person.account.id, &headers).await
}

/// `GET /.bitrix-id/photo`
pub(crate) async fn on_portal(AtPortal(visit, _): AtPortal, headers: HeaderMap) -> Answer {
    let Some((subject, _)) = visit.token else {
        return Ok(Reply::problem(StatusCode::UNAUTHORIZED, "sign in to see your photo", None));
    };
    picture_of(&visit, subject, &headers).await
}

/// The photo, or 304 for who has it already.
async fn picture_of(visit: &Visit, account: AccountId, headers: &HeaderMap) -> Answer {
    let directory = &visit.hub().directory;
    let hash = directory.photo_hash(account).await?.ok_or(Failure::NotFound)?;
    let tag = |hash: &str| HeaderValue::from_str(&format!("\"{hash}\""));
    let etag = tag(&hash).map_err(|_| Failure::Internal("a photo's hash is no text".into()))?;
    if headers.get_all(IF_NONE_MATCH).iter().any(|known| *known == etag) {
        return Ok(dress(Reply::bytes("image/jpeg", Bytes::new()), etag).status(NOT_MODIFIED));
    }
    // Replaced this very moment: the newer one, under its own name.
    let photo = directory.photo(account).await?.ok_or(Failure::NotFound)?;
    let etag =
        tag(&photo.hash).map_err(|_| Failure::Internal("a photo's hash is no text".into()))?;
    Ok(dress(Reply::bytes("image/jpeg", photo.jpeg.into()), etag))
}

fn dress(reply: Reply, etag: HeaderValue) -> Reply {
    // Asked again each time, so that a photo that was taken away is gone.
    reply.header(CACHE_CONTROL, "private, no-cache").header_value(ETAG, etag)
}

/// `POST /profile/photo`
pub(crate) async fn submit(
    AtIdentity(visit): AtIdentity,
    multipart: Result<Multipart, MultipartRejection>,
) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url("/profile")));
    };
    let upload = read(multipart.map_err(|_| NOT_A_FORM)?).await?;
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, &upload.csrf).is_none() {
        return refuse(&visit, &person, ProfileError::Expired).await;
    }
    if upload.photo.is_empty() {
        return refuse(&visit, &person, ProfileError::PhotoMissing).await;
    }
    let key = attempt_key("photo/account", &[&person.account.id.to_string()]);
    let attempt = visit.hub().sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = attempt {
        let error = ProfileError::TooMany { minutes: minutes_of(retry_after) };
        return Ok(refuse(&visit, &person, error).await?.retry_after(retry_after));
    }
    let jpeg = match make(&visit, upload.photo).await? {
        Ok(jpeg) => jpeg,
        Err(BadPicture::Unreadable) => {
            return refuse(&visit, &person, ProfileError::PhotoUnreadable).await;
        }
        Err(BadPicture::TooLarge) => {
            return refuse(&visit, &person, ProfileError::PhotoTooLarge).await;
        }
    };
    let photo = Photo { hash: crypto::fingerprint(&jpeg), jpeg, updated_at: visit.now() };
    visit.hub().directory.put_photo(person.account.id, photo).await?;
    changed(&visit, &person, "given", &Flash::PhotoSaved).await
}

/// `POST /profile/photo/remove`
pub(crate) async fn remove(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    if Browser::of_form(&visit, Some(person.session.id), fields.text("csrf")).is_none() {
        return refuse(&visit, &person, ProfileError::Expired).await;
    }
    visit.hub().directory.remove_photo(person.account.id).await?;
    changed(&visit, &person, "removed", &Flash::PhotoRemoved).await
}

async fn changed(visit: &Visit, person: &SignedIn, what: &str, flash: &Flash) -> Answer {
    let event = event(visit, audit::PHOTO_CHANGED).with_account(person.account.id);
    record(visit, event.with_detail(what)).await;
    Ok(Reply::see_other(&visit.identity_url("/profile"))
        .cookies(flash.leave(visit, Some(person.session.id))))
}

/// Makes the picture on a thread of its own, in turn with others.
async fn make(visit: &Visit, upload: Bytes) -> Result<Result<Vec<u8>, BadPicture>, Failure> {
    let turn = visit.app.pictures.clone().acquire_owned();
    let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, turn).await else {
        return Err(Failure::Busy);
    };
    let made = tokio::task::spawn_blocking(move || {
        // Held to the end, also when nobody waits for the result any more.
        let _turn = turn;
        portrait(&upload)
    });
    made.await.map_err(|error| Failure::Internal(format!("a picture was not made: {error}")))
}

/// The fields of the form.
#[derive(Default)]
struct Upload {
    csrf: String,
    photo: Bytes,
}

async fn read(mut multipart: Multipart) -> Result<Upload, Failure> {
    let mut upload = Upload::default();
    let mut seen = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|_| NOT_A_FORM)? {
        let name = field.name().unwrap_or_default().to_owned();
        if seen.contains(&name) {
            return Err(Failure::BadRequest("a field comes twice"));
        }
        match name.as_str() {
            "csrf" => upload.csrf = field.text().await.map_err(|_| NOT_A_FORM)?,
            "photo" => upload.photo = field.bytes().await.map_err(|_| NOT_A_FORM)?,
            _ => return Err(NOT_A_FORM),
        }
        seen.push(name);
    }
    Ok(upload)
}

/// The path whose body may be large.
const UPLOAD_PATH: &str = "/profile/photo";
/// Largest photo with its form, in bytes.
pub(crate) const UPLOAD_LIMIT_BYTES: usize = 5 * 1024 * 1024 + 64 * 1024;
/// Pictures made at once: each may take some 130 MiB.
pub(super) const PICTURES_AT_ONCE: usize = 1;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// Each costs a second of a processor.
const PER_ACCOUNT: Quota = Quota { limit: 20, window: 3600 };
const NOT_A_FORM: Failure = Failure::BadRequest("not the form of a photo");
const NOT_MODIFIED: StatusCode = StatusCode::NOT_MODIFIED;
