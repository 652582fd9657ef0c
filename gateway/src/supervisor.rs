//! What a supervisor such as systemd is told: one datagram each, to the socket that `NOTIFY_SOCKET` names.
//!
//! Without that variable nothing is sent. A supervisor that cannot be reached is worth a message and never
//! a reason to stop serving.
//!
//! Source: `man 3 sd_notify`; docs/decisions/0001-dependencies.md says why this is no crate.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// This process serves.
///
/// After a hand-over the supervisor has to follow this process from now on: whoever served before ends soon,
/// and would otherwise be taken for the whole service.
pub(crate) fn serving(took_over: bool) {
    if took_over {
        tell(&format!("MAINPID={}\nREADY=1\nSTATUS=serving", std::process::id()));
    } else {
        tell("READY=1\nSTATUS=serving");
    }
}

/// The files are about to be read again because somebody asked for it.
pub(crate) fn reloading() {
    // `Type=notify-reload` believes no answer that is older than its own question.
    let now = clock_gettime(ClockId::Monotonic);
    let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
    tell(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"));
}

/// They were read.
pub(crate) fn reloaded(taken: bool) {
    let status = if taken { "serving" } else { "serving; the changed files were refused" };
    tell(&format!("READY=1\nSTATUS={status}"));
}

/// This process ends, and nobody has taken over from it.
pub(crate) fn stopping() {
    tell("STOPPING=1\nSTATUS=finishing what is in flight");
}

/// Shows that the control runtime runs, twice as often as a supervisor with a watchdog asks for; ends at
/// once when it does not ask.
///
/// `WATCHDOG_PID` is not looked at: it names the process that was started first, and its successor has to go
/// on showing this.
pub(crate) async fn show_life() {
    let Some(patience) = watchdog(std::env::var_os("WATCHDOG_USEC").as_deref()) else { return };
    let mut tick = tokio::time::interval(patience / 2);
    loop {
        tick.tick().await;
        tell("WATCHDOG=1");
    }
}

fn watchdog(microseconds: Option<&OsStr>) -> Option<Duration> {
    let microseconds: u64 = microseconds?.to_str()?.parse().ok()?;
    // Nobody means to be asked more often than this.
    (microseconds >= 10_000).then(|| Duration::from_micros(microseconds))
}

fn tell(text: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&socket, text) {
        tracing::warn!(%error, "the supervisor of NOTIFY_SOCKET was not told");
    }
}

fn send(socket: &OsStr, text: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        [b'/', ..] => SocketAddr::from_pathname(socket)?,
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, "neither a path nor @name")),
    };
    let datagram = UnixDatagram::unbound()?;
    datagram.set_write_timeout(Some(PATIENCE))?;
    datagram.connect_addr(&address)?;
    datagram.send(text.as_bytes()).map(|_all_or_nothing| ())
}

/// For a supervisor whose queue is full.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(supervisor: &UnixDatagram) -> String {
        let mut bytes = [0; 256];
        let length = supervisor.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_socket_in_the_file_system_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let supervisor = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str(), "READY=1").unwrap();
        assert_eq!(heard(&supervisor), "READY=1");
    }

    #[test]
    fn a_socket_without_a_file_is_told() {
        let name = format!("bitrix-id-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let supervisor = UnixDatagram::bind_addr(&address).unwrap();
        send(OsStr::new(&format!("@{name}")), "STOPPING=1").unwrap();
        assert_eq!(heard(&supervisor), "STOPPING=1");
    }

    #[test]
    fn a_supervisor_that_is_not_there_is_an_error_and_nothing_worse() {
        for socket in ["/nowhere/notify", "@bitrix-id-nobody", "vsock:2:1234", ""] {
            assert!(send(OsStr::new(socket), "READY=1").is_err(), "{socket}");
        }
    }

    #[test]
    fn a_watchdog_is_asked_for_in_microseconds() {
        let asked = |text| watchdog(Some(OsStr::new(text)));
        assert_eq!(asked("30000000"), Some(Duration::from_secs(30)));
        for nonsense in ["", "0", "-5", "soon", "99999999999999999999999"] {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
        assert_eq!(watchdog(None), None);
    }
}
