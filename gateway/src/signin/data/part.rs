//! What was done to an account, told to its person: what somebody else did without where from and who, and
//! of a merge that was undone nothing that is the other account's.

use bitrix_id_auth_core::audit::Actor;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::AuditEvent;
use bitrix_id_auth_core::store::joining::JoinEntry;
use bitrix_id_auth_core::store::merging::Merge;
use serde_json::{Value, json};
use uuid::Uuid;

use super::written::{list, moment_ms};

/// An account of the person: their own, or one that is part of it by a merge in force.
pub(super) struct Part<'a> {
    pub(super) id: AccountId,
    /// All accounts of the person.
    pub(super) ids: &'a [AccountId],
    /// This one's, in force or undone.
    pub(super) merges: &'a [Merge],
}

impl Part<'_> {
    pub(super) fn event(&self, of: &AuditEvent) -> Value {
        let by = self.who(&of.actor);
        let own = by == Actor::Person.as_str();
        let detail = if own && !self.names_others(&of.detail) { of.detail.as_str() } else { "" };
        json!({
            "at": moment_ms(of.at_ms),
            "action": of.action,
            "by": by,
            "session": of.session,
            "portal": of.portal,
            "address": of.client_ip.filter(|_| own),
            "detail": detail,
        })
    }

    pub(super) fn merge(&self, of: &Merge) -> Value {
        let in_force = of.undone.is_none();
        json!({
            "from": self.own(of.from),
            "into": self.own(of.into),
            "at": moment_ms(of.at_ms),
            "by": self.who_merged(of, &of.actor),
            "moved": in_force.then_some(&of.moved),
            "undone": undone(of.undone.as_ref(), |by| self.who_merged(of, by)),
        })
    }

    /// The journal without the records that were only here while a merge lasted.
    pub(super) fn joins(&self, journal: &[JoinEntry]) -> Value {
        let own: Vec<&JoinEntry> =
            journal.iter().filter(|entry| !self.came_and_went(entry)).collect();
        list(&own, |of| {
            json!({
                "portal": of.key.portal,
                "local_id": of.key.local_id,
                "at": moment_ms(of.at_ms),
                "proof": of.proof.as_str(),
                "by": of.actor,
                "undone": undone(of.undone.as_ref(), str::to_owned),
            })
        })
    }

    /// The subject, if it is one of the person's.
    fn own(&self, id: AccountId) -> Option<AccountId> {
        Some(id).filter(|id| self.ids.contains(id))
    }

    fn came_and_went(&self, entry: &JoinEntry) -> bool {
        entry.undone.is_some()
            && self.merges.iter().any(|merge| {
                merge.into == self.id
                    && merge.undone.is_some()
                    && merge.at_ms == entry.at_ms
                    && merge.moved.records.contains(&entry.key)
            })
    }

    /// Whose doing it was, without a name for somebody else.
    fn who(&self, actor: &str) -> &'static str {
        let fixed = [Actor::Person, Actor::Operator, Actor::System, Actor::Unknown];
        match fixed.map(Actor::as_str).into_iter().find(|fixed| *fixed == actor) {
            Some(fixed) => fixed,
            None if Uuid::try_parse(actor).is_ok_and(|id| self.ids.contains(&AccountId(id))) => {
                Actor::Person.as_str()
            }
            None => SOMEBODY_ELSE,
        }
    }

    /// The person of a merge is that of the account which has everything since.
    fn who_merged(&self, merge: &Merge, actor: &str) -> String {
        let own = self.ids.contains(&merge.into);
        let by = self.who(actor);
        if by == Actor::Person.as_str() && !own { SOMEBODY_ELSE.to_owned() } else { by.to_owned() }
    }

    /// Whether there is an id in it that is not one of the person's accounts.
    fn names_others(&self, detail: &str) -> bool {
        let ids = detail.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
        let mut ids = ids.filter_map(|word| Uuid::try_parse(word).ok());
        ids.any(|id| !self.ids.contains(&AccountId(id)))
    }
}

fn undone(of: Option<&(i64, String)>, who: impl Fn(&str) -> String) -> Value {
    of.map_or(Value::Null, |(at_ms, by)| json!({ "at": moment_ms(*at_ms), "by": who(by) }))
}

/// Another account: an owner's of a portal, or the one that this one was merged into for a while.
const SOMEBODY_ELSE: &str = "somebody_else";
