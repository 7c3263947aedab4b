//! What the tests of the whole sandbox share.

use std::sync::Mutex;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use clap::Parser;
use serde_json::{Value, json};
use time::UtcDateTime;
use time::macros::utc_datetime;
use tower::ServiceExt;

use crate::app::*;
use crate::clock::Moment;

pub const VERIFY: &str = "/v2/servicerequest/verifycodes";
pub const SEND: &str = "/v2/servicerequest/verifycodes/send";
pub const NEED_VERIFY: &str = "/v2/servicerequest/verifycodes/need-verify";
pub const HAS_VERIFIED: &str = "/v2/servicerequest/verifycodes/has-verified";

/// The time of day at the start of each test.
pub const START: UtcDateTime = utc_datetime!(2024-01-02 03:04:05.678_901);

/// A sandbox whose clock stands still and whose codes arrive here.
pub struct Bench {
    router: Router,
    now: Arc<Mutex<Moment>>,
    pub delivered: Arc<Mutex<Vec<(String, String)>>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(&[], |_| {})
    }

    /// A sandbox with further arguments and a change by hand.
    pub fn with(arguments: &[&str], change: impl FnOnce(&mut Sandbox)) -> Self {
        let usual = ["contactverify-sandbox", "--token", "right-token"];
        let arguments = Arguments::parse_from([&usual, arguments].concat());
        let now = Arc::new(Mutex::new(Moment { steady: Instant::now(), wall: START }));
        let delivered = Arc::new(Mutex::new(Vec::new()));
        let (steady, wall, letterbox) =
            (Arc::clone(&now), Arc::clone(&now), Arc::clone(&delivered));
        let mut sandbox = Sandbox::new(&arguments);
        sandbox.clock = Clock {
            steady: Box::new(move || steady.lock().unwrap().steady),
            wall: Box::new(move || wall.lock().unwrap().wall),
        };
        sandbox.deliver = Box::new(move |contact, code| {
            letterbox.lock().unwrap().push((contact.to_string(), code.to_owned()));
            Ok(())
        });
        change(&mut sandbox);
        Self { router: router(Arc::new(sandbox)), now, delivered }
    }

    pub fn pass(&self, seconds: u64) {
        let mut now = self.now.lock().unwrap();
        *now = *now + Duration::from_secs(seconds);
    }

    /// What the time of day is now.
    pub fn wall(&self) -> UtcDateTime {
        self.now.lock().unwrap().wall
    }

    pub async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status, headers, body, text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.answer(request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: impl ToString) -> Answer {
        let request = request("POST", path).body(Body::from(body.to_string())).unwrap();
        self.answer(request).await
    }

    /// Sends a code to the e-mail address and takes it from the letterbox.
    pub async fn code_for(&self, address: &str) -> String {
        self.post(SEND, to(address)).await.assert_success();
        let (contact, code) = self.delivered.lock().unwrap().pop().unwrap();
        assert_eq!(contact, format!("{address} (email)"));
        code
    }

    /// Has the e-mail address verified.
    pub async fn verified(&self, address: &str) {
        let code = self.code_for(address).await;
        self.post(VERIFY, guess(address, &code)).await.assert_success();
    }
}

impl Answer {
    pub fn assert_success(&self) {
        self.assert_service("", "");
    }

    pub fn assert_service(&self, error_code: &str, error_msg: &str) {
        let body = json!({ "error_code": error_code, "error_msg": error_msg });
        assert_eq!((self.status, &self.body), (StatusCode::OK, &body));
        self.assert_usual_headers();
    }

    pub fn assert_gateway(&self, status: u16, error_code: &str, error_msg: &str) {
        let body = json!({
            "error_code": error_code,
            "error_msg": error_msg,
            "request_id": self.request_id(),
        });
        assert_eq!((self.status.as_u16(), &self.body), (status, &body));
        self.assert_usual_headers();
    }

    pub fn assert_usual_headers(&self) {
        assert_eq!(self.headers["content-type"], "application/json");
        assert!(self.headers.contains_key("date"));
        let request_id = self.request_id();
        assert_eq!(request_id.len(), 32, "{request_id}");
        assert!(request_id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{request_id}");
    }

    pub fn request_id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }
}

pub fn request(method: &str, path: &str) -> Builder {
    Request::builder().method(method).uri(path).header("X-Auth-Token", "right-token")
}

pub fn to(address: &str) -> Value {
    json!({ "contact_value": address, "contact_way": 1, "area_code": "" })
}

pub fn guess(address: &str, code: &str) -> Value {
    json!({ "contact_value": address, "contact_way": 1, "verify_code": code })
}
