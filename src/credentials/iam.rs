//! Tokens from IAM, the cloud's own authority, for an account's user and password.
//!
//! `POST /v3/auth/tokens`: the answer is 201, and the token is its header `X-Subject-Token`.

use std::fmt;
use std::time::{Duration, Instant};

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Uri};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::fits_a_header;
use super::lifetime::lifetime;
use super::renewing::Source;
use crate::attempts::Attempts;
use crate::confidential::{Confidential, SHORTEST_HIDDEN};
use crate::error::Error;
use crate::incoming::Incoming;
use crate::logger::Logger;
use crate::purpose::Purpose;
use crate::response::{Answer, Answering, Rule};
use crate::secret::Secret;
use crate::transport::{Deadline, Outgoing, Settings, Transport};

/// Without the catalogue of all services, which nobody here reads.
const TOKENS_PATH: &str = "/v3/auth/tokens?nocatalog=true";
const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// An account's user with the password.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) domain: Secret,
    pub(crate) user: Secret,
    pub(crate) password: Secret,
}

/// What a token shall be good for.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    Domain,
    ProjectName(String),
    ProjectId(String),
}

/// Fetches tokens for one user.
pub(crate) struct Iam {
    transport: Transport,
    uri: Uri,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    login: Login,
    retries: u32,
    logger: Logger,
}

impl Iam {
    pub(crate) fn new(
        settings: Settings,
        login: Login,
        scope: &Scope,
        user_agent: HeaderValue,
        retries: u32,
    ) -> Result<Self, Error> {
        let domain = json!({ "name": login.domain.expose() });
        let scope = match scope {
            Scope::Domain => json!({ "domain": domain }),
            Scope::ProjectName(name) => json!({ "project": { "name": name } }),
            Scope::ProjectId(id) => json!({ "project": { "id": id } }),
        };
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "domain": domain,
                "name": login.user.expose(),
                "password": login.password.expose(),
            } } },
            "scope": scope,
        } });
        Ok(Self {
            uri: settings.endpoint.uri(TOKENS_PATH)?,
            headers: HeaderMap::from_iter([
                (ACCEPT, HeaderValue::from_static("application/json")),
                (CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf8")),
                (USER_AGENT, user_agent),
            ]),
            body: Zeroizing::new(body.to_string().into_bytes()),
            login,
            retries,
            logger: settings.logger.clone(),
            transport: Transport::new(settings),
        })
    }

    fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            method: Method::POST,
            uri: self.uri.clone(),
            headers: self.headers.clone(),
            body: &self.body,
            success: 201,
            purpose: Purpose::AUTHENTICATE,
        }
    }
}

impl Source for Iam {
    type Value = HeaderValue;
    const NAME: &'static str = "token from IAM";

    fn fetch(&self, deadline: Deadline) -> Result<(HeaderValue, Duration), Error> {
        let Login { domain, user, password } = &self.login;
        let rule = Rule {
            success_code: None,
            confidential: Confidential(&[password.bytes(), user.bytes(), domain.bytes()]),
            answering: Answering {
                name: "IAM",
                unauthorized: "The account, the user or the password is wrong, or the user is locked",
            },
            purpose: Purpose::AUTHENTICATE,
        };
        let started = Instant::now();
        let mut attempts = Attempts::new(self.retries);
        let exchanged =
            attempts.send(&self.transport, deadline, &self.logger, || Ok(((), self.outgoing())));
        let outcome = exchanged.and_then(|((), mut incoming)| {
            // So short a password cannot be told from the words around it.
            if incoming.http_status != 201 && password.bytes().len() < SHORTEST_HIDDEN {
                incoming.drop_words();
            }
            read(&rule, &incoming)
        });
        let (status, id) = match &outcome {
            Ok(_) => ("OK", String::new()),
            Err(error) => (error.status().name(), request_id(error.answer())),
        };
        self.logger.request(&Method::POST, &self.uri, status, started, &id);
        outcome
    }
}

/// The token and its lifetime, if the answer is one as documented.
fn read(rule: &Rule<'_>, incoming: &Incoming) -> Result<(HeaderValue, Duration), Error> {
    if incoming.http_status != 201 {
        return Err(rule.refusal(incoming));
    }
    let answer = rule.answer(incoming);
    rule.check_whole(incoming, &answer)?;
    let tokens: Vec<_> = incoming.headers.get_all(X_SUBJECT_TOKEN).iter().collect();
    let [token] = tokens[..] else {
        return Err(rule.bad(answer, "the answer does not hold exactly one X-Subject-Token"));
    };
    if !fits_a_header(token.as_bytes()) {
        return Err(rule.bad(answer, "the answer's X-Subject-Token is no token"));
    }
    let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
    let told = &body["token"];
    if !told.is_object() {
        return Err(rule.bad(answer, "the answer's body does not tell of a token"));
    }
    // `Date` is cut to the second, `issued_at` is not: the later one is nearer to now.
    let issued = told["issued_at"].as_str().and_then(|text| humantime::parse_rfc3339(text).ok());
    let now = incoming.date().max(issued);
    let mut token = token.clone();
    token.set_sensitive(true);
    Ok((token, lifetime(told["expires_at"].as_str(), now)))
}

fn request_id(answer: Option<&Answer>) -> String {
    answer.map(|answer| answer.request_id.clone()).unwrap_or_default()
}

impl fmt::Debug for Iam {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Iam").field("uri", &self.uri).finish_non_exhaustive()
    }
}
