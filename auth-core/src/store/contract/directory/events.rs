//! Audit, mail, and the store's own health.

use uuid::Uuid;

use super::super::{NOW, NOW_MS, at_once};
use super::{Directories, unknown};
use crate::audit;
use crate::identity::{AccountId, SessionId};
use crate::store::{AuditEvent, KeptMail, MailState, QueuedMail};

pub(in crate::store) async fn audit_is_newest_first_and_complete(nodes: &Directories) {
    let account = unknown();
    let full = AuditEvent::new(audit::SIGN_IN_SUCCEEDED, NOW_MS + 1)
        .with_account(account)
        .with_session(SessionId(Uuid::from_u128(9)))
        .with_actor(audit::Actor::Operator)
        .with_portal("acme")
        .with_client_ip("2001:db8::7".parse().unwrap())
        .with_request_id("r1")
        .with_detail("pwd");
    let bare = AuditEvent::new(audit::KEY_ROTATED, NOW_MS).with_actor(audit::Actor::System);
    let same_moment = AuditEvent::new(audit::SIGN_OUT, NOW_MS + 1).with_account(account);
    for event in [&full, &same_moment, &bare] {
        nodes.one.record(event.clone()).await.unwrap();
    }
    let all = nodes.other.audit(None, 10).await.unwrap();
    assert_eq!(all, [same_moment.clone(), full.clone(), bare]);
    assert_eq!(nodes.other.audit(Some(account), 10).await.unwrap(), [same_moment.clone(), full]);
    assert_eq!(nodes.other.audit(Some(account), 1).await.unwrap(), [same_moment]);
    let nobody = AccountId(Uuid::from_u128(1));
    assert_eq!(nodes.other.audit(Some(nobody), 10).await.unwrap(), Vec::new());
}

pub(in crate::store) async fn failures_hide_no_earlier_sign_in(nodes: &Directories) {
    let (account, session) = (unknown(), SessionId(Uuid::from_u128(9)));
    let event = |action, account| AuditEvent::new(action, NOW_MS).with_account(account);
    let own = event(audit::SIGN_IN_SUCCEEDED, account).with_session(session);
    let others = event(audit::SIGN_IN_SUCCEEDED, AccountId(Uuid::from_u128(1)));
    for event in [own, others, event(audit::SIGN_IN_FAILED, account)] {
        nodes.one.record(event).await.unwrap();
    }
    assert!(!nodes.other.signed_in_before(account, session).await.unwrap());
    let earlier = event(audit::SIGN_IN_SUCCEEDED, account);
    nodes.one.record(earlier.with_session(SessionId(Uuid::from_u128(8)))).await.unwrap();
    for _ in 0..60 {
        nodes.one.record(event(audit::SIGN_IN_FAILED, account)).await.unwrap();
    }
    assert!(nodes.other.signed_in_before(account, session).await.unwrap());
}

pub(in crate::store) async fn mail_is_taken_by_one_and_again_if_it_failed(nodes: &Directories) {
    for n in 0..6 {
        nodes.one.queue_mail(mail(n), NOW).await.unwrap();
    }
    assert_eq!(nodes.one.take_mail(NOW - 1, 10).await.unwrap(), Vec::new());
    let taken =
        at_once(nodes, 6, |_, node| async move { node.take_mail(NOW, 2).await.unwrap() }).await;
    let mut taken: Vec<QueuedMail> = taken.into_iter().flatten().collect();
    taken.sort_by_key(|mail| mail.id);
    assert_eq!(taken, (0..6).map(mail).collect::<Vec<_>>());

    // A taker that went away: due again after a minute, with the attempt counted.
    nodes.one.mail_sent(mail(0).id).await.unwrap();
    nodes.one.mail_failed(mail(1).id, Some(NOW + 300)).await.unwrap();
    assert_eq!(nodes.other.take_mail(NOW + 59, 10).await.unwrap(), Vec::new());
    let again = nodes.other.take_mail(NOW + 60, 10).await.unwrap();
    assert_eq!(again.len(), 4);
    assert!(again.iter().all(|mail| mail.attempts == 1 && mail.id.as_u128() > 2));
    for mail in again {
        nodes.other.mail_sent(mail.id).await.unwrap();
    }
    let retried = nodes.one.take_mail(NOW + 300, 10).await.unwrap();
    assert_eq!(retried, [QueuedMail { attempts: 1, ..mail(1) }]);
    nodes.one.mail_sent(mail(1).id).await.unwrap();
    assert_eq!(nodes.one.take_mail(NOW + 10_000, 10).await.unwrap(), Vec::new());
}

pub(in crate::store) async fn mail_given_up_keeps_no_body(nodes: &Directories) {
    nodes.one.queue_mail(mail(0), NOW).await.unwrap();
    nodes.one.take_mail(NOW, 1).await.unwrap();
    nodes.one.mail_failed(mail(0).id, None).await.unwrap();
    assert_eq!(nodes.other.take_mail(NOW + 100_000, 10).await.unwrap(), Vec::new());
    // Somebody else's late answer does not bring it back.
    nodes.other.mail_failed(mail(0).id, Some(NOW)).await.unwrap();
    assert_eq!(nodes.other.take_mail(NOW + 100_000, 10).await.unwrap(), Vec::new());
}

pub(in crate::store) async fn mails_are_listed_retried_and_dropped(nodes: &Directories) {
    for n in 0..3 {
        nodes.one.queue_mail(mail(n), NOW).await.unwrap();
    }
    nodes.one.take_mail(NOW, 3).await.unwrap();
    nodes.one.mail_failed(mail(0).id, None).await.unwrap();
    nodes.one.mail_failed(mail(1).id, Some(NOW + 500)).await.unwrap();
    nodes.one.mail_failed(mail(2).id, Some(NOW + 600)).await.unwrap();
    assert_eq!(nodes.other.mail_depths().await.unwrap(), (2, 1));
    let failed = nodes.other.mails(MailState::Failed, 10).await.unwrap();
    let kept = |n: u128, due_at| KeptMail {
        id: mail(n).id,
        to: mail(n).to,
        subject: mail(n).subject,
        attempts: 1,
        due_at,
    };
    assert_eq!(failed, [kept(0, NOW + 60)]);
    let waiting = nodes.other.mails(MailState::Queued, 10).await.unwrap();
    assert_eq!(waiting, [kept(1, NOW + 500), kept(2, NOW + 600)]);

    assert_eq!(nodes.one.retry_mails(Some(mail(0).id), NOW + 1).await.unwrap(), 0, "it is empty");
    assert_eq!(nodes.one.retry_mails(Some(mail(1).id), NOW + 1).await.unwrap(), 1);
    assert_eq!(nodes.other.take_mail(NOW + 1, 10).await.unwrap().len(), 1);
    assert_eq!(nodes.one.retry_mails(None, NOW + 2).await.unwrap(), 2);
    assert_eq!(nodes.other.take_mail(NOW + 2, 10).await.unwrap().len(), 2);
    assert_eq!(nodes.one.drop_mails(None).await.unwrap(), 1, "those given up");
    assert_eq!(nodes.one.drop_mails(Some(mail(2).id)).await.unwrap(), 1);
    assert_eq!(nodes.one.mail_depths().await.unwrap(), (1, 0));
}

pub(in crate::store) async fn store_takes_writes(nodes: &Directories) {
    nodes.one.check().await.unwrap();
    nodes.other.check().await.unwrap();
}

fn mail(n: u128) -> QueuedMail {
    QueuedMail {
        id: Uuid::from_u128(n + 1),
        to: format!("{n}@example.com"),
        subject: "Тема".to_owned(),
        text: "code 123456\n".to_owned(),
        html: "<p>code</p>".to_owned(),
        attempts: 0,
    }
}
