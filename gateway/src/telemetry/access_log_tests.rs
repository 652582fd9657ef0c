use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

fn record() -> AccessRecord {
    AccessRecord::default()
}

fn dropped() -> IntCounter {
    IntCounter::new("dropped", "dropped").unwrap()
}

/// Passes on what is written, and waits for a permission before each write.
struct Gate {
    go: Receiver<io::Result<()>>,
    out: Sender<Vec<u8>>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.go.recv().unwrap_or(Ok(()))?;
        let _ = self.out.send(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn gated() -> (Sink, Sender<io::Result<()>>, Receiver<Vec<u8>>) {
    let (permit, go) = channel();
    let (out, lines) = channel();
    (Sink::Writer(Box::new(Gate { go, out })), permit, lines)
}

#[test]
fn flush_waits_until_every_line_is_written() {
    let (sink, permit, lines) = gated();
    let log = AccessLog::start(sink, dropped());
    log.write(record());
    assert!(!log.flush(Duration::from_millis(1)), "nothing may be written yet");
    permit.send(Ok(())).unwrap();
    assert!(log.flush(Duration::from_secs(10)));
    assert_eq!(lines.try_iter().count(), 1);
}

#[test]
fn a_full_queue_drops_lines_and_counts_them_instead_of_waiting() {
    let (sink, permit, lines) = gated();
    let counter = dropped();
    let log = AccessLog::start(sink, counter.clone());
    // The writer holds at most one queue's content while it waits; the rest fills the queue anew.
    let sent = 2 * QUEUE + 100;
    for _ in 0..sent {
        log.write(record());
    }
    assert!(counter.get() >= 100);
    drop(permit);
    assert!(log.flush(Duration::from_secs(10)));
    let written: usize =
        lines.try_iter().map(|bytes| bytes.iter().filter(|byte| **byte == b'\n').count()).sum();
    assert_eq!(written + usize::try_from(counter.get()).unwrap(), sent);
}

#[test]
fn a_failing_stdout_is_counted_and_later_lines_are_written_again() {
    let (sink, permit, lines) = gated();
    let counter = dropped();
    let log = AccessLog::start(sink, counter.clone());
    permit.send(Err(io::ErrorKind::BrokenPipe.into())).unwrap();
    log.write(record());
    assert!(log.flush(Duration::from_secs(10)));
    assert_eq!(counter.get(), 1);
    permit.send(Ok(())).unwrap();
    log.write(record());
    assert!(log.flush(Duration::from_secs(10)));
    assert_eq!(lines.try_iter().count(), 1);
}

#[test]
fn without_a_sink_nothing_is_kept() {
    let log = AccessLog::start(Sink::Null, dropped());
    log.write(record());
    assert!(log.flush(Duration::ZERO));
}
