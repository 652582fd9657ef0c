//! The access log: one JSON line per request on stdout, written by a thread of its own.
//!
//! A request leaves its record in a bounded queue and goes on; nothing is formatted and nobody is woken for a
//! single line. When stdout does not keep up, the queue fills and further records are counted instead of
//! written: a full disk or a stopped log reader must not stop sign-ins.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use prometheus::IntCounter;

use super::access_line::{AccessRecord, LineWriter};
use crate::shards;

/// Where lines go.
pub(crate) enum Sink {
    /// Standard output.
    Stdout,
    /// Appended to a file (demo).
    File(PathBuf),
    /// Nowhere; no thread is started.
    #[cfg(test)]
    Null,
    /// A test's buffer.
    #[cfg(test)]
    Writer(Box<dyn Write + Send>),
}

impl Sink {
    fn open(self) -> Option<Box<dyn Write + Send>> {
        match self {
            Self::Stdout => Some(Box::new(std::io::stdout())),
            Self::File(path) => match File::options().create(true).append(true).open(&path) {
                Ok(file) => Some(Box::new(file)),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "no access log");
                    None
                }
            },
            #[cfg(test)]
            Self::Null => None,
            #[cfg(test)]
            Self::Writer(writer) => Some(writer),
        }
    }
}

/// Takes records from the threads that serve and hands them to the thread that writes.
pub(crate) struct AccessLog {
    queue: Arc<Queue>,
    /// `None`: there is nowhere to write.
    writer: Option<Thread>,
    progress: Arc<Progress>,
    dropped: IntCounter,
}

/// Records that wait, each thread's apart.
struct Queue {
    shards: [Mutex<Waiting>; SHARDS],
    /// No more records come.
    closed: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    records: Vec<AccessRecord>,
    /// Ever taken in.
    accepted: u64,
}

impl Queue {
    fn shard(&self, index: usize) -> MutexGuard<'_, Waiting> {
        // Records and a count stay what they are whatever panics beside them.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accepted(&self) -> u64 {
        (0..SHARDS).map(|index| self.shard(index).accepted).sum()
    }
}

/// How many records the thread is done with.
#[derive(Default)]
struct Progress {
    done: Mutex<u64>,
    moved: Condvar,
    /// How many wait for it: to tell nobody is a system call as well.
    waiting: AtomicUsize,
}

impl AccessLog {
    /// Starts the writing thread; `dropped` counts records that were not written.
    pub(super) fn start(sink: Sink, dropped: IntCounter) -> Self {
        let queue = Arc::new(Queue {
            shards: std::array::from_fn(|_| Mutex::default()),
            closed: AtomicBool::new(false),
        });
        let progress = Arc::new(Progress::default());
        let writer = sink.open().and_then(|out| {
            spawn_writer(Writer {
                out,
                queue: queue.clone(),
                progress: progress.clone(),
                dropped: dropped.clone(),
                failing: false,
            })
        });
        Self { queue, writer, progress, dropped }
    }

    /// Logs a request. Returns at once, whatever the state of stdout.
    pub(crate) fn write(&self, record: AccessRecord) {
        let Some(writer) = &self.writer else { return };
        let mut waiting = self.queue.shard(shards::of_this_thread(SHARDS));
        if waiting.records.len() >= QUEUE {
            return self.dropped.inc();
        }
        let first = waiting.records.is_empty();
        waiting.records.push(record);
        waiting.accepted += 1;
        drop(waiting);
        if first {
            writer.unpark();
        }
    }

    /// Waits until everything logged so far is written. False: `timeout` passed first.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let accepted = self.queue.accepted();
        self.progress.waiting.fetch_add(1, Ordering::Relaxed);
        let done = self.progress.done.lock().unwrap_or_else(PoisonError::into_inner);
        let (_done, waited) = self
            .progress
            .moved
            .wait_timeout_while(done, timeout, |done| *done < accepted)
            .unwrap_or_else(PoisonError::into_inner);
        self.progress.waiting.fetch_sub(1, Ordering::Relaxed);
        !waited.timed_out()
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.queue.closed.store(true, Ordering::Release);
        if let Some(writer) = &self.writer {
            writer.unpark();
        }
    }
}

fn spawn_writer(writer: Writer) -> Option<Thread> {
    let thread = std::thread::Builder::new().name("access-log".to_owned());
    match thread.spawn(move || writer.run()) {
        Ok(started) => Some(started.thread().clone()),
        Err(error) => {
            tracing::error!(%error, "no access log: its thread cannot be started");
            None
        }
    }
}

/// The thread's own.
struct Writer {
    out: Box<dyn Write + Send>,
    queue: Arc<Queue>,
    progress: Arc<Progress>,
    dropped: IntCounter,
    failing: bool,
}

impl Writer {
    /// Until the log is dropped: takes what has gathered, writes it in one go, and lets more gather.
    fn run(mut self) {
        let mut lines = LineWriter::default();
        let mut taken = Vec::new();
        loop {
            let closed = self.queue.closed.load(Ordering::Acquire);
            let mut idle = true;
            for index in 0..SHARDS {
                std::mem::swap(&mut self.queue.shard(index).records, &mut taken);
                idle &= taken.is_empty();
                for batch in taken.chunks(BATCH) {
                    self.write_batch(lines.lines(batch), batch.len() as u64);
                }
                taken.clear();
            }
            match (idle, closed) {
                (true, true) => return,
                // Whoever puts a record into an empty shard unparks, before or after this call.
                (true, false) => std::thread::park(),
                (false, _) => std::thread::sleep(GATHER),
            }
        }
    }

    fn write_batch(&mut self, lines: &[u8], count: u64) {
        let written = self.out.write_all(lines).and_then(|()| self.out.flush());
        if let Err(error) = &written {
            self.dropped.inc_by(count);
            if !self.failing {
                tracing::error!(%error, "the access log cannot be written; lines are lost");
            }
        }
        self.failing = written.is_err();
        *self.progress.done.lock().unwrap_or_else(PoisonError::into_inner) += count;
        // Who comes to wait after the lock sees the new count; who came before is counted.
        if self.progress.waiting.load(Ordering::Relaxed) > 0 {
            self.progress.moved.notify_all();
        }
    }
}

const SHARDS: usize = 16;
/// Records of one shard that wait for stdout, a few megabytes at most.
const QUEUE: usize = 16_384;
/// Records written in one system call.
const BATCH: usize = 512;
/// Between two looks at the queue under load, so that one awakening serves many records.
const GATHER: Duration = Duration::from_millis(5);

#[cfg(test)]
#[path = "access_log_tests.rs"]
mod tests;
