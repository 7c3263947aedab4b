//! What the real service does not have: paths under `/sandbox`, for tests and benches.
//!
//! They exist because a client's promises cannot be seen from its results alone: that a hundred
//! threads fetch one token, that a refused login is not tried again, that a request to verify is
//! never sent twice, that a token is renewed when the service has ended it early, that calls with
//! a good token go on while IAM is down. They need no authentication: the sandbox listens on this
//! machine only, and they tell no secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::Sandbox;
use crate::query::Query;

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// `POST /v3/auth/tokens`
    IamTokens,
    /// `POST /v2/servicerequest/verifycodes`
    Verify,
    /// `POST /v2/servicerequest/verifycodes/send`
    Send,
    /// `GET /v2/servicerequest/verifycodes/need-verify`
    NeedVerify,
    /// `GET /v2/servicerequest/verifycodes/has-verified`
    HasVerified,
    /// `GET /openstack/latest/securitykey`
    SecurityKeys,
}

/// How often each route was asked, and how often that was refused, since the start.
#[derive(Debug, Default)]
pub struct Counters {
    iam_tokens: AtomicU64,
    iam_refused: AtomicU64,
    verify: AtomicU64,
    send: AtomicU64,
    need_verify: AtomicU64,
    has_verified: AtomicU64,
    unauthorized: AtomicU64,
    security_keys: AtomicU64,
}

impl Counters {
    fn asked(&self, route: Route) {
        let counter = match route {
            Route::IamTokens => &self.iam_tokens,
            Route::Verify => &self.verify,
            Route::Send => &self.send,
            Route::NeedVerify => &self.need_verify,
            Route::HasVerified => &self.has_verified,
            Route::SecurityKeys => &self.security_keys,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn answered(&self, route: Route, status: StatusCode) {
        let counter = match route {
            Route::IamTokens if status != StatusCode::CREATED => &self.iam_refused,
            Route::Verify | Route::Send | Route::NeedVerify | Route::HasVerified
                if status == StatusCode::UNAUTHORIZED =>
            {
                &self.unauthorized
            }
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn as_json(&self) -> Value {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        json!({
            "iam_tokens": count(&self.iam_tokens),
            "iam_refused": count(&self.iam_refused),
            "verify": count(&self.verify),
            "send": count(&self.send),
            "need_verify": count(&self.need_verify),
            "has_verified": count(&self.has_verified),
            "unauthorized": count(&self.unauthorized),
            "security_keys": count(&self.security_keys),
        })
    }
}

/// Around a route: counts.
pub async fn count(
    State((sandbox, route)): State<(Arc<Sandbox>, Route)>,
    request: Request,
    next: Next,
) -> Response {
    sandbox.counters.asked(route);
    let response = next.run(request).await;
    sandbox.counters.answered(route, response.status());
    response
}

/// `GET /sandbox/counters`
pub async fn counters(State(sandbox): State<Arc<Sandbox>>) -> Response {
    answer::json(StatusCode::OK, "", &sandbox.counters.as_json())
}

/// `POST /sandbox/expire-tokens`: ends every token that IAM issued so far.
pub async fn expire_tokens(State(sandbox): State<Arc<Sandbox>>) -> Response {
    let ended = sandbox.tokens.lock().end_all(sandbox.clock.now().steady);
    answer::json(StatusCode::OK, "", &json!({ "ended": ended }))
}

/// `POST /sandbox/iam?available=false` makes IAM answer 503, `?available=true` makes it work again.
pub async fn iam(State(sandbox): State<Arc<Sandbox>>, RawQuery(query): RawQuery) -> Response {
    let available = match Query::read(query.as_deref().unwrap_or_default())
        .values("available")
        .collect::<Vec<_>>()[..]
    {
        [b"true"] => true,
        [b"false"] => false,
        _ => {
            let body = json!({ "error": "?available=true or ?available=false" });
            return answer::json(StatusCode::BAD_REQUEST, "", &body);
        }
    };
    sandbox.iam_available.store(available, Ordering::Relaxed);
    answer::json(StatusCode::OK, "", &json!({ "available": available }))
}
