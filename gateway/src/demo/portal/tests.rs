use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::*;

/// Sends bytes to a running sample portal; `enough` decides when the answer is complete.
fn ask(portal: SocketAddr, request: &[u8], enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(portal).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !enough(&answer) {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
    answer
}

fn text(portal: SocketAddr, request: &str) -> String {
    String::from_utf8(ask(portal, request.as_bytes(), |_| false)).unwrap()
}

fn acme() -> SocketAddr {
    start(8443).unwrap()[0]
}

#[test]
fn headers_are_shown_in_order_with_duplicates_and_spelling() {
    let answer = text(
        acme(),
        "POST /headers HTTP/1.1\r\nHost: acme\r\nX-One: 1\r\nB: first\r\nx-one:  2 \r\nB: second\r\n\
         X-Empty:\r\nContent-Length: 2\r\n\r\nhi",
    );
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let expected = json!({ "headers": [
        ["Host", "acme"], ["X-One", "1"], ["B", "first"], ["x-one", "2"], ["B", "second"],
        ["X-Empty", ""], ["Content-Length", "2"],
    ]});
    assert_eq!(body, expected);
}

#[test]
fn a_person_is_greeted_by_the_identity_received() {
    let answer = text(
        acme(),
        "GET /crm/?a='b' HTTP/1.1\r\nHost: acme\r\nX-Bitrix-Id-Subject: 0190\r\n\
         X-Bitrix-Id-Name: Anna%20M%C3%BCller%3Cscript%3E\r\nX-Bitrix-Id-Roles: admin,employee\r\n\r\n",
    );
    assert!(answer.contains("Hello, Anna Müller&#60;script&#62;"), "{answer}");
    assert!(answer.contains("admin, employee"), "{answer}");
    assert!(answer.contains("/crm/?a=&#39;b&#39;"), "{answer}");
    assert!(!answer.contains("<script>"), "{answer}");
    assert!(answer.contains("https://portal.initech.localhost:8443/"), "{answer}");
}

#[test]
fn without_an_identity_nobody_is_greeted_by_name() {
    let answer = text(acme(), "GET / HTTP/1.1\r\nHost: acme\r\n\r\n");
    assert!(answer.contains("came without an identity"), "{answer}");
}

#[test]
fn events_arrive_one_by_one() {
    let two = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer);
        text.contains("id: 1\n") && text.contains("id: 2\n")
    };
    let answer = ask(acme(), b"GET /events HTTP/1.1\r\nHost: acme\r\n\r\n", two);
    let text = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(text.contains("content-type: text/event-stream"), "{text}");
}

#[test]
fn web_socket_messages_come_back() {
    // RFC 6455 1.3 (handshake) and 5.7 (a masked "Hello").
    let mut request =
        b"GET /ws HTTP/1.1\r\nHost: acme\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .to_vec();
    request.extend_from_slice(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    let answer = ask(acme(), &request, |answer| answer.ends_with(b"\x81\x05Hello"));
    let text = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(text.starts_with("http/1.1 101"), "{text}");
    assert!(text.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{text}");
    assert!(text.contains("connection: upgrade"), "{text}");
    assert!(answer.ends_with(b"\x81\x05Hello"), "{text}");
}
