//! The app's thread, runtime and socket.

use std::io;
use std::num::NonZero;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;
use tokio::runtime::{Builder, Handle as RuntimeHandle, Runtime};

use super::app::{App, router};
use super::mail;
use super::recovery;
use crate::hub::Hub;

/// The running app. It serves until the process ends: while the gateway drains, requests still come.
pub(crate) struct Handle {
    /// Where work that waits for a store can be spawned.
    pub runtime: RuntimeHandle,
}

/// Why the app does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartSignInError {
    /// No threads.
    #[error("the sign-in app's threads cannot be started: {0}")]
    Threads(#[source] io::Error),
    /// The socket's directory is not there and cannot be made.
    #[error("the sign-in app's directory {path} cannot be made: {source}")]
    Directory {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others could reach the socket.
    #[error("the sign-in app's directory {0} is open to others: make it private (chmod 700)")]
    NotPrivate(PathBuf),
    /// No socket.
    #[error("the sign-in app cannot listen on {path}: {source}")]
    Listen {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Starts the app on `socket`, a path in a directory that only this user may enter (it is made if it is
/// missing). Returns once it listens.
///
/// # Errors
/// [`StartSignInError`], each the operator's to mend.
pub(crate) fn start(hub: Arc<Hub>, socket: &Path) -> Result<Handle, StartSignInError> {
    let runtime = runtime().map_err(StartSignInError::Threads)?;
    let listener = {
        let _entered = runtime.enter();
        listen(socket)?
    };
    let handle = Handle { runtime: runtime.handle().clone() };
    let app = App::new(hub);
    let thread = std::thread::Builder::new().name("sign-in".into());
    let serve = move || {
        runtime.spawn(mail::deliver(app.clone()));
        runtime.spawn(recovery::worker::answer(app.clone()));
        runtime.spawn(crate::notices::deliver(app.hub.clone(), app.notice_bell.clone()));
        // Ends with the process. An error of one connection is not the listener's end.
        if let Err(error) = runtime.block_on(async { axum::serve(listener, router(app)).await }) {
            tracing::error!("the sign-in app has stopped: {error}");
        }
    };
    thread.spawn(serve).map_err(StartSignInError::Threads)?;
    Ok(handle)
}

/// Threads enough for forms and pages; hashing has threads of its own.
fn runtime() -> io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    Builder::new_multi_thread()
        .worker_threads(cores.clamp(2, 4))
        .thread_name("sign-in")
        .enable_all()
        .build()
}

/// Binds the socket, readable and writable by this user alone, in place of one that a crash left behind.
fn listen(socket: &Path) -> Result<UnixListener, StartSignInError> {
    make_private(socket.parent().unwrap_or(Path::new(".")))?;
    let listen_error = |source| StartSignInError::Listen { path: socket.to_owned(), source };
    match std::fs::symlink_metadata(socket) {
        Ok(held) if held.file_type().is_socket() => {
            std::fs::remove_file(socket).map_err(listen_error)?;
        }
        // Anything else there is not ours to remove; binding says that the name is taken.
        Ok(_) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket).map_err(listen_error)?;
    // Until here the directory alone keeps others away.
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))
        .map_err(listen_error)?;
    Ok(listener)
}

fn make_private(directory: &Path) -> Result<(), StartSignInError> {
    let failed = |source| StartSignInError::Directory { path: directory.to_owned(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let mode = std::fs::metadata(directory).map_err(failed)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(StartSignInError::NotPrivate(directory.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn socket_and_directory_are_private_and_a_stale_socket_is_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let socket = parent.path().join("run/sign-in.sock");
        let first = listen(&socket).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&socket), 0o600);
        assert_eq!(mode(socket.parent().unwrap()), 0o700);
        // As after a crash: the file stays, nobody listens.
        drop(first);
        assert!(socket.exists());
        listen(&socket).unwrap();
    }

    #[tokio::test]
    async fn what_is_no_socket_is_not_removed() {
        let parent = tempfile::tempdir().unwrap();
        make_private(&parent.path().join("run")).unwrap();
        let file = parent.path().join("run/sign-in.sock");
        std::fs::write(&file, "precious").unwrap();
        assert!(matches!(listen(&file), Err(StartSignInError::Listen { .. })));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_directory_open_to_others_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::set_permissions(parent.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = listen(&parent.path().join("sign-in.sock"));
        assert!(matches!(refused, Err(StartSignInError::NotPrivate(_))));
    }
}
