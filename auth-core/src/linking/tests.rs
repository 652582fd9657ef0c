use uuid::Uuid;

use super::*;

const HOLDER: AccountId = AccountId(Uuid::from_u128(1));
const OTHER: AccountId = AccountId(Uuid::from_u128(2));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linked {
    Unknown,
    Here,
    Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Step(Step),
    Contradiction,
}

/// Every cell: does somebody hold the address, have they proved it, is the word trusted, where does the
/// subject lead.
#[test]
fn all_twenty_four_cells_are_decided_as_written_down() {
    use Expected::{Contradiction as No, Step as Do};
    use Linked::{Elsewhere, Here, Unknown};
    let (h, o) = (HOLDER, OTHER);
    let cells: [(u32, bool, bool, bool, Linked, Expected); 24] = [
        (1, false, false, false, Unknown, Do(Step::Prove)),
        (2, false, false, false, Here, Do(Step::SignIn(o))),
        (3, false, false, false, Elsewhere, Do(Step::BelongsTo(o))),
        (4, false, false, true, Unknown, Do(Step::CreateAccount)),
        (5, false, false, true, Here, Do(Step::SignIn(o))),
        (6, false, false, true, Elsewhere, Do(Step::BelongsTo(o))),
        (7, false, true, false, Unknown, No),
        (8, false, true, false, Here, No),
        (9, false, true, false, Elsewhere, No),
        (10, false, true, true, Unknown, No),
        (11, false, true, true, Here, No),
        (12, false, true, true, Elsewhere, No),
        (13, true, false, false, Unknown, Do(Step::Prove)),
        (14, true, false, false, Here, Do(Step::ProveFirst(h))),
        (15, true, false, false, Elsewhere, Do(Step::BelongsTo(o))),
        (16, true, false, true, Unknown, Do(Step::Prove)),
        (17, true, false, true, Here, Do(Step::ProveFirst(h))),
        (18, true, false, true, Elsewhere, Do(Step::BelongsTo(o))),
        (19, true, true, false, Unknown, Do(Step::ProveToLink(h))),
        (20, true, true, false, Here, Do(Step::SignIn(h))),
        (21, true, true, false, Elsewhere, Do(Step::BelongsTo(o))),
        (22, true, true, true, Unknown, Do(Step::Confirm(h))),
        (23, true, true, true, Here, Do(Step::SignIn(h))),
        (24, true, true, true, Elsewhere, Do(Step::BelongsTo(o))),
    ];
    let mut seen = Vec::new();
    for (number, held, proved, trusted, linked, expected) in cells {
        assert!(!seen.contains(&(held, proved, trusted, linked)), "cell {number} comes twice");
        seen.push((held, proved, trusted, linked));
        assert_eq!(decided(held, proved, trusted, linked), expected, "cell {number}");
    }
}

/// As the store would answer, and as the sign-in would go on.
fn decided(held: bool, proved: bool, trusted: bool, linked: Linked) -> Expected {
    let said = match (held, proved) {
        (true, true) => Holder::Proved(HOLDER),
        (true, false) => Holder::Unproved(HOLDER),
        (false, _) => Holder::None,
    };
    let Ok(holder) = holder(said, proved.then_some(HOLDER)) else {
        return Expected::Contradiction;
    };
    let word = if trusted { Word::Trusted } else { Word::Hint };
    let to = match (linked, held) {
        (Linked::Unknown, _) => None,
        (Linked::Here, true) => Some(HOLDER),
        (Linked::Here, false) | (Linked::Elsewhere, _) => Some(OTHER),
    };
    // Nobody asked, but where "elsewhere" needs somebody to be elsewhere from.
    let asked_by = (linked == Linked::Elsewhere && !held).then_some(HOLDER);
    Expected::Step(decide(holder, word, Subject::of(to, holder, asked_by)))
}

#[test]
fn an_account_that_may_not_sign_in_is_refused_in_every_cell_that_lets_it_in() {
    let states = [
        None,
        Some(AccountState::Disabled),
        Some(AccountState::Leaving { delete_at: 7 }),
        Some(AccountState::Merged { into: OTHER }),
    ];
    let holders = [Holder::None, Holder::Unproved(HOLDER), Holder::Proved(HOLDER)];
    let subjects = [Subject::Unknown, Subject::Here(HOLDER), Subject::Elsewhere(OTHER)];
    for state in states {
        for holder in holders {
            for word in [Word::Trusted, Word::Hint] {
                for subject in subjects {
                    let step = decide(holder, word, subject).with_state(state);
                    let lets_in = matches!(
                        step,
                        Step::SignIn(_)
                            | Step::Confirm(_)
                            | Step::ProveFirst(_)
                            | Step::BelongsTo(_)
                    );
                    assert!(!lets_in, "{state:?} {holder:?} {word:?} {subject:?}: {step:?}");
                }
            }
        }
    }
    let active = Some(AccountState::Active);
    assert_eq!(Step::SignIn(HOLDER).with_state(active), Step::SignIn(HOLDER));
}

#[test]
fn the_owner_of_an_account_that_is_leaving_is_asked_whether_it_stays_and_nobody_else_is() {
    let leaving = Some(AccountState::Leaving { delete_at: 7 });
    assert_eq!(Step::SignIn(HOLDER).with_state(leaving), Step::AskToStay(HOLDER));
    for step in [Step::Confirm(HOLDER), Step::ProveFirst(HOLDER), Step::BelongsTo(HOLDER)] {
        assert_eq!(step.with_state(leaving), Step::Refuse(HOLDER), "{step:?}");
    }
    for state in [None, Some(AccountState::Disabled), Some(AccountState::Merged { into: OTHER })] {
        assert_eq!(Step::SignIn(HOLDER).with_state(state), Step::Refuse(HOLDER), "{state:?}");
    }
}

#[test]
fn a_link_that_is_asked_for_is_made_kept_or_left_where_it_is() {
    assert_eq!(decide_link(HOLDER, None), LinkStep::Link);
    assert_eq!(decide_link(HOLDER, Some(HOLDER)), LinkStep::Already);
    assert_eq!(decide_link(HOLDER, Some(OTHER)), LinkStep::BelongsTo(OTHER));
}

#[test]
fn two_answers_that_name_two_holders_are_a_contradiction_too() {
    assert_eq!(holder(Holder::Proved(HOLDER), Some(OTHER)), Err(Contradiction));
    assert_eq!(holder(Holder::Proved(HOLDER), Some(HOLDER)), Ok(Holder::Proved(HOLDER)));
    assert_eq!(holder(Holder::None, None), Ok(Holder::None));
}
