//! URLs, and conversations with a relay on this machine.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::message::tests::mail;
use super::*;

/// A relay that takes one connection and answers `RCPT TO` as told. Gives the lines it read.
async fn relay(answer_to_rcpt: &'static str) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let (mut seen, mut in_data) = (Vec::new(), false);
        stream.write_all(b"220 relay\r\n").await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return seen;
            }
            let command = line.get(..4).unwrap_or("").to_uppercase();
            let answer = match command.as_str() {
                _ if in_data && line == ".\r\n" => {
                    in_data = false;
                    "250 taken"
                }
                _ if in_data => "",
                "EHLO" => "250 relay",
                "RCPT" => answer_to_rcpt,
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            seen.push(line);
            if !answer.is_empty() {
                stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    });
    (port, served)
}

fn smtp(url: &str) -> Smtp {
    Smtp::new("no-reply@id.example", url, None, None).unwrap()
}

#[test]
fn starttls_is_required_unless_the_relay_is_this_machine() {
    for (url, protection, port) in [
        ("smtp://user@mail.example:587", Protection::StartTls, 587),
        ("smtp://mail.example", Protection::StartTls, 587),
        ("smtp://mail.example:25", Protection::StartTls, 25),
        ("smtps://mail.example", Protection::Tls, 465),
        ("smtp://localhost:2525", Protection::None, 2525),
        ("smtp://127.0.0.1:2525", Protection::None, 2525),
        ("smtp://[::1]:2525", Protection::None, 2525),
        ("smtp://127.0.0.1.example:2525", Protection::StartTls, 2525),
    ] {
        let relay = Relay::read(url, false).unwrap();
        assert_eq!((relay.protection, relay.port), (protection, port), "{url}");
    }
    for url in ["mail.example", "http://mail.example", "smtp://"] {
        assert!(Relay::read(url, false).is_err(), "{url}");
    }
}

#[test]
fn a_relay_with_an_authority_of_its_own_is_spoken_to_in_tls_wherever_it_is() {
    let relay = Relay::read("smtp://localhost:2525", true).unwrap();
    assert_eq!(relay.protection, Protection::StartTls);
}

#[test]
fn a_user_may_be_an_address() {
    assert_eq!(
        Relay::read("smtp://a%40b.example@mail.example", false).unwrap().user,
        "a@b.example"
    );
}

#[tokio::test]
async fn a_relay_that_is_away_is_tried_again() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sent = smtp(&format!("smtp://127.0.0.1:{port}")).send(&mail("x")).await;
    assert!(matches!(sent, Err(MailError::Temporary(_))));
}

#[tokio::test]
async fn a_relay_gets_the_message() {
    let (port, served) = relay("250 ok").await;
    let smtp = smtp(&format!("smtp://127.0.0.1:{port}"));
    smtp.send(&mail("Your code")).await.unwrap();
    drop(smtp);
    let seen = served.await.unwrap().concat();
    for expected in ["MAIL FROM:<no-reply@id.example>", "RCPT TO:<anna@example.com>", "123456"] {
        assert!(seen.contains(expected), "{expected} in {seen}");
    }
}

#[tokio::test]
async fn a_refusal_is_for_good_when_the_relay_says_so() {
    for (answer, permanent) in [("550 <anna@example.com>?", true), ("451 anna is busy", false)] {
        let (port, _served) = relay(answer).await;
        let error = smtp(&format!("smtp://127.0.0.1:{port}")).send(&mail("x")).await.unwrap_err();
        assert_eq!(matches!(error, MailError::Permanent(_)), permanent, "{answer}: {error}");
        let words = error.to_string();
        assert!(words.contains(&answer[..3]) && !words.contains("anna"), "{words}");
    }
}

#[tokio::test]
async fn a_relay_that_offers_no_tls_where_it_is_required_gets_no_mail() {
    let (port, served) = relay("250 ok").await;
    let away = Relay {
        host: "127.0.0.1".into(),
        port,
        user: String::new(),
        protection: Protection::StartTls,
    };
    let smtp = Smtp::with(sender("a@id.example").unwrap(), away, None, None).unwrap();
    smtp.send(&mail("x")).await.unwrap_err();
    drop(smtp);
    let seen = served.await.unwrap().concat();
    assert!(!seen.contains("MAIL") && !seen.contains("123456"), "{seen}");
}
