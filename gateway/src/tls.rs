//! Certificates by server name, replaced at run time.
//!
//! The listener is given one resolver for its lifetime; the resolver reads the snapshot in force, so a
//! reload changes certificates for new handshakes and leaves open connections alone.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use bitrix_id_config::diagnostic::Diagnostic;
use bitrix_id_config::host;
use bitrix_id_config::model::{CertificateFiles, Tls};
use pingora::listeners::tls::Acceptor;
use pingora::protocols::Ssl;
use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::snapshot::SharedSnapshot;

/// Loaded certificates, by exact name and by wildcard.
#[derive(Debug)]
pub(crate) struct CertificateStore {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By the name under the star.
    wildcard: HashMap<String, Arc<CertifiedKey>>,
    /// The first pair of the file: answers names that no certificate covers, and clients without SNI.
    fallback: Arc<CertifiedKey>,
    /// When the first of all certificates, issuers in the chains included, expires: Unix seconds.
    pub expires_at: i64,
}

impl CertificateStore {
    /// Loads every pair; `Ok(None)` where `[tls]` is absent.
    ///
    /// # Errors
    /// One diagnostic per pair that does not load, at its place in the file.
    pub(crate) fn load(tls: Option<&Tls>) -> Result<Option<Self>, Vec<Diagnostic>> {
        let Some(tls) = tls else { return Ok(None) };
        let mut problems = Vec::new();
        let mut store: Option<Self> = None;
        for files in &tls.certificates {
            match load_pair(files) {
                Ok((key, names)) => store
                    .get_or_insert_with(|| Self {
                        exact: HashMap::new(),
                        wildcard: HashMap::new(),
                        fallback: key.clone(),
                        expires_at: i64::MAX,
                    })
                    .add(&key, names),
                Err(message) => {
                    problems.push(files.place.problem(format!("tls.certificates: {message}")));
                }
            }
        }
        if problems.is_empty() { Ok(store) } else { Err(problems) }
    }

    fn add(&mut self, key: &Arc<CertifiedKey>, names: Vec<String>) {
        self.expires_at = key.cert.iter().filter_map(expiry_of).fold(self.expires_at, i64::min);
        for name in names {
            let (map, name) = match name.strip_prefix("*.") {
                Some(parent) => (&mut self.wildcard, parent.to_owned()),
                None => (&mut self.exact, name),
            };
            // The first pair that names a host keeps it.
            map.entry(name).or_insert_with(|| key.clone());
        }
    }

    fn find(&self, server_name: Option<&str>) -> Arc<CertifiedKey> {
        let found = server_name.and_then(|name| host::canonical(name).ok()).and_then(|name| {
            self.exact.get(&name).or_else(|| {
                let (_, parent) = name.split_once('.')?;
                self.wildcard.get(parent)
            })
        });
        found.unwrap_or(&self.fallback).clone()
    }
}

fn load_pair(files: &CertificateFiles) -> Result<(Arc<CertifiedKey>, Vec<String>), String> {
    let chain = read_chain(&files.chain)?;
    let key = read_key(&files.key)?;
    let signing = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|_| {
        format!("{} holds no usable RSA, ECDSA or Ed25519 key", files.key.display())
    })?;
    let leaf =
        chain.first().ok_or_else(|| format!("{} holds no certificate", files.chain.display()))?;
    let names =
        names_of(leaf).map_err(|message| format!("{}: {message}", files.chain.display()))?;
    let certified = CertifiedKey::new(chain, signing);
    certified.keys_match().map_err(|_| {
        format!(
            "the key {} does not belong to the certificate {}",
            files.key.display(),
            files.chain.display()
        )
    })?;
    Ok((Arc::new(certified), names))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read_bounded(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.map_err(|error| format!("{}: not PEM: {error}", path.display()))?;
    if chain.is_empty() {
        return Err(format!("{} holds no certificate", path.display()));
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = read_bounded(path)?;
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|error| format!("{}: no private key in PEM form: {error}", path.display()))
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let problem = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut bytes = Vec::new();
    BufReader::new(File::open(path).map_err(problem)?)
        .take(MAX_PEM_BYTES)
        .read_to_end(&mut bytes)
        .map_err(problem)?;
    Ok(bytes)
}

fn expiry_of(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

fn names_of(leaf: &CertificateDer<'_>) -> Result<Vec<String>, String> {
    let (_, certificate) =
        X509Certificate::from_der(leaf).map_err(|error| format!("not a certificate: {error}"))?;
    let alternative = certificate
        .subject_alternative_name()
        .map_err(|error| format!("unreadable subject alternative name: {error}"))?;
    let names: Vec<String> = alternative
        .iter()
        .flat_map(|extension| &extension.value.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Err("the certificate names no host (subject alternative name)".to_owned());
    }
    Ok(names)
}

/// A chain of more than this is no chain.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// Looks up the snapshot in force at each handshake.
struct Resolver(SharedSnapshot);

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let snapshot = self.0.load();
        let store = snapshot.certificates.as_ref()?;
        Some(store.find(hello.server_name()))
    }
}

/// The server name a client asked for, canonical, kept with its connection.
pub(crate) struct ServerName(pub String);

impl ServerName {
    /// What the client of a connection asked for, if it asked.
    pub(crate) fn of(tls: &impl Ssl) -> Option<Self> {
        host::canonical(tls.get_ssl()?.server_name()?).ok().map(Self)
    }
}

/// Accepts TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1. Whoever comes back is known by a ticket that it brings, sealed
/// with a key of this process that changes every few hours: nothing is kept here for a session, so there may be
/// any number, and none is forgotten before its time. RFC 8446 section 2.2, RFC 5077.
///
/// # Errors
/// No randomness for the tickets' key.
pub(crate) fn acceptor(snapshot: SharedSnapshot) -> Result<Acceptor, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Resolver(snapshot)));
    config.alpn_protocols = [&b"h2"[..], b"http/1.1"].map(<[u8]>::to_vec).to_vec();
    config.ticketer = Ticketer::new()?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Acceptor::from_server_config(Arc::new(config)))
}
