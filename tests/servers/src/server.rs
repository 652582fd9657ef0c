//! Starting a server once, and seeing to it that it ends.
//!
//! A server has a folder: `starting` is locked while somebody starts or removes it; `users` is locked,
//! shared, by every process that uses it; `files/` is what the server itself works in, and goes with it.
//! The folder of a shared server has a fixed name per user and kind, that of an own one a random name.

mod command;

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process, test_kill_process};

pub use command::{as_nobody_special, find_program, give_away};

/// A kind of server.
pub trait Kind {
    /// Short, for a folder's name.
    const NAME: &'static str;
    /// The signal that ends it quickly and cleanly.
    const STOP: Signal;

    /// Makes what it needs in `files`, an empty folder, its port and configuration among it.
    fn prepare(files: &Path);
    /// The command that runs it in the foreground; its output goes to `files/log`.
    fn command(files: &Path) -> Command;
    /// Where it writes its process id, within `files`.
    fn pid_file(files: &Path) -> PathBuf;
    /// Whether it takes requests.
    fn is_ready(files: &Path) -> bool;
}

/// A server that runs for at least as long as this lives.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    sharing: Sharing,
    // Its shared lock is what the supervisor looks at.
    _users: File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Everybody,
    Nobody,
}

impl Server {
    /// The one that all processes of this user share; started if it does not run.
    pub fn shared<K: Kind>() -> Self {
        let folder =
            scratch().join(format!("bitrix-id-test-servers-{}", geteuid().as_raw())).join(K::NAME);
        Self::in_folder::<K>(folder, Sharing::Everybody)
    }

    /// One of the caller's own, to be stopped, paused and started at will; it ends with the caller.
    pub fn own<K: Kind>() -> Self {
        let folder = tempfile::Builder::new()
            .prefix(&format!("bitrix-id-test-{}-", K::NAME))
            .tempdir_in(scratch())
            .expect("a folder for a server")
            .keep();
        Self::in_folder::<K>(folder, Sharing::Nobody)
    }

    fn in_folder<K: Kind>(folder: PathBuf, sharing: Sharing) -> Self {
        let temporary = scratch();
        for part in [folder.parent().expect("not the root"), &folder] {
            if part == temporary {
                continue;
            }
            let made = DirBuilder::new().recursive(true).create(part);
            made.expect("a folder");
            let owner = fs::metadata(part).expect("a folder just made").uid();
            let ours = owner == geteuid().as_raw();
            assert!(ours, "{} belongs to somebody else", part.display());
            // Passable for the account that the server runs as.
            let set = fs::set_permissions(part, Permissions::from_mode(0o755));
            set.expect("a folder that its server may enter");
        }
        let server = Self { _users: open(&folder.join("users")), folder, sharing };
        let starting = open(&server.folder.join("starting"));
        starting.lock().expect("a lock");
        server._users.lock_shared().expect("a lock");
        if !(server.is_running::<K>() && K::is_ready(&server.files())) {
            server.make::<K>();
        }
        server
    }

    fn make<K: Kind>(&self) {
        self.signal::<K>(Signal::KILL);
        let files = self.files();
        if files.exists() {
            fs::remove_dir_all(&files).expect("a server's folder goes");
        }
        fs::create_dir(&files).expect("a server's folder");
        give_away(&files);
        K::prepare(&files);
        // First: a server that does not come up as it should is ended as well.
        self.supervise::<K>();
        self.start::<K>();
    }

    /// Starts it, if it does not run, and waits until it takes requests.
    pub fn start<K: Kind>(&self) {
        let files = self.files();
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join("log"));
        let command = K::command(&files);
        // In a session of its own, and no child of ours: a runner that ends a test ends its children.
        let done = Command::new("setsid")
            .arg("--fork")
            .arg(command.get_program())
            .args(command.get_args())
            .envs(self.environment())
            .current_dir(&files)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log"))
            .status();
        assert!(done.expect("setsid is there").success(), "{} does not start", K::NAME);
        // The files of one that was killed may still say that it is ready.
        self.await_state(K::NAME, || self.is_running::<K>() && K::is_ready(&files));
    }

    /// What its processes have in their environment beside ours, from its next start.
    pub fn set_environment(&self, variables: &[(String, String)]) {
        let lines = variables.iter().map(|(name, value)| format!("{name}={value}\n"));
        let written = fs::write(self.folder.join("environment"), lines.collect::<String>());
        written.expect("the folder is ours");
    }

    fn environment(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.folder.join("environment")).unwrap_or_default();
        let split = |line: &str| line.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
        text.lines().filter_map(split).collect()
    }

    /// Ends it as an operator would, and waits for that; what it kept is there at the next start.
    pub fn stop<K: Kind>(&self) {
        self.signal::<K>(K::STOP);
        self.await_state(K::NAME, || !self.is_running::<K>());
    }

    /// Ends it without a chance to tidy up.
    pub fn kill<K: Kind>(&self) {
        let processes = self.processes::<K>();
        for process in &processes {
            let _ = kill_process(*process, Signal::KILL);
        }
        // Until their ids are free: it would not start again beside something that looks like itself.
        let gone = |process: &Pid| test_kill_process(*process).is_err();
        self.await_state(K::NAME, || processes.iter().all(gone));
    }

    /// Stops every process of it in the middle of whatever it does, connections open.
    pub fn pause<K: Kind>(&self) {
        for process in self.processes::<K>() {
            let _ = kill_process(process, Signal::STOP);
        }
    }

    /// Lets it go on.
    pub fn resume<K: Kind>(&self) {
        for process in self.processes::<K>() {
            let _ = kill_process(process, Signal::CONT);
        }
    }

    /// Whether others use it too.
    pub fn is_shared(&self) -> bool {
        self.sharing == Sharing::Everybody
    }

    /// What it works in.
    pub fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn signal<K: Kind>(&self, signal: Signal) {
        if let Some(pid) = self.pid::<K>() {
            let _ = kill_process(pid, signal);
        }
    }

    fn is_running<K: Kind>(&self) -> bool {
        self.pid::<K>().is_some()
    }

    /// Its first process, if it is alive and is what the file says: ids are used again.
    fn pid<K: Kind>(&self) -> Option<Pid> {
        let text = fs::read_to_string(K::pid_file(&self.files())).ok()?;
        let pid = text.lines().next()?.trim().parse().ok().and_then(Pid::from_raw)?;
        let own = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
        own.starts_with(self.files()).then_some(pid)
    }

    /// Its first process, then that one's children.
    fn processes<K: Kind>(&self) -> Vec<Pid> {
        let Some(first) = self.pid::<K>() else { return Vec::new() };
        let number = first.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{number}/task/{number}/children"));
        let children = children.unwrap_or_default();
        let pids = children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
        std::iter::once(first).chain(pids).collect()
    }

    fn await_state(&self, name: &str, reached: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !reached() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "{name} does not do as it is told: {}", log());
            sleep(Duration::from_millis(10));
        }
    }

    fn supervise<K: Kind>(&self) {
        let idle = match self.sharing {
            Sharing::Everybody => SHARED_IDLE,
            Sharing::Nobody => OWN_IDLE,
        };
        let done = Command::new("setsid")
            .args(["--fork", "sh", "-c", SUPERVISOR, "supervisor"])
            .arg(&self.folder)
            .arg(K::pid_file(&self.files()))
            .arg(K::STOP.as_raw().to_string())
            .arg(idle.as_secs().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.expect("setsid is there").success(), "the supervisor does not start");
    }
}

/// From here on, servers that this process starts have their files in `folder`: on a disk, for figures of what
/// a flush costs. Only the first call counts.
pub fn keep_files_in(folder: PathBuf) {
    let _ = CHOSEN.set(folder);
}

/// Where servers keep their files: in memory if there is plenty, for each database is hundreds of files.
fn scratch() -> PathBuf {
    if let Some(chosen) = CHOSEN.get() {
        return chosen.clone();
    }
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map(|held| held.f_bavail.saturating_mul(held.f_frsize));
    if free.is_ok_and(|bytes| bytes >= ENOUGH_BYTES) {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
}

fn open(path: &Path) -> File {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    file.expect("a lock file")
}

static CHOSEN: OnceLock<PathBuf> = OnceLock::new();

/// Arguments: folder, file with the process id, number of the signal, seconds.
const SUPERVISOR: &str = include_str!("server/supervisor.sh");

/// How long a shared server outlives its last user: a runner starts the next test within that.
const SHARED_IDLE: Duration = Duration::from_secs(10);

/// Likewise an own one; its one user is gone for good.
const OWN_IDLE: Duration = Duration::from_secs(1);

/// A shared server's files take some hundred megabytes.
const ENOUGH_BYTES: u64 = 2 << 30;

/// Longer than any server takes to start or end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
