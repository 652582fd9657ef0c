//! The suite that every store must pass. A behaviour gets two nodes, separate handles on the same data as
//! two processes have them, and tells the time itself: nothing here reads a clock or sleeps.
//!
//! An implementation's tests name a function that opens [`Nodes`] and list the suite with
//! `directory_contract!(open)` or `session_contract!(open)`; each behaviour becomes a test of its own.

pub(super) mod directory;
pub(super) mod sessions;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::identity::UnixSeconds;

/// Two handles on the same data, and whatever must live as long as they do.
pub(super) struct Nodes<S: ?Sized> {
    pub(super) one: Arc<S>,
    pub(super) other: Arc<S>,
    pub(super) _keep: Box<dyn Send + Sync>,
}

impl<S: ?Sized> Nodes<S> {
    /// Alternates between the nodes.
    fn nth(&self, n: usize) -> Arc<S> {
        Arc::clone(if n.is_multiple_of(2) { &self.one } else { &self.other })
    }
}

/// Runs `work(n, node)` for `n` in `0..times` at once, on both nodes, and returns the outcomes.
async fn at_once<S, T, F>(
    nodes: &Nodes<S>,
    times: usize,
    work: impl Fn(usize, Arc<S>) -> F,
) -> Vec<T>
where
    S: ?Sized,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut running = JoinSet::new();
    for n in 0..times {
        running.spawn(work(n, nodes.nth(n)));
    }
    running.join_all().await
}

/// When the behaviours begin.
const NOW: UnixSeconds = 1_700_000_000;
const NOW_MS: i64 = NOW * 1000;

/// Makes a test of each behaviour.
macro_rules! behaviours {
    ($open:path, $area:ident, $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let nodes = $open().await;
                $crate::store::contract::$area::$name(&nodes).await;
            }
        )*
    };
}

macro_rules! directory_contract {
    ($open:path) => {
        $crate::store::contract::behaviours! { $open, directory,
            account_is_found_by_id_and_by_address
            address_has_one_account_however_many_ask_at_once
            addresses_are_compared_as_octets
            accounts_come_in_pages
            password_hash_is_replaced_only_if_it_is_the_expected_one
            rehash_never_undoes_a_change
            what_tokens_say_raises_the_generation
            generations_are_never_given_twice
            unknown_account_is_no_success
            deleted_account_takes_its_profiles_along
            unproved_address_gives_way_to_a_proved_one
            account_holds_several_addresses
            proof_is_strengthened_and_never_weakened
            profiles_are_kept_per_portal
            second_import_of_a_profile_changes_nothing
            use_of_a_profile_moves_forward_only
            portal_is_added_once_and_removed_once
            version_rises_with_portals_and_keys
            keys_come_oldest_first_and_end_when_told
            rotation_happens_once_however_many_rotate
            expired_keys_are_removed_on_their_second
            secret_is_made_once
            audit_is_newest_first_and_complete
            mail_is_taken_by_one_and_again_if_it_failed
            mail_given_up_keeps_no_body
            store_takes_writes
        }
    };
}

macro_rules! session_contract {
    ($open:path) => {
        $crate::store::contract::behaviours! { $open, sessions,
            session_is_found_by_cookie_and_by_id
            idle_session_ends_on_its_second
            used_session_ends_at_its_absolute_limit
            last_use_moves_forward_only
            sessions_of_an_account_are_listed_newest_first
            session_ends_once_however_many_end_it
            all_sessions_but_one_end
            revocations_are_numbered_in_their_order
            revocations_are_kept_until_they_no_longer_matter
            sweep_ends_what_is_past_a_limit
            sweep_on_two_nodes_ends_each_session_once
            sweep_gets_through_many_sessions
            ticket_is_spent_exactly_once
            spent_ticket_stays_spent_while_it_is_good
            one_time_value_is_taken_exactly_once
            one_time_value_expires_on_its_second
            one_time_values_are_kept_apart
            attempts_are_limited_and_come_back
            attempts_at_once_are_counted_one_by_one
            forgiven_attempts_do_not_count
            refused_attempts_do_not_prolong_the_wait
            clock_set_back_does_not_lock_out
        }
    };
}

pub(super) use {behaviours, directory_contract, session_contract};
