//! Where one message ends and the next begins: one reading, or 400.

use std::time::Duration;

use bitrix_id_tests::stage::{ACME, ANNA, Stage};

const QUIET: Duration = Duration::from_millis(700);

/// The end of each attack: a request that must never be seen as one.
fn hidden(host: &str) -> String {
    format!("GET /pub/hidden HTTP/1.1\r\nHost: {host}\r\n\r\n")
}

/// Sends bytes and gives all that comes back until the line goes quiet.
async fn all_answers(stage: &Stage, bytes: &[u8]) -> String {
    let mut connection = stage.gateway.raw(ACME).await;
    // The gateway may close before everything is sent; what it said counts.
    let _ = connection.send(bytes).await;
    String::from_utf8_lossy(&connection.rest(QUIET).await).into_owned()
}

fn statuses(answers: &str) -> Vec<&str> {
    answers.match_indices("HTTP/1.").filter_map(|(at, _)| answers.get(at + 9..at + 12)).collect()
}

/// Request lines and fields that a stricter or laxer parser would read differently; `{H}` is the host and
/// `{X}` the hidden request.
const REFUSED: &[(&str, &str)] = &[
    (
        "length and coding",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "coding and length",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "two lengths",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 4\r\nContent-Length: 0\r\n\r\n{X}",
    ),
    (
        "two equal lengths",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody{X}",
    ),
    (
        "a list of lengths",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 4, 4\r\n\r\nbody{X}",
    ),
    ("a signed length", "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: +4\r\n\r\nbody{X}"),
    ("a negative length", "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: -1\r\n\r\n{X}"),
    (
        "a hexadecimal length",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 0x4\r\n\r\nbody{X}",
    ),
    (
        "an underscored length",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 1_0\r\n\r\n{X}",
    ),
    ("an empty length", "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length:\r\n\r\n{X}"),
    (
        "a length of 2^64",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 18446744073709551616\r\n\r\n{X}",
    ),
    (
        "a length with a blank",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length: 1 2\r\n\r\n{X}",
    ),
    (
        "identity, chunked",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "gzip, chunked",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "chunked, identity",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "chunked twice",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "a coding of one's own",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "a quoted coding",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "a coding with a parameter",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "an empty coding",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding:\r\nContent-Length: 4\r\n\r\nbody{X}",
    ),
    (
        "coding in HTTP/1.0",
        "POST /pub/a HTTP/1.0\r\nHost: {H}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "a blank before the colon",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nContent-Length : 4\r\n\r\nbody{X}",
    ),
    (
        "a tab before the colon",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    (
        "a folded line",
        "POST /pub/a HTTP/1.1\r\nHost: {H}\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{X}",
    ),
    ("a folded first line", "GET /pub/a HTTP/1.1\r\n X: y\r\nHost: {H}\r\n\r\n{X}"),
    ("a bare line feed", "GET /pub/a HTTP/1.1\r\nHost: {H}\nX: y\r\n\r\n{X}"),
    ("bare line feeds only", "GET /pub/a HTTP/1.1\nHost: {H}\n\n{X}"),
    (
        "a bare carriage return",
        "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n{X}",
    ),
    ("an empty field name", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\n: y\r\n\r\n{X}"),
    ("a field without a colon", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nnonsense\r\n\r\n{X}"),
    ("a NUL in a value", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nX: a\0b\r\n\r\n{X}"),
    ("a control in a name", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nX\x01Y: b\r\n\r\n{X}"),
    ("no host", "GET /pub/a HTTP/1.1\r\nX: y\r\n\r\n{X}"),
    ("an empty host", "GET /pub/a HTTP/1.1\r\nHost:\r\n\r\n{X}"),
    ("two hosts", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nHost: {H}\r\n\r\n{X}"),
    ("two different hosts", "GET /pub/a HTTP/1.1\r\nHost: {H}\r\nHost: evil.example\r\n\r\n{X}"),
    ("a fragment", "GET /pub/a#x HTTP/1.1\r\nHost: {H}\r\n\r\n{X}"),
    ("a fragment after a query", "GET /pub/a?b#x HTTP/1.1\r\nHost: {H}\r\n\r\n{X}"),
    ("three words", "GET /pub/a /pub/b HTTP/1.1\r\nHost: {H}\r\n\r\n{X}"),
    ("two blanks", "GET  /pub/a HTTP/1.1\r\nHost: {H}\r\n\r\n{X}"),
    ("a tab for a blank", "GET\t/pub/a\tHTTP/1.1\r\nHost: {H}\r\n\r\n{X}"),
    ("no version", "GET /pub/a\r\nHost: {H}\r\n\r\n{X}"),
    ("HTTP/2.0 in words", "GET /pub/a HTTP/2.0\r\nHost: {H}\r\n\r\n{X}"),
    ("HTTP/1.2", "GET /pub/a HTTP/1.2\r\nHost: {H}\r\n\r\n{X}"),
];

#[tokio::test]
async fn what_two_parsers_could_frame_differently_is_refused() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    let attacks = REFUSED.iter().map(|(what, bytes)| {
        let bytes = bytes.replace("{H}", &host).replace("{X}", &hidden(&host));
        let stage = &stage;
        async move { (*what, all_answers(stage, bytes.as_bytes()).await) }
    });
    let answers = futures_util::future::join_all(attacks).await;
    for (what, answers) in answers {
        let said = statuses(&answers);
        assert!(said.len() <= 1, "{what}: {said:?}");
        // A head that is no HTTP at all may end in silence.
        assert!(
            said.first().is_none_or(|status| *status == "400" || *status == "505"),
            "{what}: {said:?}"
        );
    }
    let seen: Vec<_> = stage.acme.requests().iter().map(|request| request.line()).collect();
    assert!(seen.is_empty(), "{seen:?}");
}

#[tokio::test]
async fn broken_chunks_end_the_connection_and_hide_nothing() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    let start =
        format!("POST /pub/chunks HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n");
    for chunk in [
        "-1\r\n",
        "+4\r\nbody\r\n",
        "0x4\r\nbody\r\n",
        "fffffffffffffffff\r\n",
        "4\nbody\n",
        "4\r\nbodyX",
        "4 \r\nbody\r\n",
        "g\r\n",
        "\r\n",
        "4\r\nbody0\r\n\r\n",
    ] {
        let bytes = format!("{start}{chunk}0\r\n\r\n{}", hidden(&host));
        let answers = all_answers(&stage, bytes.as_bytes()).await;
        let fine = statuses(&answers).iter().filter(|status| **status == "200").count();
        assert!(fine <= 1, "{chunk:?}: {answers}");
    }
    assert!(!stage.acme.heard_of("GET /pub/hidden"), "{:#?}", stage.acme.marked("hidden"));
}

#[tokio::test]
async fn bytes_after_an_upgrade_request_are_no_tunnel() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    for upgrade in ["foo", "h2c", "websocket, h2c", "websocket"] {
        let bytes = format!(
            "GET /pub/up HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n\r\n\
             GET /closed/smuggled HTTP/1.1\r\nHost: {host}\r\nX-Bitrix-Id-Subject: forged\r\n\r\n"
        );
        all_answers(&stage, bytes.as_bytes()).await;
    }
    assert!(!stage.acme.heard_of("smuggled"), "{:#?}", stage.acme.marked("smuggled"));
}

#[tokio::test]
async fn what_one_connection_sends_never_answers_another() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let host = stage.gateway.authority_of(ACME);
    let attack = format!(
        "POST /pub/a HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
         GET /pub/poison HTTP/1.1\r\nHost: {host}\r\nX-Ignore: "
    );
    for n in 0..10 {
        all_answers_quick(&stage, attack.as_bytes()).await;
        let path = format!("/victim/{n}");
        let answer =
            stage.gateway.send(ACME, &format!("GET {path}"), &[&anna.cookie_line(ACME)], "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["target"], path.as_str());
    }
    assert!(!stage.acme.heard_of("/pub/poison"));
}

async fn all_answers_quick(stage: &Stage, bytes: &[u8]) {
    let mut connection = stage.gateway.raw(ACME).await;
    let _ = connection.send(bytes).await;
    connection.rest(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_slow_head_is_cut_at_the_total_deadline() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "header_timeout", "\"2s\"");
    })
    .await;
    let mut connection = stage.gateway.raw(ACME).await;
    let started = std::time::Instant::now();
    connection.send("GET /pub/slow HTTP/1.1\r\nX-Slow: ").await.unwrap();
    let mut sent = 0;
    while started.elapsed() < Duration::from_secs(8) {
        // A byte now and then keeps a per-read timeout from ever striking.
        if connection.send("a").await.is_err()
            || connection.closes_within(Duration::from_millis(200)).await
        {
            break;
        }
        sent += 1;
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "open after {took:?} and {sent} bytes");
    assert!(took > Duration::from_millis(1500), "{took:?}");
}

#[tokio::test]
async fn the_same_is_refused_behind_a_good_request_in_one_piece() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    let good = format!("GET /pub/good HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let attacks = REFUSED.iter().map(|(what, bytes)| {
        let bytes = bytes.replace("{H}", &host).replace("{X}", &hidden(&host));
        let bytes = format!("{good}{bytes}");
        let stage = &stage;
        async move { (*what, all_answers(stage, bytes.as_bytes()).await) }
    });
    let answers = futures_util::future::join_all(attacks).await;
    for (what, answers) in answers {
        let said = statuses(&answers);
        let (first, others) = said.split_first().expect("the good one is answered");
        assert_eq!(*first, "200", "{what}");
        let refused = |status: &&str| *status == "400" || *status == "505";
        assert!(others.len() <= 1 && others.iter().all(refused), "{what}: {said:?}");
    }
    let seen: Vec<_> = stage.acme.requests().iter().map(|request| request.line()).collect();
    assert!(seen.iter().all(|line| line.contains("/pub/good")), "{seen:?}");
}
