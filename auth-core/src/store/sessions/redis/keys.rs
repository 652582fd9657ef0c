//! Names of keys.

use uuid::Uuid;

use crate::identity::{AccountId, SessionId};
use crate::store::encode::octets;

/// Makes names of keys.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// Several installations on one server tell themselves apart by `namespace`.
    pub(super) fn new(namespace: &str) -> Self {
        Self { prefix: format!("{namespace}:{LAYOUT}") }
    }

    pub(super) fn session(&self, id: SessionId) -> String {
        self.of_partition(partition_of(id), &format!("session:{id}"))
    }

    pub(super) fn portals(&self, id: SessionId) -> String {
        self.of_partition(partition_of(id), &format!("portals:{id}"))
    }

    pub(super) fn account(&self, id: AccountId) -> String {
        self.of_partition(partition_of_account(id), &format!("account:{id}"))
    }

    pub(super) fn used(&self, partition: u8) -> String {
        self.of_partition(partition, "used")
    }

    pub(super) fn begun(&self, partition: u8) -> String {
        self.of_partition(partition, "begun")
    }

    pub(super) fn ending(&self, partition: u8) -> String {
        self.of_partition(partition, "ending")
    }

    pub(super) fn cookie(&self, hash: &[u8; 32]) -> String {
        self.cookie_as_kept(&octets(hash))
    }

    /// `hash` as a session's record has it.
    pub(super) fn cookie_as_kept(&self, hash: &str) -> String {
        format!("{}:cookie:{hash}", self.prefix)
    }

    pub(super) fn ticket(&self, id: Uuid) -> String {
        format!("{}:ticket:{id}", self.prefix)
    }

    pub(super) fn one_time(&self, kind: &str, hash: &[u8; 32]) -> String {
        format!("{}:once:{kind}:{}", self.prefix, octets(hash))
    }

    pub(super) fn attempt(&self, hash: &[u8; 32]) -> String {
        format!("{}:attempt:{}", self.prefix, octets(hash))
    }

    /// In the order in which the log's scripts take them.
    pub(super) fn log(&self) -> [String; 4] {
        ["head", "order", "entries", "ends"].map(|part| format!("{}:{{log}}:{part}", self.prefix))
    }

    pub(super) fn check(&self, id: Uuid) -> String {
        format!("{}:check:{id}", self.prefix)
    }

    /// The channel on which gateways are told that the log has grown.
    pub(super) fn channel(&self) -> String {
        format!("{}:revoked", self.prefix)
    }

    fn of_partition(&self, partition: u8, name: &str) -> String {
        format!("{}:{{p{partition:02}}}:{name}", self.prefix)
    }
}

/// Where a session is.
pub(super) fn partition_of(id: SessionId) -> u8 {
    last_byte(id.0) % PARTITIONS
}

/// Where an account's sessions are.
pub(super) fn partition_of_account(id: AccountId) -> u8 {
    last_byte(id.0) % PARTITIONS
}

/// `id` as one that says where the sessions of `account` are. Its order among others stays: UUIDv7 has its
/// time and counter in front.
pub(super) fn in_partition_of(account: AccountId, id: Uuid) -> SessionId {
    let mut bytes = id.into_bytes();
    bytes[15] = bytes[15] / PARTITIONS * PARTITIONS + partition_of_account(account);
    SessionId(Uuid::from_bytes(bytes))
}

fn last_byte(id: Uuid) -> u8 {
    id.into_bytes()[15]
}

/// Parts that a cluster may keep on different nodes. A power of two; part of the layout.
pub(super) const PARTITIONS: u8 = 64;

/// Raised when keys change their meaning.
const LAYOUT: u8 = 1;

#[cfg(test)]
mod unit {
    use super::*;
    use crate::store::encode::new_id;

    #[test]
    fn a_session_s_id_says_where_its_account_s_sessions_are() {
        for n in 0..1000_u128 {
            let account = AccountId(Uuid::from_u128(n * 77));
            let id = in_partition_of(account, new_id(1_700_000_000));
            assert_eq!(partition_of(id), partition_of_account(account));
            assert_eq!(id.0.get_version_num(), 7);
        }
    }

    #[test]
    fn ids_keep_their_order_in_a_partition() {
        let account = AccountId(Uuid::from_u128(42));
        let ids: Vec<SessionId> =
            (0..1000).map(|_| in_partition_of(account, new_id(1_700_000_000))).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn what_a_script_touches_has_one_tag() {
        let keys = Keys::new("bitrix-id");
        let account = AccountId(Uuid::from_u128(42));
        let id = in_partition_of(account, new_id(1_700_000_000));
        for key in [keys.session(id), keys.portals(id), keys.account(account), keys.used(42)] {
            assert!(key.starts_with("bitrix-id:1:{p42}:"), "{key}");
        }
        assert!(keys.log().iter().all(|key| key.starts_with("bitrix-id:1:{log}:")));
    }
}
