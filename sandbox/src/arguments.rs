//! The command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, value_parser};

use crate::account::Names;

/// Lifetimes and skews end here: ten years, which no clock runs over with.
const LONGEST_SECONDS: i64 = 10 * 365 * 24 * 60 * 60;

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

    /// A token that is accepted as X-Auth-Token and never ends, beside those that IAM issues.
    #[arg(long, default_value = "sandbox-token", value_parser = visible)]
    pub token: String,

    /// Seconds for which a code can be used.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    code_lifetime_seconds: u64,

    /// Seconds before another code can be sent to the same contact.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    resend_interval_seconds: u64,

    /// Seconds for which a verified contact needs no other code.
    #[arg(long, default_value_t = 86_400, value_name = "SECONDS", value_parser = lifetime())]
    verification_lifetime_seconds: u64,

    /// Name of the account (IAM also says domain).
    #[arg(long, default_value = "sandbox-account")]
    account: String,

    /// Id of the account.
    #[arg(long, default_value = "acacacacacacacacacacacacacacacac", value_name = "ID")]
    account_id: String,

    /// Name of the account's user.
    #[arg(long, default_value = "sandbox-user")]
    user: String,

    /// Password of the user.
    #[arg(long, default_value = "sandbox-password")]
    pub password: String,

    /// Name of the account's project, which is its region.
    #[arg(long, default_value = "cn-south-1")]
    project: String,

    /// Id of the project.
    #[arg(long, default_value = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0", value_name = "ID")]
    project_id: String,

    /// Seconds for which a token that IAM issues can be used.
    #[arg(long, default_value_t = 86_400, value_name = "SECONDS", value_parser = lifetime())]
    token_lifetime_seconds: u64,

    /// Access key with which requests can be signed.
    #[arg(long, default_value = "sandbox-access-key", value_name = "KEY", value_parser = visible)]
    pub access_key: String,

    /// Secret key that belongs to the access key.
    #[arg(long, default_value = "sandbox-secret-key", value_name = "KEY")]
    pub secret_key: String,

    /// Security token that has to come with the access key.
    #[arg(long, value_name = "TOKEN", value_parser = visible)]
    pub security_token: Option<String>,

    /// Answer like the metadata server of a cloud host, too, which gives out temporary access keys.
    #[arg(long)]
    pub metadata: bool,

    /// Seconds for which a temporary access key can be used.
    #[arg(long, default_value_t = 86_400, value_name = "SECONDS", value_parser = lifetime())]
    security_key_lifetime_seconds: u64,

    /// Seconds by which the time of day is wrong here; lifetimes are not.
    #[arg(
        long,
        default_value_t = 0,
        value_name = "SECONDS",
        allow_negative_numbers = true,
        value_parser = value_parser!(i64).range(-LONGEST_SECONDS..=LONGEST_SECONDS)
    )]
    clock_skew_seconds: i64,

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

    /// How long a verified contact needs no other code.
    pub fn verification_lifetime(&self) -> Duration {
        Duration::from_secs(self.verification_lifetime_seconds)
    }

    /// Who exists.
    pub fn names(&self) -> Names {
        Names {
            account: self.account.clone(),
            account_id: self.account_id.clone(),
            user: self.user.clone(),
            project: self.project.clone(),
            project_id: self.project_id.clone(),
        }
    }

    /// How long a token that IAM issues can be used.
    pub fn token_lifetime(&self) -> Duration {
        Duration::from_secs(self.token_lifetime_seconds)
    }

    /// How long a temporary access key can be used.
    pub fn security_key_lifetime(&self) -> Duration {
        Duration::from_secs(self.security_key_lifetime_seconds)
    }

    /// By how much the time of day is wrong.
    pub fn clock_skew(&self) -> time::Duration {
        time::Duration::seconds(self.clock_skew_seconds)
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

/// Refuses a token or key that no request could carry: a header holds visible ASCII safely, and a
/// client trims spaces around it. There is no upper limit here because real tokens reach a
/// little above the 5,000 characters of the API page.
fn visible(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("only one or more visible ASCII characters are accepted".to_owned());
    }
    Ok(text.to_owned())
}

fn lifetime() -> impl clap::builder::TypedValueParser<Value = u64> {
    value_parser!(u64).range(0..=LONGEST_SECONDS.unsigned_abs())
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
        assert!(!arguments.log_requests && !arguments.until_stdin_closes && !arguments.metadata);
        let day = Duration::from_hours(24);
        assert_eq!(arguments.token_lifetime(), day);
        assert_eq!(arguments.verification_lifetime(), day);
        assert_eq!(arguments.security_key_lifetime(), day);
        assert_eq!(arguments.clock_skew(), time::Duration::ZERO);
        let names = arguments.names();
        assert_eq!(names.account, "sandbox-account");
        assert_eq!(names.user, "sandbox-user");
        assert_eq!(arguments.password, "sandbox-password");
        assert_eq!(names.project, "cn-south-1");
        assert_eq!(arguments.access_key, "sandbox-access-key");
        assert_eq!(arguments.secret_key, "sandbox-secret-key");
        assert_eq!(arguments.security_token, None);
    }

    #[test]
    fn the_clock_can_be_wrong_either_way_for_ten_years() {
        for seconds in [-600, 600, LONGEST_SECONDS, -LONGEST_SECONDS] {
            let arguments = parse(&["--clock-skew-seconds", &seconds.to_string()]).unwrap();
            assert_eq!(arguments.clock_skew(), time::Duration::seconds(seconds));
        }
        for seconds in [i64::MAX, i64::MIN, LONGEST_SECONDS + 1, -LONGEST_SECONDS - 1] {
            assert!(parse(&["--clock-skew-seconds", &seconds.to_string()]).is_err(), "{seconds}");
        }
    }

    #[test]
    fn lifetimes_end_after_ten_years() {
        for name in ["token", "verification", "security-key"] {
            let name = format!("--{name}-lifetime-seconds");
            assert!(parse(&[&name, "0"]).is_ok());
            assert!(parse(&[&name, &LONGEST_SECONDS.to_string()]).is_ok());
            assert!(parse(&[&name, &(LONGEST_SECONDS + 1).to_string()]).is_err());
        }
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
