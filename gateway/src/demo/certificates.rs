//! The demo's CA and its certificates: made on the first start, the CA kept, the others renewed in time.
//!
//! The CA can vouch for names under `localhost` and for nothing else, so that a browser that trusts it risks
//! no other site if its key gets lost.

use anyhow::Context;
use bitrix_id_auth_core::identity::UnixSeconds;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use ring::digest::{SHA256, digest};
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

use super::folder::{Folder, Readable};

/// The CA's certificate, for whoever shall trust it.
pub(super) const CA_FILE: &str = "ca.pem";
const CA_KEY_FILE: &str = "ca-key.pem";

/// A certificate and its key, as files of the folder.
pub(super) struct Pair {
    pub(super) chain: &'static str,
    pub(super) key: &'static str,
    names: &'static [&'static str],
}

/// One for the network's domain, one for the portal with a domain of its own.
pub(super) const PAIRS: [Pair; 2] = [
    Pair {
        chain: "certs/network.pem",
        key: "certs/network-key.pem",
        names: &["*.bitrix24.localhost", "bitrix24.localhost"],
    },
    Pair {
        chain: "certs/initech.pem",
        key: "certs/initech-key.pem",
        names: &["portal.initech.localhost"],
    },
];

/// Makes what is missing, unreadable or about to expire.
pub(super) fn prepare(folder: &Folder, now: UnixSeconds) -> anyhow::Result<()> {
    let now = OffsetDateTime::from_unix_timestamp(now).context("the machine's clock")?;
    let (params, key) = authority(folder, now)?;
    let name = common_name(&params);
    let issuer = Issuer::from_params(&params, &key);
    for pair in &PAIRS {
        let chain = folder.read(pair.chain)?.unwrap_or_default();
        let has_key = folder.read(pair.key)?.is_some_and(|key| KeyPair::from_pem(&key).is_ok());
        if !(has_key && serves(&chain, pair.names, &name, now)) {
            issue(folder, pair, &issuer, now)?;
        }
    }
    Ok(())
}

/// The CA as it signs: its parameters follow from its key.
fn authority(folder: &Folder, now: OffsetDateTime) -> anyhow::Result<(CertificateParams, KeyPair)> {
    let kept = folder.read(CA_KEY_FILE)?.and_then(|key| KeyPair::from_pem(&key).ok());
    if let Some(key) = kept {
        let params = authority_params(&key, now)?;
        let certificate = folder.read(CA_FILE)?.unwrap_or_default();
        let expected = (common_name(&params), key.public_key_raw().to_vec());
        if expiry_of_authority(&certificate, &expected).is_some_and(|end| end - now > LEAF_LIFETIME)
        {
            return Ok((params, key));
        }
    }
    let key = KeyPair::generate()?;
    let params = authority_params(&key, now)?;
    folder.write(CA_KEY_FILE, &key.serialize_pem(), Readable::Private)?;
    folder.write(CA_FILE, &params.self_signed(&key)?.pem(), Readable::Public)?;
    Ok((params, key))
}

fn authority_params(key: &KeyPair, now: OffsetDateTime) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    // Browsers mix up two CAs of one name, and every data folder has a CA of its own.
    let fingerprint = digest(&SHA256, key.public_key_raw());
    let short: String =
        fingerprint.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name.push(DnType::CommonName, format!("Bitrix ID demo CA {short}"));
    params.not_before = now - BACKDATED;
    params.not_after = now + AUTHORITY_LIFETIME;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("localhost".to_owned())],
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([0; 4], 0)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix([0; 16], 0)),
        ],
    });
    Ok(params)
}

fn issue(
    folder: &Folder,
    pair: &Pair,
    issuer: &Issuer<'_, &KeyPair>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let names: Vec<String> = pair.names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, pair.names[0]);
    params.not_before = now - BACKDATED;
    params.not_after = now + LEAF_LIFETIME;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    folder.write(pair.key, &key.serialize_pem(), Readable::Private)?;
    folder.write(pair.chain, &certificate.pem(), Readable::Public)?;
    Ok(())
}

fn common_name(params: &CertificateParams) -> String {
    match params.distinguished_name.get(&DnType::CommonName) {
        Some(rcgen::DnValue::Utf8String(name)) => name.clone(),
        _ => String::new(),
    }
}

/// When the CA's certificate ends; `None` if it is not the one of this name and public key.
fn expiry_of_authority(pem: &str, (name, key): &(String, Vec<u8>)) -> Option<OffsetDateTime> {
    with_certificate(pem, |certificate| {
        let same_name = certificate.subject().iter_common_name().any(|cn| cn.as_str() == Ok(name));
        let same_key = certificate.public_key().subject_public_key.data.as_ref() == key.as_slice();
        (same_name && same_key).then(|| certificate.validity().not_after.to_datetime())
    })
}

/// Whether a leaf of this CA covers exactly these names and lasts a while.
fn serves(pem: &str, names: &[&str], authority: &str, now: OffsetDateTime) -> bool {
    let fits = with_certificate(pem, |certificate| {
        let issued_by =
            certificate.issuer().iter_common_name().any(|cn| cn.as_str() == Ok(authority));
        let lasts = certificate.validity().not_after.to_datetime() - now > RENEW_BEFORE;
        let alternatives = certificate.subject_alternative_name().ok()??;
        let covered: Vec<_> = alternatives
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(*name),
                _ => None,
            })
            .collect();
        Some(issued_by && lasts && covered == names)
    });
    fits.unwrap_or(false)
}

fn with_certificate<T>(
    pem: &str,
    look: impl FnOnce(&X509Certificate<'_>) -> Option<T>,
) -> Option<T> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).ok()?;
    look(&pem.parse_x509().ok()?)
}

/// For clients whose clock runs behind.
const BACKDATED: Duration = Duration::days(1);
const AUTHORITY_LIFETIME: Duration = Duration::days(2 * 365);
const LEAF_LIFETIME: Duration = Duration::days(90);
const RENEW_BEFORE: Duration = Duration::days(30);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_769_847_330;
    const DAY: i64 = 24 * 3600;

    fn folder() -> (tempfile::TempDir, Folder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        (parent, folder)
    }

    fn files(folder: &Folder) -> Vec<String> {
        let names = [CA_FILE, CA_KEY_FILE].into_iter();
        let pairs = PAIRS.iter().flat_map(|pair| [pair.chain, pair.key]);
        names.chain(pairs).map(|name| folder.read(name).unwrap().unwrap()).collect()
    }

    #[test]
    fn a_second_start_changes_nothing() {
        let (_parent, folder) = folder();
        prepare(&folder, NOW).unwrap();
        let first = files(&folder);
        prepare(&folder, NOW + DAY).unwrap();
        assert_eq!(files(&folder), first);
    }

    #[test]
    fn certificates_are_renewed_before_they_expire_under_the_same_authority() {
        let (_parent, folder) = folder();
        prepare(&folder, NOW).unwrap();
        let first = files(&folder);
        prepare(&folder, NOW + 61 * DAY).unwrap();
        let second = files(&folder);
        assert_eq!(second[..2], first[..2]);
        assert!(second[2..].iter().zip(&first[2..]).all(|(new, old)| new != old));
    }

    #[test]
    fn an_authority_that_would_not_outlive_a_certificate_is_replaced_with_all_it_signed() {
        let (_parent, folder) = folder();
        prepare(&folder, NOW).unwrap();
        let first = files(&folder);
        prepare(&folder, NOW + (2 * 365 - 80) * DAY).unwrap();
        assert!(files(&folder).iter().zip(&first).all(|(new, old)| new != old));
    }

    #[test]
    fn damaged_files_are_made_anew() {
        let (_parent, folder) = folder();
        prepare(&folder, NOW).unwrap();
        folder.write(PAIRS[0].key, "nonsense", Readable::Private).unwrap();
        folder.write(CA_FILE, "nonsense", Readable::Public).unwrap();
        prepare(&folder, NOW).unwrap();
        assert!(files(&folder).iter().all(|text| text.starts_with("-----BEGIN ")));
    }

    #[test]
    fn clients_that_trust_the_authority_accept_the_demo_and_nothing_beyond_localhost() {
        let (_parent, folder) = folder();
        prepare(&folder, NOW).unwrap();
        assert_eq!(verdict(&folder, PAIRS[0].chain, "acme.bitrix24.localhost"), Ok(()));
        assert_eq!(verdict(&folder, PAIRS[1].chain, "portal.initech.localhost"), Ok(()));
        assert!(verdict(&folder, PAIRS[1].chain, "acme.bitrix24.localhost").is_err());

        let (params, key) =
            authority(&folder, OffsetDateTime::from_unix_timestamp(NOW).unwrap()).unwrap();
        let foreign = Pair { chain: "x.pem", key: "x-key.pem", names: &["www.example.com"] };
        let issuer = Issuer::from_params(&params, &key);
        let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
        issue(&folder, &foreign, &issuer, now).unwrap();
        let refused = verdict(&folder, foreign.chain, "www.example.com").unwrap_err();
        assert!(refused.contains("NameConstraint"), "{refused}");
    }

    /// What a TLS client says that trusts the folder's CA alone.
    fn verdict(folder: &Folder, chain: &str, host: &str) -> Result<(), String> {
        use rustls::client::WebPkiServerVerifier;
        use rustls::client::danger::ServerCertVerifier;
        use rustls_pki_types::pem::PemObject;
        use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

        let der = |name: &str| {
            CertificateDer::from_pem_slice(folder.read(name).unwrap().unwrap().as_bytes()).unwrap()
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add(der(CA_FILE)).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build().unwrap();
        let seconds = u64::try_from(NOW).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let name = ServerName::try_from(host).unwrap();
        verifier
            .verify_server_cert(&der(chain), &[], &name, &[], now)
            .map(|_| ())
            .map_err(|error| format!("{error:?}"))
    }
}
