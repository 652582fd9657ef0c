//! The suite that every store must pass. A behaviour gets two nodes, separate handles on the same data as
//! two processes have them, and tells the time itself: nothing here reads a clock or sleeps.
//!
//! An implementation's tests name a function that opens [`Nodes`] and list the suite with
//! `directory_contract!(open)` or `session_contract!(open)`; each behaviour becomes a test of its own. What
//! programs of several versions do to one database is `versions_contract!`.

pub(super) mod directory;
pub(super) mod sessions;
pub(super) mod versions;

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
            sessions_end_with_the_generation_and_not_with_every_change
            address_is_added_only_by_who_is_still_signed_in
            unknown_account_is_no_success
            deleted_account_takes_its_profiles_along
            unproved_address_gives_way_to_a_proved_one
            account_holds_several_addresses
            proof_is_strengthened_and_never_weakened
            link_is_found_by_issuer_and_subject
            link_never_moves
            link_has_one_account_however_many_ask_at_once
            who_was_signed_out_meanwhile_makes_no_link
            account_that_may_not_sign_in_gets_no_link
            account_is_created_with_its_link_or_not_at_all
            last_way_in_is_not_unlinked
            two_last_links_do_not_both_go
            links_go_with_their_account
            use_of_a_link_is_remembered
            merged_account_gives_everything_away
            merged_address_lives_on_like_any_other
            other_profile_stays_where_it_was_chosen
            undone_merge_gives_everything_back
            undo_takes_only_what_is_still_there
            nobody_loses_the_last_address_by_an_undo
            merge_is_undone_from_the_outside_in
            account_that_changed_is_not_merged
            two_merge_once_however_often_at_once
            two_that_merge_into_each_other_do_not_both_vanish
            shell_of_a_merged_account_goes_with_the_other
            nothing_personal_is_left_of_a_merge_without_its_people
            merge_is_remembered_while_one_of_the_two_is_left
            undo_brings_nobody_back_whom_a_portal_has_put_out
            undo_gives_no_role_back_that_a_portal_has_taken
            records_out_of_use_move_in_a_merge_and_back
            undo_meets_a_profile_that_the_shell_was_given
            a_merge_brings_no_withdrawn_person_back
            details_that_are_not_given_stay_as_they_are
            name_on_a_portal_is_that_portal_s_alone
            dealings_with_portals_are_known_to_whoever_had_them
            person_has_one_photo
            leaver_is_deleted_on_the_second_and_not_before
            leaver_who_is_kept_stays
            profiles_are_kept_per_portal
            second_import_of_a_profile_changes_nothing
            use_of_a_profile_moves_forward_only
            portal_is_added_once_and_removed_once
            version_rises_with_portals_and_keys
            created_portal_has_its_maker_as_owner
            portal_name_has_one_owner_however_many_ask_at_once
            nobody_makes_more_portals_than_may_be
            name_of_a_portal_with_people_is_not_given_again
            members_are_listed_and_found
            members_are_found_in_every_alphabet
            owners_are_those_that_mail_reaches
            request_is_open_once_and_ends_on_its_second
            request_is_answered_once_and_by_its_own_portal
            requests_go_with_their_account
            a_request_of_somebody_who_may_not_sign_in_is_not_answered
            invitation_lets_in_as_many_as_it_says
            member_does_not_use_an_invitation_up
            an_invitation_lets_nobody_in_twice
            closed_invitation_says_why
            invitations_of_a_portal_are_bounded
            several_invitations_are_made_and_mailed_together_or_not_at_all
            import_adds_changes_and_leaves_alone
            import_takes_what_a_portal_may_say
            import_of_a_full_batch_fits
            only_free_and_active_records_of_the_address_are_found
            a_portal_password_waits_only_while_it_is_free
            a_used_password_is_not_imported_over
            a_join_gives_profile_and_journal
            a_join_takes_nothing_that_is_not_there_to_take
            an_address_joins_only_if_it_was_proved_well_enough
            a_second_address_joins_too
            an_old_password_joins_for_an_unproved_account_alone
            a_record_has_one_account_however_many_join_at_once
            an_account_takes_one_record_of_a_portal_however_often_at_once
            an_account_is_made_with_its_join_or_not_at_all
            an_undone_join_gives_everything_back
            what_was_not_joined_is_not_undone
            what_a_portal_says_later_reaches_the_profile
            a_record_out_of_use_keeps_the_person_out
            a_withdrawn_profile_stays_away
            a_withdrawn_person_cannot_undo_the_join_to_come_back
            a_withdrawn_person_cannot_come_back_by_a_new_account
            a_withdrawn_record_that_comes_back_into_use_brings_nobody_back
            who_was_put_out_does_not_take_a_record_that_waited
            who_is_let_in_again_has_the_record_again
            an_operator_s_undo_frees_a_withdrawn_record
            an_operator_joins_a_withdrawn_record
            passwords_of_long_joined_records_are_forgotten
            a_deleted_account_leaves_its_records_free
            keys_come_oldest_first_and_end_when_told
            rotation_happens_once_however_many_rotate
            expired_keys_are_removed_on_their_second
            secret_is_made_once
            audit_is_newest_first_and_complete
            failures_hide_no_earlier_sign_in
            mail_is_taken_by_one_and_again_if_it_failed
            mail_given_up_keeps_no_body
            checkword_sets_the_password_once_however_many_bring_it
            looking_at_a_checkword_never_spends_it
            newer_checkword_makes_the_older_worthless_and_says_when
            checkword_expires_on_its_second
            checkword_of_an_account_that_may_not_use_it_is_unknown
            checkword_of_an_address_that_moved_is_unknown
            recovery_makes_the_account_of_somebody_known_to_portals_only
            recovery_displaces_who_held_the_address_without_proof
            recovery_by_mail_strengthens_the_proof
            changed_password_makes_checkwords_worthless
            recovery_request_is_answered_once_however_many_answer
            recovery_requests_are_bounded
            reset_stays_unfinished_until_its_sessions_are_ended
            portals_of_the_account_that_subscribe_are_told
            notice_says_what_its_portal_may_know
            notice_of_a_profile_that_is_gone_names_its_user
            notice_is_taken_by_one_and_one_at_a_time
            notices_of_an_account_keep_their_order
            portal_that_fails_is_left_alone_for_a_while
            dead_notice_stays_until_an_operator_decides
            retried_notices_of_a_portal_are_due_at_once
            dead_notices_are_forgotten_after_thirty_days
            portal_that_subscribes_no_more_is_forgotten
            portals_are_told_of_profiles_that_come_and_go
            portals_are_told_of_what_changes_about_a_person
            notice_of_a_profile_has_the_moment_of_its_change
            portal_that_was_just_made_is_told_at_once
            notice_names_a_bounded_number_of_sessions
            mails_are_listed_retried_and_dropped
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
            session_can_begin_after_its_credential_was_shown
            confirmation_moves_forward_only_and_prolongs_nothing
            kept_session_belongs_to_the_later_generation
            portals_that_a_session_opened_are_remembered
            sessions_of_an_account_are_listed_newest_first
            session_ends_once_however_many_end_it
            all_sessions_but_one_end
            all_sessions_in_one_browser_end
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
