//! Sessions by the million, begun by the store's own code: what it keeps is what it would keep.

use std::sync::Arc;

use bitrix_id_auth_core::clock::{Clock as _, SystemClock};
use bitrix_id_auth_core::store::SessionStore;

use crate::figures::people::{account, first_portal};
use crate::figures::place::portal;
use crate::figures::visits::{new_session, random};

/// One for each person from one number up to another, in which one portal was opened.
pub(super) async fn begin(sessions: &Arc<dyn SessionStore>, from: u64, to: u64) {
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|worker| {
            let sessions = sessions.clone();
            tokio::spawn(async move {
                for person in (from + worker..to).step_by(AT_ONCE as usize) {
                    let now = SystemClock.now();
                    let new = new_session(account(person), random(), now);
                    let session = sessions.create_session(new, now).await;
                    let id = session.expect("the store takes it").id;
                    let at = portal(first_portal(person));
                    sessions.note_portal(id, &at, now).await.expect("the store takes it");
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("the store takes all of them");
    }
}

/// Under way together: they go to the server in bundles.
const AT_ONCE: u64 = 128;
