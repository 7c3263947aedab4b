//! IAM, the service that gives out tokens: `POST /v3/auth/tokens`.
//!
//! Its answers have a shape of their own, also where it refuses.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::account::{self, Called, Login, Names, Scope};
use crate::answer;
use crate::app::Sandbox;
use crate::clock::{self, Moment};
use crate::query::Query;

/// Why there is no token.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The body is not JSON of the documented shape, or asks for another method than `password`.
    #[error("The request body is invalid")]
    Malformed,
    /// There is no such account or user, or the password is another.
    #[error("The username or password is wrong.")]
    Wrong,
    /// Too many wrong passwords.
    #[error("The user is locked for 15 minutes after five wrong passwords.")]
    Locked,
    /// IAM is built on `OpenStack` Keystone, which answers 401 for a scope that it does not know,
    /// as it does for all that is wrong with who wants what.
    #[error("The project or domain of the scope does not exist.")]
    UnknownScope,
    /// A test made IAM fail (`controls.rs`).
    #[error("The service is unavailable.")]
    Unavailable,
}

impl From<account::Refusal> for Refusal {
    fn from(refusal: account::Refusal) -> Self {
        match refusal {
            account::Refusal::Wrong => Self::Wrong,
            account::Refusal::Locked => Self::Locked,
            account::Refusal::UnknownScope => Self::UnknownScope,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Wrong | Self::Locked | Self::UnknownScope => StatusCode::UNAUTHORIZED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let body = json!({ "error": {
            "code": status.as_u16(),
            "message": self.to_string(),
            "title": status.canonical_reason(),
        } });
        answer::json(status, "", &body)
    }
}

/// `POST /v3/auth/tokens`
pub async fn tokens(
    State(sandbox): State<Arc<Sandbox>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Refusal> {
    if !sandbox.iam_available.load(Ordering::Relaxed) {
        return Err(Refusal::Unavailable);
    }
    let login = read(&body)?;
    let now = sandbox.clock.now();
    let mut account = sandbox.account.lock();
    account.check(&login, now.steady)?;
    let (token, ends) = sandbox.tokens.lock().issue(now);
    let query = Query::read(query.as_deref().unwrap_or_default());
    let with_catalog = query.values("nocatalog").next().is_none();
    let body = described(&account.names, &login.scope, now, ends, with_catalog);
    let answer = answer::json(StatusCode::CREATED, "", &body);
    Ok(([("X-Subject-Token", token)], answer).into_response())
}

/// What the token is worth, as the body of the answer says it.
fn described(
    names: &Names,
    scope: &Scope,
    issued: Moment,
    ends: Moment,
    with_catalog: bool,
) -> Value {
    let domain = json!({ "id": names.account_id, "name": names.account });
    let mut token = json!({
        "expires_at": clock::iso_8601(ends.wall),
        "issued_at": clock::iso_8601(issued.wall),
        "methods": ["password"],
        "user": { "domain": domain, "name": names.user },
    });
    match scope {
        Scope::Domain(_) => token["domain"] = domain,
        Scope::Project(_) => {
            token["project"] =
                json!({ "domain": domain, "id": names.project_id, "name": names.project });
        }
    }
    if with_catalog {
        token["catalog"] = json!([]);
    }
    json!({ "token": token })
}

/// Reads the body. The scope may be left out for the real IAM, but nothing tells what such a
/// token is good for, so here it has to be there.
fn read(body: &[u8]) -> Result<Login, Refusal> {
    let Body { auth } = serde_json::from_slice(body).map_err(|_| Refusal::Malformed)?;
    if auth.identity.methods != ["password"] {
        return Err(Refusal::Malformed);
    }
    let user = auth.identity.password.user;
    let scope = match auth.scope {
        ScopeBody::Domain(called) => Scope::Domain(called.into()),
        ScopeBody::Project(called) => Scope::Project(called.into()),
    };
    Ok(Login { account: user.domain.name, user: user.name, password: user.password, scope })
}

#[derive(Deserialize)]
struct Body {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
    scope: ScopeBody,
}

#[derive(Deserialize)]
struct Identity {
    methods: Vec<String>,
    password: Password,
}

#[derive(Deserialize)]
struct Password {
    user: User,
}

#[derive(Deserialize)]
struct User {
    domain: Domain,
    name: String,
    password: String,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScopeBody {
    Domain(CalledBody),
    Project(CalledBody),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum CalledBody {
    Name(String),
    Id(String),
}

impl From<CalledBody> for Called {
    fn from(body: CalledBody) -> Self {
        match body {
            CalledBody::Name(name) => Self::Name(name),
            CalledBody::Id(id) => Self::Id(id),
        }
    }
}
