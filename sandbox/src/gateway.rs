//! What the API gateway does in front of the service: it numbers requests and refuses those that
//! the service should not see. Its refusals have an HTTP status of their own and a body of their
//! own shape, with codes that begin with `APIGW`.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer::{self, ErrorCode};
use crate::app::Sandbox;
use crate::authentication::Unauthorized;
use crate::{clock, random};

/// The largest body that is passed on to the service, in bytes.
pub const MOST_BYTES_ACCEPTED: usize = 64 * 1024;

/// The largest body that is read to its end before it is refused. An answer that is sent while the
/// client still sends can be lost: the connection is reset once bytes arrive that nobody reads.
pub const MOST_BYTES_READ: usize = 1024 * 1024;

/// The number of a request: 32 hexadecimal digits, in the header `X-Request-Id` of every answer.
#[derive(Debug, Clone)]
pub struct RequestId(String);

/// Why the gateway does not pass a request on.
#[derive(Debug)]
pub enum Refusal {
    /// The body cannot be read, for example a broken chunk length.
    BadRequest,
    /// The body is larger than [`MOST_BYTES_ACCEPTED`].
    BodyTooLarge,
    /// Neither a token nor a signature that is accepted.
    Unauthorized(Unauthorized),
    /// No call has this path.
    NoSuchApi,
    /// The path is known, but not with this method.
    NoSuchMethod,
}

impl From<Unauthorized> for Refusal {
    fn from(unauthorized: Unauthorized) -> Self {
        Self::Unauthorized(unauthorized)
    }
}

impl Refusal {
    /// The answer for the request with this number.
    pub fn answer(&self, RequestId(request_id): &RequestId) -> Response {
        let with_text = |status, error_code, text: &str| (status, error_code, text.to_owned());
        let (status, error_code, error_msg) = match self {
            Self::BadRequest => {
                with_text(StatusCode::BAD_REQUEST, "APIGW.0201", "API request error")
            }
            Self::BodyTooLarge => {
                with_text(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", "Request entity too large")
            }
            Self::Unauthorized(unauthorized) => {
                (StatusCode::UNAUTHORIZED, unauthorized.error_code(), unauthorized.to_string())
            }
            Self::NoSuchApi => with_text(
                StatusCode::NOT_FOUND,
                "APIGW.0101",
                "The API does not exist or has not been published in the environment",
            ),
            Self::NoSuchMethod => {
                with_text(StatusCode::METHOD_NOT_ALLOWED, "APIGW.0101", "The API does not exist")
            }
        };
        let body =
            json!({ "error_code": error_code, "error_msg": error_msg, "request_id": request_id });
        answer::json(status, error_code, &body)
    }
}

/// Around everything else: numbers the request, delays the answer, writes the log.
pub async fn front(
    State(sandbox): State<Arc<Sandbox>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let request_id = RequestId(random::hexadecimal_id());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(request_id.clone());
    let response = next.run(request).await;
    if !sandbox.delay.is_zero() {
        // The work is done before the wait: a client that gives up has still used its code.
        tokio::time::sleep(sandbox.delay).await;
    }
    if sandbox.log_requests {
        let status = response.status().as_u16();
        let error_code = match response.extensions().get::<ErrorCode>() {
            Some(ErrorCode(code)) if !code.is_empty() => code,
            _ => "-",
        };
        let milliseconds = started.elapsed().as_millis();
        // Nobody may be left to read the log, which is no reason to withhold the answer.
        let _ = writeln!(
            io::stderr(),
            "{method} {path} {status} {error_code} {milliseconds} ms {}",
            request_id.0
        );
    }
    let date = clock::http_date(sandbox.clock.now().wall);
    ([("X-Request-Id", request_id.0), ("Date", date)], response).into_response()
}

/// Reads the whole body, whatever the answer will be, so that the connection can be used again.
pub async fn limit_body(
    Extension(request_id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let refusal = match Bytes::from_request(whole, &()).await {
        Ok(bytes) if bytes.len() <= MOST_BYTES_ACCEPTED => {
            return next.run(Request::from_parts(parts, Body::from(bytes))).await;
        }
        Ok(_) => Refusal::BodyTooLarge,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::BodyTooLarge
        }
        Err(_) => Refusal::BadRequest,
    };
    refusal.answer(&request_id)
}

/// The answer for a path that no call has.
pub async fn no_such_api(Extension(request_id): Extension<RequestId>) -> Response {
    Refusal::NoSuchApi.answer(&request_id)
}

/// The answer for a known path with another method. The real gateway is documented to answer 404
/// here as well; 405 says to a person with `curl` what is wrong.
pub async fn no_such_method(Extension(request_id): Extension<RequestId>) -> Response {
    Refusal::NoSuchMethod.answer(&request_id)
}
