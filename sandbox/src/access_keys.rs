//! The access keys that are accepted, and the judgement of requests that are signed with one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::clock::{self, Moment};
use crate::lockout::Lockout;
use crate::random;
use crate::signature::{self, Authorization};

/// How far the date of a signature may be from the time of day, either way.
const CLOCK_SKEW_ACCEPTED: time::Duration = time::Duration::minutes(15);

/// How long a key is locked after failures in a row.
const LOCKED_FOR: Duration = Duration::from_mins(5);

/// How long a temporary key that has ended is still known as such.
const REMEMBERED_FOR: Duration = Duration::from_hours(24);

const SDK_DATE: &str = "x-sdk-date";
const SECURITY_TOKEN: &str = "x-security-token";

/// Why a signed request is not let through. The texts follow those that the real gateway was
/// seen to give. One of them repeats the canonical request, and with it every signed header and
/// the whole query: a client that shows an answer's text may show a secret with it.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The header `Authorization` is there twice, or is not as it should be.
    #[error("the header Authorization cannot be read")]
    Malformed,
    /// There is no such access key.
    #[error("ak {0} not exist")]
    UnknownKey(String),
    /// The key is locked, whatever the signature.
    #[error("AK access failed to reach the limit,forbidden")]
    Locked,
    /// The temporary key has ended.
    #[error("the temporary ak has expired")]
    KeyEnded,
    /// The header is not signed.
    #[error("verify aksk signature fail, {0} is not signed")]
    NotSigned(&'static str),
    /// The list of signed headers is not sorted and in lower case, or one of them is not there
    /// exactly once.
    #[error("verify aksk signature fail, SignedHeaders cannot be read")]
    SignedHeaders,
    /// The date is missing or of another form.
    #[error("calc aksk signature fail:x-sdk-date cannot be read")]
    NoDate,
    /// The date is too far from the time of day.
    #[error(
        "calc aksk signature fail:x-sdk-date expired, signature time:{signed},server time:{server}"
    )]
    DateExpired {
        /// The date of the request.
        signed: String,
        /// The time of day here.
        server: String,
    },
    /// The security token is missing, wrong, or not of this key.
    #[error("verify aksk signature fail, x-security-token does not belong to the ak")]
    WrongSecurityToken,
    /// The signature is of another request or made with another secret key.
    #[error("verify aksk signature fail, canonicalRequest:{0}")]
    Mismatch(String),
}

/// An access key that ends.
#[derive(Debug)]
pub struct TemporaryKey {
    /// The access key.
    pub access: String,
    /// The secret key.
    pub secret: String,
    /// What has to come as `X-Security-Token`.
    pub security_token: String,
    /// When the key ends.
    pub ends: Moment,
}

/// Every access key.
#[derive(Debug, Default)]
pub struct AccessKeys(HashMap<String, AccessKey>);

#[derive(Debug)]
struct AccessKey {
    secret: String,
    security_token: Option<String>,
    ends: Option<Instant>,
    lockout: Lockout,
}

impl AccessKeys {
    /// Adds a key that does not end.
    pub fn add(&mut self, access: String, secret: String, security_token: Option<String>) {
        self.insert(access, secret, security_token, None);
    }

    /// Makes a temporary key.
    pub fn new_temporary(&mut self, lifetime: Duration, now: Moment) -> TemporaryKey {
        self.0.retain(|_, key| {
            key.ends.is_none_or(|ends| now.steady.saturating_duration_since(ends) < REMEMBERED_FOR)
        });
        let key = TemporaryKey {
            access: random::hexadecimal_id()[..20].to_uppercase(),
            secret: random::base64_like(40),
            security_token: random::base64_like(600),
            ends: now + lifetime,
        };
        self.insert(
            key.access.clone(),
            key.secret.clone(),
            Some(key.security_token.clone()),
            Some(key.ends.steady),
        );
        key
    }

    fn insert(
        &mut self,
        access: String,
        secret: String,
        security_token: Option<String>,
        ends: Option<Instant>,
    ) {
        let lockout = Lockout::new(LOCKED_FOR);
        self.0.insert(access, AccessKey { secret, security_token, ends, lockout });
    }

    /// Whether the request is signed with one of the keys.
    pub fn judge(&mut self, request: &Parts, body: &[u8], now: Moment) -> Result<(), Refusal> {
        let authorization = signature::only(&request.headers, AUTHORIZATION.as_str())
            .and_then(|value| str::from_utf8(value).ok())
            .and_then(Authorization::read)
            .ok_or(Refusal::Malformed)?;
        let access = authorization.access;
        let key = self.0.get_mut(access).ok_or_else(|| Refusal::UnknownKey(access.to_owned()))?;
        if key.ends.is_some_and(|ends| ends <= now.steady) {
            return Err(Refusal::KeyEnded);
        }
        if key.lockout.is_locked(now.steady) {
            return Err(Refusal::Locked);
        }
        let judgement = key.judge(&authorization, request, body, now);
        key.lockout.record(judgement.is_ok(), now.steady);
        judgement
    }
}

impl AccessKey {
    fn judge(
        &self,
        authorization: &Authorization<'_>,
        request: &Parts,
        body: &[u8],
        now: Moment,
    ) -> Result<(), Refusal> {
        let names = authorization.header_names().ok_or(Refusal::SignedHeaders)?;
        for mandatory in [HOST.as_str(), SDK_DATE] {
            if !names.contains(&mandatory) {
                return Err(Refusal::NotSigned(mandatory));
            }
        }
        let date = checked_date(request, now)?;
        self.check_security_token(&names, request)?;
        let canonical =
            signature::canonical_request(request, &names, body).ok_or(Refusal::SignedHeaders)?;
        let expected = signature::sign(&self.secret, &signature::string_to_sign(date, &canonical));
        if bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
            Ok(())
        } else {
            // The real gateway also writes bars where the canonical request has line ends.
            let shown = String::from_utf8_lossy(&canonical).replace('\n', "|");
            Err(Refusal::Mismatch(shown))
        }
    }

    /// A token of other credentials beside this key shows that a client has mixed up two, so a
    /// key without a token accepts none.
    fn check_security_token(&self, names: &[&str], request: &Parts) -> Result<(), Refusal> {
        let given = request.headers.contains_key(SECURITY_TOKEN);
        match &self.security_token {
            None if given => Err(Refusal::WrongSecurityToken),
            None => Ok(()),
            Some(_) if !given => Err(Refusal::WrongSecurityToken),
            Some(_) if !names.contains(&SECURITY_TOKEN) => Err(Refusal::NotSigned(SECURITY_TOKEN)),
            Some(expected) => {
                let given = signature::only(&request.headers, SECURITY_TOKEN);
                if given.is_some_and(|given| bool::from(expected.as_bytes().ct_eq(given))) {
                    Ok(())
                } else {
                    Err(Refusal::WrongSecurityToken)
                }
            }
        }
    }
}

/// The date as the request has it, if it is near enough to the time of day.
fn checked_date(request: &Parts, now: Moment) -> Result<&str, Refusal> {
    let (text, date) = signature::only(&request.headers, SDK_DATE)
        .and_then(|value| str::from_utf8(value).ok())
        .and_then(|text| Some((text, clock::parse_sdk_date(text)?)))
        .ok_or(Refusal::NoDate)?;
    if (date - now.wall).abs() <= CLOCK_SKEW_ACCEPTED {
        Ok(text)
    } else {
        let server = clock::sdk_date(now.wall);
        Err(Refusal::DateExpired { signed: text.to_owned(), server })
    }
}

#[cfg(test)]
mod tests;
