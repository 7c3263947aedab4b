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
    pub need_verify: i32,
    pub expire_time: String,
    pub total: i64,
    /// Way, value, area code and number of each contact.
    pub contacts: Vec<(i32, String, String, String)>,
    pub took: Duration,
}

impl Outcome {
    /// Of a call of which nothing is told yet: no status that there is.
    pub fn unknown() -> Self {
        Self { status: -1, ..Self::take(-1, ptr::null_mut(), Duration::ZERO) }
    }

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
            need_verify: contactverify_result_need_verify(given),
            expire_time: text(contactverify_result_expire_time(given)),
            total: contactverify_result_total(given),
            contacts: (0..contactverify_result_contact_count(given))
                .map(|index| {
                    (
                        contactverify_result_contact_way(given, index),
                        text(contactverify_result_contact_value(given, index)),
                        text(contactverify_result_contact_area_code(given, index)),
                        text(contactverify_result_contact_verified_id(given, index)),
                    )
                })
                .collect(),
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

    /// A config with an endpoint and no credentials.
    pub fn without_credentials(endpoint: &str) -> Self {
        Self::empty().text("endpoint", Some(endpoint))
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
                "region" => contactverify_config_set_region(config, pointer),
                "iam_endpoint" => contactverify_config_set_iam_endpoint(config, pointer),
                "iam_project" => contactverify_config_set_iam_project(config, pointer),
                "domain_id" => contactverify_config_set_domain_id(config, pointer),
                "project_id" => contactverify_config_set_project_id(config, pointer),
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
            "credential_sources" => contactverify_config_set_credential_sources(config, value),
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

    /// Calls `iam_password` or `access_key`, the setters of three texts.
    pub fn try_three(&mut self, name: &str, texts: [Option<&[u8]>; 3]) -> i32 {
        let texts = texts.map(|text| text.map(|text| CString::new(text).unwrap()));
        let [first, second, third] =
            texts.each_ref().map(|text| text.as_ref().map_or(ptr::null(), |text| text.as_ptr()));
        let config = Some(&mut *self.config);
        // SAFETY: NULL or C strings that live until the end of this function.
        unsafe {
            match name {
                "iam_password" => {
                    contactverify_config_set_iam_password(config, first, second, third)
                }
                "access_key" => contactverify_config_set_access_key(config, first, second, third),
                other => panic!("no such setter: {other}"),
            }
        }
    }

    pub fn iam_password(mut self, domain: &str, user: &str, password: &str) -> Self {
        let texts = [domain, user, password].map(|text| Some(text.as_bytes()));
        assert_eq!(self.try_three("iam_password", texts), CONTACTVERIFY_OK);
        self
    }

    pub fn access_key(mut self, access_key: &str, secret_key: &str) -> Self {
        let texts = [Some(access_key.as_bytes()), Some(secret_key.as_bytes()), None];
        assert_eq!(self.try_three("access_key", texts), CONTACTVERIFY_OK);
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

/// A function that asks the service.
type Function<R> = unsafe extern "C" fn(
    Option<&contactverify_client>,
    *const R,
    Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> i32;

/// The four calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Verify,
    Send,
    Need,
    List,
}

impl Client {
    pub fn verify(&self, request: &Request) -> Outcome {
        self.call(Call::Verify, request)
    }

    /// Makes a call with those of the request's members that it knows.
    pub fn call(&self, call: Call, request: &Request) -> Outcome {
        match call {
            Call::Verify => self.verify_raw(&request.raw()),
            Call::Send => self.ask(contactverify_send_code, &request.raw_send()),
            Call::Need => self.ask(contactverify_need_verify, &request.raw_need()),
            Call::List => self.ask(contactverify_list_verified, &request.raw_list()),
        }
    }

    pub fn verify_raw(&self, request: *const contactverify_request) -> Outcome {
        self.ask(verify_codes, request)
    }

    pub fn ask<R>(&self, function: Function<R>, request: *const R) -> Outcome {
        let mut result = MaybeUninit::uninit();
        let begin = Instant::now();
        // SAFETY: the client lives, and so does the request with its texts.
        let status = unsafe { function(Some(&*self.0), request, Some(&mut result)) };
        // SAFETY: the header promises that a result is written whatever happens.
        Outcome::take(status, unsafe { result.assume_init() }, begin.elapsed())
    }
}

/// A request by the names of its members.
#[derive(Debug, Clone)]
pub struct Request {
    texts: BTreeMap<&'static str, CString>,
    contact_way: i32,
    offset: i32,
    limit: i32,
    timeout_ms: i32,
}

impl Request {
    /// What is mandatory, and nothing else.
    pub fn new() -> Self {
        let request = Self { contact_way: CONTACTVERIFY_EMAIL, ..Self::empty() };
        request.with("verify_code", "123456").with("contact_value", "alice@example.com")
    }

    /// As the `_INIT` macros leave it.
    pub fn empty() -> Self {
        Self { texts: BTreeMap::new(), contact_way: -1, offset: -1, limit: -1, timeout_ms: 0 }
    }

    /// A contact that a code can be sent to.
    pub fn contact(contact_value: &str) -> Self {
        Self::empty()
            .with("contact_value", contact_value)
            .with("area_code", "")
            .contact_way(CONTACTVERIFY_EMAIL)
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

    pub fn offset(self, offset: i32) -> Self {
        Self { offset, ..self }
    }

    pub fn limit(self, limit: i32) -> Self {
        Self { limit, ..self }
    }

    pub fn timeout_ms(self, timeout_ms: i32) -> Self {
        Self { timeout_ms, ..self }
    }

    /// The C struct. Its texts belong to `self`.
    pub fn raw(&self) -> contactverify_request {
        let text = |name| self.pointer(name);
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

    pub fn raw_send(&self) -> contactverify_send_request {
        contactverify_send_request {
            size: size_of::<contactverify_send_request>(),
            contact_value: self.pointer("contact_value"),
            area_code: self.pointer("area_code"),
            auth_token: self.pointer("auth_token"),
            language: self.pointer("language"),
            time_zone: self.pointer("time_zone"),
            contact_way: self.contact_way,
            timeout_ms: self.timeout_ms,
        }
    }

    pub fn raw_need(&self) -> contactverify_need_request {
        contactverify_need_request {
            size: size_of::<contactverify_need_request>(),
            contact_value: self.pointer("contact_value"),
            area_code: self.pointer("area_code"),
            auth_token: self.pointer("auth_token"),
            language: self.pointer("language"),
            time_zone: self.pointer("time_zone"),
            contact_way: self.contact_way,
            timeout_ms: self.timeout_ms,
        }
    }

    pub fn raw_list(&self) -> contactverify_list_request {
        contactverify_list_request {
            size: size_of::<contactverify_list_request>(),
            contact_value: self.pointer("contact_value"),
            area_code: self.pointer("area_code"),
            customer_id: self.pointer("customer_id"),
            sub_customer_id: self.pointer("sub_customer_id"),
            verified_id: self.pointer("verified_id"),
            expired_time: self.pointer("expired_time"),
            auth_token: self.pointer("auth_token"),
            language: self.pointer("language"),
            time_zone: self.pointer("time_zone"),
            contact_way: self.contact_way,
            offset: self.offset,
            limit: self.limit,
            timeout_ms: self.timeout_ms,
        }
    }

    fn pointer(&self, name: &str) -> *const c_char {
        self.texts.get(name).map_or(ptr::null(), |text| text.as_ptr())
    }
}
