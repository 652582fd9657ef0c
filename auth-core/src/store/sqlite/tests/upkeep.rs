//! What stays in the file, and what must not.

use bitrix_id_config::NoticeEvent;

use super::*;
use crate::store::LogPosition;
use crate::store::directory::MAX_QUEUED_MAILS;
use crate::store::notices::{
    MOST_QUEUED_NOTICES, Notice, NoticeDepth, NoticeState, Notices, Subscription,
};
use crate::store::sessions::embedded::ENTRIES_PER_READ;

#[tokio::test]
async fn nothing_out_of_date_stays_in_the_file() {
    let (store, folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    store.create_session(new_session(anna), NOW).await.unwrap();
    store.revoke_account(anna, 2, NOW + 60, NOW * 1000).await.unwrap();
    store.spend_ticket(Uuid::from_u128(1), NOW + 30).await.unwrap();
    store.put_one_time("sign-up", &[1; 32], "{}", NOW + 60).await.unwrap();
    store.count_attempt(&[1; 32], ONCE_A_MINUTE, NOW * 1000).await.unwrap();
    let much_later = NOW + LIMITS.absolute;
    let ended = store.sweep(LIMITS, much_later + 60, much_later * 1000).await.unwrap();
    assert_eq!(ended.len(), 1);
    store.sweep(LIMITS, much_later + 120, (much_later + 60) * 1000).await.unwrap();
    let mut connection = raw(&folder).await;
    for count in [
        "SELECT count(*) FROM sessions",
        "SELECT count(*) FROM revocations",
        "SELECT count(*) FROM spent_tickets",
        "SELECT count(*) FROM one_time_values",
        "SELECT count(*) FROM attempts",
    ] {
        let left: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(left, 0, "{count}");
    }
}

#[tokio::test]
async fn a_long_log_is_read_in_pieces_and_in_full() {
    let (store, folder) = one_handle().await;
    let mut connection = raw(&folder).await;
    let many = ENTRIES_PER_READ * 2 + 1;
    let written = sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         INSERT INTO revocations (sequence, session, at_ms, until)
         SELECT i, printf('00000000-0000-7000-8000-%012d', i), 0, $2 FROM n",
    );
    written.bind(many).bind(NOW + 60).execute(&mut connection).await.unwrap();
    let mut position = LogPosition::default();
    let mut pieces = Vec::new();
    loop {
        let read = store.read_log(position).await.unwrap();
        position = read.position;
        pieces.push(read.entries.len() as i64);
        if read.complete {
            break;
        }
    }
    assert_eq!(pieces, [ENTRIES_PER_READ, ENTRIES_PER_READ, 1]);
    assert_eq!(position.sequence, many as u64);
}

#[tokio::test]
async fn sweeping_nothing_takes_no_write_lock() {
    let (store, folder) = one_handle().await;
    let mut stranger = raw(&folder).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
    assert!(store.sweep(LIMITS, NOW, NOW * 1000).await.unwrap().is_empty());
    assert!(store.take_mail(NOW, 10).await.unwrap().is_empty());
    assert!(store.take_notices(NOW * 1000, 10).await.unwrap().is_empty());
    assert!(store.subscribe(&[]).await.unwrap().is_empty());
    store
        .notify_portal("acme", Notice::unjoined(AccountId(Uuid::from_u128(1)), None), 0)
        .await
        .unwrap();
}

#[tokio::test]
async fn mail_queue_is_bounded() {
    let (store, folder) = one_handle().await;
    let mut connection = raw(&folder).await;
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         INSERT INTO mails (id, recipient, subject, body_text, body_html, attempts, state, due_at)
         SELECT 'm' || i, '', '', '', '', 0, 'queued', 0 FROM n",
    )
    .bind(i64::from(MAX_QUEUED_MAILS))
    .execute(&mut connection)
    .await
    .unwrap();
    let outcome = store.queue_mail(mail(), NOW).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn body_of_a_mail_given_up_is_gone() {
    let (store, folder) = one_handle().await;
    store.queue_mail(mail(), NOW).await.unwrap();
    store.take_mail(NOW, 1).await.unwrap();
    store.mail_failed(mail().id, None).await.unwrap();
    let mut connection = raw(&folder).await;
    let left: (String, String, String) =
        sqlx::query_as("SELECT recipient, body_text, body_html FROM mails")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(left, ("anna@example.com".to_owned(), String::new(), String::new()));
}

#[tokio::test]
async fn a_portal_that_takes_no_notices_does_not_fill_the_disk() {
    let (store, folder) = one_handle().await;
    let subscription =
        Subscription { portal: "acme".to_owned(), events: NoticeEvent::ALL.to_vec() };
    store.subscribe(&[subscription]).await.unwrap();
    let mut connection = raw(&folder).await;
    for (state, first) in [("dead", 0), ("queued", 100_000)] {
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO notices (id, position, portal, event, created_at_ms, since_ms, data,
                                  attempts, state, due_at_ms, last_error)
             SELECT '00000000-0000-7000-8000-000000' || ($2 + i), -1000000 + $2 + i, 'acme',
                    'password.changed', 0, 0, '{}', 0, $3, 0, '' FROM n",
        )
        .bind(i64::from(MOST_QUEUED_NOTICES))
        .bind(first + 100_000)
        .bind(state)
        .execute(&mut connection)
        .await
        .unwrap();
    }
    let anna = create(&store, "anna@example.com").await;
    store.notify_portal("acme", Notice::password_changed(anna), NOW * 1000).await.unwrap();
    let most = u64::from(MOST_QUEUED_NOTICES);
    let depth = NoticeDepth { portal: "acme".to_owned(), queued: most, dead: most };
    assert_eq!(store.notice_depths().await.unwrap(), [depth]);
    let dead = store.notices(NoticeState::Dead, MOST_QUEUED_NOTICES).await.unwrap();
    assert!(dead[0].id.to_string().ends_with("100002"), "the oldest dead one made room");
    let newest = dead.last().unwrap();
    assert!(newest.id.to_string().ends_with("200001"), "for the oldest that waited");
    assert_eq!((newest.last_error.as_str(), newest.due_at_ms), ("the queue was full", NOW * 1000));
    // And looking for what is due stays quick.
    let taken = store.take_notices(NOW * 1000, 10).await.unwrap();
    assert!(taken[0].id.to_string().ends_with("200002"));
}
