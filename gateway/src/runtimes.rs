//! The runtimes of this process, to see how many tasks are alive on them.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;

/// Every runtime that has said that it is there.
#[derive(Debug, Default)]
pub(crate) struct Runtimes(Mutex<Vec<Handle>>);

impl Runtimes {
    /// Notes a runtime; once is enough.
    pub(crate) fn note(&self, runtime: &Handle) {
        let mut known = self.known();
        if known.iter().all(|other| other.id() != runtime.id()) {
            known.push(runtime.clone());
        }
    }

    /// Notes the runtime that this runs on. Nearly free after the first time on a thread.
    pub(crate) fn note_current(&self) {
        if !NOTED.replace(true)
            && let Ok(runtime) = Handle::try_current()
        {
            self.note(&runtime);
        }
    }

    /// Tasks that have been started and have not ended.
    pub(crate) fn tasks(&self) -> usize {
        self.known().iter().map(|runtime| runtime.metrics().num_alive_tasks()).sum()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Vec<Handle>> {
        // A list of handles has no invariant that a panic could break.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    static NOTED: Cell<bool> = const { Cell::new(false) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_count_until_they_end() {
        let runtimes = Runtimes::default();
        runtimes.note_current();
        runtimes.note(&Handle::current());
        assert_eq!(runtimes.tasks(), 0, "the test itself is none");
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(ended);
        assert_eq!(runtimes.tasks(), 1);
        end.send(()).unwrap();
        task.await.unwrap().unwrap();
        assert_eq!(runtimes.tasks(), 0);
    }
}
