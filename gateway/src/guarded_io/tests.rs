//! Who is timed when, and who is not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const WAIT: Duration = Duration::from_millis(60);

fn guarded() -> (GuardedIo, tokio::io::DuplexStream) {
    let (ours, theirs) = tokio::io::duplex(1024);
    (GuardedIo::new(Box::new(ours), WAIT * 100, WAIT * 100), theirs)
}

#[tokio::test]
async fn a_head_read_ahead_is_given_out_once_and_before_what_follows() {
    let (mut io, mut client) = guarded();
    io.expect_head();
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert!(io.head_begins().await);
    client.write_all(b"\r\n").await.unwrap();
    let mut first = [0; 5];
    io.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"GET /");
    let mut rest = [0; 13];
    io.read_exact(&mut rest).await.unwrap();
    assert_eq!(&rest, b" HTTP/1.1\r\n\r\n".first_chunk::<13>().unwrap());
    assert_eq!(io.head_done(), None);
}

#[tokio::test]
async fn no_head_begins_where_the_client_has_left() {
    let (mut io, client) = guarded();
    drop(client);
    assert!(!io.head_begins().await);
}

#[tokio::test]
async fn no_body_is_charged_for_the_silence_before_it() {
    let (mut io, mut client) = guarded();
    io.body_begins(false);
    // The upstream answers; meanwhile somebody looks whether the client has left.
    let looked = tokio::time::timeout(WAIT / 10, io.read_u8()).await;
    assert!(looked.is_err());
    tokio::time::sleep(WAIT).await;
    io.expect_head();
    io.body_begins(false);
    client.write_all(b"x").await.unwrap();
    assert_eq!(io.read_u8().await.unwrap(), b'x');
    assert_eq!(io.waited_for_body(), Some(Duration::ZERO));
}

#[tokio::test]
async fn whoever_holds_a_body_back_is_timed_once_it_is_asked_for() {
    let (mut io, mut client) = guarded();
    io.body_begins(true);
    assert!(tokio::time::timeout(WAIT, io.read_u8()).await.is_err());
    assert_eq!(io.waited_for_body(), None);
    assert!(io.body_asked_for() && !io.body_asked_for());
    let late = async {
        tokio::time::sleep(WAIT).await;
        client.write_all(b"x").await.unwrap();
    };
    let (byte, ()) = tokio::join!(io.read_u8(), late);
    assert_eq!(byte.unwrap(), b'x');
    let waited = io.waited_for_body().unwrap();
    assert!(waited >= WAIT && waited < WAIT * 2, "{waited:?}");
}

#[tokio::test]
async fn a_body_that_comes_unasked_is_timed_from_there() {
    let (mut io, mut client) = guarded();
    io.body_begins(true);
    client.write_all(b"x").await.unwrap();
    assert_eq!(io.read_u8().await.unwrap(), b'x');
    assert_eq!(io.waited_for_body(), Some(Duration::ZERO));
    assert!(!io.body_asked_for());
    assert!(tokio::time::timeout(WAIT, io.read_u8()).await.is_err());
    client.write_all(b"y").await.unwrap();
    assert_eq!(io.read_u8().await.unwrap(), b'y');
    assert!(io.waited_for_body() >= Some(WAIT), "{:?}", io.waited_for_body());
}

#[tokio::test]
async fn the_client_of_a_body_is_timed_and_not_whoever_takes_it() {
    let (mut io, mut client) = guarded();
    assert_eq!(io.waited_for_body(), None);
    io.body_begins(false);
    client.write_all(b"x").await.unwrap();
    tokio::time::sleep(WAIT).await;
    assert_eq!(io.read_u8().await.unwrap(), b'x');
    assert_eq!(io.waited_for_body(), Some(Duration::ZERO), "it was there all the time");
    let late = async {
        tokio::time::sleep(WAIT).await;
        client.write_all(b"y").await.unwrap();
    };
    let (byte, ()) = tokio::join!(io.read_u8(), late);
    assert_eq!(byte.unwrap(), b'y');
    assert!(io.waited_for_body() >= Some(WAIT), "{:?}", io.waited_for_body());
}
