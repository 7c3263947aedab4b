//! An answer as the transport read it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};
use http::{HeaderName, HeaderValue};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Status, headers and body, not yet judged.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) http_status: u16,
    pub(crate) headers: HeaderMap,
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

impl Incoming {
    /// Forgets what could be quoted of a refusal: its body, and its own number for the request.
    pub(crate) fn drop_words(&mut self) {
        self.body.clear();
        if let Some(id) = self.headers.get_mut(X_REQUEST_ID) {
            *id = HeaderValue::from_static("");
        }
    }

    /// `X-Request-Id`; empty if there is none.
    pub(crate) fn request_id(&self) -> Cow<'_, str> {
        let id = self.headers.get(X_REQUEST_ID).map(HeaderValue::as_bytes).unwrap_or_default();
        String::from_utf8_lossy(id)
    }

    /// The peer's own time.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.headers.get(DATE)?.to_str().ok()?).ok()
    }

    /// `Retry-After` in either of its forms (RFC 9110, section 10.2.3). A date is counted
    /// from the answer's own `Date`, so that a wrong local clock does no harm.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            return value.parse().ok().map(Duration::from_secs);
        }
        let then = httpdate::parse_http_date(value).ok()?;
        let now = self.date().unwrap_or_else(SystemTime::now);
        Some(then.duration_since(now).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |lines: &[(HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(name, HeaderValue::from_static(value));
            }
            Incoming { http_status: 429, headers, body: Vec::new(), problem: None }.retry_after()
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[(RETRY_AFTER, "120")]), Some(Duration::from_mins(2)));
        assert_eq!(wait(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(wait(&[(RETRY_AFTER, "-1")]), None);
        let date = (DATE, "Tue, 24 Nov 2026 10:00:00 GMT");
        let later = (RETRY_AFTER, "Tue, 24 Nov 2026 10:01:30 GMT");
        let earlier = (RETRY_AFTER, "Tue, 24 Nov 2026 09:00:00 GMT");
        assert_eq!(wait(&[date.clone(), later]), Some(Duration::from_secs(90)));
        assert_eq!(wait(&[date, earlier]), Some(Duration::ZERO));
    }
}
