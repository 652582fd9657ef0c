//! What the program uses: checked values, with defaults filled in.
//!
//! Nothing here is made from a file without passing the checks of this crate. Hosts are canonical (see
//! [`crate::host`]), durations are [`std::time::Duration`], sizes are bytes. A value that another part of the
//! program may still have to refuse (a certificate that does not parse, say) carries its [`crate::Place`],
//! so that this problem points at its line as well.

mod headers;
mod identity;
mod mail;
mod passwords;
mod portal;
mod server;
mod sessions;
mod social;
mod store;
mod upstream;

use std::path::PathBuf;

pub use headers::*;
pub use identity::*;
pub use mail::*;
pub use passwords::*;
pub use portal::*;
pub use server::*;
pub use sessions::*;
pub use social::*;
pub use store::*;
pub use upstream::*;

/// A whole configuration: the main file, its includes, and the secrets they name.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listeners, threads and limits of the process. Takes effect at the next restart.
    pub server: Server,
    /// Certificates; `None` means plain HTTP, for a gateway behind a TLS terminator.
    pub tls: Option<Tls>,
    /// The Bitrix ID host and the lifetimes of what it issues.
    pub identity: IdentitySettings,
    /// Where accounts and sessions are kept. Takes effect at the next restart.
    pub store: Store,
    /// How mail leaves; `None` means that no mail can be sent, and sign-up is switched off.
    pub mail: Option<Mail>,
    /// Cost and capacity of password hashing.
    pub passwords: Passwords,
    /// Social sign-in buttons, in the order shown.
    pub social: Vec<Social>,
    /// "Create a new Bitrix24"; `None` hides the button.
    pub provisioning: Option<Provisioning>,
    /// The portals, in file order.
    pub portals: Vec<Portal>,
    /// Every file this configuration was read from: the main file, includes, certificates, secrets.
    pub files: Vec<PathBuf>,
    /// Directories whose new files would belong to the configuration (of the `include` patterns).
    pub include_directories: Vec<PathBuf>,
    /// SHA-256 over every file in `files`, each as its length and its bytes; in lower-case hex. Names do
    /// not count, so two nodes with the same contents agree.
    pub hash: String,
}
