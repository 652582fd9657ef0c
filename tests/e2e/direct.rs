//! A plain GET goes to its upstream by a way of its own; nothing may tell which way a request took.

use std::time::Duration;

use bitrix_id_tests::client::response::BodyEnd;
use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::stage::{ACME, ANNA, Stage, portal};
use bitrix_id_tests::upstream::recorded::Recorded;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A body that is announced and empty takes pingora's way.
const OTHER_WAY: &str = "Content-Length: 0";

/// What the upstream was told, but for what differs between any two requests.
fn told(request: &Recorded) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = request
        .headers()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| name != "content-length" && name != "x-request-id")
        .collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn upstreams_are_told_the_same_on_both_ways() {
    let stage = Stage::with_people(&[ANNA]).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let cases: [&[&str]; 9] = [
        &[],
        &[&cookie],
        &[&cookie, "Cookie: a=1; __Host-bitrix-id-hop-x=2", "Cookie: b=2;; c"],
        &[&cookie, "X-Bitrix-Id-Email: forged", "x_bitrix_id_email: forged", "X.Forwarded.For: 6"],
        &[&cookie, "Authorization: Bearer abc", "content_length: 5", "Proxy: http://evil"],
        &[&cookie, "Keep-Alive: timeout=5", "TE: trailers", "Trailer: x", "Proxy-Connection: x"],
        &["Connection: keep-alive", "Proxy-Authorization: Basic eA==", "HTTP2-Settings: AAMAAABk"],
        &["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil", "X-Request-Id: theirs"],
        &["X-Own: first", "x-own: second", "X-Latin: caf\u{e9}", "Accept: text/event-stream"],
    ];
    for path in ["/members/x", "/pub/x", "/maybe/x", "/hook/x?a=b%20c&d"] {
        for fields in cases {
            stage.acme.forget();
            let line = format!("GET {path}");
            let direct = stage.gateway.send(ACME, &line, fields, "").await;
            let other = [fields, &[OTHER_WAY]].concat();
            let other = stage.gateway.send(ACME, &line, &other, "").await;
            assert_eq!(direct.status, other.status, "{path} {fields:?}");
            let requests = stage.acme.requests();
            let [first, second] = requests.as_slice() else {
                assert!(requests.is_empty() && direct.status == 401, "{path} {fields:?}");
                continue;
            };
            assert_eq!(first.line(), second.line());
            assert_eq!(told(first), told(second), "{path} {fields:?}");
            assert!(first.header("x-request-id").is_some_and(|id| id != "theirs"));
        }
    }
}

#[tokio::test]
async fn a_get_with_a_body_that_http2_does_not_announce_loses_nothing() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.h2(ACME).await;
    let request = connection.request("GET", "/pub/do/echo");
    let answer = connection.send(request, b"asked in a body", None).await.unwrap();
    assert_eq!((answer.status, answer.body.as_ref()), (200, &b"asked in a body"[..]));
}

#[tokio::test]
async fn what_a_connection_field_names_is_meant_for_us_and_goes_no_further() {
    let stage = Stage::empty().await;
    let fields = ["Connection: x-secret, keep-alive", "X-Secret: for this hop", "X-Open: 1"];
    let answer = stage.gateway.send(ACME, "GET /pub/named", &fields, "").await;
    assert_eq!(answer.status, 200);
    let request = stage.acme.only("/pub/named");
    assert_eq!(request.header("x-secret"), None);
    assert_eq!(request.header("x-open").as_deref(), Some("1"));
}

/// An upstream that gives one answer after the other, each to one request, as bytes; after the last it
/// closes.
async fn upstream(answers: &'static [&'static [u8]]) -> (Stage, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let acme: PortalText = portal("acme", ACME, &url);
    let stage = Stage::with(move |setup| {
        setup.people.clear();
        setup.config.remove_portal("acme");
        setup.config.portal(acme);
    })
    .await;
    let task = tokio::spawn(async move {
        let (mut asked, mut connections) = (0, 0);
        while asked < answers.len() {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections += 1;
            while asked < answers.len() && read_head(&mut stream).await {
                stream.write_all(answers[asked]).await.unwrap();
                asked += 1;
                if answers[asked - 1].is_empty() {
                    break;
                }
            }
        }
        connections
    });
    (stage, task)
}

/// Whether a head came; health checks connect and leave.
async fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return false,
        }
    }
    true
}

#[tokio::test]
async fn a_connection_that_is_closed_just_as_it_is_used_again_costs_nobody_an_answer() {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    // The second request is read and not answered: the connection closes. It is asked once more.
    let (stage, upstream) = upstream(&[OK, b"", OK]).await;
    for n in 0..2 {
        let answer = stage.gateway.send(ACME, &format!("GET /pub/{n}"), &[], "").await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    }
    assert!(upstream.await.unwrap() >= 2);
}

#[tokio::test]
async fn an_answer_that_never_comes_on_a_new_connection_is_a_bad_gateway() {
    let (stage, _upstream) = upstream(&[b"", b""]).await;
    let answer = stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    assert_eq!(answer.status, 502);
}

#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_a_bad_gateway() {
    const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    let (stage, _upstream) = upstream(&[SWITCH]).await;
    let answer = stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    assert_eq!(answer.status, 502);
}

#[tokio::test]
async fn hints_come_before_the_answer() {
    const HINTED: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\nHTTP/1.1 200 OK\r\n\
                            Content-Length: 2\r\n\r\nok";
    let (stage, _upstream) = upstream(&[HINTED]).await;
    let mut connection = stage.gateway.raw(ACME).await;
    connection.send(stage.gateway.request(ACME, "GET /pub/x", &[], "")).await.unwrap();
    let hint = connection.head("GET").await.unwrap();
    assert_eq!((hint.status, hint.header("link")), (103, Some("</s.css>")));
    let answer = connection.response("GET").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
}

#[tokio::test]
async fn an_answer_without_a_length_leaves_the_clients_connection_open() {
    const OLD: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold";
    let (stage, upstream) = upstream(&[OLD]).await;
    let mut connection = stage.gateway.raw(ACME).await;
    connection.send(stage.gateway.request(ACME, "GET /pub/x", &[], "")).await.unwrap();
    // The upstream closes after it, and that is the end of the answer.
    assert!(upstream.await.unwrap() > 0);
    let answer = connection.response("GET").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "old"));
    assert_eq!((answer.end, answer.closes()), (BodyEnd::Chunked, false));
    assert!(!connection.closes_within(Duration::from_millis(300)).await);
}
