//! Identity providers: a real one in a process of its own (`tests/provider/provider.mjs`), and one that
//! answers as it should not.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;

use crate::gateway::Setup;
use crate::poll::{STEP, within};
use crate::ports::PortLease;

/// A running OpenID provider. Ends with its handle.
pub struct Provider {
    child: Child,
    /// `https://127.0.0.1:<port>`.
    pub issuer: String,
    _port: PortLease,
}

impl Provider {
    /// Starts one for the gateway of `setup`, and adds its `[[social]]` table.
    pub fn start(setup: &mut Setup) -> Self {
        let port = PortLease::take();
        let issuer = format!("https://127.0.0.1:{}", port.port());
        let (chain, key) =
            setup.authority().issue(&["127.0.0.1"]).write(setup.folder(), "provider");
        let callback = setup.identity_url("/social/login/callback");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider/provider.mjs");
        let child = Command::new("node")
            .arg(script)
            .arg(port.port().to_string())
            .args([&chain, &key])
            .arg(callback)
            .env("NODE_NO_WARNINGS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts: run `npm ci` in tests/provider first");
        add_table(setup, &issuer);
        Self { child, issuer, _port: port }
    }

    /// Waits until it serves.
    pub async fn ready(&mut self) {
        let stdout = self.child.stdout.take().expect("asked once");
        let mut lines = BufReader::new(stdout).lines();
        let ready = within(STEP, "the provider serves", async {
            while let Some(line) = lines.next_line().await.expect("text") {
                if line == "ready" {
                    return true;
                }
            }
            false
        });
        assert!(ready.await, "the provider ended: run `npm ci` in tests/provider first");
        // Read on: a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    }
}

fn add_table(setup: &mut Setup, issuer: &str) {
    let secret = setup.folder().join("provider-secret");
    std::fs::write(secret, "a client secret of the tests").expect("the folder is ours");
    setup.config.tail(&format!(
        "\n[[social]]\nid = \"login\"\npreset = \"oidc\"\ntitle = \"Login\"\nclient_id = \"bitrix-id\"\n\
         client_secret_file = \"provider-secret\"\nissuer = \"{issuer}\"\n\
         email_trust = [\"example.com\"]\nca_file = \"ca.pem\"\n"
    ));
}

/// What a hostile provider says at a path: the whole answer, byte for byte, or `None` to say nothing and
/// keep the connection open.
pub type Says = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

/// A provider that answers as it should not.
pub struct Hostile {
    /// `https://127.0.0.1:<port>`.
    pub issuer: String,
    _port: PortLease,
}

impl Hostile {
    /// Starts one; `says(path, issuer)` makes its answers, those of discovery apart.
    pub fn start(
        setup: &mut Setup,
        says: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let port = PortLease::take();
        let issuer = format!("https://127.0.0.1:{}", port.port());
        let config = setup.authority().issue(&["127.0.0.1"]).server(&[b"http/1.1"]);
        let address = port.address();
        let (says, name): (Arc<Says>, _) = (Arc::new(says), issuer.clone());
        tokio::spawn(async move {
            let listener = TcpListener::bind(address).await.expect("a port of ours");
            let acceptor = TlsAcceptor::from(config);
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, says, issuer) = (acceptor.clone(), says.clone(), name.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(socket).await else { return };
                    let mut head = vec![0; 16384];
                    let read = stream.read(&mut head).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
                    match answer(&path, &issuer, says.as_ref()) {
                        Some(text) => {
                            let _ = stream.write_all(text.as_bytes()).await;
                            let _ = stream.shutdown().await;
                        }
                        None => std::future::pending().await,
                    }
                });
            }
        });
        add_table(setup, &issuer);
        Self { issuer, _port: port }
    }
}

fn answer(path: &str, issuer: &str, says: &Says) -> Option<String> {
    if path != "/.well-known/openid-configuration" {
        return says(path, issuer);
    }
    Some(json(&format!(
        "{{\"issuer\":\"{issuer}\",\"authorization_endpoint\":\"{issuer}/auth\",\
         \"token_endpoint\":\"{issuer}/token\",\"jwks_uri\":\"{issuer}/jwks\"}}"
    )))
}

/// A whole answer with a JSON body.
pub fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
