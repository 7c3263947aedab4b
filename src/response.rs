//! Answers: from bytes and a status to the verdict. Nothing here touches the network.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, ErrorKind, Sent};
use crate::object::{Field, Object};
use crate::text::{self, Confidential};

#[cfg(test)]
mod tests;

/// What the service said, in texts that are safe to show.
///
/// The documented limits of 32 characters are not enforced: real answers exceed
/// them. Every text is one line; `error_code` has at most 64 bytes, others 1,024.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub http_status: u16,
    /// `X-Request-Id`, else `request_id` of the body; empty if there was none.
    pub request_id: String,
    /// The service's or the gateway's error code; empty if there was none.
    pub error_code: String,
    /// The text beside the error code; empty if there was none.
    pub error_msg: String,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
}

/// The service confirmed the code. Only the verdict rule makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    request_id: String,
    attempts: u32,
}

impl Verified {
    /// The service's own number for this request; empty if it gave none.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// How many times a connection was tried for this call.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }
}

/// An answer as the transport read it.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) http_status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// The body, as far as it was read.
    pub(crate) body: Vec<u8>,
    /// Why the body is not whole or cannot be trusted.
    pub(crate) problem: Option<BodyProblem>,
}

/// Why a body cannot be trusted, as the sentence that tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BodyProblem {
    /// It broke off: the answer is not whole.
    Lost(String),
    /// It did not arrive in time: the answer is not whole.
    Late(String),
    /// It breaks a rule or a limit.
    Bad(String),
}

/// The rule that turns an answer into a verdict.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a> {
    /// The one `error_code` that the caller configured as success.
    pub(crate) success_code: Option<&'a str>,
    /// What must not be repeated from the answer.
    pub(crate) confidential: Confidential<'a>,
}

impl Rule<'_> {
    /// Verified only if the status is 200 and the body is one JSON object whose
    /// `error_code` is absent, null, empty or the configured success code.
    pub(crate) fn verdict(&self, incoming: &Incoming) -> Result<Verified, Error> {
        let mut answer = Answer {
            http_status: incoming.http_status,
            request_id: self.line(incoming.request_id.as_deref().unwrap_or_default()),
            retry_after: incoming.retry_after,
            ..Answer::default()
        };
        if incoming.http_status != 200 {
            return Err(self.refusal(answer, &incoming.body));
        }

        let broken = match &incoming.problem {
            None => None,
            Some(BodyProblem::Bad(reason)) => return Err(bad(answer, reason)),
            Some(BodyProblem::Lost(reason)) => Some(ErrorKind::ConnectionLost(reason.clone())),
            Some(BodyProblem::Late(reason)) => Some(ErrorKind::Timeout(reason.clone())),
        };
        if let Some(kind) = broken {
            return Err(Error::on_the_way(kind, Sent::Maybe));
        }
        let object = match Object::parse(&incoming.body) {
            Ok(object) => object,
            Err(reason) => return Err(bad(answer, reason)),
        };
        if answer.request_id.is_empty() {
            answer.request_id = self.line(object.request_id.text().unwrap_or_default());
        }
        answer.error_msg = self.line(object.error_msg.text().unwrap_or_default());

        let code = match &object.error_code {
            Field::Null => "",
            Field::Text(code) => code,
            _ => return Err(bad(answer, "the answer's error_code is not a text")),
        };
        answer.error_code = self.confidential.line(code, text::CODE_BYTES);
        let configured = !code.is_empty() && self.success_code == Some(code);
        if !code.is_empty() && !configured {
            return Err(rejected(answer));
        }
        if !configured && object.names_another_error {
            return Err(bad(
                answer,
                "the answer has no error_code, but tells of an error in another form",
            ));
        }
        Ok(Verified { request_id: answer.request_id, attempts: 1 })
    }

    /// Any status but 200: the status decides, the body only adds words.
    fn refusal(&self, mut answer: Answer, body: &[u8]) -> Error {
        let mut excerpt = String::new();
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            let told = told(&value, 0).unwrap_or_default();
            answer.error_code = self.confidential.line(&told.code, text::CODE_BYTES);
            answer.error_msg = self.line(&told.message);
            if answer.request_id.is_empty() {
                let id = value.get("request_id").and_then(Value::as_str);
                answer.request_id = self.line(id.unwrap_or_default());
            }
        } else {
            // Whole words, so that none that must be hidden is cut before it is looked for.
            let page = String::from_utf8_lossy(body);
            let mut words = String::new();
            for word in page.split_whitespace() {
                if words.len() > text::EXCERPT_BYTES {
                    break;
                }
                words = words + word + " ";
            }
            excerpt = self.confidential.line(words.trim_end(), text::EXCERPT_BYTES);
        }

        let status = answer.http_status;
        let (kind, advice): (fn(String) -> ErrorKind, &str) = match status {
            401 => (
                ErrorKind::Unauthorized,
                "The token is wrong, expired or of another region: fetch a new one",
            ),
            403 => (ErrorKind::Forbidden, "This account may not use the service"),
            429 => (ErrorKind::RateLimited, "Too many requests: wait before the next one"),
            300..=399 => (
                ErrorKind::RequestRefused,
                "The service redirects, which is never followed: check the endpoint",
            ),
            400..=499 => (ErrorKind::RequestRefused, "The service refused the request"),
            500.. => (ErrorKind::ServiceError, "The service failed: it may work again later"),
            _ => (ErrorKind::BadResponse, "The API page documents 200 as the only success"),
        };
        let mut sentence = format!("HTTP status {status}");
        describe(&mut sentence, &answer);
        if !excerpt.is_empty() {
            let _ = write!(sentence, ", \"{excerpt}\"");
        }
        let _ = write!(sentence, ". {advice}.");
        Error::answered(kind(self.line(&sentence)), answer)
    }

    fn line(&self, text: &str) -> String {
        self.confidential.line(text, text::TEXT_BYTES)
    }
}

fn bad(answer: Answer, reason: &str) -> Error {
    Error::answered(ErrorKind::BadResponse(format!("Not verified: {reason}.")), answer)
}

fn rejected(answer: Answer) -> Error {
    let meaning = match answer.error_code.as_str() {
        "OSM.01010001" => "the service found a parameter wrong",
        "OSM.01010002" => "this account has no permission",
        "OSM.01010010" => "the code is wrong, used or expired",
        "OSM.01010011" => "the token names no customer",
        "OSM.01010012" => "the contact way must be 0 or 1",
        "OSM.01010014" => "the operation failed inside the service",
        "OSM.01010024" => "codes were asked for too often",
        _ => "the service refused",
    };
    let mut sentence = format!("Not verified: {meaning}");
    describe(&mut sentence, &answer);
    sentence.push('.');
    let sentence = text::cut(&sentence, text::TEXT_BYTES).to_owned();
    Error::answered(ErrorKind::Rejected(sentence), answer)
}

/// Appends the code and the text that the service gave.
fn describe(sentence: &mut String, answer: &Answer) {
    if !answer.error_code.is_empty() {
        let _ = write!(sentence, ", {}", answer.error_code);
    }
    if !answer.error_msg.is_empty() {
        let _ = write!(sentence, " \"{}\"", answer.error_msg);
    }
}

/// The code and the text of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    code: String,
    message: String,
}

/// How deep an error body is searched for what it tells.
const TOLD_DEPTH: usize = 8;

/// Finds the code and the text in an error body. Gateways and services write
/// `error_code`, `errorCode` or `code` with `error_msg`, `errorMsg` or
/// `message`, at the top or some levels down, and the code may be a number.
fn told(value: &Value, depth: usize) -> Option<Told> {
    let Value::Object(members) = value else { return None };
    let first = |names: [&str; 3]| {
        names.iter().find_map(|name| match members.get(*name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    let code = first(["error_code", "errorCode", "code"]);
    let message = first(["error_msg", "errorMsg", "message"]);
    if code.is_some() || message.is_some() {
        return Some(Told { code: code.unwrap_or_default(), message: message.unwrap_or_default() });
    }
    if depth == TOLD_DEPTH {
        return None;
    }
    members.values().find_map(|member| told(member, depth + 1))
}
