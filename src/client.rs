//! One call from top to bottom: request, credentials, transport, response.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use http::{HeaderName, Method, Uri};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Sent};
use crate::limits;
use crate::logger::{LogLevel, Logger};
use crate::request::{CallOptions, Request};
use crate::response::{Incoming, Rule, Verified};
use crate::text::Confidential;
use crate::transport::{Deadline, Outgoing, Proxy, Settings, Transport};

const VERIFY_PATH: &str = "/v2/servicerequest/verifycodes";

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const X_LANGUAGE: HeaderName = HeaderName::from_static("x-language");
const X_TIME_ZONE: HeaderName = HeaderName::from_static("x-time-zone");
const X_SITE: HeaderName = HeaderName::from_static("x-site");

/// The service with its credentials and connections.
///
/// It never changes, so any number of threads may use it at once. After a
/// `fork`, parent and child may both go on using it: they share no connection.
pub struct Client {
    transport: Transport,
    verify_uri: Uri,
    /// The headers that are the same in every call.
    headers: HeaderMap,
    auth_token: Option<HeaderValue>,
    success_code: Option<String>,
    timeout: Duration,
    retries: u32,
    logger: Logger,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let endpoint = config.endpoint.clone().ok_or_else(|| {
            Error::invalid("endpoint", "endpoint is not set: give the service's address")
        })?;
        // Plain http goes to this machine only, where a proxy has no place.
        let proxy = match &config.proxy {
            _ if !endpoint.secure => None,
            Some(proxy) => Some(proxy.clone()),
            None if config.proxy_from_environment => Proxy::from_environment(&endpoint)?,
            None => None,
        };

        let mut headers = HeaderMap::new();
        let product = concat!("contactverify/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &config.application_id {
            Some(application) => format!("{product} {application}"),
            None => product.to_owned(),
        };
        headers.insert(USER_AGENT, header("application_id", &user_agent)?);
        if let Some(language) = &config.language {
            headers.insert(X_LANGUAGE, header(limits::LANGUAGE.name, language)?);
        }
        if let Some(time_zone) = &config.time_zone {
            headers.insert(X_TIME_ZONE, header(limits::TIME_ZONE.name, time_zone)?);
        }
        if let Some(site) = config.site {
            headers.insert(X_SITE, HeaderValue::from(u16::from(site)));
        }
        let auth_token = match &config.auth_token {
            Some(token) => Some(secret_header(limits::AUTH_TOKEN.name, token.expose())?),
            None => None,
        };

        Ok(Self {
            verify_uri: endpoint.uri(VERIFY_PATH)?,
            headers,
            auth_token,
            success_code: config.success_code.clone(),
            timeout: config.timeout,
            retries: config.retries,
            logger: config.logger.clone(),
            transport: Transport::new(Settings {
                endpoint,
                connect_timeout: config.connect_timeout,
                max_idle_connections: config.max_idle_connections,
                idle_timeout: config.idle_timeout,
                ca_file: config.ca_file.clone(),
                proxy,
                logger: config.logger.clone(),
            }),
        })
    }

    /// Asks the service whether the code is right. Blocks until the deadline at most.
    ///
    /// The request is sent once: a second try could burn an attempt or find the code
    /// used up. What is known of its way stands in [`Error::sent`].
    ///
    /// # Errors
    /// Every [`ErrorKind`]. A wrong code is [`ErrorKind::Rejected`].
    pub fn verify_codes(&self, request: &Request<'_>) -> Result<Verified, Error> {
        let deadline = Deadline::total(request.options.timeout.unwrap_or(self.timeout));
        request.validate()?;
        let body = serde_json::to_vec(request).map(Zeroizing::new).map_err(|_| {
            Error::unsent(ErrorKind::Internal("the request could not be written as JSON".into()))
        })?;
        let headers = self.headers(&request.options)?;
        let outgoing =
            Outgoing { method: Method::POST, uri: self.verify_uri.clone(), headers, body: &body };
        let token = outgoing.headers.get(X_AUTH_TOKEN).and_then(|token| token.to_str().ok());
        let rule = Rule {
            success_code: self.success_code.as_deref(),
            confidential: Confidential(&[
                token.unwrap_or_default(),
                request.verify_code,
                request.contact_value,
            ]),
        };
        self.call(&outgoing, deadline, |incoming| rule.verdict(incoming))
    }

    /// The headers of one call, with its credentials.
    fn headers(&self, options: &CallOptions<'_>) -> Result<HeaderMap, Error> {
        let mut headers = self.headers.clone();
        if let Some(language) = options.language {
            headers.insert(X_LANGUAGE, header(limits::LANGUAGE.name, language)?);
        }
        if let Some(time_zone) = options.time_zone {
            headers.insert(X_TIME_ZONE, header(limits::TIME_ZONE.name, time_zone)?);
        }
        let token = match options.auth_token {
            Some(token) => secret_header(limits::AUTH_TOKEN.name, token)?,
            None => self.auth_token.clone().ok_or_else(|| {
                Error::invalid(
                    limits::AUTH_TOKEN.name,
                    "auth_token is not set: set it in the config, or in the request",
                )
            })?,
        };
        headers.insert(X_AUTH_TOKEN, token);
        Ok(headers)
    }

    /// Sends, judges, and tells the log of it.
    fn call(
        &self,
        outgoing: &Outgoing<'_>,
        deadline: Deadline,
        judge: impl FnOnce(&Incoming) -> Result<Verified, Error>,
    ) -> Result<Verified, Error> {
        let started = Instant::now();
        let mut attempts = 0;
        let exchanged = loop {
            attempts += 1;
            match self.transport.exchange(outgoing, deadline) {
                Err((ErrorKind::ConnectFailed(reason), Sent::No))
                    if attempts <= self.retries && pause(deadline) =>
                {
                    self.logger.log(LogLevel::Warn, || format!("trying once more: {reason}"));
                }
                other => break other,
            }
        };
        let outcome = match exchanged {
            Ok(incoming) => judge(&incoming),
            Err((kind, sent)) => Err(Error::on_the_way(kind, sent)),
        };

        self.logger.log(LogLevel::Info, || {
            let (status, id) = match &outcome {
                Ok(verified) => ("OK", verified.request_id()),
                Err(error) => (
                    error.status().name(),
                    error.answer().map_or("", |answer| answer.request_id.as_str()),
                ),
            };
            let id = if id.is_empty() { "-" } else { id };
            let (method, path) = (&outgoing.method, outgoing.uri.path());
            let milliseconds = started.elapsed().as_millis();
            format!("{method} {path} {status} {milliseconds} ms request_id={id}")
        });
        match outcome {
            Ok(verified) => Ok(verified.with_attempts(attempts)),
            Err(error) => Err(error.with_attempts(attempts)),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("uri", &self.verify_uri).finish_non_exhaustive()
    }
}

/// Waits a little before the second attempt, a different time in each process, so
/// that many clients do not come back at once. False if there is no time left for it.
fn pause(deadline: Deadline) -> bool {
    let random = RandomState::new().build_hasher().finish();
    let pause = Duration::from_millis(20 + random % 60);
    if deadline.remaining().is_ok_and(|left| left > pause) {
        thread::sleep(pause);
        return true;
    }
    false
}

/// A value that validation has let through, as a header.
fn header(field: &'static str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value)
        .map_err(|_| Error::invalid(field, format!("{field} cannot stand in a header")))
}

fn secret_header(field: &'static str, value: &str) -> Result<HeaderValue, Error> {
    let mut value = header(field, value)?;
    value.set_sensitive(true);
    Ok(value)
}
