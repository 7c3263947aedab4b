//! The calls of the service, and its answers.
//!
//! Every answer of the service has HTTP status 200, also a refusal: the body's `error_code` makes
//! the difference.
//!
//! The API page gives no example of a success. It gives the model: `error_code` and `error_msg`,
//! both strings of 0 to 32 characters. So the success here is
//! `{"error_code":"","error_msg":""}`, the one body that carries both documented parameters, each
//! of its documented type and within its documented length. `{}` would show nothing of the model,
//! and `null` is no string. The real service may answer otherwise.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use thiserror::Error;

use crate::answer;
use crate::app::Sandbox;
use crate::codes::SentTooOften;
use crate::parameters::{self, Listing, Violation};
use crate::query::Query;
use crate::verified::Verified;

/// The call was successful: the contact is verified, or the code is on its way.
#[derive(Debug)]
pub struct Success;

/// Why the service does not do what it was asked for.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The request differs from the API page.
    #[error("{0}")]
    Violation(#[from] Violation),
    /// The code is wrong, used, void or expired.
    #[error("Verification not passed")]
    NotPassed,
    /// The contact has to wait for another code.
    #[error("The code was sent too often")]
    SentTooOften,
    /// The code was made, but could not be printed.
    #[error("The code could not be sent")]
    NotDelivered,
}

impl Refusal {
    fn error_code(&self) -> &'static str {
        match self {
            Self::Violation(Violation::UnknownContactWay) => "OSM.01010012",
            Self::Violation(_) => "OSM.01010001",
            Self::NotPassed => "OSM.01010010",
            Self::SentTooOften => "OSM.01010024",
            Self::NotDelivered => "OSM.01010014",
        }
    }
}

impl From<SentTooOften> for Refusal {
    fn from(_: SentTooOften) -> Self {
        Self::SentTooOften
    }
}

impl IntoResponse for Success {
    fn into_response(self) -> Response {
        answer("", "")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(self.error_code(), &self.to_string())
    }
}

fn answer(error_code: &'static str, error_msg: &str) -> Response {
    let body = json!({ "error_code": error_code, "error_msg": error_msg });
    answer::json(StatusCode::OK, error_code, &body)
}

/// `POST /v2/servicerequest/verifycodes`
pub async fn verify(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Success, Refusal> {
    parameters::check_headers(&headers)?;
    let verification = parameters::verification(&body)?;
    if sandbox.verify(verification) { Ok(Success) } else { Err(Refusal::NotPassed) }
}

/// `POST /v2/servicerequest/verifycodes/send`
pub async fn send(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Success, Refusal> {
    parameters::check_headers(&headers)?;
    let contact = parameters::sending(&body)?;
    let code = sandbox.new_code(&contact)?;
    sandbox.deliver(&contact, &code).map_err(|_| Refusal::NotDelivered)?;
    Ok(Success)
}

/// `GET /v2/servicerequest/verifycodes/need-verify`
///
/// The API page has both parameters of the answer as optional. While a code is needed there is no
/// time at which one will be needed again, so `expire_time` is left out.
pub async fn need_verify(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    parameters::check_headers(&headers)?;
    let contact = parameters::need_verify(&Query::read(query.as_deref().unwrap_or_default()))?;
    let now = sandbox.clock.now();
    let body = match sandbox.verified.lock().find(&contact, now) {
        Some(verified) => json!({ "need_verify_code": 0, "expire_time": verified.expire_time() }),
        None => json!({ "need_verify_code": 1 }),
    };
    Ok(answer::json(StatusCode::OK, "", &body))
}

/// `GET /v2/servicerequest/verifycodes/has-verified`
pub async fn has_verified(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    parameters::check_headers(&headers)?;
    let query = Query::read(query.as_deref().unwrap_or_default());
    let Listing { filter, offset, limit } = parameters::has_verified(&query)?;
    let mut verified = sandbox.verified.lock();
    let (count, page) = verified.list(&filter, offset, limit, sandbox.clock.now());
    let described = |verified: &Verified| {
        json!({
            "contact_way": verified.contact.way.number(),
            "contact_value": verified.contact.value,
            "area_code": verified.contact.area_code,
            "verified_id": verified.id,
        })
    };
    let contacts: Vec<_> = page.into_iter().map(described).collect();
    let body = json!({ "count": count, "contact_list": contacts });
    Ok(answer::json(StatusCode::OK, "", &body))
}
