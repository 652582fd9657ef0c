//! The scripts, and how one is called.

use std::sync::LazyLock;

use redis::{Cmd, FromRedisValue, Script, Value};

use super::failure::{self, Failure};
use super::link::Link;
use crate::store::Result;

/// A script and its digest.
pub(super) struct Lua {
    text: &'static str,
    hash: String,
}

impl Lua {
    fn new(text: &'static str) -> Self {
        Self { text, hash: Script::new(text).get_hash().to_owned() }
    }

    /// Runs it on `link`. Every key it touches is in `keys`, all of them in one slot.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        link: &Link,
        keys: &[String],
        arguments: &[String],
    ) -> Result<T> {
        failure::read(self.ask(link, keys, arguments).await?)
    }

    /// The same, for whoever wants to know how it failed.
    pub(super) async fn ask(
        &self,
        link: &Link,
        keys: &[String],
        arguments: &[String],
    ) -> std::result::Result<Value, Failure> {
        let command = |name: &str, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
            command
        };
        let known: Cmd = command("EVALSHA", &self.hash);
        match link.ask(&known).await {
            // A server that was started anew, or has become the primary, knows no scripts.
            Err(Failure::NoScript) => link.ask(&command("EVAL", self.text)).await,
            answer => answer,
        }
    }
}

macro_rules! scripts {
    ($($name:ident = $($file:literal)+;)*) => {
        $(pub(super) static $name: LazyLock<Lua> =
            LazyLock::new(|| Lua::new(concat!($(include_str!(concat!("scripts/", $file))),+)));)*
    };
}

scripts! {
    BEGIN = "begin.lua";
    RAISE = "raise.lua";
    MARK = "mark.lua";
    FINISH = "finish.lua";
    DUE = "due.lua";
    APPEND = "log.lua" "append.lua";
    READ = "log.lua" "read.lua";
    PRUNE = "log.lua" "prune.lua";
    COUNT = "count.lua";
    FORGIVE = "forgive.lua";
    TAKE = "take.lua";
    CHECK = "check.lua";
}

/// Arguments of a script, as text.
macro_rules! arguments {
    ($($value:expr),* $(,)?) => { vec![$($value.to_string()),*] };
}

pub(super) use arguments;
