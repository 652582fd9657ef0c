//! A certificate authority of the test's own, and what it signs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Signs leaves; clients of the tests trust it and nothing else. Cheap to clone.
#[derive(Clone)]
pub struct Authority {
    issuer: Arc<CertifiedIssuer<'static, KeyPair>>,
}

/// A certificate with its key, both as PEM.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The leaf alone: its issuer is the root.
    pub chain_pem: String,
    /// PKCS#8.
    pub key_pem: String,
    /// The leaf as DER, to recognise it in a handshake.
    pub der: CertificateDer<'static>,
}

impl Authority {
    /// Makes a new one, with a key nobody keeps.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a root certificate");
        Self { issuer: Arc::new(issuer) }
    }

    /// The root certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The root certificate as DER.
    pub fn der(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A certificate for these DNS names and addresses.
    pub fn issue(&self, names: &[&str]) -> Leaf {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &self.issuer).expect("a leaf");
        Leaf { chain_pem: leaf.pem(), key_pem: key.serialize_pem(), der: leaf.der().clone() }
    }

    /// A client that trusts this authority only and offers `alpn`.
    pub fn client(&self, alpn: &[&[u8]]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der()).expect("the root is a certificate");
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

impl Leaf {
    /// Writes `<stem>.pem` and `<stem>-key.pem` into `folder`.
    pub fn write(&self, folder: &Path, stem: &str) -> (PathBuf, PathBuf) {
        let chain = folder.join(format!("{stem}.pem"));
        let key = folder.join(format!("{stem}-key.pem"));
        std::fs::write(&chain, &self.chain_pem).expect("chain written");
        std::fs::write(&key, &self.key_pem).expect("key written");
        (chain, key)
    }

    /// A server that shows this certificate and offers `alpn`.
    pub fn server(&self, alpn: &[&[u8]]) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).expect("a key");
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone()], key)
            .expect("chain and key belong together");
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

/// Ring, also as the process default, which the browser client asks for.
pub fn provider() -> Arc<CryptoProvider> {
    // A second test of the same process finds it installed; that is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    CryptoProvider::get_default().expect("installed above").clone()
}
