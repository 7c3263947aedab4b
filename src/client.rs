//! One call from top to bottom: request, credentials, transport, response.

use std::fmt::{self, Write as _};
use std::time::Duration;

use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT,
};
use http::{HeaderName, Method, Uri};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::attempts::Attempts;
use crate::confidential::Confidential;
use crate::config::Config;
use crate::credentials::{Credentials, Shown, X_AUTH_TOKEN, secret_header};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Sent};
use crate::incoming::Incoming;
use crate::limits;
use crate::logger::{LogLevel, Logger};
use crate::purpose::Purpose;
use crate::request::{CallOptions, ListRequest, NeedRequest, Request, SendRequest};
use crate::response::{Answering, Rule};
use crate::success::{CodeSent, Contacts, Need, Success, Verified};
use crate::transport::{Deadline, Outgoing, Transport};

const VERIFY_PATH: &str = "/v2/servicerequest/verifycodes";
const SEND_PATH: &str = "/v2/servicerequest/verifycodes/send";
const NEED_PATH: &str = "/v2/servicerequest/verifycodes/need-verify";
const LIST_PATH: &str = "/v2/servicerequest/verifycodes/has-verified";

const X_LANGUAGE: HeaderName = HeaderName::from_static("x-language");
const X_TIME_ZONE: HeaderName = HeaderName::from_static("x-time-zone");
const X_SITE: HeaderName = HeaderName::from_static("x-site");

/// The service with its credentials and connections.
///
/// It never changes, so any number of threads may use it at once. After a
/// `fork`, parent and child may both go on using it: they share no connection.
/// [`Config::build`] makes one. Dropping it closes its connections and does not block.
pub struct Client {
    transport: Transport,
    credentials: Credentials,
    endpoint: Endpoint,
    verify_uri: Uri,
    send_uri: Uri,
    /// The headers that are the same in every call, the client's own token among them.
    headers: HeaderMap,
    success_code: Option<String>,
    timeout: Duration,
    retries: u32,
    logger: Logger,
}

/// One call's own part.
struct Call<'a> {
    method: Method,
    uri: Uri,
    body: &'a [u8],
    options: &'a CallOptions<'a>,
    /// What must not be repeated from the answer, beside the credentials: code and contact.
    confidential: [&'a str; 2],
    purpose: Purpose,
    deadline: Deadline,
}

/// An answer, with what was shown for it.
struct Asked {
    shown: Shown,
    incoming: Incoming,
    /// Why the call was not repeated after the refusal that this answer is.
    unrepeated: Option<Error>,
}

#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method's path would stand for one lifetime of the rule only"
)]
impl Client {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let of_region = config.region.as_ref().map(|region| &region.endpoint);
        let endpoint = config.endpoint.as_ref().or(of_region).cloned().ok_or_else(|| {
            Error::invalid(
                "endpoint",
                "endpoint is not set: give the service's address, or a region",
            )
        })?;
        let product = concat!("contactverify/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &config.application_id {
            Some(application) => format!("{product} {application}"),
            None => product.to_owned(),
        };
        let user_agent = header("application_id", &user_agent)?;
        let mut headers = HeaderMap::new();
        // What every request has, ureq need not put together anew for each.
        headers.insert(HOST, header("endpoint", &endpoint.host_header())?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(language) = &config.language {
            headers.insert(X_LANGUAGE, header(limits::LANGUAGE.name, language)?);
        }
        if let Some(time_zone) = &config.time_zone {
            headers.insert(X_TIME_ZONE, header(limits::TIME_ZONE.name, time_zone)?);
        }
        if let Some(site) = config.site {
            headers.insert(X_SITE, HeaderValue::from(u16::from(site)));
        }
        headers.insert(USER_AGENT, user_agent.clone());
        let credentials = Credentials::new(config, &endpoint, user_agent)?;
        if let Credentials::Token(token) = &credentials {
            headers.insert(X_AUTH_TOKEN, token.clone());
        }

        Ok(Self {
            verify_uri: endpoint.uri(VERIFY_PATH)?,
            send_uri: endpoint.uri(SEND_PATH)?,
            headers,
            credentials,
            success_code: config.success_code.clone(),
            timeout: config.timeout,
            retries: config.retries,
            logger: config.logger.clone(),
            transport: Transport::new(config.settings(&endpoint)?),
            endpoint,
        })
    }

    /// Asks the service whether the code is right. Blocks until the deadline at most.
    ///
    /// The request is sent once: a second try could burn an attempt or find the code
    /// used up. What is known of its way stands in [`Error::sent`].
    ///
    /// # Errors
    /// Every [`ErrorKind`]. A wrong code is [`ErrorKind::Rejected`].
    pub fn verify_codes(&self, request: &Request<'_>) -> Result<Success<Verified>, Error> {
        let deadline = self.deadline(&request.options);
        request.validate()?;
        let body = json(request)?;
        let call = Call {
            method: Method::POST,
            uri: self.verify_uri.clone(),
            body: &body,
            options: &request.options,
            confidential: [request.verify_code, request.contact_value],
            purpose: Purpose::VERIFY,
            deadline,
        };
        self.call(&call, |rule, incoming| rule.verdict(incoming))
    }

    /// Has a new code sent to a contact. Blocks until the deadline at most.
    ///
    /// # Errors
    /// Every [`ErrorKind`]. A code that was asked for too often is [`ErrorKind::Rejected`].
    pub fn send_code(&self, request: &SendRequest<'_>) -> Result<Success<CodeSent>, Error> {
        let deadline = self.deadline(&request.options);
        request.validate()?;
        let body = json(request)?;
        let call = Call {
            method: Method::POST,
            uri: self.send_uri.clone(),
            body: &body,
            options: &request.options,
            confidential: [request.contact_value, ""],
            purpose: Purpose::SEND,
            deadline,
        };
        self.call(&call, |rule, incoming| Ok(rule.accepted(incoming)?.with(CodeSent)))
    }

    /// Asks whether a contact must be verified. Blocks until the deadline at most.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn need_verify(&self, request: &NeedRequest<'_>) -> Result<Success<Need>, Error> {
        let deadline = self.deadline(&request.options);
        request.validate()?;
        let call = Call {
            method: Method::GET,
            uri: self.asking(NEED_PATH, &request.query())?,
            body: &[],
            options: &request.options,
            confidential: [request.contact_value, ""],
            purpose: Purpose::ASK,
            deadline,
        };
        self.call(&call, |rule, incoming| rule.told(incoming))
    }

    /// Lists the contacts that are verified. Blocks until the deadline at most.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn list_verified(&self, request: &ListRequest<'_>) -> Result<Success<Contacts>, Error> {
        let deadline = self.deadline(&request.options);
        request.validate()?;
        let call = Call {
            method: Method::GET,
            uri: self.asking(LIST_PATH, &request.query())?,
            body: &[],
            options: &request.options,
            confidential: [request.contact_value.unwrap_or_default(), ""],
            purpose: Purpose::ASK,
            deadline,
        };
        self.call(&call, |rule, incoming| rule.told(incoming))
    }

    fn deadline(&self, options: &CallOptions<'_>) -> Deadline {
        // Validation refuses a longer one; here it must only not overflow.
        let longest = Duration::from_hours(2);
        Deadline::total(options.timeout.unwrap_or(self.timeout).min(longest))
    }

    fn asking(&self, path: &str, query: &str) -> Result<Uri, Error> {
        if query.is_empty() {
            return self.endpoint.uri(path);
        }
        self.endpoint.uri(&format!("{path}?{query}"))
    }

    /// Sends, judges, and tells the log of it.
    fn call<T>(
        &self,
        call: &Call<'_>,
        judge: impl FnOnce(&Rule<'_>, &Incoming) -> Result<Success<T>, Error>,
    ) -> Result<Success<T>, Error> {
        let mut attempts = Attempts::new(self.retries);
        let outcome = match self.ask(call, &mut attempts) {
            Err(error) => Err(error),
            Ok(Asked { shown, incoming, unrepeated }) => {
                let mut advice = match incoming.http_status {
                    401 => shown.when_refused(&incoming),
                    _ => String::new(),
                };
                if let Some(error) = unrepeated {
                    let _ = write!(advice, ". It was not asked again: {}", error.reason());
                }
                let [token_or_key, security_token] = shown.confidential();
                let [first, second] = call.confidential.map(str::as_bytes);
                let rule = Rule {
                    success_code: self.success_code.as_deref(),
                    confidential: Confidential(&[token_or_key, security_token, first, second]),
                    answering: Answering { name: "The service", unauthorized: &advice },
                    purpose: call.purpose,
                };
                judge(&rule, &incoming)
            }
        };
        match outcome {
            Ok(success) => {
                self.log(call, attempts.made(), "OK", success.request_id());
                Ok(success.with_attempts(attempts.made()))
            }
            Err(error) => {
                let id = error.answer().map_or("", |answer| answer.request_id.as_str());
                self.log(call, attempts.made(), error.status().name(), id);
                Err(error.with_attempts(attempts.made()))
            }
        }
    }

    /// What was refused before it was tried is the caller's to see, not the log's.
    fn log(&self, call: &Call<'_>, attempts: u32, status: &str, id: &str) {
        if attempts > 0 {
            let begun = call.deadline.begun();
            self.logger.request(&call.method, &call.uri, status, begun, id);
        }
    }

    /// Logs what must never happen. What the person is told of it says no more.
    #[cfg(feature = "capi")]
    pub(crate) fn tell_of_bug(&self, bug: &Error) {
        self.logger.log(LogLevel::Error, || bug.to_string());
    }

    /// Sends, with credentials, until an answer is there to be judged: once more, with another
    /// token, if the service refused one that this client fetched.
    fn ask(&self, call: &Call<'_>, attempts: &mut Attempts) -> Result<Asked, Error> {
        let first = self.send(call, attempts)?;
        let can_help = self.credentials.learn(&first.shown, first.incoming.http_status);
        if !can_help || self.retries == 0 || call.deadline.remaining().is_err() {
            return Ok(first);
        }
        self.logger.log(LogLevel::Warn, || "the token is refused: fetching another".into());
        match self.send(call, attempts) {
            Ok(second) => {
                self.credentials.learn(&second.shown, second.incoming.http_status);
                Ok(second)
            }
            // The service's answer stands: it has heard nothing since.
            Err(error) if error.sent() == Sent::No => {
                Ok(Asked { unrepeated: Some(error), ..first })
            }
            Err(error) => Err(error),
        }
    }

    /// Sends with credentials, and takes the answer in.
    fn send(&self, call: &Call<'_>, attempts: &mut Attempts) -> Result<Asked, Error> {
        let sent = attempts.send(&self.transport, call.deadline, &self.logger, || {
            let mut outgoing = self.outgoing(call)?;
            let shown = self.show(call, &mut outgoing)?;
            Ok((shown, outgoing))
        });
        sent.map(|(shown, incoming)| Asked { shown, incoming, unrepeated: None })
    }

    /// The request as it goes out, but for the credentials.
    fn outgoing<'a>(&self, call: &'a Call<'_>) -> Result<Outgoing<'a>, Error> {
        let mut headers = self.headers.clone();
        if let Some(language) = call.options.language {
            headers.insert(X_LANGUAGE, header(limits::LANGUAGE.name, language)?);
        }
        if let Some(time_zone) = call.options.time_zone {
            headers.insert(X_TIME_ZONE, header(limits::TIME_ZONE.name, time_zone)?);
        }
        if call.method == Method::POST {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
        }
        Ok(Outgoing {
            method: call.method.clone(),
            uri: call.uri.clone(),
            headers,
            body: call.body,
            success: 200,
            purpose: call.purpose,
        })
    }

    /// Puts the call's own token on the request, else the client's credentials.
    fn show(&self, call: &Call<'_>, outgoing: &mut Outgoing<'_>) -> Result<Shown, Error> {
        let Some(token) = call.options.auth_token else {
            return self.credentials.show(outgoing, call.deadline);
        };
        let token = secret_header(token)?;
        outgoing.headers.insert(X_AUTH_TOKEN, token.clone());
        Ok(Shown::Token(token))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("uri", &self.verify_uri).finish_non_exhaustive()
    }
}

fn json(request: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Error> {
    serde_json::to_vec(request).map(Zeroizing::new).map_err(|_| {
        Error::unsent(ErrorKind::Internal("the request could not be written as JSON".into()))
    })
}

/// A value that validation has let through, as a header.
fn header(field: &'static str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value)
        .map_err(|_| Error::invalid(field, format!("{field} cannot stand in a header")))
}
