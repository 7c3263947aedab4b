//! The way through an HTTP proxy: `CONNECT` (RFC 9110, section 9.3.6).
//!
//! The proxy is told the service's name and port and its own password, nothing
//! else. What the tunnel carries is TLS from end to end.

use std::env;
use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use ureq::ProxyProtocol;

use super::deadline::Deadline;
use super::socket::{Socket, Timed};
use crate::endpoint::{Endpoint, bare};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// The longest head of the proxy's answer.
const HEAD_BYTES: usize = 8 * 1024;
/// The most headers of the proxy's answer.
const MOST_HEADERS: usize = 64;
/// Where ureq looks for a proxy.
const VARIABLES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// A checked proxy setting.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// `Basic` and the encoded user and password (RFC 7617).
    authorization: Option<Secret>,
}

impl Proxy {
    /// Reads the setting `proxy`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        // The text may hold a password, so no message repeats it.
        let refuse = |problem: &str| {
            let form = "give it as http://host:port or http://user:password@host:port";
            Error::invalid("proxy", format!("proxy {problem}: {form}"))
        };
        let proxy = ureq::Proxy::new(text).map_err(|_| {
            refuse("is not an address (in user and password write % as %25, : as %3A, @ as %40)")
        })?;
        Self::from_ureq(&proxy).map_err(refuse)
    }

    /// The environment's proxy for this endpoint, if it names one.
    pub(crate) fn from_environment(endpoint: &Endpoint) -> Result<Option<Self>, Error> {
        let refuse = |problem: &str| {
            Error::invalid("proxy_from_environment", format!("the environment's proxy {problem}"))
        };
        let Some(proxy) = ureq::Proxy::try_from_env() else {
            // ureq passes over what it cannot read, but whoever asks for a proxy must not be sent
            // past it.
            let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
            return match VARIABLES.into_iter().find(is_set) {
                Some(name) => Err(refuse(&format!("({name}) is not an address"))),
                None => Ok(None),
            };
        };
        let excluded = endpoint.uri("/").is_ok_and(|uri: Uri| proxy.is_no_proxy(&uri));
        if excluded {
            return Ok(None);
        }
        Self::from_ureq(&proxy).map(Some).map_err(refuse)
    }

    fn from_ureq(proxy: &ureq::Proxy) -> Result<Self, &'static str> {
        if proxy.protocol() != ProxyProtocol::Http {
            return Err("is not an http:// proxy, the only kind supported");
        }
        let host = bare(proxy.host());
        // ureq takes a port that is no number for none.
        let has_no_port = proxy.uri().authority().is_some_and(|authority| {
            authority.as_str().rsplit('@').next() == Some(authority.host())
        });
        let is_port = proxy.uri().port_u16().is_some_and(|port| port > 0);
        if host.is_empty() || !(has_no_port || is_port) {
            return Err("names no host or no valid port");
        }
        let authorization = (proxy.username().is_some() || proxy.password().is_some()).then(|| {
            let user = proxy.username().unwrap_or_default();
            let password = proxy.password().unwrap_or_default();
            let encoded =
                BASE64_STANDARD.encode(Secret::new(&format!("{user}:{password}")).expose());
            Secret::new(&format!("Basic {encoded}"))
        });
        Ok(Self { host: host.to_ascii_lowercase(), port: proxy.port(), authorization })
    }

    /// Asks the proxy for a tunnel to the endpoint.
    pub(super) fn tunnel(
        &self,
        endpoint: &Endpoint,
        socket: &mut Socket,
        deadline: Deadline,
    ) -> Result<(), ErrorKind> {
        let failed = |reason: &str| {
            ErrorKind::ConnectFailed(format!(
                "No connection through the proxy {}:{}: {reason}.",
                self.host, self.port
            ))
        };
        let broken = |error: &io::Error| {
            if error.kind() == io::ErrorKind::TimedOut {
                deadline.passed("waiting for the proxy")
            } else {
                failed(&format!("it broke off ({error})"))
            }
        };

        let authorization = self.authorization.as_ref().map_or("", |text| text.expose());
        let (name, end) =
            if authorization.is_empty() { ("", "") } else { ("Proxy-Authorization: ", "\r\n") };
        let head = Secret::new(&format!(
            "CONNECT {endpoint} HTTP/1.1\r\nHost: {endpoint}\r\n{name}{authorization}{end}\r\n"
        ));
        let mut wire = Timed { socket, deadline };
        wire.write_all(head.expose().as_bytes()).map_err(|error| broken(&error))?;

        let mut answer = Vec::new();
        let mut piece = [0; 1024];
        loop {
            let count = wire.read(&mut piece).map_err(|error| broken(&error))?;
            answer.extend_from_slice(&piece[..count]);
            let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            match response.parse(&answer) {
                Ok(httparse::Status::Complete(length)) => {
                    // Nothing may follow: in TLS the client speaks first.
                    return match response.code {
                        Some(200..=299) if length == answer.len() => Ok(()),
                        Some(200..=299) => Err(failed("it sent more than its answer")),
                        Some(407) => Err(failed("it wants another user and password (407)")),
                        code => Err(failed(&format!("it answered {}", code.unwrap_or_default()))),
                    };
                }
                Ok(httparse::Status::Partial) if count > 0 && answer.len() < HEAD_BYTES => {}
                Ok(httparse::Status::Partial) => return Err(failed("its answer has no end")),
                Err(_) => return Err(failed("its answer is not HTTP")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_needs_no_password_and_a_proxy_needs_a_port() {
        let authorization = |text| {
            let proxy = Proxy::parse(text).unwrap();
            proxy.authorization.map(|text| text.expose().to_owned())
        };
        assert_eq!(authorization("http://127.0.0.1:1"), None);
        assert_eq!(authorization("http://user@127.0.0.1:1").as_deref(), Some("Basic dXNlcjo="));
        assert_eq!(authorization("http://:word@127.0.0.1:1").as_deref(), Some("Basic OndvcmQ="));
        assert!(Proxy::parse("http://127.0.0.1:0").is_err());
    }
}
