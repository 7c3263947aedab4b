//! Makes new connections: lookup, TCP, proxy and TLS, within one connect timeout.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

use super::connection::{Connection, pass};
use super::exchange;
use super::resolver::Resolver;
use super::socket::Socket;
use super::tls::{self, Session};
use super::{Proxy, Settings};
use crate::error::ErrorKind;
use crate::logger::LogLevel;

/// Connects to the one endpoint of a transport.
#[derive(Debug)]
pub(super) struct Dialer {
    settings: Arc<Settings>,
    resolver: Resolver,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Dialer {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, resolver: Resolver::new(), tls: OnceLock::new() }
    }

    fn dial(&self) -> Result<Connection, ErrorKind> {
        let Some(exchange) = exchange::current() else {
            return Err(ErrorKind::Internal("a connection was made outside of a call".into()));
        };
        let deadline = exchange.deadline.for_connecting(self.settings.connect_timeout);
        let endpoint = &self.settings.endpoint;
        let proxy = self.settings.proxy.as_ref();
        let (host, port) = match proxy {
            Some(Proxy { host, port, .. }) => (host, *port),
            None => (&endpoint.host, endpoint.port),
        };

        let addresses = self.resolver.resolve(host, deadline)?;
        let mut socket = Socket::connect(&addresses, port, deadline).map_err(|error| {
            if error.kind() == io::ErrorKind::TimedOut && deadline.remaining().is_err() {
                return deadline.passed(&format!("connecting to {host}:{port}"));
            }
            ErrorKind::ConnectFailed(format!("No connection to {host}:{port}: {error}."))
        })?;
        if let Some(proxy) = proxy {
            proxy.tunnel(endpoint, &mut socket, deadline)?;
        }
        let session = if endpoint.secure {
            let settings = self.tls()?;
            let tls = Arc::clone(&settings);
            let session = Session::establish(tls, &endpoint.host, &mut socket, deadline)?;
            // Kept once a handshake has shown that they are good: where descriptors are
            // scarce, the trust store may have been read in part only.
            self.tls.get_or_init(|| settings);
            Some(session)
        } else {
            None
        };
        self.settings.logger.log(LogLevel::Debug, || format!("connected to {host}:{port}"));
        Ok(Connection::new(socket, session))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, ErrorKind> {
        if let Some(settings) = self.tls.get() {
            return Ok(Arc::clone(settings));
        }
        // Two threads may both make them; the first to finish its handshake is kept.
        tls::settings(self.settings.ca_file.as_ref())
    }
}

impl Connector<()> for Dialer {
    type Out = Connection;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        self.dial().map(Some).map_err(pass)
    }
}
