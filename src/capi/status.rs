//! The status numbers and what goes with them.

use std::ffi::{CStr, c_char};

use super::boundary::guard;
use crate::status::Status;

/// What a call ended in: one of the `CONTACTVERIFY_...` numbers below. They never change
/// their meaning. A later release may add numbers: treat one that you do not know as a
/// failure. Everything but `CONTACTVERIFY_OK` means "not verified".
pub type contactverify_status = i32;

/// `verify_codes`: the service confirmed the code. Other functions: done.
pub const CONTACTVERIFY_OK: i32 = 0;
/// Refused before anything was sent; `contactverify_result_field` names the parameter.
pub const CONTACTVERIFY_INVALID_ARGUMENT: i32 = 1;
/// Reserved for non-blocking calls: their queue is full. No function of this release returns it.
pub const CONTACTVERIFY_BUSY: i32 = 2;
/// Reserved for non-blocking calls: the caller cancelled. No function of this release returns it.
pub const CONTACTVERIFY_CANCELLED: i32 = 3;
/// Name not found, refused, unreachable, or the proxy refused. Nothing was sent.
pub const CONTACTVERIFY_CONNECT_FAILED: i32 = 20;
/// The TLS handshake or the certificate failed.
pub const CONTACTVERIFY_TLS_FAILED: i32 = 21;
/// The deadline passed, or the connect timeout (lookup, TCP, proxy and TLS together).
pub const CONTACTVERIFY_TIMEOUT: i32 = 22;
/// The connection broke after the request began to leave and before a whole answer.
pub const CONTACTVERIFY_CONNECTION_LOST: i32 = 23;
/// Not HTTP, framing that is not allowed, not the documented JSON, over a limit; also 101
/// and any 2xx but 200.
pub const CONTACTVERIFY_BAD_RESPONSE: i32 = 24;
/// HTTP 200 with an `error_code`: the service checked, and it is not verified.
pub const CONTACTVERIFY_REJECTED: i32 = 40;
/// HTTP 401: the token is wrong, expired or of another region.
pub const CONTACTVERIFY_UNAUTHORIZED: i32 = 41;
/// HTTP 403: this account may not use the service.
pub const CONTACTVERIFY_FORBIDDEN: i32 = 42;
/// HTTP 429: too many requests; see `contactverify_result_retry_after_ms`.
pub const CONTACTVERIFY_RATE_LIMITED: i32 = 43;
/// Any other 3xx or 4xx. Redirects are never followed.
pub const CONTACTVERIFY_REQUEST_REFUSED: i32 = 44;
/// HTTP 5xx and above: the service failed.
pub const CONTACTVERIFY_SERVICE_ERROR: i32 = 45;
/// A bug in this library.
pub const CONTACTVERIFY_INTERNAL: i32 = 90;

/// `contactverify_result_sent`: not a byte of the request left this machine.
pub const CONTACTVERIFY_SENT_NO: i32 = 0;
/// `contactverify_result_sent`: bytes left; whether the service acted on them is unknown.
pub const CONTACTVERIFY_SENT_MAYBE: i32 = 1;
/// `contactverify_result_sent`: the service answered.
pub const CONTACTVERIFY_SENT_ANSWERED: i32 = 2;

/// The name of a status without its prefix, such as `"REJECTED"`; `"UNKNOWN"` for a number
/// that is none.
///
/// Does not block. Any thread. The text is static and must not be freed.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_status_name(status: i32) -> *const c_char {
    guard(|| c"UNKNOWN", || Status::from_number(status).map_or(c"UNKNOWN", Status::c_name)).as_ptr()
}

/// The version of the library that is linked, such as `"0.1.0"`. Compare it with
/// `CONTACTVERIFY_VERSION`, the version of this header.
///
/// Does not block. Any thread. The text is static and must not be freed.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}
