//! Answers: from bytes and a status to the verdict. Nothing here touches the network.

use std::fmt::Write as _;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::confidential::Confidential;
use crate::error::{Error, ErrorKind, Sent};
use crate::incoming::{BodyProblem, Incoming};
use crate::object::{Field, Object};
use crate::purpose::Purpose;
use crate::success::{Success, Verified};
use crate::text;

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

/// Who gave an answer, for the words about it.
#[derive(Clone, Copy)]
pub(crate) struct Answering<'a> {
    pub(crate) name: &'static str,
    /// What a 401 of it means, and what to do.
    pub(crate) unauthorized: &'a str,
}

/// The rule that turns an answer into a verdict.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a> {
    /// The one `error_code` that the caller configured as success.
    pub(crate) success_code: Option<&'a str>,
    /// What must not be repeated from the answer.
    pub(crate) confidential: Confidential<'a>,
    pub(crate) answering: Answering<'a>,
    pub(crate) purpose: Purpose,
}

impl Rule<'_> {
    /// The verdict on a verification.
    pub(crate) fn verdict(&self, incoming: &Incoming) -> Result<Success<Verified>, Error> {
        self.accepted(incoming).map(|success| success.with(Verified))
    }

    /// An accepted answer, read as what the call asked for.
    pub(crate) fn told<T: DeserializeOwned>(
        &self,
        incoming: &Incoming,
    ) -> Result<Success<T>, Error> {
        let success = self.accepted(incoming)?;
        if let Ok(value) = serde_json::from_slice(&incoming.body) {
            return Ok(success.with(value));
        }
        let answer = Answer {
            http_status: incoming.http_status,
            request_id: success.request_id().to_owned(),
            ..Answer::default()
        };
        Err(self.bad(answer, "a documented member of the answer is missing or of another type"))
    }

    /// Accepted only if the status is 200 and the body is one JSON object whose
    /// `error_code` is absent, null, empty or the configured success code.
    pub(crate) fn accepted(&self, incoming: &Incoming) -> Result<Success<()>, Error> {
        if incoming.http_status != 200 {
            return Err(self.refusal(incoming));
        }
        let mut answer = self.answer(incoming);
        self.check_whole(incoming, &answer)?;
        let object = match Object::parse(&incoming.body) {
            Ok(object) => object,
            Err(reason) => return Err(self.bad(answer, reason)),
        };
        if answer.request_id.is_empty() {
            answer.request_id = self.line(object.request_id.text().unwrap_or_default());
        }
        answer.error_msg = self.line(object.error_msg.text().unwrap_or_default());

        let code = match &object.error_code {
            Field::Null => "",
            Field::Text(code) => code,
            _ => return Err(self.bad(answer, "the answer's error_code is not a text")),
        };
        answer.error_code = self.confidential.line(code, text::CODE_BYTES);
        let configured = !code.is_empty() && self.success_code == Some(code);
        if !code.is_empty() && !configured {
            return Err(self.rejected(answer));
        }
        if !configured && object.names_another_error {
            return Err(self.bad(
                answer,
                "the answer has no error_code, but tells of an error in another form",
            ));
        }
        Ok(Success::new(answer.request_id))
    }

    /// What the head tells.
    pub(crate) fn answer(&self, incoming: &Incoming) -> Answer {
        Answer {
            http_status: incoming.http_status,
            request_id: self.line(&incoming.request_id()),
            retry_after: incoming.retry_after(),
            ..Answer::default()
        }
    }

    /// Refuses a body that is not whole or breaks a rule.
    pub(crate) fn check_whole(&self, incoming: &Incoming, answer: &Answer) -> Result<(), Error> {
        let kind = match &incoming.problem {
            None => return Ok(()),
            Some(BodyProblem::Bad(reason)) => return Err(self.bad(answer.clone(), reason)),
            Some(BodyProblem::Lost(reason)) => ErrorKind::ConnectionLost(reason.clone()),
            Some(BodyProblem::Late(reason)) => ErrorKind::Timeout(reason.clone()),
        };
        Err(Error::on_the_way(kind, Sent::Maybe))
    }

    /// Any other status than the one of success: the status decides, the body only adds words.
    pub(crate) fn refusal(&self, incoming: &Incoming) -> Error {
        let (mut answer, body) = (self.answer(incoming), &incoming.body);
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
            let page = String::from_utf8_lossy(body);
            excerpt = self.confidential.words(&page, text::EXCERPT_BYTES);
        }

        let status = answer.http_status;
        let Answering { name, unauthorized } = self.answering;
        let (kind, advice): (fn(String) -> ErrorKind, _) = match status {
            401 => (ErrorKind::Unauthorized, unauthorized.to_owned()),
            403 => (ErrorKind::Forbidden, format!("This account may not use {name}")),
            429 => {
                (ErrorKind::RateLimited, "Too many requests: wait before the next one".to_owned())
            }
            300..=399 => (
                ErrorKind::RequestRefused,
                format!("{name} redirects, which is never followed: check its endpoint"),
            ),
            400..=499 => (ErrorKind::RequestRefused, format!("{name} refused the request")),
            500.. => (ErrorKind::ServiceError, format!("{name} failed: it may work again later")),
            _ => (ErrorKind::BadResponse, "No such success is documented".to_owned()),
        };
        let words = self.words(&answer, &excerpt);
        Error::answered(kind(format!("HTTP status {status}{words} {advice}.")), answer)
    }

    fn line(&self, text: &str) -> String {
        self.confidential.line(text, text::TEXT_BYTES)
    }

    /// An answer that proves nothing.
    pub(crate) fn bad(&self, answer: Answer, reason: &str) -> Error {
        let sentence = format!("{}: {reason}.", self.purpose.unconfirmed);
        Error::answered(ErrorKind::BadResponse(sentence), answer)
    }

    fn rejected(&self, answer: Answer) -> Error {
        let meaning = match answer.error_code.as_str() {
            "OSM.01010001" => "the service found a parameter wrong",
            "OSM.01010002" => "this account has no permission",
            "OSM.01010010" => "the code is wrong, used or expired",
            "OSM.01010011" => "the credentials name no customer",
            "OSM.01010012" => "the contact way must be 0 or 1",
            "OSM.01010014" => "the operation failed inside the service",
            "OSM.01010024" => "codes were asked for too often",
            _ => "the service refused",
        };
        let sentence = format!("{}: {meaning}{}", self.purpose.refused, self.words(&answer, ""));
        Error::answered(ErrorKind::Rejected(sentence), answer)
    }

    /// The service's own words in the middle of a sentence, and its end. Put together, they are
    /// looked through once more: what parts them here may make a secret of two harmless halves.
    fn words(&self, answer: &Answer, excerpt: &str) -> String {
        let mut words = String::new();
        if !answer.error_code.is_empty() {
            let _ = write!(words, ", {}", answer.error_code);
        }
        if !answer.error_msg.is_empty() {
            let _ = write!(words, " \"{}\"", answer.error_msg);
        }
        if !excerpt.is_empty() {
            let _ = write!(words, ", \"{excerpt}\"");
        }
        words.push('.');
        self.line(&words)
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
