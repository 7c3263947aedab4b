//! Settings, one C function per setting.

pub(crate) mod credentials;

use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::time::Duration;

use super::boundary::{guard, internal};
use super::status::{CONTACTVERIFY_INVALID_ARGUMENT, CONTACTVERIFY_OK, contactverify_status};
use super::text;
use crate::client::Client;
use crate::config::{Config, check_number};
use crate::error::{Error, Sent};
use crate::logger::LogLevel;

/// No log lines.
pub const CONTACTVERIFY_LOG_OFF: i32 = 0;
/// Log lines about bugs in this library.
pub const CONTACTVERIFY_LOG_ERROR: i32 = 1;
/// Also about what went wrong and was mended, such as a second attempt.
pub const CONTACTVERIFY_LOG_WARN: i32 = 2;
/// Also one line per request: method, path without query, status, time, request id. A call
/// that is refused before anything is sent has none. Also where credentials were found.
pub const CONTACTVERIFY_LOG_INFO: i32 = 3;
/// Also about connections.
pub const CONTACTVERIFY_LOG_DEBUG: i32 = 4;

/// Receives log lines. `line` is one line of UTF-8 without a line end, valid during the call
/// only.
///
/// It is called on the thread that makes the call, possibly from several at once. It may call
/// this library. It must return: it may neither throw nor end its thread.
pub type contactverify_log_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, level: i32, line: *const c_char)>;

/// Settings being collected for a client.
///
/// Every setter checks its value at once. One that fails leaves the setting as it was and
/// marks the config: `contactverify_client_new` then fails with the first failure. So an
/// ignored failure never means less safety than was asked for. Texts are UTF-8 and are
/// copied; NULL as a text unsets the setting.
///
/// Threads: one thread at a time.
/// Ownership: yours, from `contactverify_config_new` to `contactverify_config_free`. It may
/// be freed as soon as the client exists.
pub struct contactverify_config {
    config: Config,
    failure: Option<Error>,
}

impl contactverify_config {
    pub(super) fn build(&self) -> Result<Client, Error> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => self.config.build(),
        }
    }
}

/// What all setters have in common.
pub(super) fn set<'a>(
    config: Option<&'a mut contactverify_config>,
    setter: impl FnOnce(&'a mut Config) -> Result<(), Error>,
) -> contactverify_status {
    let Some(config) = config else { return CONTACTVERIFY_INVALID_ARGUMENT };
    let contactverify_config { config, failure } = config;
    match guard(|| Err(internal(Sent::No)), || setter(config)) {
        Ok(()) => CONTACTVERIFY_OK,
        Err(error) => {
            let status = error.status().number();
            failure.get_or_insert(error);
            status
        }
    }
}

/// What all setters of a text have in common.
///
/// # Safety
/// `value` is NULL or a NUL-terminated text.
pub(super) unsafe fn set_text(
    config: Option<&mut contactverify_config>,
    field: &'static str,
    value: *const c_char,
    setter: impl FnOnce(&mut Config, Option<&str>) -> Result<(), Error>,
) -> contactverify_status {
    // SAFETY: the caller's promise.
    set(config, |config| setter(config, unsafe { text::read(field, value) }?))
}

/// A time in milliseconds; the core checks the range of what is not negative.
pub(super) fn milliseconds(field: &'static str, value: i32) -> Result<Duration, Error> {
    let value: u32 = check_number(field, value, 1, 3_600_000)?;
    Ok(Duration::from_millis(value.into()))
}

/// Makes a config with every setting at its default. Never NULL; free it with
/// `contactverify_config_free`. Does not block. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_new() -> Box<contactverify_config> {
    Box::new(contactverify_config { config: Config::new(), failure: None })
}

/// Frees a config and wipes its secrets. NULL is allowed and does nothing. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_free(config: Option<Box<contactverify_config>>) {
    guard(|| (), || drop(config));
}

/// The service's address: "https://host" or "https://host:port", optionally with a path
/// prefix; no user information, query or fragment; 1024 characters at most. Plain http is
/// accepted for 127.0.0.0/8, ::1 and localhost only. No default: a client needs it, or a region.
/// NULL unsets it. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_endpoint(
    config: Option<&mut contactverify_config>,
    endpoint: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_endpoint(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "endpoint", endpoint, setter) }
}

/// A region by name, in place of an endpoint: "cn-south-1", "ap-southeast-3" or
/// "eu-west-101". An endpoint wins if both are set. The environment variable
/// HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1 (likewise for other names, also unknown ones) names
/// another endpoint for the region, as in the vendor's SDKs; it is read now. Default: none.
/// NULL unsets it. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_region(
    config: Option<&mut contactverify_config>,
    region: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_region(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "region", region, setter) }
}

/// The language of texts, which goes into `X-Language`: 1 to 32 characters of visible ASCII,
/// such as "en-us". Default: not sent; the service then takes zh-cn. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
/// Source: API page, `X-Language`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_language(
    config: Option<&mut contactverify_config>,
    language: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_language(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "language", language, setter) }
}

/// The time zone, which goes into `X-Time-Zone`: 1 to 32 characters of visible ASCII, such as
/// "GMT+8". Default: not sent; the service then takes GMT+8. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
/// Source: API page, `X-Time-Zone`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_time_zone(
    config: Option<&mut contactverify_config>,
    time_zone: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_time_zone(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "time_zone", time_zone, setter) }
}

/// A PEM file with the authorities to trust instead of the system's trust store. It is read
/// now, which may block on the file system. If any part of it is broken, none of it is
/// taken. Default: the system's trust store. NULL goes back to it. Nothing turns the
/// verification of certificates off.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_ca_file(
    config: Option<&mut contactverify_config>,
    path: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| {
        config.set_ca_file(value.map(Path::new)).map(drop)
    };
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "ca_file", path, setter) }
}

/// The proxy for https endpoints: "http://host:port" or "http://user:password@host:port",
/// with %, : and @ in user and password written as %25, %3A and %40. It sees the service's
/// name, never the token. Default: none, whatever the environment says. NULL unsets it.
/// Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
/// Source: RFC 9110, section 9.3.6 (CONNECT).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_proxy(
    config: Option<&mut contactverify_config>,
    proxy: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_proxy(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "proxy", proxy, setter) }
}

/// Whether a proxy is taken from the environment (`ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`,
/// `NO_PROXY`) when the client is made and `contactverify_config_set_proxy` gave none: 0 or
/// 1. Default: 0. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_proxy_from_environment(
    config: Option<&mut contactverify_config>,
    wanted: i32,
) -> contactverify_status {
    set(config, |config| {
        let wanted: u8 = check_number("proxy_from_environment", wanted, 0, 1)?;
        config.set_proxy_from_environment(wanted == 1).map(drop)
    })
}

/// The one `error_code` that means success: 1 to 32 characters. Default: none, so that only
/// an answer without an `error_code` is a success. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
/// Source: API page, `error_code`, which documents no code of success.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_success_code(
    config: Option<&mut contactverify_config>,
    code: *const c_char,
) -> contactverify_status {
    let setter =
        |config: &mut Config, value: Option<&str>| config.set_success_code(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "success_code", code, setter) }
}

/// What stands behind this library's name in `User-Agent`, such as "shop/2.1": 1 to 64
/// characters of visible ASCII. Default: nothing. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_application_id(
    config: Option<&mut contactverify_config>,
    application_id: *const c_char,
) -> contactverify_status {
    let setter =
        |config: &mut Config, value: Option<&str>| config.set_application_id(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "application_id", application_id, setter) }
}

/// `X-Site`: 0 for China, 1 for international. It stands in the vendor's SDKs, not on the API
/// page. Default: not sent. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_site(
    config: Option<&mut contactverify_config>,
    site: i32,
) -> contactverify_status {
    set(config, |config| config.set_site(site).map(drop))
}

/// The total deadline of a call in milliseconds, from its begin to its verdict: 1 to 3600000.
/// Default: 10000. It holds in every phase; nothing turns it off. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_timeout_ms(
    config: Option<&mut contactverify_config>,
    timeout_ms: i32,
) -> contactverify_status {
    set(config, |config| config.set_timeout(milliseconds("timeout_ms", timeout_ms)?).map(drop))
}

/// The time for a new connection in milliseconds, inside the total deadline: lookup, TCP,
/// proxy and TLS together. 1 to 3600000. Default: 3000. It may be larger than the deadline,
/// which then decides. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_connect_timeout_ms(
    config: Option<&mut contactverify_config>,
    connect_timeout_ms: i32,
) -> contactverify_status {
    set(config, |config| {
        let timeout = milliseconds("connect_timeout_ms", connect_timeout_ms)?;
        config.set_connect_timeout(timeout).map(drop)
    })
}

/// How many connections are kept for later calls: 0 to 65535; 0 makes a connection per call.
/// Default: 256. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_max_idle_connections(
    config: Option<&mut contactverify_config>,
    max_idle_connections: i32,
) -> contactverify_status {
    set(config, |config| {
        let count: u16 =
            check_number("max_idle_connections", max_idle_connections, 0, i32::from(u16::MAX))?;
        config.set_max_idle_connections(count.into()).map(drop)
    })
}

/// How long an unused connection is kept, in milliseconds: 1 to 3600000. Default: 15000.
/// Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_idle_timeout_ms(
    config: Option<&mut contactverify_config>,
    idle_timeout_ms: i32,
) -> contactverify_status {
    set(config, |config| {
        config.set_idle_timeout(milliseconds("idle_timeout_ms", idle_timeout_ms)?).map(drop)
    })
}

/// 1 allows one more attempt when no connection came about and not a byte had left, and one more
/// when the service refused, unprocessed, a token that this client had fetched itself; 0 allows
/// none. Nothing else is ever sent again. Default: 1. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_retries(
    config: Option<&mut contactverify_config>,
    retries: i32,
) -> contactverify_status {
    set(config, |config| config.set_retries(retries).map(drop))
}

/// A callback for log lines up to `level`, one of `CONTACTVERIFY_LOG_...`. No line ever holds a
/// secret or a contact. `user_data` is passed on as it is; it must stay valid until every
/// client made from this config is freed. NULL, or `CONTACTVERIFY_LOG_OFF`, ends logging.
/// Default: no logging. Nothing is ever printed. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` for another level or if
/// config is NULL (field `log_callback`).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_log_callback(
    config: Option<&mut contactverify_config>,
    level: i32,
    callback: contactverify_log_callback,
    user_data: *mut c_void,
) -> contactverify_status {
    set(config, |config| {
        let listener = Listener { callback, user_data };
        let level = match check_number::<i32>("log_callback", level, 0, 4)? {
            CONTACTVERIFY_LOG_ERROR => LogLevel::Error,
            CONTACTVERIFY_LOG_WARN => LogLevel::Warn,
            CONTACTVERIFY_LOG_INFO => LogLevel::Info,
            CONTACTVERIFY_LOG_DEBUG => LogLevel::Debug,
            _ => LogLevel::Off,
        };
        config.set_logger(level, move |level, line| listener.tell(level, line));
        Ok(())
    })
}

/// The host's callback with its data.
struct Listener {
    callback: contactverify_log_callback,
    user_data: *mut c_void,
}

// SAFETY: the header says that the callback may be called from several threads at once, and
// that the data is the host's matter.
unsafe impl Send for Listener {}
// SAFETY: as above.
unsafe impl Sync for Listener {}

impl Listener {
    fn tell(&self, level: LogLevel, line: &str) {
        if let (Some(callback), Ok(line)) = (self.callback, CString::new(line)) {
            // SAFETY: the host gave this function for this purpose with this data.
            unsafe { callback(self.user_data, level as i32, line.as_ptr()) }
        }
    }
}
