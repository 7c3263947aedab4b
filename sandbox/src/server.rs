//! Listening, serving and ending.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;

use crate::error::StartError;
use crate::shutdown::Shutdown;

/// How long requests that are under way may take once the program is to end.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// A port that is open, but not yet served.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
}

impl Server {
    /// Opens the port.
    pub fn bind(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls })
    }

    /// Where the server is reached, with the port that the operating system chose.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until the shutdown is requested.
    pub async fn serve(self, router: Router, shutdown: Shutdown) -> io::Result<()> {
        let handle = Handle::new();
        let ending = handle.clone();
        tokio::spawn(async move {
            shutdown.requested().await;
            ending.graceful_shutdown(Some(GRACE_PERIOD));
        });
        let server = axum_server::from_tcp(self.listener)?.http1_only().handle(handle);
        let service = router.into_make_service();
        // Without TCP_NODELAY, an answer after a TLS handshake can wait for a delayed
        // acknowledgement (40 ms on Linux).
        let acceptor = NoDelayAcceptor::new();
        match self.tls {
            None => server.acceptor(acceptor).serve(service).await,
            Some(config) => {
                let tls = RustlsAcceptor::new(RustlsConfig::from_config(config));
                server.acceptor(tls.acceptor(acceptor)).serve(service).await
            }
        }
    }
}
