//! An authority made for this run, and what it signs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerSessionMemoryCache;
use rustls::{ServerConfig, SupportedProtocolVersion};

/// The authority, and a file with its certificate.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub file: PathBuf,
    pub pem: String,
}

pub static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("trusted"));
pub static OTHER_AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("other"));

/// When a certificate is valid.
#[derive(Debug, Clone, Copy)]
pub enum Validity {
    Now,
    Past,
    Future,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("contactverify tests {name}"));
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let directory = std::env::temp_dir().join(format!("contactverify-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join(format!("{name}.pem"));
        std::fs::write(&file, &pem).unwrap();
        Self { issuer: Issuer::new(params, key), file, pem }
    }

    /// A certificate for `host` and its key, as files in PEM form.
    pub fn files(&self, host: &str, folder: &Path) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let paths = (folder.join("certificate.pem"), folder.join("key.pem"));
        std::fs::write(&paths.0, certificate.pem()).unwrap();
        std::fs::write(&paths.1, key.serialize_pem()).unwrap();
        paths
    }

    /// A server's settings with a certificate for `host`.
    pub fn server(&self, host: &str, validity: Validity) -> Arc<ServerConfig> {
        self.server_with(host, validity, rustls::ALL_VERSIONS)
    }

    pub fn server_with(
        &self,
        host: &str,
        validity: Validity,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        (params.not_before, params.not_after) = match validity {
            Validity::Now => (date_time_ymd(2020, 1, 1), date_time_ymd(2090, 1, 1)),
            Validity::Past => (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1)),
            Validity::Future => (date_time_ymd(2089, 1, 1), date_time_ymd(2090, 1, 1)),
        };
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        server_config(vec![certificate.der().clone()], &key, versions)
    }
}

/// A server whose certificate nobody but itself signed.
pub fn self_signed(host: &str) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    server_config(vec![certificate.der().clone()], &key, rustls::ALL_VERSIONS)
}

/// A server that does not send the authority between itself and the trusted one.
pub fn without_intermediate(host: &str) -> Arc<ServerConfig> {
    signed_by_child(host, true)
}

/// A server whose certificate was signed with a certificate that is no authority.
pub fn leaf_as_authority(host: &str) -> Arc<ServerConfig> {
    signed_by_child(host, false)
}

fn signed_by_child(host: &str, authority: bool) -> Arc<ServerConfig> {
    let child_key = KeyPair::generate().unwrap();
    let mut child = CertificateParams::new(vec!["child.example.com".to_owned()]).unwrap();
    child.distinguished_name.push(DnType::CommonName, "contactverify tests child");
    if authority {
        child.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let child_certificate = child.signed_by(&child_key, &AUTHORITY.issuer).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &Issuer::new(child, child_key)).unwrap();
    let mut chain = vec![certificate.der().clone()];
    if !authority {
        chain.push(child_certificate.der().clone());
    }
    server_config(chain, &key, rustls::ALL_VERSIONS)
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    // Tickets are sent, but what the server keeps of a session does not grow with the tests.
    config.session_storage = ServerSessionMemoryCache::new(1);
    // For records that are made outside of rustls.
    config.enable_secret_extraction = true;
    Arc::new(config)
}
