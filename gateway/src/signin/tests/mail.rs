//! From the queue to the outbox.

use bitrix_id_auth_core::store::QueuedMail;
use uuid::Uuid;

use super::super::mail::{deliver_due, mailer};
use super::*;

fn mail() -> QueuedMail {
    QueuedMail {
        id: Uuid::now_v7(),
        to: ANNA.into(),
        subject: "Your code".into(),
        text: "123456".into(),
        html: "<p>123456</p>".into(),
        attempts: 0,
    }
}

#[tokio::test]
async fn a_queued_mail_becomes_a_file_in_the_outbox_and_leaves_the_queue() {
    let scene = Scene::new().await;
    scene.hub.directory.queue_mail(mail(), scene.clock.now()).await.unwrap();
    let snapshot = scene.hub.snapshot.load_full();
    let mailer = mailer(snapshot.config.mail.as_ref().unwrap()).unwrap();
    assert!(deliver_due(&scene.app, &mailer).await.unwrap());
    assert!(!deliver_due(&scene.app, &mailer).await.unwrap());
    let mut files = std::fs::read_dir(scene.directory.path().join("outbox")).unwrap();
    let file = files.next().unwrap().unwrap();
    assert!(std::fs::read_to_string(file.path()).unwrap().contains("Subject: Your code"));
    scene.clock.advance(3600);
    assert!(scene.hub.directory.take_mail(scene.clock.now(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mail_that_is_not_taken_comes_again_later() {
    let scene = Scene::new().await;
    std::fs::write(scene.directory.path().join("outbox"), "not a directory").unwrap();
    scene.hub.directory.queue_mail(mail(), scene.clock.now()).await.unwrap();
    let snapshot = scene.hub.snapshot.load_full();
    let mailer = mailer(snapshot.config.mail.as_ref().unwrap()).unwrap();
    deliver_due(&scene.app, &mailer).await.unwrap();
    let due = |now| scene.hub.directory.take_mail(now, 10);
    assert!(due(scene.clock.now() + 9).await.unwrap().is_empty());
    let again = due(scene.clock.now() + 10).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    assert_eq!(scene.hub.telemetry.metrics.mail_failures.get(), 1);
}
