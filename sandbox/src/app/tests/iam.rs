//! Tokens: who gets one, and what it is good for.

use axum::http::StatusCode;
use serde_json::Value;

use super::*;

const TOKENS: &str = "/v3/auth/tokens?nocatalog=true";

/// The body as the documentation has it.
fn login(password: &str) -> Value {
    json!({ "auth": {
        "identity": {
            "methods": ["password"],
            "password": { "user": {
                "domain": { "name": "sandbox-account" },
                "name": "sandbox-user",
                "password": password,
            } },
        },
        "scope": { "domain": { "name": "sandbox-account" } },
    } })
}

fn right() -> Value {
    login("sandbox-password")
}

fn with_scope(scope: Value) -> Value {
    let mut body = right();
    body["auth"]["scope"] = scope;
    body
}

/// IAM does not ask for a token.
async fn asked(bench: &Bench, body: impl ToString) -> Answer {
    let request = Request::builder().method("POST").uri(TOKENS);
    bench.answer(request.body(Body::from(body.to_string())).unwrap()).await
}

fn assert_refused(answer: &Answer, status: u16, message: &str, title: &str) {
    let body = json!({ "error": { "code": status, "message": message, "title": title } });
    assert_eq!((answer.status.as_u16(), &answer.body), (status, &body));
    assert!(!answer.headers.contains_key("x-subject-token"));
    answer.assert_usual_headers();
}

fn assert_wrong(answer: &Answer) {
    assert_refused(answer, 401, "The username or password is wrong.", "Unauthorized");
}

fn assert_malformed(answer: &Answer) {
    assert_refused(answer, 400, "The request body is invalid", "Bad Request");
}

fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.headers["x-subject-token"].to_str().unwrap().to_owned()
}

async fn call_with(bench: &Bench, token: &str) -> Answer {
    let path = format!("{NEED_VERIFY}?contact_value=a&contact_way=1");
    let request = Request::builder().uri(path).header("X-Auth-Token", token);
    bench.answer(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_comes_with_what_it_is_worth() {
    let bench = Bench::new();
    let answer = asked(&bench, right()).await;
    let token = token_of(&answer);
    assert_eq!(token.len(), 1500);
    let domain = json!({ "id": "acacacacacacacacacacacacacacacac", "name": "sandbox-account" });
    let body = json!({ "token": {
        "domain": domain,
        "expires_at": "2024-01-03T03:04:05.678901Z",
        "issued_at": "2024-01-02T03:04:05.678901Z",
        "methods": ["password"],
        "user": { "domain": domain, "name": "sandbox-user" },
    } });
    assert_eq!(answer.body, body);
    answer.assert_usual_headers();
}

#[tokio::test]
async fn the_catalog_is_left_out_when_not_wanted() {
    let bench = Bench::new();
    for (path, there) in [(TOKENS, false), ("/v3/auth/tokens", true)] {
        let answer = bench.post(path, right()).await;
        assert_eq!(answer.body["token"].get("catalog").is_some(), there, "{path}");
        token_of(&answer);
    }
}

#[tokio::test]
async fn a_token_is_for_the_account_or_the_project() {
    let bench = Bench::new();
    for scope in [
        json!({ "domain": { "name": "sandbox-account" } }),
        json!({ "domain": { "id": "acacacacacacacacacacacacacacacac" } }),
        json!({ "project": { "name": "cn-south-1" } }),
        json!({ "project": { "id": "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0" } }),
    ] {
        let answer = asked(&bench, with_scope(scope.clone())).await;
        let token = token_of(&answer);
        let kind = scope.as_object().unwrap().keys().next().unwrap();
        for other in ["domain", "project"] {
            assert_eq!(answer.body["token"].get(other).is_some(), other == kind, "{scope}");
        }
        assert_eq!(call_with(&bench, &token).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_unknown_scope_is_refused() {
    let bench = Bench::new();
    for scope in [
        json!({ "domain": { "name": "other" } }),
        json!({ "domain": { "id": "sandbox-account" } }),
        json!({ "project": { "name": "eu-west-101" } }),
        json!({ "project": { "id": "cn-south-1" } }),
    ] {
        let answer = asked(&bench, with_scope(scope)).await;
        let message = "The project or domain of the scope does not exist.";
        assert_refused(&answer, 401, message, "Unauthorized");
    }
}

#[tokio::test]
async fn each_part_of_the_login_counts() {
    let bench = Bench::new();
    for pointer in ["domain/name", "name", "password"] {
        let mut body = right();
        let path = format!("/auth/identity/password/user/{pointer}");
        *body.pointer_mut(&path).unwrap() = json!("other");
        assert_wrong(&asked(&bench, body).await);
    }
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_user_for_15_minutes() {
    let bench = Bench::new();
    let locked = "The user is locked for 15 minutes after five wrong passwords.";
    for _ in 0..4 {
        assert_wrong(&asked(&bench, login("wrong")).await);
    }
    token_of(&asked(&bench, right()).await);
    for _ in 0..5 {
        assert_wrong(&asked(&bench, login("wrong")).await);
    }
    for seconds in [0, 15 * 60 - 1] {
        bench.pass(seconds);
        assert_refused(&asked(&bench, right()).await, 401, locked, "Unauthorized");
    }
    bench.pass(1);
    token_of(&asked(&bench, right()).await);
}

#[tokio::test]
async fn a_malformed_body_is_refused_and_locks_nobody() {
    let bench = Bench::new();
    let mut bodies =
        vec![String::new(), "{}".to_owned(), "[]".to_owned(), right().to_string() + "}"];
    for path in [
        "/auth",
        "/auth/scope",
        "/auth/scope/domain",
        "/auth/scope/domain/name",
        "/auth/identity",
        "/auth/identity/methods",
        "/auth/identity/methods/0",
        "/auth/identity/password",
        "/auth/identity/password/user",
        "/auth/identity/password/user/domain",
        "/auth/identity/password/user/domain/name",
        "/auth/identity/password/user/name",
        "/auth/identity/password/user/password",
    ] {
        for value in [json!(null), json!(1), json!({})] {
            let mut body = right();
            *body.pointer_mut(path).unwrap() = value;
            bodies.push(body.to_string());
        }
    }
    for scope in [
        json!({ "domain": { "name": "a", "id": "b" } }),
        json!({ "domain": { "name": "sandbox-account" }, "project": { "name": "cn-south-1" } }),
        json!({ "OS-TRUST:trust": { "id": "a" } }),
    ] {
        bodies.push(with_scope(scope).to_string());
    }
    for methods in [json!([]), json!(["token"]), json!(["password", "totp"])] {
        let mut body = right();
        body["auth"]["identity"]["methods"] = methods;
        bodies.push(body.to_string());
    }
    for body in bodies {
        assert_malformed(&asked(&bench, body).await);
    }
    token_of(&asked(&bench, right()).await);
}

#[tokio::test]
async fn a_token_counts_on_all_four_calls_until_it_ends() {
    let bench = Bench::with(&["--token-lifetime-seconds", "100"], |_| {});
    let token = token_of(&asked(&bench, right()).await);
    bench.pass(50);
    let second = token_of(&asked(&bench, right()).await);
    bench.pass(49);
    let calls = [("POST", VERIFY), ("POST", SEND), ("GET", NEED_VERIFY), ("GET", HAS_VERIFIED)];
    for (method, path) in calls {
        let call = |token: &str| {
            let request = Request::builder().method(method).uri(path).header("X-Auth-Token", token);
            bench.answer(request.body(Body::empty()).unwrap())
        };
        assert_eq!(call(&token).await.status, StatusCode::OK, "{path}");
        let unknown = call(&token.replacen("MII", "MIJ", 1)).await;
        unknown.assert_gateway(401, "APIGW.0301", "Incorrect IAM authentication information");
    }
    bench.pass(1);
    let ended = call_with(&bench, &token).await;
    ended.assert_gateway(401, "APIGW.0307", "The token must be updated");
    assert_eq!(call_with(&bench, &second).await.status, StatusCode::OK);
    assert_eq!(call_with(&bench, "right-token").await.status, StatusCode::OK);
}
