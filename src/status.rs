//! The numbers that a call can end in. They never change their meaning.

use std::ffi::CStr;

/// What became of a call, as one number that is the same in Rust, C and Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// The service confirmed the code; for other functions: done.
    Ok = 0,
    /// Refused before anything was sent; the field names the parameter.
    InvalidArgument = 1,
    /// Reserved for non-blocking calls: their queue is full. Nothing in this release ends so.
    Busy = 2,
    /// Reserved for non-blocking calls: the caller cancelled. Nothing in this release ends so.
    Cancelled = 3,
    /// Name not found, refused, unreachable, proxy refused; nothing was sent.
    ConnectFailed = 20,
    /// The TLS handshake or the certificate failed.
    TlsFailed = 21,
    /// The deadline passed, or the connect timeout (lookup, TCP, proxy and TLS together).
    Timeout = 22,
    /// The connection broke after the request began to leave, before a whole answer.
    ConnectionLost = 23,
    /// Not HTTP, framing that is not allowed, not the documented JSON, or over a limit.
    BadResponse = 24,
    /// HTTP 200 with an `error_code`: not verified.
    Rejected = 40,
    /// 401.
    Unauthorized = 41,
    /// 403.
    Forbidden = 42,
    /// 429.
    RateLimited = 43,
    /// Any other 3xx or 4xx.
    RequestRefused = 44,
    /// 5xx and above.
    ServiceError = 45,
    /// A bug in this library.
    Internal = 90,
}

impl Status {
    /// Every status there is, by number.
    pub const ALL: [Self; 16] = [
        Self::Ok,
        Self::InvalidArgument,
        Self::Busy,
        Self::Cancelled,
        Self::ConnectFailed,
        Self::TlsFailed,
        Self::Timeout,
        Self::ConnectionLost,
        Self::BadResponse,
        Self::Rejected,
        Self::Unauthorized,
        Self::Forbidden,
        Self::RateLimited,
        Self::RequestRefused,
        Self::ServiceError,
        Self::Internal,
    ];

    /// The number that crosses the C boundary.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The status with this number, if there is one.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// The name of the C constant without its prefix, such as `"REJECTED"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.c_name().to_str() {
            Ok(name) => name,
            Err(_) => "UNKNOWN",
        }
    }

    pub(crate) const fn c_name(self) -> &'static CStr {
        match self {
            Self::Ok => c"OK",
            Self::InvalidArgument => c"INVALID_ARGUMENT",
            Self::Busy => c"BUSY",
            Self::Cancelled => c"CANCELLED",
            Self::ConnectFailed => c"CONNECT_FAILED",
            Self::TlsFailed => c"TLS_FAILED",
            Self::Timeout => c"TIMEOUT",
            Self::ConnectionLost => c"CONNECTION_LOST",
            Self::BadResponse => c"BAD_RESPONSE",
            Self::Rejected => c"REJECTED",
            Self::Unauthorized => c"UNAUTHORIZED",
            Self::Forbidden => c"FORBIDDEN",
            Self::RateLimited => c"RATE_LIMITED",
            Self::RequestRefused => c"REQUEST_REFUSED",
            Self::ServiceError => c"SERVICE_ERROR",
            Self::Internal => c"INTERNAL",
        }
    }
}
