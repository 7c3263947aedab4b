//! The metadata server of a cloud host, from which programs there get temporary access keys.
//!
//! On a real host it has the address 169.254.169.254 and no other paths with the sandbox in
//! common. Its refusals are plain text.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer;
use crate::app::Sandbox;
use crate::clock;
use crate::random;
use crate::signature::only;

/// The longest lifetime of a token of the metadata server, six hours.
const LONGEST_SECONDS: u64 = 21_600;

/// The tokens of the metadata server and when each ends.
#[derive(Debug, Default)]
pub struct MetadataTokens(HashMap<String, Instant>);

impl MetadataTokens {
    fn issue(&mut self, lifetime: Duration, now: Instant) -> String {
        self.0.retain(|_, ends| now < *ends);
        let token = random::base64_like(48);
        self.0.insert(token.clone(), now + lifetime);
        token
    }

    fn accepts(&self, token: &[u8], now: Instant) -> bool {
        let known = str::from_utf8(token).ok().and_then(|token| self.0.get(token));
        known.is_some_and(|ends| now < *ends)
    }
}

/// `PUT /meta-data/latest/api/token`
pub async fn token(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let seconds = only(&headers, "X-Metadata-Token-Ttl-Seconds")
        .and_then(|value| str::from_utf8(value).ok())
        .and_then(|text| text.parse().ok())
        .filter(|seconds| (1..=LONGEST_SECONDS).contains(seconds));
    let Some(seconds) = seconds else {
        let text = "X-Metadata-Token-Ttl-Seconds: a number of seconds from 1 to 21600";
        return (StatusCode::BAD_REQUEST, text).into_response();
    };
    let now = sandbox.clock.now().steady;
    sandbox.metadata_tokens.lock().issue(Duration::from_secs(seconds), now).into_response()
}

/// `GET /openstack/latest/securitykey`: new keys each time; the earlier ones go on to count.
pub async fn security_key(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let now = sandbox.clock.now();
    let accepted = only(&headers, "X-Metadata-Token")
        .is_some_and(|token| sandbox.metadata_tokens.lock().accepts(token, now.steady));
    if !accepted {
        return (StatusCode::UNAUTHORIZED, "X-Metadata-Token: missing, unknown or ended")
            .into_response();
    }
    let key = sandbox.access_keys.lock().new_temporary(sandbox.security_key_lifetime, now);
    let body = json!({ "credential": {
        "access": key.access,
        "secret": key.secret,
        "securitytoken": key.security_token,
        "expires_at": clock::iso_8601(key.ends.wall),
    } });
    answer::json(StatusCode::OK, "", &body)
}
