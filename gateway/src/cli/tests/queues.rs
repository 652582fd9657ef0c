use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::notices::{
    Notice, NoticeFailure, NoticeState, Notices, Subscription,
};
use bitrix_id_auth_core::store::{Directory, QueuedMail};
use bitrix_id_config::NoticeEvent;
use uuid::Uuid;

use super::Desk;

/// Two notices to acme, the first of which was given up.
fn notices(desk: &Desk) -> (String, String) {
    desk.look(async |store| {
        let subscription =
            Subscription { portal: "acme".into(), events: NoticeEvent::ALL.to_vec() };
        store.subscribe(&[subscription]).await.unwrap();
        for n in 1..=2 {
            let account = AccountId(Uuid::from_u128(n));
            let notice = Notice::unjoined(account, Some("17".into()));
            store.notify_portal("acme", notice, 1_700_000_000_000).await.unwrap();
        }
        let first = store.take_notices(1_700_000_000_000, 1).await.unwrap().remove(0);
        let failure = NoticeFailure {
            retry_at_ms: None,
            pause_until_ms: 0,
            error: "answered \u{1b}[31m410".into(),
        };
        store.notice_failed(first.id, failure, 1_700_000_060_000).await.unwrap();
        let second = store.notices(NoticeState::Queued, 1).await.unwrap().remove(0);
        (first.id.to_string(), second.id.to_string())
    })
}

#[test]
fn notices_that_wait_and_those_given_up_are_listed() {
    let desk = Desk::new();
    let (dead, waiting) = notices(&desk);
    let queued = desk.json(&["notice", "list"]);
    assert_eq!((&queued[0]["id"], queued.as_array().unwrap().len()), (&waiting.as_str().into(), 1));
    let given_up = desk.json(&["notice", "list", "--dead"]);
    assert_eq!(given_up.as_array().unwrap().len(), 1);
    assert_eq!(given_up[0]["id"], dead.as_str());
    assert_eq!(given_up[0]["type"], "account.unjoined");
    assert_eq!(given_up[0]["portal_user"], "17");
    assert_eq!((&given_up[0]["state"], &given_up[0]["attempts"]), (&"dead".into(), &1.into()));
    let text = desk.run(&["notice", "list", "--dead"]);
    assert!(
        text.contains(&dead) && text.contains("given up") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[test]
fn a_notice_that_was_given_up_is_queued_again_or_forgotten() {
    let desk = Desk::new();
    let (dead, waiting) = notices(&desk);
    desk.run(&["notice", "retry", &dead]);
    assert_eq!(desk.json(&["notice", "list"]).as_array().unwrap().len(), 2);
    desk.run(&["notice", "drop", &waiting]);
    assert_eq!(desk.json(&["notice", "list"])[0]["id"], dead.as_str());
    desk.run(&["notice", "drop", &dead]);
    let refused = desk.refuse(&["notice", "drop", &dead]);
    assert!(refused.contains("there is no notice"), "{refused}");
    desk.run(&["notice", "retry", "--portal", "acme"]);
    assert!(desk.refuse(&["notice", "retry"]).contains("required"));
    let error = desk.refuse(&["notice", "retry", "acme"]);
    assert!(error.contains("it is no id; the list begins each line with one"), "{error}");
    assert!(
        desk.refuse(&["notice", "retry", &dead, "--portal", "acme"]).contains("cannot be used")
    );
}

#[test]
fn everything_given_up_for_a_portal_is_queued_again_at_once() {
    let desk = Desk::new();
    notices(&desk);
    desk.run(&["notice", "retry", "--portal", "acme"]);
    assert_eq!(desk.json(&["notice", "list", "--dead"]), serde_json::json!([]));
    assert_eq!(desk.json(&["notice", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn mails_are_listed_without_what_they_say() {
    let desk = Desk::new();
    let ids = desk.look(async |store| {
        let mut ids = Vec::new();
        for n in 1..=2_u128 {
            let mail = QueuedMail {
                id: Uuid::from_u128(n),
                to: format!("{n}@example.com"),
                subject: "Your code".into(),
                text: "123456".into(),
                html: "123456".into(),
                attempts: 0,
            };
            ids.push(mail.id.to_string());
            store.queue_mail(mail, 1_700_000_000).await.unwrap();
        }
        store.take_mail(1_700_000_000, 1).await.unwrap();
        store.mail_failed(Uuid::from_u128(1), None).await.unwrap();
        ids
    });
    let failed = desk.json(&["mail", "list", "--failed"]);
    assert_eq!(
        (&failed[0]["to"], &failed[0]["state"]),
        (&"1@example.com".into(), &"failed".into())
    );
    let waiting = desk.run(&["mail", "list"]);
    assert!(waiting.contains("2@example.com") && !waiting.contains("123456"), "{waiting}");
    desk.run(&["mail", "retry"]);
    desk.run(&["mail", "retry", &ids[1]]);
    assert!(desk.refuse(&["mail", "retry", &ids[0]]).contains("no mail"));
    desk.run(&["mail", "drop", "--failed"]);
    assert_eq!(desk.json(&["mail", "list", "--failed"]), serde_json::json!([]));
    desk.run(&["mail", "drop", &ids[1]]);
    assert_eq!(desk.json(&["mail", "list"]), serde_json::json!([]));
}
