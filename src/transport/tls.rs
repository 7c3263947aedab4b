//! TLS on a socket: whom to trust, the handshake, and what travels inside.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ALL_VERSIONS, CertificateError, ClientConfig, ClientConnection, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::deadline::Deadline;
use super::records::Records;
use super::socket::{Socket, State, Timed};
use crate::error::{Error, ErrorKind};

/// Authorities that the caller trusts instead of the system's.
#[derive(Debug, Clone)]
pub(crate) struct CaFile(Arc<RootCertStore>);

impl CaFile {
    /// Reads a PEM file. A file of which any part is broken gives nothing: a
    /// half-read list would trust something else than what the caller meant.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let refuse = |problem: String| {
            Error::invalid("ca_file", format!("ca_file {}: {problem}", path.display()))
        };
        let pem = fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate =
                certificate.map_err(|_| refuse("holds a broken PEM section: repair it".into()))?;
            roots.add(certificate).map_err(|_| {
                refuse("holds a certificate that cannot be an authority: remove it".into())
            })?;
        }
        if roots.is_empty() {
            return Err(refuse("holds no certificate: give a file in PEM form".into()));
        }
        Ok(Self(Arc::new(roots)))
    }
}

/// Makes the settings that all connections of a client share. With the system's
/// trust store this reads some hundred files, so it happens at the first connection.
pub(super) fn settings(ca_file: Option<&CaFile>) -> Result<Arc<ClientConfig>, ErrorKind> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed =
        |error: rustls::Error| ErrorKind::TlsFailed(format!("TLS cannot be used: {error}."));
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(ALL_VERSIONS)
        .map_err(failed)?;
    let mut settings = match ca_file {
        Some(CaFile(roots)) => builder.with_root_certificates(Arc::clone(roots)),
        // "Dangerous" is any verifier that rustls does not bring itself. This one
        // checks chain, time and name against the system's authorities.
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(provider).map_err(failed)?)),
    }
    .with_no_client_auth();
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(settings))
}

/// The tickets that servers send after a handshake, mostly two, are there at the first look.
const MOST_LOOKS: usize = 4;

/// The TLS side of one connection.
#[derive(Debug)]
pub(super) struct Session {
    tls: ClientConnection,
    records: Records,
}

impl Session {
    /// Performs the handshake and checks the certificate for `host`.
    pub(super) fn establish(
        settings: Arc<ClientConfig>,
        host: &str,
        socket: &mut Socket,
        deadline: Deadline,
    ) -> Result<Self, ErrorKind> {
        let failed = |reason: String| {
            ErrorKind::TlsFailed(format!("No TLS connection to {host}: {reason}."))
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failed("the name cannot stand in a certificate".into()))?;
        let tls = ClientConnection::new(settings, name).map_err(|error| failed(explain(&error)))?;
        let mut session = Self { tls, records: Records::default() };
        while session.tls.is_handshaking() {
            session.step(&mut Timed { socket, deadline }).map_err(|error| {
                if error.kind() == io::ErrorKind::TimedOut {
                    return deadline.passed("in the TLS handshake");
                }
                match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                    Some(error) => failed(explain(error)),
                    None => failed(format!("the peer broke off the handshake ({error})")),
                }
            })?;
        }
        session
            .flush(&mut Timed { socket, deadline })
            .map_err(|error| failed(error.to_string()))?;
        Ok(session)
    }

    /// One turn of the handshake: says what is to be said, else listens.
    fn step(&mut self, wire: &mut Timed<'_>) -> io::Result<()> {
        if self.tls.wants_write() {
            return self.flush(wire);
        }
        match self.listen(wire) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(()),
            Err(error) => {
                // Tells the peer why; whether that arrives changes nothing.
                let _ = self.flush(wire);
                Err(error)
            }
        }
    }

    /// Reads once from the wire and lets TLS work on it. 0 is the end.
    fn listen(&mut self, wire: &mut Timed<'_>) -> io::Result<usize> {
        let mut counted = Counted { wire, records: &mut self.records };
        let count = self.tls.read_tls(&mut counted)?;
        self.tls.process_new_packets().map_err(io::Error::other)?;
        Ok(count)
    }

    fn flush(&mut self, wire: &mut Timed<'_>) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(wire)?;
        }
        Ok(())
    }

    /// Sends bytes inside.
    pub(super) fn write_all(&mut self, wire: &mut Timed<'_>, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = self.tls.writer().write(bytes)?;
            bytes = &bytes[taken..];
            self.flush(wire)?;
        }
        Ok(())
    }

    /// Reads what travels inside. 0 is the end, announced or not.
    pub(super) fn read(&mut self, wire: &mut Timed<'_>, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                other => return other,
            }
            self.listen(wire)?;
            self.flush(wire)?;
        }
    }

    /// Whether the connection can carry another request: nothing of the peer's
    /// is left, neither inside nor half a record of it. Session tickets, which
    /// servers send when they like, are taken in on the way; not without end, since ureq holds
    /// its pool closed meanwhile.
    pub(super) fn is_quiet(&mut self, socket: &mut Socket, deadline: Deadline) -> bool {
        for _ in 0..MOST_LOOKS {
            let Ok(state) = self.tls.process_new_packets() else { return false };
            if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
                return false;
            }
            match socket.state() {
                State::Closed => return false,
                State::Quiet => return self.records.between(),
                State::Speaking => {
                    if !self.listen(&mut Timed { socket, deadline }).is_ok_and(|count| count > 0) {
                        return false;
                    }
                }
            }
        }
        false
    }
}

/// A wire on which the records are counted.
struct Counted<'a, 'b> {
    wire: &'a mut Timed<'b>,
    records: &'a mut Records,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.wire.read(buffer)?;
        self.records.feed(&buffer[..count]);
        Ok(count)
    }
}

/// What a person can do something with, where rustls prints its own types.
fn explain(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired".into()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet (check this machine's clock)".into()
            }
            CertificateError::UnknownIssuer => {
                "the certificate's authority is not trusted (set_ca_file trusts another one)".into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name".into()
            }
            other => format!("the certificate is not valid ({other})"),
        },
        rustls::Error::InvalidMessage(_) => "the peer does not speak TLS".into(),
        rustls::Error::AlertReceived(alert) => format!("the peer refused it ({alert:?})"),
        rustls::Error::PeerIncompatible(_) => {
            "the peer has no protocol version or cipher in common (TLS 1.2 and 1.3 are spoken)"
                .into()
        }
        other => crate::text::one_line(&other.to_string()).into_owned(),
    }
}
