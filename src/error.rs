//! Why a call did not end in "verified": one variant per situation.

use std::time::Duration;

use crate::purpose::{Purpose, UNSENT};
use crate::response::Answer;
use crate::status::Status;
use crate::text;

/// What is known of the request's way to the service.
///
/// A one-time code may be used up by a request whose answer never arrived, so
/// this, and not the status alone, says whether trying again is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Sent {
    /// Not a byte of the request left this machine.
    No = 0,
    /// Bytes left; whether the service acted on them is unknown.
    Maybe = 1,
    /// The service answered.
    Answered = 2,
}

/// The situation, with the sentence that tells a person about it.
///
/// No sentence holds a token, key, password, code or contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter or setting is missing or out of its limits. Nothing was sent.
    #[error("{reason}")]
    InvalidArgument {
        /// The parameter's or the setter's name, without prefix.
        field: &'static str,
        /// What is wrong and what to change.
        reason: String,
    },
    /// No connection: the name was not found, the peer or the proxy refused,
    /// or the host cannot be reached. Nothing was sent.
    #[error("{0}")]
    ConnectFailed(String),
    /// The TLS handshake failed or the certificate is not trusted.
    #[error("{0}")]
    TlsFailed(String),
    /// The deadline (`set_timeout_ms`) passed, or the connect timeout
    /// (`set_connect_timeout_ms`): lookup, TCP, proxy and TLS together.
    #[error("{0}")]
    Timeout(String),
    /// The connection broke after the request began to leave and before a whole answer.
    #[error("{0}")]
    ConnectionLost(String),
    /// The answer is not HTTP, is framed in a way that RFC 9112 forbids or that
    /// cannot be checked, is over a size limit, or is not the documented JSON.
    #[error("{0}")]
    BadResponse(String),
    /// HTTP 200 with an `error_code`: the service checked, and it is not verified.
    #[error("{0}")]
    Rejected(String),
    /// HTTP 401.
    #[error("{0}")]
    Unauthorized(String),
    /// HTTP 403.
    #[error("{0}")]
    Forbidden(String),
    /// HTTP 429. See [`Error::retry_after`].
    #[error("{0}")]
    RateLimited(String),
    /// Any other 3xx or 4xx. Redirects are never followed.
    #[error("{0}")]
    RequestRefused(String),
    /// HTTP 5xx and above.
    #[error("{0}")]
    ServiceError(String),
    /// A bug in this library.
    #[error("{0}")]
    Internal(String),
}

impl ErrorKind {
    /// The sentence, to be completed by who knows more of the situation.
    pub(crate) fn sentence_mut(&mut self) -> &mut String {
        match self {
            Self::InvalidArgument { reason, .. } => reason,
            Self::ConnectFailed(sentence)
            | Self::TlsFailed(sentence)
            | Self::Timeout(sentence)
            | Self::ConnectionLost(sentence)
            | Self::BadResponse(sentence)
            | Self::Rejected(sentence)
            | Self::Unauthorized(sentence)
            | Self::Forbidden(sentence)
            | Self::RateLimited(sentence)
            | Self::RequestRefused(sentence)
            | Self::ServiceError(sentence)
            | Self::Internal(sentence) => sentence,
        }
    }

    /// The status that C and Python see.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::InvalidArgument { .. } => Status::InvalidArgument,
            Self::ConnectFailed(_) => Status::ConnectFailed,
            Self::TlsFailed(_) => Status::TlsFailed,
            Self::Timeout(_) => Status::Timeout,
            Self::ConnectionLost(_) => Status::ConnectionLost,
            Self::BadResponse(_) => Status::BadResponse,
            Self::Rejected(_) => Status::Rejected,
            Self::Unauthorized(_) => Status::Unauthorized,
            Self::Forbidden(_) => Status::Forbidden,
            Self::RateLimited(_) => Status::RateLimited,
            Self::RequestRefused(_) => Status::RequestRefused,
            Self::ServiceError(_) => Status::ServiceError,
            Self::Internal(_) => Status::Internal,
        }
    }
}

/// A call that did not end in success, with all that is known of it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    kind: ErrorKind,
    sent: Sent,
    attempts: u32,
    answer: Option<Box<Answer>>,
}

impl Error {
    /// A parameter that was refused before anything was sent.
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::unsent(ErrorKind::InvalidArgument { field, reason: reason.into() })
    }

    /// A failure before any byte left, with no attempt counted.
    pub(crate) fn unsent(kind: ErrorKind) -> Self {
        Self { kind, sent: Sent::No, attempts: 0, answer: None }
    }

    /// A failure on the way, of which `sent` tells how far the request came.
    pub(crate) fn on_the_way(kind: ErrorKind, sent: Sent) -> Self {
        Self { kind, sent, attempts: 1, answer: None }
    }

    /// A failure that the service's own answer tells of, in a sentence that is cut as texts are.
    pub(crate) fn answered(mut kind: ErrorKind, answer: Answer) -> Self {
        let sentence = kind.sentence_mut();
        sentence.truncate(text::cut(sentence, text::TEXT_BYTES).len());
        Self { kind, sent: Sent::Answered, attempts: 1, answer: Some(Box::new(answer)) }
    }

    /// A failure to get credentials: the request itself has not left, whatever was said to
    /// whom before it.
    pub(crate) fn without_credentials(mut self, missing: &str) -> Self {
        if !matches!(self.kind, ErrorKind::InvalidArgument { .. }) {
            self.kind.sentence_mut().insert_str(0, &format!("No {missing}: "));
        }
        Self { sent: Sent::No, ..self }
    }

    /// Why, without the words on what was sent: for a sentence that knows better.
    pub(crate) fn reason(&self) -> String {
        let sentence = self.to_string();
        let words = [UNSENT, Purpose::AUTHENTICATE.lost];
        let cut = words.iter().find_map(|words| sentence.strip_suffix(words));
        cut.unwrap_or(&sentence).trim_end_matches([' ', '.']).to_owned()
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The situation.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The status that C and Python see.
    #[must_use]
    pub fn status(&self) -> Status {
        self.kind.status()
    }

    /// The parameter that was refused; empty for every other situation.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match &self.kind {
            ErrorKind::InvalidArgument { field, .. } => field,
            _ => "",
        }
    }

    /// What is known of the request's way to the service.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// How many times the request was tried: 0 if it was refused before, or if no credentials
    /// could be had, else 1; see [`Config::set_retries`](crate::Config::set_retries) for more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What the service said, if it answered.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_deref()
    }

    /// How long the service asks to wait (its `Retry-After`), if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.answer.as_ref().and_then(|answer| answer.retry_after)
    }
}
