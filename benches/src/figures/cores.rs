//! Who runs where.

use std::process::{Command, Stdio};

use crate::load::LOAD_CORE;

/// Runs `work` on a thread of its own, on the core of the load.
pub(crate) async fn beside_the_load<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        pin_this_thread(LOAD_CORE);
        let _ = tell.send(work());
    });
    told.await.expect("the work does not panic")
}

/// Binds the calling thread to a core; threads that it starts stay there, too.
fn pin_this_thread(core: &str) {
    let thread = this_thread();
    let arguments = ["--pid", "--cpu-list", core, &thread];
    let status = Command::new("taskset").args(arguments).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "a thread runs on core {core}");
}

/// Lets the calling thread, and threads that it starts, run before others that wait for its core: a clock
/// must not stand behind what it times. Where the system does not allow that, it waits its turn.
pub(crate) fn go_first() {
    let mut chrt = Command::new("chrt");
    chrt.args(["--fifo", "--pid", "1", &this_thread()]);
    let _ = chrt.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

fn this_thread() -> String {
    let link = std::fs::read_link("/proc/thread-self").expect("Linux");
    link.file_name().expect("<pid>/task/<thread>").to_string_lossy().into_owned()
}
