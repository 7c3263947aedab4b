//! Sends a request's bytes within a deadline and reads the answer's. The only
//! room that knows ureq.
//!
//! ureq drives the exchange and keeps the idle connections. Below it stand our
//! own [`dialer`] and [`connection`], because three promises need them: a
//! deadline that holds in every phase, the knowledge whether a byte has left,
//! and framing that is held to the letter.

mod buffers;
mod chunks;
mod connection;
mod deadline;
mod dialer;
mod exchange;
mod framing;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod per_process;
mod proxy;
mod records;
mod resolver;
mod socket;
mod tls;
#[cfg(all(feature = "capi", target_os = "linux"))]
pub(crate) mod warm_up;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderMap;
use http::{Method, Request, Response, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout};
use ureq::{Agent, Body};

pub(crate) use self::deadline::Deadline;
use self::dialer::Dialer;
use self::exchange::Exchange;
use self::framing::Framing;
pub(crate) use self::per_process::PerProcess;
pub(crate) use self::proxy::Proxy;
pub(crate) use self::tls::CaFile;
use crate::endpoint::Endpoint;
use crate::error::{ErrorKind, Sent};
use crate::incoming::{BodyProblem, Incoming};
use crate::logger::Logger;
use crate::purpose::{Purpose, UNSENT};

/// Of an answer that is no success, only the beginning is read: it adds words, no verdict.
const WORDS_BYTES: usize = 64 * 1024;
const CONTRADICTS: &str = "the answer's head contradicts itself on where the body ends";

/// What a transport needs to know. It never changes.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_idle_connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) ca_file: Option<CaFile>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) logger: Logger,
}

/// A request as it goes on the wire.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'a [u8],
    /// The one status whose body decides something, and is therefore read most strictly.
    pub(crate) success: u16,
    pub(crate) purpose: Purpose,
}

/// The connections to one endpoint. Any number of threads at once.
#[derive(Debug)]
pub(crate) struct Transport {
    settings: Arc<Settings>,
    agent: PerProcess<Agent>,
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), agent: PerProcess::new() }
    }

    /// Sends the request once and reads its answer. Blocks until the deadline at most.
    pub(crate) fn exchange(
        &self,
        outgoing: Outgoing<'_>,
        deadline: Deadline,
    ) -> Result<Incoming, (ErrorKind, Sent)> {
        let Outgoing { success, purpose, .. } = outgoing;
        let _guard = exchange::begin(Exchange {
            deadline,
            departed: false,
            chunked: false,
            violation: None,
            unframed: false,
            untaken_status: None,
        });
        let answered = self.run(outgoing);
        let after = exchange::current();
        let departed = after.is_some_and(|exchange| exchange.departed);
        match answered {
            Ok(response) => Ok(read(response, success, purpose)),
            Err(error) => {
                let status = after.and_then(|exchange| exchange.untaken_status);
                if let (ureq::Error::Protocol(_), Some(http_status)) = (&error, status) {
                    return Ok(Incoming {
                        http_status,
                        headers: HeaderMap::new(),
                        body: Vec::new(),
                        problem: Some(BodyProblem::Bad(CONTRADICTS.into())),
                    });
                }
                let sent = if departed { Sent::Maybe } else { Sent::No };
                Err((complete(sort(error, departed), sent, purpose), sent))
            }
        }
    }

    fn run(&self, outgoing: Outgoing<'_>) -> Result<Response<Body>, ureq::Error> {
        let agent =
            self.agent.get(|| agent(&self.settings, Dialer::new(Arc::clone(&self.settings))));
        let Outgoing { method, uri, headers, body, .. } = outgoing;
        // A method that may bring a body tells its length, even of none (RFC 9110, section 8.6).
        let has_body = method == Method::POST || method == Method::PUT;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if has_body { agent.run(request) } else { agent.run(request.map(|_| ())) }
    }
}

fn agent(settings: &Settings, connector: impl Connector) -> Agent {
    let config = Agent::config_builder()
        // The body of a refusal tells why.
        .http_status_as_error(false)
        // A redirect would carry the token to another host. It is an answer like any other.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .https_only(settings.endpoint.secure)
        // ureq would take one from the environment; ours is the dialer's matter.
        .proxy(None)
        .user_agent(ureq::config::AutoHeaderValue::None)
        // A host's own ureq may have been built with gzip, and Cargo builds one for both.
        .accept_encoding(ureq::config::AutoHeaderValue::None)
        .max_response_header_size(buffers::INPUT_BYTES)
        .max_idle_connections(settings.max_idle_connections)
        .max_idle_connections_per_host(settings.max_idle_connections)
        .max_idle_age(settings.idle_timeout)
        .build();
    Agent::with_parts(config, connector, NoLookup)
}

/// ureq asks for addresses before it looks for an idle connection. The dialer
/// looks them up itself, once it is known that one is needed.
#[derive(Debug)]
struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Reads the answer's body, as far as the status lets it matter.
fn read(response: Response<Body>, success: u16, purpose: Purpose) -> Incoming {
    let (head, body) = response.into_parts();
    let http_status = head.status.as_u16();
    let framing = framing::check(head.version, &head.headers);
    let success = http_status == success;

    if framing.is_err() {
        exchange::update(|exchange| exchange.unframed = true);
    }
    let (bytes, problem) = match framing {
        Err(rule) if success => (Vec::new(), Some(BodyProblem::Bad(rule.to_owned()))),
        framing => {
            exchange::update(|exchange| exchange.chunked = framing == Ok(Framing::Chunked));
            let limit = if success { framing::BODY_BYTES } else { WORDS_BYTES };
            let length = match framing {
                Ok(Framing::Length(length)) => length.min(limit),
                _ => 0,
            };
            read_body(body, length, limit, purpose)
        }
    };
    Incoming { http_status, headers: head.headers, body: bytes, problem }
}

/// Reads up to `limit` bytes, `length` of them announced; what came before a problem is kept.
fn read_body(
    body: Body,
    length: usize,
    limit: usize,
    purpose: Purpose,
) -> (Vec<u8>, Option<BodyProblem>) {
    // Room for the whole, where its length is told, so that it is not moved while it grows; and
    // for the 32 bytes with which the standard library looks for the end.
    let mut bytes = Vec::with_capacity(length + 32);
    let mut reader = body.into_reader().take(limit as u64 + 1);
    let outcome = reader.read_to_end(&mut bytes);
    // ureq reads on where the framing is broken in ways that it does not mind.
    if let Some(violation) = exchange::current().and_then(|exchange| exchange.violation) {
        return (bytes, Some(BodyProblem::Bad(violation.to_owned())));
    }
    let problem = match outcome {
        Ok(_) if bytes.len() > limit => Some(BodyProblem::Bad("the answer is too long".into())),
        Ok(_) => None,
        Err(error) => Some(match complete(sort(error.into(), true), Sent::Maybe, purpose) {
            ErrorKind::ConnectionLost(reason) => BodyProblem::Lost(reason),
            ErrorKind::Timeout(reason) => BodyProblem::Late(reason),
            _ => BodyProblem::Bad("the answer's chunks are broken".into()),
        }),
    };
    (bytes, problem)
}

/// Adds what a failure means for the person, which the lower rooms cannot know.
fn complete(mut kind: ErrorKind, sent: Sent, purpose: Purpose) -> ErrorKind {
    match &mut kind {
        ErrorKind::ConnectFailed(sentence)
        | ErrorKind::TlsFailed(sentence)
        | ErrorKind::Timeout(sentence)
        | ErrorKind::ConnectionLost(sentence) => {
            sentence.push(' ');
            sentence.push_str(if sent == Sent::No { UNSENT } else { purpose.lost });
        }
        ErrorKind::BadResponse(sentence) => {
            sentence.insert_str(0, ": ");
            sentence.insert_str(0, purpose.unconfirmed);
        }
        _ => {}
    }
    kind
}

/// What ureq reports, as the situation that it is.
fn sort(error: ureq::Error, departed: bool) -> ErrorKind {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<ErrorKind>() {
            Ok(kind) => *kind,
            Err(_) => ErrorKind::Internal("the connection failed in an unknown way".into()),
        },
        ureq::Error::Io(error) if departed => {
            ErrorKind::ConnectionLost(format!("No whole answer: {}.", error.kind()))
        }
        ureq::Error::LargeResponseHeader(..) => {
            ErrorKind::BadResponse("the answer's head is too long.".into())
        }
        // Its text may quote the peer, so it is not passed on.
        ureq::Error::Protocol(_) | ureq::Error::Http(_) if departed => {
            ErrorKind::BadResponse("the answer is not valid HTTP/1.1.".into())
        }
        _ => ErrorKind::Internal("the request could not be put together".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_failure_says_what_it_means_for_the_person() {
        type Kind = fn(String) -> ErrorKind;
        let told: [Kind; 4] = [
            ErrorKind::ConnectFailed,
            ErrorKind::TlsFailed,
            ErrorKind::Timeout,
            ErrorKind::ConnectionLost,
        ];
        for kind in told {
            let said = |sent| complete(kind("It broke.".into()), sent, Purpose::VERIFY).to_string();
            assert_eq!(said(Sent::No), format!("It broke. {UNSENT}"));
            assert_eq!(said(Sent::Maybe), format!("It broke. {}", Purpose::VERIFY.lost));
        }
        let bad = ErrorKind::BadResponse("it is strange.".into());
        let said = complete(bad, Sent::Maybe, Purpose::VERIFY).to_string();
        assert_eq!(said, "Not verified: it is strange.");
    }

    #[test]
    fn what_ureq_reports_is_told_by_whether_the_request_had_left() {
        let broken = || ureq::Error::Io(io::ErrorKind::BrokenPipe.into());
        let strange = || ureq::Error::Protocol(ureq_proto::Error::BodyContentAfterFinish);
        let long = ureq::Error::LargeResponseHeader(2, 1);
        assert!(matches!(sort(broken(), true), ErrorKind::ConnectionLost(_)));
        assert!(matches!(sort(broken(), false), ErrorKind::Internal(_)));
        assert!(matches!(sort(strange(), true), ErrorKind::BadResponse(_)));
        assert!(matches!(sort(strange(), false), ErrorKind::Internal(_)));
        assert!(matches!(sort(long, true), ErrorKind::BadResponse(_)));
        let own = ureq::Error::Other(Box::new(ErrorKind::TlsFailed("own".into())));
        assert!(matches!(sort(own, true), ErrorKind::TlsFailed(text) if text == "own"));
        assert!(matches!(sort(ureq::Error::ConnectionFailed, true), ErrorKind::Internal(_)));
    }
}
