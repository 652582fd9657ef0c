//! What stays open: an echoing WebSocket and a stream of events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::response::sse::{Event, Sse};
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use futures_util::stream::{self, Stream};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::time::{MissedTickBehavior, interval};

pub(super) async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(repeat)
}

async fn repeat(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let answered = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            // Pings are answered by the library; a close ends the loop with the next recv.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
        };
        if answered.is_err() {
            return;
        }
    }
}

/// One event per second, the first at once: a running number as id, the time as data.
pub(super) async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut every_second = interval(Duration::from_secs(1));
    every_second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Sse::new(stream::unfold((every_second, 1_u64), |(mut every_second, number)| async move {
        every_second.tick().await;
        let event = Event::default().id(number.to_string()).data(time_of_day());
        Some((Ok(event), (every_second, number + 1)))
    }))
}

fn time_of_day() -> String {
    OffsetDateTime::from_unix_timestamp(SystemClock.now())
        .ok()
        .and_then(|now| now.format(format_description!("[hour]:[minute]:[second] UTC")).ok())
        .unwrap_or_default()
}
