//! Who may call the service: whoever has a token, or signs with an access key.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use thiserror::Error;

use crate::access_keys;
use crate::app::Sandbox;
use crate::gateway::{self, RequestId};
use crate::signature::{Authorization, only};
use crate::tokens::Judgement;

const AUTH_TOKEN: &str = "X-Auth-Token";

/// Why a request is not let through.
#[derive(Debug, Error)]
pub enum Unauthorized {
    /// The token is missing or unknown, or there is more than one thing to judge.
    #[error("Incorrect IAM authentication information")]
    Token,
    /// The token was issued here, but has ended.
    #[error("The token must be updated")]
    TokenEnded,
    /// The signature is not accepted.
    #[error("Incorrect IAM authentication information: {0}")]
    Signature(#[from] access_keys::Refusal),
}

impl Unauthorized {
    /// The gateway's code.
    pub fn error_code(&self) -> &'static str {
        match self {
            Self::TokenEnded => "APIGW.0307",
            Self::Token | Self::Signature(_) => "APIGW.0301",
        }
    }
}

/// Lets only requests through that are accepted.
pub async fn require(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    // The body was read before (`gateway::limit_body`), so this neither waits nor fails.
    let Ok(body) = to_bytes(body, gateway::MOST_BYTES_ACCEPTED).await else {
        return gateway::Refusal::BadRequest.answer(&request_id);
    };
    match judge(&sandbox, &parts, &body) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(unauthorized) => gateway::Refusal::from(unauthorized).answer(&request_id),
    }
}

/// A request with two tokens, or with a token and a signature, is refused: which of them counts
/// would be a matter of luck.
fn judge(sandbox: &Sandbox, request: &Parts, body: &[u8]) -> Result<(), Unauthorized> {
    let now = sandbox.clock.now();
    let signed = request
        .headers
        .get_all(AUTHORIZATION)
        .iter()
        .any(|value| value.to_str().is_ok_and(Authorization::is_meant));
    if signed {
        if request.headers.contains_key(AUTH_TOKEN) {
            return Err(Unauthorized::Token);
        }
        return Ok(sandbox.access_keys.lock().judge(request, body, now)?);
    }
    let token = only(&request.headers, AUTH_TOKEN).ok_or(Unauthorized::Token)?;
    match sandbox.tokens.lock().judge(token, now.steady) {
        Judgement::Accepted => Ok(()),
        Judgement::Ended => Err(Unauthorized::TokenEnded),
        Judgement::Unknown => Err(Unauthorized::Token),
    }
}
