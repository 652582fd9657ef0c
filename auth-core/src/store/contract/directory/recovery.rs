//! Recovery by mail.

use uuid::Uuid;

use super::super::{NOW, at_once};
use super::{Directories, create, named};
use crate::identity::AccountId;
use crate::store::recovery::{
    Checkword, MAX_RECOVERY_REQUESTS, NewCheckword, Recipient, RecoveryRequest, Reset,
    ResetPassword, UnfinishedReset,
};
use crate::store::{
    Account, AccountState, AddAddress, AddressProof, CreateAccount, Holder, NewAccount, QueuedMail,
    StoreError,
};

const ANNA: &str = "anna@example.com";
const HOUR: i64 = 3600;

fn request(address: &str) -> RecoveryRequest {
    RecoveryRequest {
        id: Uuid::now_v7(),
        address: address.to_owned(),
        language: "de".to_owned(),
        asked_at: NOW,
    }
}

fn mail(to: &str) -> QueuedMail {
    QueuedMail {
        id: Uuid::now_v7(),
        to: to.to_owned(),
        subject: "A new password".to_owned(),
        text: String::new(),
        html: String::new(),
        attempts: 0,
    }
}

fn checkword(hash: u8, account: Option<AccountId>, sent_at: i64) -> NewCheckword {
    NewCheckword { hash: [hash; 32], account, expires_at: sent_at + HOUR }
}

/// Asks for a checkword with this hash and has it sent.
async fn send(
    nodes: &Directories,
    hash: u8,
    account: Option<AccountId>,
    address: &str,
    sent_at: i64,
) {
    let request = request(address);
    nodes.one.queue_recovery(request.clone()).await.unwrap();
    let answer = Some((checkword(hash, account, sent_at), mail(address)));
    assert!(nodes.one.answer_recovery(&request, answer, sent_at).await.unwrap());
}

async fn peek(nodes: &Directories, hash: u8, now: i64) -> Checkword {
    nodes.other.peek_checkword(&[hash; 32], now).await.unwrap()
}

async fn reset(nodes: &Directories, hash: u8, now: i64) -> Result<Reset, Checkword> {
    match nodes.other.reset_password(&[hash; 32], "new", now).await.unwrap() {
        ResetPassword::Done(reset) => Ok(reset),
        ResetPassword::Refused(why) => Err(why),
    }
}

fn to(account: Option<AccountId>) -> Recipient {
    Recipient { account, address: ANNA.to_owned() }
}

async fn reread(nodes: &Directories, id: AccountId) -> Account {
    nodes.one.account(id).await.unwrap().unwrap()
}

pub(in crate::store) async fn checkword_sets_the_password_once_however_many_bring_it(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await;
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    let outcomes = at_once(nodes, 20, |n, node| async move {
        let outcome = node.reset_password(&[1; 32], &format!("hash {n}"), NOW).await.unwrap();
        (n, outcome)
    })
    .await;
    let mut winners = Vec::new();
    for (n, outcome) in outcomes {
        match outcome {
            ResetPassword::Done(reset) => winners.push((n, reset)),
            ResetPassword::Refused(why) => assert_eq!(why, Checkword::Used(to(Some(anna.id)))),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let (n, reset) = &winners[0];
    assert_eq!(reset.account, reread(nodes, anna.id).await);
    assert_eq!(reset.account.password_hash, Some(format!("hash {n}")));
    assert_eq!(reset.account.generation, anna.generation + 1);
    assert_eq!(reset.account.sessions_from, reset.account.generation);
    assert_eq!((reset.created, reset.displaced), (false, None));
}

pub(in crate::store) async fn looking_at_a_checkword_never_spends_it(nodes: &Directories) {
    let anna = create(nodes, ANNA).await;
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    for _ in 0..5 {
        assert_eq!(peek(nodes, 1, NOW).await, Checkword::Live(to(Some(anna.id))));
    }
    assert_eq!(peek(nodes, 2, NOW).await, Checkword::Unknown);
    assert_eq!(reset(nodes, 2, NOW).await, Err(Checkword::Unknown));
    assert_eq!(reread(nodes, anna.id).await, anna);
    reset(nodes, 1, NOW).await.unwrap();
    assert_eq!(peek(nodes, 1, NOW).await, Checkword::Used(to(Some(anna.id))));
}

pub(in crate::store) async fn newer_checkword_makes_the_older_worthless_and_says_when(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await;
    let second = "a.k@example.com";
    nodes.one.add_address(anna.id, 1, second, AddressProof::Mail, NOW).await.unwrap();
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    send(nodes, 2, Some(anna.id), ANNA, NOW + 60).await;
    send(nodes, 3, Some(anna.id), second, NOW + 120).await;
    let outdated = Checkword::Outdated { to: to(Some(anna.id)), newer_sent_at: NOW + 120 };
    for older in [1, 2] {
        assert_eq!(peek(nodes, older, NOW + 120).await, outdated);
        assert_eq!(reset(nodes, older, NOW + 120).await, Err(outdated.clone()));
    }
    let late = NOW + 120 + HOUR;
    assert_eq!(peek(nodes, 1, late).await, Checkword::Expired(to(Some(anna.id))));
    reset(nodes, 3, NOW + 120).await.unwrap();
    assert_eq!(peek(nodes, 1, late).await, Checkword::Used(to(Some(anna.id))));
    let someone = create(nodes, "boris@example.com").await;
    send(nodes, 4, Some(someone.id), "boris@example.com", NOW).await;
    assert!(reset(nodes, 4, NOW).await.is_ok(), "other people's stay as they are");
}

pub(in crate::store) async fn checkword_expires_on_its_second(nodes: &Directories) {
    let anna = create(nodes, ANNA).await;
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    assert_eq!(peek(nodes, 1, NOW + HOUR - 1).await, Checkword::Live(to(Some(anna.id))));
    let expired = Checkword::Expired(to(Some(anna.id)));
    assert_eq!(peek(nodes, 1, NOW + HOUR).await, expired);
    assert_eq!(reset(nodes, 1, NOW + HOUR).await, Err(expired));
    assert!(reset(nodes, 1, NOW + HOUR - 1).await.is_ok());
}

pub(in crate::store) async fn checkword_of_an_account_that_may_not_use_it_is_unknown(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await;
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    for state in [AccountState::Disabled, AccountState::Leaving { delete_at: NOW + 99 }] {
        nodes.one.set_account_state(anna.id, state).await.unwrap();
        assert_eq!(peek(nodes, 1, NOW).await, Checkword::Unknown, "{state:?}");
        assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Unknown), "{state:?}");
    }
    nodes.one.set_account_state(anna.id, AccountState::Active).await.unwrap();
    assert_eq!(peek(nodes, 1, NOW).await, Checkword::Live(to(Some(anna.id))));
    assert!(nodes.one.delete_account(anna.id, NOW).await.unwrap());
    assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Unknown));
    let heir = create(nodes, ANNA).await;
    assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Unknown), "nor for the next holder");
    assert_eq!(reread(nodes, heir.id).await.password_hash, None);
}

pub(in crate::store) async fn checkword_of_an_address_that_moved_is_unknown(nodes: &Directories) {
    let anna = create(nodes, "a.k@example.com").await;
    nodes.one.add_address(anna.id, 1, ANNA, AddressProof::Mail, NOW).await.unwrap();
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    assert!(nodes.one.remove_address(anna.id, ANNA).await.unwrap());
    assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Unknown), "given up");
    let boris = create(nodes, ANNA).await;
    assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Unknown), "another's by now");
    for id in [anna.id, boris.id] {
        assert_eq!(reread(nodes, id).await.password_hash, None);
    }
    // And one that was to make an account, when somebody else has proved the address meanwhile.
    send(nodes, 2, None, "new@example.com", NOW).await;
    create(nodes, "new@example.com").await;
    assert_eq!(reset(nodes, 2, NOW).await, Err(Checkword::Unknown));
}

pub(in crate::store) async fn recovery_makes_the_account_of_somebody_known_to_portals_only(
    nodes: &Directories,
) {
    send(nodes, 1, None, ANNA, NOW).await;
    assert_eq!(peek(nodes, 1, NOW).await, Checkword::Live(to(None)));
    let done = reset(nodes, 1, NOW + 5).await.unwrap();
    assert_eq!((done.created, done.displaced), (true, None));
    let account = reread(nodes, done.account.id).await;
    assert_eq!(account, done.account);
    assert_eq!((account.email.as_str(), account.proof), (ANNA, AddressProof::Mail));
    assert_eq!((account.name.as_str(), account.language.as_deref()), ("anna", Some("de")));
    assert_eq!(account.password_hash.as_deref(), Some("new"));
    assert_eq!(reset(nodes, 1, NOW + 5).await, Err(Checkword::Used(to(Some(account.id)))));
    assert_eq!(nodes.one.accounts(None, 10).await.unwrap().len(), 1);
}

pub(in crate::store) async fn recovery_displaces_who_held_the_address_without_proof(
    nodes: &Directories,
) {
    let squatter = NewAccount {
        proof: AddressProof::None,
        password_hash: Some("the squatter's".to_owned()),
        ..named(ANNA)
    };
    let created = nodes.one.create_account(squatter, NOW).await.unwrap();
    let CreateAccount::Created(squatter) = created else { panic!("{created:?}") };
    send(nodes, 1, None, ANNA, NOW).await;
    let done = reset(nodes, 1, NOW).await.unwrap();
    assert_eq!((done.created, done.displaced), (true, Some(squatter.id)));
    assert_ne!(done.account.id, squatter.id);
    assert_eq!(nodes.one.account(squatter.id).await.unwrap(), None);
    assert_eq!(nodes.one.holder(ANNA).await.unwrap(), Holder::Proved(done.account.id));
    let left = nodes.one.unfinished_resets(NOW).await.unwrap();
    assert_eq!(left, [UnfinishedReset { account: done.account.id, displaced: Some(squatter.id) }]);
}

pub(in crate::store) async fn recovery_by_mail_strengthens_the_proof(nodes: &Directories) {
    let anna = create(nodes, "a.k@example.com").await;
    let added = nodes.one.add_address(anna.id, 1, ANNA, AddressProof::Provider, NOW).await.unwrap();
    assert_eq!(added, AddAddress::Added);
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    reset(nodes, 1, NOW).await.unwrap();
    let held = nodes.one.addresses(anna.id).await.unwrap();
    assert!(held.iter().all(|address| address.proof == AddressProof::Mail), "{held:?}");
}

pub(in crate::store) async fn changed_password_makes_checkwords_worthless(nodes: &Directories) {
    let anna = create(nodes, ANNA).await;
    assert!(nodes.one.replace_password_hash(anna.id, None, "old").await.unwrap());
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    assert_eq!(nodes.one.change_password(anna.id, "other", "changed", NOW).await.unwrap(), None);
    assert_eq!(peek(nodes, 1, NOW).await, Checkword::Live(to(Some(anna.id))));
    let changed = nodes.one.change_password(anna.id, "old", "changed", NOW).await.unwrap();
    let account = reread(nodes, anna.id).await;
    assert_eq!(changed, Some(account.generation));
    assert_eq!(
        (account.generation, account.sessions_from),
        (anna.generation + 1, anna.generation + 1)
    );
    assert_eq!(reset(nodes, 1, NOW).await, Err(Checkword::Used(to(Some(anna.id)))));
    assert_eq!(reread(nodes, anna.id).await.password_hash.as_deref(), Some("changed"));
    assert_eq!(nodes.one.unfinished_resets(NOW).await.unwrap(), []);
}

pub(in crate::store) async fn recovery_request_is_answered_once_however_many_answer(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await.id;
    let (asked, nobody) = (request(ANNA), request("nobody@example.com"));
    for request in [&asked, &nobody] {
        nodes.one.queue_recovery(request.clone()).await.unwrap();
    }
    let waiting = nodes.other.recovery_requests(10).await.unwrap();
    assert_eq!(waiting, [asked.clone(), nobody.clone()]);
    let answered = at_once(nodes, 10, move |n, node| {
        let (asked, hash) = (asked.clone(), u8::try_from(n).unwrap());
        async move {
            let answer = Some((checkword(hash, Some(anna), NOW), mail(ANNA)));
            node.answer_recovery(&asked, answer, NOW).await.unwrap()
        }
    })
    .await;
    assert_eq!(answered.into_iter().filter(|done| *done).count(), 1);
    assert_eq!(nodes.one.take_mail(NOW, 10).await.unwrap().len(), 1);
    assert!(nodes.one.answer_recovery(&nobody, None, NOW).await.unwrap());
    assert!(!nodes.other.answer_recovery(&nobody, None, NOW).await.unwrap());
    assert_eq!(nodes.one.recovery_requests(10).await.unwrap(), []);
}

pub(in crate::store) async fn recovery_requests_are_bounded(nodes: &Directories) {
    for _ in 0..MAX_RECOVERY_REQUESTS {
        nodes.one.queue_recovery(request(ANNA)).await.unwrap();
    }
    let full = nodes.other.queue_recovery(request(ANNA)).await;
    assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
    let oldest = nodes.other.recovery_requests(1).await.unwrap().remove(0);
    assert!(nodes.one.answer_recovery(&oldest, None, NOW).await.unwrap());
    nodes.other.queue_recovery(request(ANNA)).await.unwrap();
}

pub(in crate::store) async fn reset_stays_unfinished_until_its_sessions_are_ended(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await;
    send(nodes, 1, Some(anna.id), ANNA, NOW).await;
    assert_eq!(nodes.one.unfinished_resets(NOW + 99).await.unwrap(), []);
    reset(nodes, 1, NOW + 10).await.unwrap();
    assert_eq!(nodes.one.unfinished_resets(NOW + 9).await.unwrap(), []);
    let left = [UnfinishedReset { account: anna.id, displaced: None }];
    assert_eq!(nodes.one.unfinished_resets(NOW + 10).await.unwrap(), left);
    nodes.one.reset_finished(anna.id).await.unwrap();
    assert_eq!(nodes.other.unfinished_resets(NOW + 99).await.unwrap(), []);
}
