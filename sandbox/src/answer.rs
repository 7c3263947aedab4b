//! What every answer looks like, the gateway's and the service's.

use axum::Extension;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// The `error_code` of an answer, kept beside it for the log.
#[derive(Debug, Clone, Copy)]
pub struct ErrorCode(pub &'static str);

/// An answer with a JSON body.
pub fn json(status: StatusCode, error_code: &'static str, body: &Value) -> Response {
    (
        status,
        Extension(ErrorCode(error_code)),
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
