//! The C functions, called as C calls them, with what they hand out freed.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use contactverify::capi::*;

/// Everything that a result tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub status: i32,
    pub message: String,
    pub field: String,
    pub error_code: String,
    pub error_msg: String,
    pub request_id: String,
    pub http_status: i32,
    pub sent: i32,
    pub attempts: i32,
    pub retry_after_ms: i64,
    pub took: Duration,
}

impl Outcome {
    /// Reads a result and frees it.
    fn take(status: i32, result: *mut contactverify_result, took: Duration) -> Self {
        // SAFETY: `result` is NULL or comes from the library and is freed below.
        let given = unsafe { result.as_ref() };
        let text = |pointer: *const c_char| {
            // SAFETY: the header promises a text that is valid until the result is freed.
            unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned()
        };
        if given.is_some() {
            assert_eq!(contactverify_result_status(given), status);
        }
        let outcome = Self {
            status,
            message: text(contactverify_result_message(given)),
            field: text(contactverify_result_field(given)),
            error_code: text(contactverify_result_error_code(given)),
            error_msg: text(contactverify_result_error_msg(given)),
            request_id: text(contactverify_result_request_id(given)),
            http_status: contactverify_result_http_status(given),
            sent: contactverify_result_sent(given),
            attempts: contactverify_result_attempts(given),
            retry_after_ms: contactverify_result_retry_after_ms(given),
            took,
        };
        if !result.is_null() {
            // SAFETY: it came from the library and is not used again.
            contactverify_result_free(Some(unsafe { Box::from_raw(result) }));
        }
        outcome
    }
}

/// Settings of a client by the names of their setters.
pub struct Config {
    pub config: Box<contactverify_config>,
}

impl Config {
    /// A config with an endpoint and a token.
    pub fn new(endpoint: &str) -> Self {
        Self { config: contactverify_config_new() }
            .text("endpoint", Some(endpoint))
            .text("auth_token", Some("token-of-the-tests"))
    }

    pub fn empty() -> Self {
        Self { config: contactverify_config_new() }
    }

    /// Calls a setter of a text and returns what it says.
    pub fn try_text(&mut self, name: &str, value: Option<&[u8]>) -> i32 {
        let value = value.map(|value| CString::new(value).unwrap());
        let pointer = value.as_ref().map_or(ptr::null(), |value| value.as_ptr());
        let config = Some(&mut *self.config);
        // SAFETY: `pointer` is NULL or a C string that lives until the end of this function.
        unsafe {
            match name {
                "endpoint" => contactverify_config_set_endpoint(config, pointer),
                "auth_token" => contactverify_config_set_auth_token(config, pointer),
                "language" => contactverify_config_set_language(config, pointer),
                "time_zone" => contactverify_config_set_time_zone(config, pointer),
                "ca_file" => contactverify_config_set_ca_file(config, pointer),
                "proxy" => contactverify_config_set_proxy(config, pointer),
                "success_code" => contactverify_config_set_success_code(config, pointer),
                "application_id" => contactverify_config_set_application_id(config, pointer),
                other => panic!("no such setter: {other}"),
            }
        }
    }

    /// Calls a setter of a number and returns what it says.
    pub fn try_number(&mut self, name: &str, value: i32) -> i32 {
        let config = Some(&mut *self.config);
        match name {
            "timeout_ms" => contactverify_config_set_timeout_ms(config, value),
            "connect_timeout_ms" => contactverify_config_set_connect_timeout_ms(config, value),
            "max_idle_connections" => contactverify_config_set_max_idle_connections(config, value),
            "idle_timeout_ms" => contactverify_config_set_idle_timeout_ms(config, value),
            "retries" => contactverify_config_set_retries(config, value),
            "site" => contactverify_config_set_site(config, value),
            "proxy_from_environment" => {
                contactverify_config_set_proxy_from_environment(config, value)
            }
            other => panic!("no such setter: {other}"),
        }
    }

    pub fn text(mut self, name: &str, value: Option<&str>) -> Self {
        assert_eq!(self.try_text(name, value.map(str::as_bytes)), CONTACTVERIFY_OK, "{name}");
        self
    }

    pub fn number(mut self, name: &str, value: i32) -> Self {
        assert_eq!(self.try_number(name, value), CONTACTVERIFY_OK, "{name}");
        self
    }

    pub fn ca_file(self, path: &Path) -> Self {
        self.text("ca_file", Some(path.to_str().unwrap()))
    }

    /// Collects log lines up to `level`.
    pub fn log(mut self, level: i32, lines: &'static Mutex<Vec<String>>) -> Self {
        unsafe extern "C" fn collect(lines: *mut c_void, level: i32, line: *const c_char) {
            // SAFETY: `lines` is what was given below, and `line` is valid during the call.
            let (lines, line) =
                unsafe { (&*lines.cast::<Mutex<Vec<String>>>(), CStr::from_ptr(line)) };
            lines.lock().unwrap().push(format!("{level} {}", line.to_str().unwrap()));
        }
        let data = ptr::from_ref(lines).cast_mut().cast();
        let config = Some(&mut *self.config);
        let status = contactverify_config_set_log_callback(config, level, Some(collect), data);
        assert_eq!(status, CONTACTVERIFY_OK);
        self
    }

    pub fn try_build(&self) -> Result<Client, Outcome> {
        let mut client = MaybeUninit::uninit();
        let mut result = MaybeUninit::uninit();
        let begin = Instant::now();
        let status =
            contactverify_client_new(Some(&self.config), Some(&mut client), Some(&mut result));
        // SAFETY: the header promises that both are written.
        let (client, result) = unsafe { (client.assume_init(), result.assume_init()) };
        if status == CONTACTVERIFY_OK {
            assert!(!client.is_null() && result.is_null());
            return Ok(Client(client));
        }
        assert!(client.is_null() && !result.is_null());
        Err(Outcome::take(status, result, begin.elapsed()))
    }

    pub fn build(&self) -> Client {
        self.try_build().unwrap()
    }
}

/// A client, freed when it is dropped.
#[derive(Debug)]
pub struct Client(*mut contactverify_client);

// SAFETY: the header says that any number of threads may use a client.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: it came from the library and is not used again.
        contactverify_client_free(Some(unsafe { Box::from_raw(self.0) }));
    }
}

impl Client {
    pub fn verify(&self, request: &Request) -> Outcome {
        let raw = request.raw();
        self.verify_raw(&raw const raw)
    }

    pub fn verify_raw(&self, request: *const contactverify_request) -> Outcome {
        let mut result = MaybeUninit::uninit();
        let begin = Instant::now();
        // SAFETY: the client lives, and so does the request with its texts.
        let status = unsafe { verify_codes(Some(&*self.0), request, Some(&mut result)) };
        // SAFETY: the header promises that a result is written whatever happens.
        Outcome::take(status, unsafe { result.assume_init() }, begin.elapsed())
    }
}

/// A request by the names of its members.
#[derive(Debug, Clone)]
pub struct Request {
    texts: BTreeMap<&'static str, CString>,
    contact_way: i32,
    timeout_ms: i32,
}

impl Request {
    /// What is mandatory, and nothing else.
    pub fn new() -> Self {
        let request =
            Self { texts: BTreeMap::new(), contact_way: CONTACTVERIFY_EMAIL, timeout_ms: 0 };
        request.with("verify_code", "123456").with("contact_value", "alice@example.com")
    }

    pub fn with(self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let mut texts = self.texts;
        texts.insert(name, CString::new(value.as_ref()).unwrap());
        Self { texts, ..self }
    }

    pub fn without(mut self, name: &str) -> Self {
        self.texts.remove(name);
        self
    }

    pub fn contact_way(self, contact_way: i32) -> Self {
        Self { contact_way, ..self }
    }

    pub fn timeout_ms(self, timeout_ms: i32) -> Self {
        Self { timeout_ms, ..self }
    }

    /// The C struct. Its texts belong to `self`.
    pub fn raw(&self) -> contactverify_request {
        let text = |name| self.texts.get(name).map_or(ptr::null(), |text| text.as_ptr());
        contactverify_request {
            size: size_of::<contactverify_request>(),
            verify_code: text("verify_code"),
            contact_value: text("contact_value"),
            area_code: text("area_code"),
            x_customer_id: text("x_customer_id"),
            customer_id: text("customer_id"),
            auth_token: text("auth_token"),
            language: text("language"),
            time_zone: text("time_zone"),
            contact_way: self.contact_way,
            timeout_ms: self.timeout_ms,
        }
    }
}
