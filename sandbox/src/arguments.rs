//! The command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;

/// A local stand-in of the contact verification service.
///
/// Prints its address as its first line and every code that it "sends" as one further line.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// Port to listen on; 0 lets the operating system choose a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Loopback address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = loopback)]
    host: IpAddr,

    /// The one token that is accepted as X-Auth-Token.
    #[arg(long, default_value = "sandbox-token", value_parser = token)]
    pub token: String,

    /// Seconds for which a code can be used.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    code_lifetime_seconds: u64,

    /// Seconds before another code can be sent to the same contact.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    resend_interval_seconds: u64,

    /// Milliseconds by which each answer is delayed.
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    delay_ms: u64,

    /// Write one line per request to standard error, without contacts, codes and tokens.
    #[arg(long)]
    pub log_requests: bool,

    /// PEM file with the certificate chain; switches TLS on.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM file with the private key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// End when standard input reaches its end, so that no sandbox outlives its parent.
    #[arg(long)]
    pub until_stdin_closes: bool,
}

impl Arguments {
    /// The address to listen on.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// How long a code can be used.
    pub fn code_lifetime(&self) -> Duration {
        Duration::from_secs(self.code_lifetime_seconds)
    }

    /// How long a contact has to wait for another code.
    pub fn resend_interval(&self) -> Duration {
        Duration::from_secs(self.resend_interval_seconds)
    }

    /// By how much each answer is delayed.
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// The files of certificate and key, where TLS is wanted.
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.tls_cert.as_deref().zip(self.tls_key.as_deref())
    }
}

/// Codes are printed for all to read, so nobody outside this machine may ask for one.
fn loopback(text: &str) -> Result<IpAddr, String> {
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => Ok(address),
        Ok(_) => Err("only loopback addresses are accepted, such as 127.0.0.1 or ::1".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Refuses a token that no request could carry: a header holds visible ASCII safely, and a
/// client trims spaces around it. There is no upper limit here because real tokens reach a
/// little above the 5,000 characters of the API page.
fn token(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token is one or more visible ASCII characters".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from([&["contactverify-sandbox"], arguments].concat())
    }

    #[test]
    fn the_defaults_are_those_of_the_service() {
        let arguments = parse(&[]).unwrap();
        assert_eq!(arguments.address(), "127.0.0.1:0".parse().unwrap());
        assert_eq!(arguments.token, "sandbox-token");
        assert_eq!(arguments.code_lifetime(), Duration::from_mins(5));
        assert_eq!(arguments.resend_interval(), Duration::from_mins(1));
        assert_eq!(arguments.delay(), Duration::ZERO);
        assert_eq!(arguments.tls_files(), None);
        assert!(!arguments.log_requests && !arguments.until_stdin_closes);
    }

    #[test]
    fn only_loopback_hosts_are_accepted() {
        for host in ["127.0.0.1", "127.8.8.8", "::1"] {
            assert!(parse(&["--host", host]).is_ok(), "{host}");
        }
        for host in ["0.0.0.0", "192.0.2.1", "::", "localhost", ""] {
            assert!(parse(&["--host", host]).is_err(), "{host}");
        }
    }

    #[test]
    fn a_token_can_be_sent_in_a_header() {
        for token in ["t", "a.b-c_d=", &"t".repeat(5100)] {
            assert!(parse(&["--token", token]).is_ok(), "{token}");
        }
        for token in ["", " ", "two words", "line\nbreak", "tökén"] {
            assert!(parse(&["--token", token]).is_err(), "{token:?}");
        }
    }

    #[test]
    fn certificate_and_key_come_together() {
        assert!(parse(&["--tls-cert", "c.pem"]).is_err());
        assert!(parse(&["--tls-key", "k.pem"]).is_err());
        let arguments = parse(&["--tls-cert", "c.pem", "--tls-key", "k.pem"]).unwrap();
        assert_eq!(arguments.tls_files(), Some((Path::new("c.pem"), Path::new("k.pem"))));
    }
}
