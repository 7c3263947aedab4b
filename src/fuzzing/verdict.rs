//! Status and body against the verdict rule, which is written here a second time.
//!
//! Byte 0: bit 0 configures a success code, bits 1 and 2 choose a problem of the body, bit
//! 3 makes the body's first bytes the request id of the head. Bytes 1 and 2 are the status.
//! The rest is the body.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use http::{HeaderMap, HeaderValue};

use crate::confidential::Confidential;
use crate::error::Error;
use crate::incoming::{BodyProblem, Incoming};
use crate::purpose::Purpose;
use crate::response::{Answering, Rule};
use crate::status::Status;
use crate::success::{Success, Verified};

const SUCCESS_CODE: &str = "OSM.00000000";
/// Token, code and contact of the call. The fuzzer's dictionary knows them.
const SECRETS: [&str; 3] =
    ["canary-token-that-no-text-may-repeat", "493817", "canary-contact@example.com"];
/// No shorter part of a secret counts as a leak.
const TELLING: usize = 12;

#[must_use]
pub fn run(data: &[u8]) -> bool {
    let [flags, high, low, body @ ..] = data else { return false };
    let problem = match flags >> 1 & 3 {
        0 => None,
        1 => Some(BodyProblem::Lost("lost".to_owned())),
        2 => Some(BodyProblem::Late("late".to_owned())),
        _ => Some(BodyProblem::Bad("bad".to_owned())),
    };
    let mut headers = HeaderMap::new();
    if flags & 8 != 0
        && let Ok(id) = HeaderValue::from_bytes(&body[..body.len().min(16)])
    {
        headers.insert("x-request-id", id);
    }
    let incoming = Incoming {
        http_status: u16::from_be_bytes([*high, *low]) % 1000,
        headers,
        body: body.to_vec(),
        problem,
    };
    judge(&incoming, (flags & 1 != 0).then_some(SUCCESS_CODE))
}

/// Holds the library's verdict on an answer against the rule as it stands here.
pub(super) fn judge(incoming: &Incoming, success_code: Option<&str>) -> bool {
    let rule = Rule {
        success_code,
        confidential: Confidential(&SECRETS.map(str::as_bytes)),
        answering: Answering { name: "The service", unauthorized: "Fetch a new token" },
        purpose: Purpose::VERIFY,
    };
    let outcome = rule.verdict(incoming);
    let status = outcome.as_ref().map_or_else(Error::status, |_| Status::Ok);
    let trusted = incoming.http_status == 200 && incoming.problem.is_none();
    let members = if trusted { members(&incoming.body) } else { None };
    assert_eq!(status, expected(incoming, members.as_deref(), success_code), "{incoming:?}");
    let members = members.unwrap_or_default();
    match &outcome {
        Ok(verified) => check_verified(verified, incoming, &members),
        Err(error) => check_error(error, incoming, &members),
    }
    outcome.is_ok()
}

fn expected(
    incoming: &Incoming,
    members: Option<&[(String, Value)]>,
    success_code: Option<&str>,
) -> Status {
    match (incoming.http_status, &incoming.problem) {
        (200, None) => members.map_or(Status::BadResponse, |members| object(members, success_code)),
        (200, Some(BodyProblem::Lost(_))) => Status::ConnectionLost,
        (200, Some(BodyProblem::Late(_))) => Status::Timeout,
        (401, _) => Status::Unauthorized,
        (403, _) => Status::Forbidden,
        (429, _) => Status::RateLimited,
        (300..=499, _) => Status::RequestRefused,
        (500.., _) => Status::ServiceError,
        _ => Status::BadResponse,
    }
}

fn object(members: &[(String, Value)], success_code: Option<&str>) -> Status {
    let codes: Vec<_> = named(members, "error_code").collect();
    let code = match codes.as_slice() {
        [] | [Value::Null] => "",
        [Value::String(code)] => code,
        _ => return Status::BadResponse,
    };
    let tells_of_an_error = ["errorCode", "code", "error"]
        .iter()
        .flat_map(|name| named(members, name))
        .any(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        });
    match code {
        code if success_code == Some(code) => Status::Ok,
        "" if tells_of_an_error => Status::BadResponse,
        "" => Status::Ok,
        _ => Status::Rejected,
    }
}

/// The members of the object that the body is, each as often as it stands there: `Value`
/// itself keeps the last of those that have one name.
fn members(body: &[u8]) -> Option<Vec<(String, Value)>> {
    struct Members(Vec<(String, Value)>);

    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct MembersVisitor;

            impl<'de> Visitor<'de> for MembersVisitor {
                type Value = Members;

                fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                    let mut members = Vec::new();
                    while let Some(member) = map.next_entry()? {
                        members.push(member);
                    }
                    Ok(Members(members))
                }
            }

            deserializer.deserialize_any(MembersVisitor)
        }
    }

    serde_json::from_slice(body).ok().map(|Members(members)| members)
}

fn named<'a>(members: &'a [(String, Value)], name: &'a str) -> impl Iterator<Item = &'a Value> {
    members.iter().filter(move |(found, _)| found == name).map(|(_, value)| value)
}

fn check_verified(verified: &Success<Verified>, incoming: &Incoming, members: &[(String, Value)]) {
    check_text(verified.request_id(), 1024);
    check_request_id(verified.request_id(), incoming, members);
    assert_eq!(verified.attempts(), 1);
}

fn check_error(error: &Error, incoming: &Incoming, members: &[(String, Value)]) {
    let message = error.to_string();
    check_text(&message, 1024);
    let Some(answer) = error.answer() else { return };
    assert_eq!(answer.http_status, incoming.http_status);
    check_text(&answer.error_code, 64);
    check_text(&answer.error_msg, 1024);
    check_text(&answer.request_id, 1024);
    if error.status() == Status::Rejected {
        check_shown(&answer.error_code, last(members, "error_code"), 64);
        check_shown(&answer.error_msg, last(members, "error_msg"), 1024);
        check_request_id(&answer.request_id, incoming, members);
    }
}

fn check_request_id(told: &str, incoming: &Incoming, members: &[(String, Value)]) {
    let head = incoming.request_id();
    check_shown(told, if head.is_empty() { last(members, "request_id") } else { &head }, 1024);
}

fn last<'a>(members: &'a [(String, Value)], name: &'a str) -> &'a str {
    named(members, name).last().and_then(Value::as_str).unwrap_or_default()
}

/// A text of any length in which no secret stands, in whatever form, is shown as it is, on one
/// line and cut.
fn check_shown(told: &str, text: &str, limit: usize) {
    if text.contains(['%', '\\', '&', '+']) || SECRETS.iter().any(|it| tells_of(text, it)) {
        return;
    }
    let line = text.replace(|letter: char| !is_fit(letter), "\u{fffd}");
    let mut end = limit.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    assert_eq!(told, &line[..end]);
}

fn check_text(text: &str, limit: usize) {
    assert!(text.len() <= limit, "{} bytes: {text:?}", text.len());
    assert!(text.chars().all(is_fit), "not on one line: {text:?}");
    for secret in SECRETS {
        assert!(!tells_of(text, secret), "a secret stands in {text:?}");
    }
}

/// Whether a text holds a secret or a telling part of it.
fn tells_of(text: &str, secret: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let parts = secret.as_bytes().windows(secret.len().min(TELLING));
    parts.filter_map(|part| std::str::from_utf8(part).ok()).any(|part| text.contains(part))
}

fn is_fit(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}')
}
