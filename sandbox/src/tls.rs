//! Certificate and private key for `https`.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::StartError;

/// Reads a certificate chain (the server's own certificate first) and its private key, both PEM.
pub fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, StartError> {
    let file_error = |what, path: &Path| {
        let path = path.to_owned();
        move |error| {
            let reason = match error {
                pem::Error::NoItemsFound => "the file holds none in PEM form".to_owned(),
                other => other.to_string(),
            };
            StartError::TlsFile { what, path, reason }
        }
    };
    let chain = read_chain(certificate).map_err(file_error("certificate", certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(file_error("private key", key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(StartError::TlsPair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let chain = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) }
}
