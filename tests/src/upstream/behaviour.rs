//! What a recorder answers, by what follows `/do/` in the path:
//!
//! | path ends in | answer |
//! |---|---|
//! | anything else | 200, JSON: upstream, method, target, fields, body length |
//! | `/do/echo` | 200 with the request's body |
//! | `/do/status/N` | that status, a short body where it may have one |
//! | `/do/slow/MS` | as the default, after so many milliseconds |
//! | `/do/hang` | nothing, until the peer goes away |
//! | `/do/gate` | as the default, once the test opens the gate |
//! | `/do/chunked/N` | N chunks |
//! | `/do/download/N` | N bytes with a length |
//! | `/do/sse/N` | N server-sent events, one for each opening of the gate, then an end |
//! | `/do/events` | server-sent events without end, one at once |
//! | `/do/ws` | 101, then echoes |
//! | `/do/range` | 206 or 200 of the ten bytes `0123456789` |
//! | `/do/die/length`, `/do/die/chunked` | begins a body and drops the connection |
//! | `/do/broken` | bytes that are no HTTP |
//! | `/do/cookies` | a response that sets cookies of its own and tries to set the gateway's |
//! | `/do/expect`, `/do/expect/MS` | 100 Continue, at once or after so many milliseconds, then reads the body, then the default |
//! | `/do/refuse-body` | 413 without reading the body, then closes |
//! | `/do/page` | an HTML page that says who is there |
//! | `/do/headers` | a response with hop-by-hop and gateway-like fields |

use std::io;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::reader::{Head, Reader};
use super::recorded::Recorded;

/// What a connection does after an answer.
pub(crate) enum Next {
    /// Wait for another request.
    Request,
    /// End.
    Close,
}

/// Answers one request.
pub(crate) async fn answer(reader: &mut Reader, head: Head) -> io::Result<Next> {
    let target = head.recorded.target();
    let path = target.split('?').next().unwrap_or_default();
    let words: Vec<String> = path
        .split_once("/do/")
        .map(|(_, rest)| rest.split('/').map(str::to_owned).collect())
        .unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ws"] => return websocket(reader, &head).await,
        ["expect"] => reader.send(CONTINUE).await?,
        ["expect", ms] => {
            tokio::time::sleep(Duration::from_millis(number(ms))).await;
            reader.send(CONTINUE).await?;
        }
        ["refuse-body"] => {
            let refusal =
                "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            reader.send(refusal).await?;
            return Ok(Next::Close);
        }
        _ => {}
    }
    let body = reader.body(&head).await?;
    match words.as_slice() {
        ["echo"] => reader.send(sized(200, "application/octet-stream", &body)).await?,
        ["status", code] => status(reader, code).await?,
        ["slow", ms] => {
            tokio::time::sleep(Duration::from_millis(number(ms))).await;
            report(reader, &head).await?;
        }
        ["hang"] => {
            reader.gone().await?;
            return Ok(Next::Close);
        }
        ["gate"] => {
            reader.shared().gate().await;
            report(reader, &head).await?;
        }
        ["chunked", count] => chunked(reader, number(count)).await?,
        ["download", bytes] => download(reader, number(bytes)).await?,
        ["sse", count] => events(reader, number(count)).await?,
        ["events"] => {
            begin_events(reader).await?;
            reader.send("e\r\ndata: hello\n\n\n\r\n").await?;
            reader.gone().await?;
            return Ok(Next::Close);
        }
        ["range"] => reader.send(range(&head.recorded)).await?,
        ["die", how] => {
            let start = if *how == "length" {
                "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"
            } else {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n"
            };
            reader.send(start).await?;
            return Ok(Next::Close);
        }
        ["broken"] => {
            reader.send("SSH-2.0-not-http\r\n\r\n").await?;
            return Ok(Next::Close);
        }
        ["cookies"] => reader.send(COOKIES).await?,
        ["headers"] => reader.send(FIELDS).await?,
        ["page"] => page(reader, &head.recorded).await?,
        _ => report(reader, &head).await?,
    }
    Ok(Next::Request)
}

async fn report(reader: &mut Reader, head: &Head) -> io::Result<()> {
    let request = &head.recorded;
    let body = json!({
        "upstream": reader.shared().name(),
        "connection": request.connection,
        "request": request.index,
        "method": request.method(),
        "target": request.target(),
        "headers": request.headers(),
    })
    .to_string();
    let mut answer = sized(200, "application/json", body.as_bytes());
    if request.method() == "HEAD" {
        answer.truncate(answer.len() - body.len());
    }
    reader.send(answer).await
}

async fn page(reader: &mut Reader, request: &Recorded) -> io::Result<()> {
    let email = request.header("x-bitrix-id-email").unwrap_or_else(|| "nobody".to_owned());
    let name = reader.shared().name().to_owned();
    let html = format!(
        "<!doctype html><html lang=\"en\"><title>{name}</title><h1 id=\"portal\">{name}</h1>\
         <p id=\"email\">{email}</p><p id=\"target\">{}</p></html>",
        request.target().replace('&', "&amp;").replace('<', "&lt;")
    );
    reader.send(sized(200, "text/html; charset=utf-8", html.as_bytes())).await
}

async fn status(reader: &mut Reader, code: &str) -> io::Result<()> {
    if matches!(code, "204" | "304") {
        return reader.send(format!("HTTP/1.1 {code} Scripted\r\n\r\n")).await;
    }
    reader.send(sized(u16::try_from(number(code)).unwrap_or(500), "text/plain", b"scripted")).await
}

async fn chunked(reader: &mut Reader, count: u64) -> io::Result<()> {
    reader.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
    for n in 0..count {
        let text = format!("chunk {n};");
        reader.send(format!("{:x}\r\n{text}\r\n", text.len())).await?;
    }
    reader.send("0\r\n\r\n").await
}

async fn download(reader: &mut Reader, bytes: u64) -> io::Result<()> {
    reader.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n")).await?;
    let block = vec![b'd'; 256 * 1024];
    let mut missing = bytes;
    while missing > 0 {
        let size = usize::try_from(missing).unwrap_or(usize::MAX).min(block.len());
        reader.send(&block[..size]).await?;
        missing -= size as u64;
    }
    Ok(())
}

async fn begin_events(reader: &mut Reader) -> io::Result<()> {
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    reader.send(head).await
}

async fn events(reader: &mut Reader, count: u64) -> io::Result<()> {
    begin_events(reader).await?;
    for n in 0..count {
        let shared = reader.shared();
        shared.gate().await;
        let event = format!("data: {n}\n\n");
        reader.send(format!("{:x}\r\n{event}\r\n", event.len())).await?;
    }
    reader.send("0\r\n\r\n").await
}

async fn websocket(reader: &mut Reader, head: &Head) -> io::Result<Next> {
    let Some(key) = head.recorded.header("sec-websocket-key") else {
        reader.send(sized(400, "text/plain", b"no key")).await?;
        return Ok(Next::Close);
    };
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    reader.send(answer).await?;
    let (stream, unread) = reader.take_stream();
    let mut socket = WebSocketStream::from_partially_read(stream, unread, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() || message.is_binary() {
            socket.send(message).await.map_err(io::Error::other)?;
        }
    }
    Ok(Next::Close)
}

fn range(request: &Recorded) -> Vec<u8> {
    let whole = b"0123456789";
    let asked = request.header("range").and_then(|range| {
        let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
    });
    let Some((first, last)) = asked else { return sized(200, "text/plain", whole) };
    let part = &whole[first..=last];
    let mut answer = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/10\r\nContent-Length: {}\r\n\r\n",
        part.len()
    )
    .into_bytes();
    answer.extend_from_slice(part);
    answer
}

fn sized(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: keep-alive\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or(0)
}

const COOKIES: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: portal=own; Path=/\r\n\
    Set-Cookie: __Host-bitrix-id=forged; Secure; Path=/; HttpOnly\r\n\
    Set-Cookie: __Host-bitrix-id-session=forged; Secure; Path=/\r\n\
    Set-Cookie: __Host-bitrix-id-hop-AAAAAAAAAAA=forged; Secure; Path=/\r\n\
    Set-Cookie:   __Host-bitrix-id  =  forged ; Secure; Path=/\r\n\
    Set-Cookie: other=kept; Path=/\r\nContent-Length: 2\r\n\r\nok";

const FIELDS: &str = "HTTP/1.1 200 OK\r\nX-Portal: yes\r\nAlt-Svc: h3=\":443\"\r\nKeep-Alive: timeout=5\r\n\
    X-Nominated: hop\r\nConnection: keep-alive, X-Nominated\r\nContent-Length: 2\r\n\r\nok";

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
