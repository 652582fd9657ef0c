//! `bitrix-id health`: whether a running gateway is well, for supervisors that can run a command and no more.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Outcome;
use crate::server::reachable;

/// Ask a running gateway whether requests should be sent to it
///
/// Asks the admin listener, prints what it says, and exits with 0 for yes and 1 for no. With --config the
/// address is `server.admin` of that file, which must be without problems; with --address no file is read, so
/// that a check goes on while somebody edits.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// The configuration file (TOML)
    #[arg(long, short = 'c', value_name = "FILE", required_unless_present = "address")]
    config: Option<PathBuf>,
    /// Address of the admin listener, instead of the file's
    #[arg(long, value_name = "IP:PORT", conflicts_with = "config")]
    address: Option<SocketAddr>,
    /// Ask only whether the process runs: a gateway without its stores lives, but is not ready
    #[arg(long)]
    live: bool,
}

impl Health {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let address = self.admin_address()?;
        let path = if self.live { "/health/live" } else { "/health/ready" };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let asked =
            runtime.block_on(async { tokio::time::timeout(PATIENCE, ask(address, path)).await });
        let (status, said) = asked
            .with_context(|| format!("{address} did not answer within {PATIENCE:?}"))?
            .with_context(|| format!("asking {address}"))?;
        writeln!(out, "{}", said.trim_end())?;
        match status {
            StatusCode::OK => Ok(Outcome::Done),
            StatusCode::SERVICE_UNAVAILABLE => Ok(Outcome::Problem),
            other => bail!("{address} answers {other}: is it a gateway's admin listener?"),
        }
    }

    fn admin_address(&self) -> anyhow::Result<SocketAddr> {
        match (&self.address, &self.config) {
            (Some(address), _) => Ok(*address),
            (None, Some(file)) => Ok(bitrix_id_config::load(file)?.server.admin),
            (None, None) => bail!("neither --config nor --address"),
        }
    }
}

/// One GET over a connection of its own: status and text.
async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<(StatusCode, String)> {
    let address = reachable(address);
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get(path)
        .header("host", address.to_string())
        .header("connection", "close")
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("reading the answer: {error}"))?;
    connection.abort();
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}

const PATIENCE: Duration = Duration::from_secs(3);
/// Reasons are a sentence each.
const LONGEST_ANSWER: usize = 64 * 1024;
