//! Settings, each checked when it is set, so that a mistake is told where it is made.

pub(crate) mod credentials;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::credentials::Chosen;
use crate::client::Client;
use crate::credentials::CredentialSources;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::limits::{self, Text};
use crate::logger::{LogLevel, Logger};
use crate::region::Region;
use crate::request::{check_header, check_length};
use crate::transport::{CaFile, Proxy, Settings};

/// The longest time that can be set anywhere: one hour.
const LONGEST: Duration = Duration::from_hours(1);
/// More idle connections than this are a mistake, not a setting.
const MOST_IDLE_CONNECTIONS: usize = 65_535;

/// Not of the API page: the behaviour that a caller may choose.
const APPLICATION_ID: Text = Text { name: "application_id", min: 1, max: 64, mandatory: false };
/// As long as the API page allows an `error_code` to be.
const SUCCESS_CODE: Text = Text { name: "success_code", min: 1, max: 32, mandatory: false };
/// Settings being collected for a [`Client`].
///
/// Each setter checks its value at once, returns
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with the setter's
/// name as field, and leaves the setting as it was if the value is refused. None blocks,
/// save that [`set_ca_file`](Self::set_ca_file) and
/// [`set_credentials_from_environment`](Self::set_credentials_from_environment) read files.
///
/// Where no default is named, nothing is set at first. `None` goes back to the default.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) region: Option<Region>,
    pub(crate) credentials: Option<Chosen>,
    pub(crate) credential_sources: CredentialSources,
    pub(crate) iam_endpoint: Option<Endpoint>,
    pub(crate) iam_project: Option<String>,
    pub(crate) domain_id: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) metadata_endpoint: Endpoint,
    pub(crate) language: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) application_id: Option<String>,
    pub(crate) success_code: Option<String>,
    pub(crate) site: Option<u8>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_idle_connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) ca_file: Option<CaFile>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) proxy_from_environment: bool,
    pub(crate) logger: Logger,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: None,
            credentials: None,
            credential_sources: CredentialSources::default(),
            iam_endpoint: None,
            iam_project: None,
            domain_id: None,
            project_id: None,
            metadata_endpoint: Endpoint::of_metadata_server(),
            language: None,
            time_zone: None,
            application_id: None,
            success_code: None,
            site: None,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            max_idle_connections: 256,
            idle_timeout: Duration::from_secs(15),
            retries: 1,
            ca_file: None,
            proxy: None,
            proxy_from_environment: false,
            logger: Logger::off(),
        }
    }
}

impl Config {
    /// Settings at their defaults. Only the endpoint has none and must be set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The service's address: `https://host[:port]`, optionally with a path prefix, in at most
    /// 1,024 characters.
    /// Plain `http` is accepted for 127.0.0.0/8, `::1` and `localhost` only.
    pub fn set_endpoint(&mut self, endpoint: Option<&str>) -> Result<&mut Self, Error> {
        self.endpoint = endpoint.map(|text| Endpoint::parse("endpoint", text)).transpose()?;
        Ok(self)
    }

    /// A region by name, such as `cn-south-1`, in place of an endpoint, which wins if both are
    /// set. The variable `HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1` (and likewise) names another
    /// endpoint for it; it is read now.
    pub fn set_region(&mut self, region: Option<&str>) -> Result<&mut Self, Error> {
        self.region = region.map(Region::named).transpose()?;
        Ok(self)
    }

    /// `X-Language`, 1 to 32 characters. Not sent by default; the service then takes `zh-cn`.
    pub fn set_language(&mut self, language: Option<&str>) -> Result<&mut Self, Error> {
        check_header(limits::LANGUAGE, language)?;
        self.language = language.map(str::to_owned);
        Ok(self)
    }

    /// `X-Time-Zone`, 1 to 32 characters. Not sent by default; the service then takes `GMT+8`.
    pub fn set_time_zone(&mut self, time_zone: Option<&str>) -> Result<&mut Self, Error> {
        check_header(limits::TIME_ZONE, time_zone)?;
        self.time_zone = time_zone.map(str::to_owned);
        Ok(self)
    }

    /// What stands behind this library's name in `User-Agent`: 1 to 64 characters.
    pub fn set_application_id(&mut self, id: Option<&str>) -> Result<&mut Self, Error> {
        check_header(APPLICATION_ID, id)?;
        self.application_id = id.map(str::to_owned);
        Ok(self)
    }

    /// The one `error_code` that means success: 1 to 32 characters. By default there is
    /// none, and only an answer without an `error_code` is a success.
    pub fn set_success_code(&mut self, code: Option<&str>) -> Result<&mut Self, Error> {
        if let Some(code) = code {
            check_length(SUCCESS_CODE, code)?;
        }
        self.success_code = code.map(str::to_owned);
        Ok(self)
    }

    /// `X-Site`: 0 for China, 1 for international. Not on the API page, so not sent by default.
    pub fn set_site(&mut self, site: i32) -> Result<&mut Self, Error> {
        self.site = Some(check_number("site", site, 0, 1)?);
        Ok(self)
    }

    /// The total deadline of a call, from its begin to its verdict: 1 ms to 1 hour,
    /// 10 seconds by default.
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        check_duration("timeout_ms", timeout)?;
        self.timeout = timeout;
        Ok(self)
    }

    /// The time for a new connection, inside the deadline: lookup, TCP, proxy and TLS
    /// together. 1 ms to 1 hour, 3 seconds by default.
    pub fn set_connect_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        check_duration("connect_timeout_ms", timeout)?;
        self.connect_timeout = timeout;
        Ok(self)
    }

    /// How many connections are kept for the next call: 0 to 65,535, by default 256.
    /// 0 makes a connection per call.
    pub fn set_max_idle_connections(&mut self, count: usize) -> Result<&mut Self, Error> {
        if count > MOST_IDLE_CONNECTIONS {
            return Err(Error::invalid(
                "max_idle_connections",
                format!(
                    "max_idle_connections must be 0 to {MOST_IDLE_CONNECTIONS}, but is {count}"
                ),
            ));
        }
        self.max_idle_connections = count;
        Ok(self)
    }

    /// How long a connection is kept unused: 1 ms to 1 hour, 15 seconds by default.
    pub fn set_idle_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        check_duration("idle_timeout_ms", timeout)?;
        self.idle_timeout = timeout;
        Ok(self)
    }

    /// 1, the default, allows one more attempt if no connection came about and not a byte had
    /// left; and one more if the service refused, unprocessed, a token that this client had
    /// fetched itself. 0 allows none. Nothing else is ever sent again.
    pub fn set_retries(&mut self, retries: i32) -> Result<&mut Self, Error> {
        self.retries = check_number("retries", retries, 0, 1)?;
        Ok(self)
    }

    /// A PEM file with the authorities to trust instead of the system's trust store.
    /// It is read now; if any part of it is broken, none of it is taken.
    pub fn set_ca_file(&mut self, path: Option<&Path>) -> Result<&mut Self, Error> {
        self.ca_file = path.map(CaFile::read).transpose()?;
        Ok(self)
    }

    /// The proxy for `https` endpoints: `http://[user:password@]host[:port]`, with `%`, `:`
    /// and `@` in user and password percent-encoded. It sees the service's name, never the
    /// token. No proxy by default, whatever the environment says.
    pub fn set_proxy(&mut self, proxy: Option<&str>) -> Result<&mut Self, Error> {
        self.proxy = proxy.map(Proxy::parse).transpose()?;
        Ok(self)
    }

    /// Whether a proxy is taken from the environment (`ALL_PROXY`, `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `NO_PROXY`) when the client is made and none is set. Off by default.
    pub fn set_proxy_from_environment(&mut self, wanted: bool) -> Result<&mut Self, Error> {
        self.proxy_from_environment = wanted;
        Ok(self)
    }

    /// A callback for log lines up to `level`. It is called on the calling thread, possibly
    /// from several at once, and may itself use the client. No line ever holds a secret or
    /// a contact. Off by default.
    pub fn set_logger(
        &mut self,
        level: LogLevel,
        callback: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> &mut Self {
        self.logger = Logger::new(level, Arc::new(callback));
        self
    }

    /// How to reach an endpoint with these settings.
    pub(crate) fn settings(&self, endpoint: &Endpoint) -> Result<Settings, Error> {
        // Plain http goes to this machine only, where a proxy has no place.
        let proxy = match &self.proxy {
            _ if !endpoint.secure => None,
            Some(proxy) => Some(proxy.clone()),
            None if self.proxy_from_environment => Proxy::from_environment(endpoint)?,
            None => None,
        };
        Ok(Settings {
            endpoint: endpoint.clone(),
            connect_timeout: self.connect_timeout,
            max_idle_connections: self.max_idle_connections,
            idle_timeout: self.idle_timeout,
            ca_file: self.ca_file.clone(),
            proxy,
            logger: self.logger.clone(),
        })
    }

    /// Makes the client. Does not block and connects nowhere.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the endpoint is
    /// not set, or if a proxy from the environment cannot be used.
    pub fn build(&self) -> Result<Client, Error> {
        Client::new(self)
    }
}

/// Checks a time that the caller set.
pub(crate) fn check_duration(field: &'static str, value: Duration) -> Result<(), Error> {
    if (Duration::from_millis(1)..=LONGEST).contains(&value) {
        return Ok(());
    }
    let (given, most) = (value.as_millis(), LONGEST.as_millis());
    Err(Error::invalid(field, format!("{field} must be 1 to {most} milliseconds, but is {given}")))
}

/// Checks a number that the caller set and gives it the type that holds the range.
pub(crate) fn check_number<N: TryFrom<i32>>(
    field: &'static str,
    value: i32,
    least: i32,
    most: i32,
) -> Result<N, Error> {
    let checked = (least..=most).contains(&value).then(|| N::try_from(value).ok()).flatten();
    checked.ok_or_else(|| {
        Error::invalid(field, format!("{field} must be {least} to {most}, but is {value}"))
    })
}
