//! Why the program could not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why the program ends with exit status 1, each in one sentence for the terminal.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port is in use, or the address is not one of this machine.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file of `--tls-cert` or `--tls-key` cannot be read or holds no such thing.
    #[error("cannot read the {what} from {}: {reason}", path.display())]
    TlsFile {
        /// "certificate" or "private key".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The files are readable, but certificate and key do not go together.
    #[error("cannot use the certificate with the private key: {0}")]
    TlsPair(rustls::Error),
    /// No handler can be installed for the signals that end the program.
    #[error("cannot wait for signals: {0}")]
    Signals(io::Error),
    /// The address line cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    /// Connections can no longer be accepted.
    #[error("cannot serve: {0}")]
    Serve(io::Error),
}
