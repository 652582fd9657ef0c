//! Behaviours of a [`SessionStore`].

mod attempts;
mod lifetime;
mod one_time;
mod revocations;

use uuid::Uuid;

use super::{NOW, Nodes};
use crate::identity::AccountId;
use crate::store::{NewSession, Session, SessionLimits, SessionStore};

pub(in crate::store) use attempts::*;
pub(in crate::store) use lifetime::*;
pub(in crate::store) use one_time::*;
pub(in crate::store) use revocations::*;

type Sessions = Nodes<dyn SessionStore>;

async fn create(nodes: &Sessions, n: u8, now: i64) -> Session {
    let new = NewSession { auth_time: now, ..new_session(n) };
    nodes.one.create_session(new, now).await.unwrap()
}

async fn is_live(nodes: &Sessions, session: &Session, now: i64) -> bool {
    let by_id = nodes.other.session(session.id, LIMITS, now).await.unwrap();
    let listed = nodes.one.sessions_of(session.account, LIMITS, now).await.unwrap();
    assert_eq!(by_id.is_some(), listed.iter().any(|other| other.id == session.id));
    by_id.is_some()
}

pub(in crate::store) fn new_session(n: u8) -> NewSession {
    NewSession {
        account: anna(),
        generation: 1,
        cookie_hash: [n; 32],
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
        user_agent: "Browser/1.0".to_owned(),
        client_ip: Some("192.0.2.7".parse().unwrap()),
        device: None,
    }
}

pub(in crate::store) fn anna() -> AccountId {
    AccountId(Uuid::from_u128(42))
}

const LIMITS: SessionLimits = SessionLimits { idle: 3600, absolute: 24 * 3600 };
