//! A token that is seen for the first time: its signature is verified, what upstreams are told of its
//! person is made, and an assertion is signed.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::rounds::{Load, Rounds, measure};
use super::tokens::Mint;
use super::{Effort, Figure, Section};
use crate::beside::peers;
use crate::load::{LOAD_CORE, wrk_script};
use crate::scene::{PATH, PORTAL, Scene, USUAL};

pub(crate) async fn section(effort: &Effort) -> Section {
    // The difference is large: a second shows it, and every further one would need its own tokens.
    let effort = &Effort { span: Duration::from_secs(1), ..*effort };
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(LOAD_CORE);
    let mut scene = Scene::prepare(upstream.address, USUAL).await;
    let script = Script::write(folder.path(), &scene);
    let mint = Mint::of(&scene).await;
    let fresh = files_of_cookies(folder.path(), "fresh", &mint, effort);
    let asked = files_of_cookies(folder.path(), "asked", &mint, effort);
    let same = folder.path().join("same");
    std::fs::write(&same, &scene.cookie).expect("the folder is ours");
    scene.start().await;
    let pid = scene.gateway.process().pid();
    let (mut fresh, mut asked) = (fresh.iter(), asked.iter());
    let shown = RefCell::new((PathBuf::new(), 0));
    let loads = [
        Load::new(pid, |span| script.run(PATH, &same, Again::After(1), span)),
        Load::new(pid, |span| {
            let file = fresh.next().expect("a file for each round");
            let requests = script.run(PATH, file, Again::Never, span);
            *shown.borrow_mut() = (file.clone(), requests);
            requests
        }),
        Load::new(pid, |span| {
            let (file, requests) = &*shown.borrow();
            script.run(PATH, file, Again::After(*requests), span)
        }),
        Load::new(pid, |span| script.run(SESSION_PATH, &same, Again::After(1), span)),
        Load::new(pid, |span| {
            let file = asked.next().expect("a file for each round");
            script.run(SESSION_PATH, file, Again::Never, span)
        }),
    ];
    let [one, new, another, one_asked, new_asked] = measure(effort, loads);
    scene.gateway.stop().await;
    let difference = |more: &Rounds, less: &Rounds| format!("{:.1}", more.beyond(less));
    Section {
        title: "A token seen for the first time",
        method: METHOD,
        figures: vec![
            Figure::new("added by a new token, µs", "<= 60", difference(&new, &one)),
            Figure::new("by its verification alone, µs", "", difference(&new_asked, &one_asked)),
            Figure::new("one remembered token, µs", "", one.text()),
            Figure::new("another remembered token each time, µs", "", another.text()),
            Figure::new("another new token each time, µs", "", new.text()),
            Figure::new("one remembered token, asked about, µs", "", one_asked.text()),
            Figure::new("another new token each time, asked about, µs", "", new_asked.text()),
        ],
    }
}

/// How many cookies of a file are sent before the first one is sent again.
#[derive(Debug, Clone, Copy)]
enum Again {
    After(u64),
    Never,
}

/// The program for wrk, and whom it asks.
struct Script {
    file: PathBuf,
    address: SocketAddr,
    host: String,
}

impl Script {
    fn write(folder: &Path, scene: &Scene) -> Self {
        let file = folder.join("cookies.lua");
        std::fs::write(&file, include_str!("cookies.lua")).expect("the folder is ours");
        let host = scene.gateway.authority_of(PORTAL);
        Self { file, address: scene.gateway.http(), host }
    }

    /// Sends the cookies of a file, one with each request.
    fn run(&self, path: &str, cookies: &Path, again: Again, span: Duration) -> u64 {
        let cookies = cookies.to_str().expect("a plain path");
        let (count, again) = match again {
            Again::After(count) => (count, "again"),
            Again::Never => (u64::MAX, "once"),
        };
        let arguments = [path, &self.host, cookies, &count.to_string(), again];
        wrk_script(self.address, &self.file, &arguments, span)
    }
}

/// One for each round, with more cookies than a round can send.
fn files_of_cookies(folder: &Path, name: &str, mint: &Mint, effort: &Effort) -> Vec<PathBuf> {
    let file_of = |round| {
        let path = folder.join(format!("{name}-{round}"));
        let mut file = BufWriter::new(File::create(&path).expect("the folder is ours"));
        for cookie in mint.cookies(COOKIES) {
            writeln!(file, "{cookie}").expect("the folder is ours");
        }
        file.flush().expect("the folder is ours");
        path
    };
    (0..=effort.rounds).map(file_of).collect()
}

const METHOD: &str = "CPU time of the gateway per request, HTTP/1.1, 64 connections, one worker, rounds of one second. \
     Tokens are the gateway's own, each of another person and session; a new one is sent once. What it \
     adds is the median of the rounds' differences to one remembered token. The first request of a token \
     also makes what upstreams are told of its person, with a signed assertion; where the gateway is only \
     asked about the session, it verifies and no more.";
/// More new tokens than one core verifies in a second.
const COOKIES: usize = 20_000;

/// Verifies the token and signs nothing.
const SESSION_PATH: &str = "/.bitrix-id/session";
