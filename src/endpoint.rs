//! The service's address: `https://host[:port]` with an optional path prefix.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

use crate::error::Error;

/// With the longest path and query of a call behind it, some 6,200 characters of a filtered list,
/// it fits into a request's head.
const LONGEST: usize = 1024;

/// A checked address. Plain `http` is possible only to this machine itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) secure: bool,
    /// The host without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Scheme, host, port and path prefix, without a slash at the end.
    base: String,
}

impl Endpoint {
    /// Reads the text of the setting `field`.
    pub(crate) fn parse(field: &'static str, text: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            Error::invalid(
                field,
                format!("{field} {problem}: give it as https://host, or https://host:port"),
            )
        };
        if text.len() > LONGEST {
            return Err(refuse(&format!("has more than {LONGEST} characters")));
        }
        if text.contains('@') {
            return Err(refuse("holds user information, which does not belong here"));
        }
        if text.contains(['?', '#']) {
            return Err(refuse("holds a query or fragment"));
        }
        if !text.is_ascii() {
            return Err(refuse("holds characters outside ASCII (write the name in its xn-- form)"));
        }
        let uri: Uri = text.parse().map_err(|_| refuse("is not an address"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refuse("does not begin with https://")),
        };
        let authority = uri.authority().ok_or_else(|| refuse("names no host"))?;
        let host = bare(authority.host());
        if host.is_empty() {
            return Err(refuse("names no host"));
        }
        // The address's reader takes brackets anywhere, and then reads another host in another
        // place of the same text.
        let is_name = |byte| matches!(byte, b'-' | b'.' | b'_') || byte.is_ascii_alphanumeric();
        let in_brackets = host.len() < authority.host().len();
        if in_brackets != host.parse::<Ipv6Addr>().is_ok()
            || !(in_brackets || host.bytes().all(is_name))
        {
            return Err(refuse("has a host that is neither a name nor an address"));
        }
        let behind_host = &authority.as_str()[authority.host().len()..];
        let port = match behind_host.strip_prefix(':') {
            None if !behind_host.is_empty() => return Err(refuse("names no host")),
            None if secure => 443,
            None => 80,
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port > 0 && digits.bytes().all(|digit| digit.is_ascii_digit()) => port,
                _ => return Err(refuse("has a port that is not between 1 and 65535")),
            },
        };
        if !secure && !is_loopback(host) {
            return Err(refuse(
                "begins with http://, which would show the token to the network; \
                 plain http is for 127.0.0.0/8, ::1 and localhost only",
            ));
        }
        Ok(Self {
            secure,
            host: host.to_ascii_lowercase(),
            port,
            base: text.trim_end_matches('/').to_owned(),
        })
    }

    /// The metadata server of a cloud host: the one address that is reached in plain http
    /// without being this machine. It is link-local, so no router passes it on (RFC 3927,
    /// section 7), and it is asked only where the caller lets credentials be looked for.
    pub(crate) fn of_metadata_server() -> Self {
        let host = "169.254.169.254";
        Self { secure: false, host: host.to_owned(), port: 80, base: format!("http://{host}") }
    }

    /// The header `Host`: with the port unless it is the scheme's own (RFC 9110, section 7.2).
    pub(crate) fn host_header(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        let whole = self.to_string();
        let without_port = whole.rsplit_once(':').map_or("", |(host, _)| host);
        if self.port == default { without_port.to_owned() } else { whole }
    }

    /// The whole address of a path of the API, which begins with a slash.
    pub(crate) fn uri(&self, path: &str) -> Result<Uri, Error> {
        format!("{}{path}", self.base)
            .parse()
            .map_err(|_| Error::invalid("endpoint", "endpoint has a path that is not valid"))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

/// The host without the brackets that surround an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// RFC 6761, section 6.3: `localhost` is this machine, whatever a name server says.
pub(crate) fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

fn is_loopback(host: &str) -> bool {
    is_localhost(host) || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_has_the_port_unless_it_is_the_schemes_own() {
        for (text, header) in [
            ("https://Host", "host"),
            ("https://host:443/prefix", "host"),
            ("https://host:80", "host:80"),
            ("http://127.0.0.1:80", "127.0.0.1"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("https://[::1]", "[::1]"),
            ("https://[::1]:8443", "[::1]:8443"),
        ] {
            assert_eq!(Endpoint::parse("endpoint", text).unwrap().host_header(), header);
        }
    }
}
