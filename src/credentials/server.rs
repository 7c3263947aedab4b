//! Temporary access keys from the metadata server of a cloud host.
//!
//! Its address is link-local: nothing but the host itself is reached there, and plain http is
//! all it speaks.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::header::{HeaderMap, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Uri};
use serde_json::Value;

use super::fits_a_header;
use super::lifetime::lifetime;
use super::renewing::Source;
use super::signer::{AccessKey, Owner, Signer};
use crate::confidential::Confidential;
use crate::error::{Error, Sent};
use crate::incoming::Incoming;
use crate::limits;
use crate::logger::Logger;
use crate::purpose::Purpose;
use crate::response::{Answering, Rule};
use crate::secret::Secret;
use crate::transport::{Deadline, Outgoing, Settings, Transport};

const TOKEN_PATH: &str = "/meta-data/latest/api/token";
const KEY_PATH: &str = "/openstack/latest/securitykey";
const X_METADATA_TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");
const X_METADATA_TOKEN_TTL: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
/// Six hours, the longest that the server grants.
const TOKEN_SECONDS: &str = "21600";
/// Where there is no such server, its address does not answer at all, and nobody should wait
/// for it as for a server far away.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Fetches the temporary keys of the host that this program runs on.
pub(crate) struct Server {
    transport: Transport,
    token_uri: Uri,
    key_uri: Uri,
    user_agent: HeaderValue,
    owner: Owner,
    /// Where else credentials were looked for, in vain.
    looked: String,
    /// It has answered before: then this is a cloud host, whatever happens later.
    met: AtomicBool,
    logger: Logger,
}

impl Server {
    pub(crate) fn new(
        settings: Settings,
        owner: Owner,
        looked: String,
        user_agent: HeaderValue,
    ) -> Result<Self, Error> {
        Ok(Self {
            token_uri: settings.endpoint.uri(TOKEN_PATH)?,
            key_uri: settings.endpoint.uri(KEY_PATH)?,
            user_agent,
            owner,
            looked,
            met: AtomicBool::new(false),
            logger: settings.logger.clone(),
            transport: Transport::new(settings),
        })
    }

    fn ask(
        &self,
        method: &Method,
        uri: &Uri,
        header: Option<(HeaderName, HeaderValue)>,
        deadline: Deadline,
    ) -> Result<Incoming, Error> {
        let mut headers = HeaderMap::from_iter([(USER_AGENT, self.user_agent.clone())]);
        headers.extend(header.map(|(name, value)| (Some(name), value)));
        let outgoing = Outgoing {
            method: method.clone(),
            uri: uri.clone(),
            headers,
            body: &[],
            success: 200,
            purpose: Purpose::AUTHENTICATE,
        };
        let started = Instant::now();
        let exchanged = self.transport.exchange(outgoing, deadline);
        let mut exchanged = exchanged.map_err(|(kind, sent)| Error::on_the_way(kind, sent));
        // What this server says may be a key: of a refusal, no word is repeated.
        if let Ok(incoming) = &mut exchanged
            && incoming.http_status != 200
        {
            incoming.drop_words();
        }
        let status = match &exchanged {
            Ok(incoming) => incoming.http_status.to_string(),
            Err(error) => error.status().name().to_owned(),
        };
        self.logger.request(method, uri, &status, started, "");
        exchanged
    }

    /// Whether there is no such server here, rather than one that fails.
    fn is_absent(&self, error: &Error, deadline: Deadline) -> bool {
        let never_met = !self.met.load(Ordering::Relaxed);
        never_met && error.sent() == Sent::No && deadline.remaining().is_ok()
    }

    /// A token with which the server gives keys; none where it is too old to know tokens.
    fn token(&self, deadline: Deadline) -> Result<Option<HeaderValue>, Error> {
        let seconds = HeaderValue::from_static(TOKEN_SECONDS);
        let ttl = Some((X_METADATA_TOKEN_TTL, seconds));
        let incoming = match self.ask(&Method::PUT, &self.token_uri, ttl, deadline) {
            Err(error) if self.is_absent(&error, deadline) => {
                return Err(Error::invalid(
                    limits::AUTH_TOKEN.name,
                    format!(
                        "auth_token is not set, and no credentials were found: {}; metadata \
                         server ({error})",
                        self.looked
                    ),
                ));
            }
            other => other?,
        };
        self.met.store(true, Ordering::Relaxed);
        if matches!(incoming.http_status, 404 | 405 | 503) {
            return Ok(None);
        }
        let rule = rule();
        if incoming.http_status != 200 {
            return Err(rule.refusal(&incoming));
        }
        let answer = rule.answer(&incoming);
        rule.check_whole(&incoming, &answer)?;
        let mut token = Some(incoming.body.trim_ascii())
            .filter(|token| fits_a_header(token))
            .and_then(|token| HeaderValue::from_bytes(token).ok())
            .ok_or_else(|| rule.bad(answer, "the answer is no token"))?;
        token.set_sensitive(true);
        Ok(Some(token))
    }
}

impl Source for Server {
    type Value = Signer;
    const NAME: &'static str = "access key from the metadata server";

    fn fetch(&self, deadline: Deadline) -> Result<(Signer, Duration), Error> {
        let token = self.token(deadline)?.map(|token| (X_METADATA_TOKEN, token));
        let incoming = self.ask(&Method::GET, &self.key_uri, token, deadline)?;
        let rule = rule();
        if incoming.http_status != 200 {
            return Err(rule.refusal(&incoming));
        }
        let answer = rule.answer(&incoming);
        rule.check_whole(&incoming, &answer)?;
        let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
        let credential = &body["credential"];
        let text = |name| credential[name].as_str();
        let parts = ["access", "secret", "securitytoken"].map(text);
        let ([Some(id), Some(secret_key), Some(security_token)], true) =
            (parts, parts.into_iter().flatten().all(|part| fits_a_header(part.as_bytes())))
        else {
            return Err(rule.bad(answer, "the answer holds no access key"));
        };
        let key = AccessKey {
            id: Secret::new(id),
            secret_key: Secret::new(secret_key),
            security_token: Some(Secret::new(security_token)),
        };
        let lifetime = lifetime(text("expires_at"), incoming.date());
        Ok((Signer::new(&key, &self.owner)?, lifetime))
    }
}

fn rule() -> Rule<'static> {
    Rule {
        success_code: None,
        confidential: Confidential(&[]),
        answering: Answering {
            name: "The metadata server",
            unauthorized: "The metadata server gives this program no key",
        },
        purpose: Purpose::AUTHENTICATE,
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("uri", &self.key_uri).finish_non_exhaustive()
    }
}
