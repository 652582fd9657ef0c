//! Requests at a fixed rate, whatever becomes of the ones before: each is timed from when it should have
//! gone out, so that a client that waits hides nothing.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use crate::client::content_length;

/// What is asked, and how fast.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Who is asked.
    pub address: SocketAddr,
    /// A whole request head.
    pub request: String,
    /// What every answer must be.
    pub status: u16,
    /// Keep-alive connections, a thread each; they take turns.
    pub connections: u32,
    /// From one request to the next, over all connections.
    pub every: Duration,
    /// For how long.
    pub span: Duration,
}

/// How long answers took.
#[derive(Debug, Default, Clone)]
pub(crate) struct Latencies(Vec<Duration>);

impl Pace {
    /// Keeps the pace on the calling thread's core. Panics when an answer is another or missing.
    pub(crate) fn keep(&self) -> Latencies {
        let ready = Arc::new(Barrier::new(self.connections as usize));
        let threads: Vec<_> = (0..self.connections)
            .map(|turn| {
                let (pace, ready) = (self.clone(), ready.clone());
                std::thread::spawn(move || pace.keep_one(turn, &ready))
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().expect("every answer is the one expected"));
        }
        Latencies::of(all)
    }

    fn keep_one(&self, turn: u32, ready: &Barrier) -> Vec<Duration> {
        let mut connection = Connection::open(self.address);
        connection.ask(&self.request, self.status);
        let step = self.every * self.connections;
        let rounds = (self.span.as_nanos() / step.as_nanos().max(1)) as u32;
        let mut latencies = Vec::with_capacity(rounds as usize);
        ready.wait();
        let first = Instant::now() + SETTLE + self.every * turn;
        for round in 0..rounds {
            let due = first + step * round;
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            connection.ask(&self.request, self.status);
            latencies.push(due.elapsed());
        }
        latencies
    }
}

impl Latencies {
    /// Those of requests that were timed elsewhere.
    pub(crate) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// What this share of the requests did not exceed, in milliseconds.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let index = (last as f64 * share).ceil() as usize;
        self.0.get(index.min(last)).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }

    /// The longest, in milliseconds.
    pub(crate) fn worst(&self) -> f64 {
        self.at(1.0)
    }
}

/// A plain keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("TCP");
        stream.set_read_timeout(Some(PATIENCE)).expect("TCP");
        Self { stream, answer: Vec::with_capacity(8192) }
    }

    /// One request; panics unless its answer has this status.
    pub(crate) fn ask(&mut self, request: &str, status: u16) {
        let answered = self.status_of(request);
        let answer = String::from_utf8_lossy(&self.answer);
        assert!(answered == status, "not {status}: {answer}");
    }

    /// The last answer, head and body.
    pub(crate) fn answer(&self) -> String {
        String::from_utf8_lossy(&self.answer).into_owned()
    }

    /// The status that a request is answered with.
    pub(crate) fn status_of(&mut self, request: &str) -> u16 {
        self.stream.write_all(request.as_bytes()).expect("the connection is open");
        read_answer(&mut self.stream, &mut self.answer)
    }
}

/// Reads one answer with a `Content-Length` into `answer`; its status.
pub(crate) fn read_answer(stream: &mut impl std::io::Read, answer: &mut Vec<u8>) -> u16 {
    answer.clear();
    let mut chunk = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut chunk).expect("an answer");
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(answer));
        answer.extend_from_slice(&chunk[..read]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]);
        if answer.len() >= end + 4 + content_length(&head) {
            return head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        }
    }
}

/// Between the last connection and the first request that counts.
const SETTLE: Duration = Duration::from_millis(20);
/// Longer than any pause that would still be a figure.
const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(latencies: &[u64]) -> Latencies {
        Latencies(latencies.iter().copied().map(Duration::from_millis).collect())
    }

    #[test]
    fn a_share_of_the_requests_took_no_longer_than_what_is_told_of_it() {
        let hundred = millis(&(1..=100).collect::<Vec<_>>());
        assert_eq!(hundred.at(0.5), 51.0);
        assert_eq!(hundred.at(0.99), 100.0);
        assert_eq!(hundred.worst(), 100.0);
        assert_eq!(millis(&[7]).at(0.5), 7.0);
    }

    #[test]
    fn a_late_answer_makes_those_after_it_late_as_well() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut head = [0; 1024];
            for number in 0.. {
                if !matches!(std::io::Read::read(&mut stream, &mut head), Ok(1..)) {
                    return;
                }
                // The first one only warms up.
                if number == 1 {
                    std::thread::sleep(Duration::from_millis(100));
                }
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(answer).expect("the client reads");
            }
        });
        let pace = Pace {
            address,
            request: "GET / HTTP/1.1\r\n\r\n".to_owned(),
            status: 200,
            connections: 1,
            every: Duration::from_millis(1),
            span: Duration::from_millis(20),
        };
        let latencies = pace.keep();
        // The twentieth should have gone out 19 ms after the one that took 100.
        assert!(latencies.at(0.0) >= 70.0, "the quickest took {} ms", latencies.at(0.0));
    }
}
