//! What is there for tests only, and the metadata server of a cloud host.

use axum::http::StatusCode;
use serde_json::Value;

use super::*;

const LOGIN: &str = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{
    "domain":{"name":"sandbox-account"},"name":"sandbox-user","password":"sandbox-password"}}},
    "scope":{"domain":{"name":"sandbox-account"}}}}"#;

async fn asked(bench: &Bench, method: &str, path: &str, header: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in header {
        request = request.header(*name, *value);
    }
    bench.answer(request.body(Body::empty()).unwrap()).await
}

async fn counters(bench: &Bench) -> Value {
    let answer = asked(bench, "GET", "/sandbox/counters", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.assert_usual_headers();
    answer.body
}

#[tokio::test]
async fn requests_and_refusals_are_counted() {
    let bench = Bench::with(&["--metadata"], |_| {});
    let mut expected = json!({
        "iam_tokens": 0, "iam_refused": 0, "verify": 0, "send": 0, "need_verify": 0,
        "has_verified": 0, "unauthorized": 0, "security_keys": 0,
    });
    assert_eq!(counters(&bench).await, expected);
    bench.post("/v3/auth/tokens", LOGIN).await;
    bench.post("/v3/auth/tokens", "{}").await;
    for _ in 0..2 {
        bench.post(VERIFY, "{}").await;
    }
    for _ in 0..3 {
        bench.post(SEND, "{}").await;
    }
    for _ in 0..4 {
        bench.get(NEED_VERIFY).await;
    }
    for _ in 0..5 {
        asked(&bench, "GET", HAS_VERIFIED, &[]).await;
    }
    for _ in 0..6 {
        asked(&bench, "GET", "/openstack/latest/securitykey", &[]).await;
    }
    for (name, count) in [
        ("iam_tokens", 2),
        ("iam_refused", 1),
        ("verify", 2),
        ("send", 3),
        ("need_verify", 4),
        ("has_verified", 5),
        ("unauthorized", 5),
        ("security_keys", 6),
    ] {
        expected[name] = json!(count);
    }
    assert_eq!(counters(&bench).await, expected);
}

#[tokio::test]
async fn tokens_can_be_ended_early() {
    let bench = Bench::new();
    let issued = bench.post("/v3/auth/tokens", LOGIN).await;
    let token = issued.headers["x-subject-token"].to_str().unwrap();
    let listed = |token| asked(&bench, "GET", HAS_VERIFIED, token);
    let token = [("X-Auth-Token", token)];
    assert_eq!(listed(&token).await.status, StatusCode::OK);
    let answer = asked(&bench, "POST", "/sandbox/expire-tokens", &[]).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({ "ended": 1 })));
    listed(&token).await.assert_gateway(401, "APIGW.0307", "The token must be updated");
    let answer = bench.post("/v3/auth/tokens", LOGIN).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn iam_can_be_down() {
    let bench = Bench::new();
    for (available, status) in [("false", 503), ("true", 201)] {
        let path = format!("/sandbox/iam?available={available}");
        let answer = asked(&bench, "POST", &path, &[]).await;
        assert_eq!(answer.body, json!({ "available": available == "true" }));
        let answer = bench.post("/v3/auth/tokens", LOGIN).await;
        assert_eq!(answer.status.as_u16(), status);
        if status == 503 {
            let error = json!({
                "code": 503,
                "message": "The service is unavailable.",
                "title": "Service Unavailable",
            });
            assert_eq!(answer.body, json!({ "error": error }));
        }
        assert_eq!(bench.get(HAS_VERIFIED).await.status, StatusCode::OK);
    }
    for query in ["", "?available=", "?available=no", "?available=true&available=false"] {
        let answer = asked(&bench, "POST", &format!("/sandbox/iam{query}"), &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

const METADATA_TOKEN: &str = "/meta-data/latest/api/token";
const SECURITY_KEY: &str = "/openstack/latest/securitykey";

#[tokio::test]
async fn a_cloud_host_gets_temporary_keys() {
    let arguments = ["--metadata", "--security-key-lifetime-seconds", "3600"];
    let bench = Bench::with(&arguments, |_| {});
    let lifetime = [("X-Metadata-Token-Ttl-Seconds", "100")];
    let token = asked(&bench, "PUT", METADATA_TOKEN, &lifetime).await;
    assert_eq!(token.status, StatusCode::OK);
    assert!(token.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    let header = [("X-Metadata-Token", token.text.as_str())];
    let first = asked(&bench, "GET", SECURITY_KEY, &header).await;
    let second = asked(&bench, "GET", SECURITY_KEY, &header).await;
    let credential = first.body["credential"].as_object().unwrap();
    assert_eq!(credential["expires_at"], "2024-01-02T04:04:05.678901Z");
    for name in ["access", "secret", "securitytoken"] {
        assert!(credential[name].as_str().is_some_and(|text| text.len() >= 20), "{name}");
        assert_ne!(credential[name], second.body["credential"][name], "{name}");
    }
    assert_eq!(credential.len(), 4);
    bench.pass(100);
    let ended = asked(&bench, "GET", SECURITY_KEY, &header).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_metadata_server_wants_its_headers() {
    let bench = Bench::with(&["--metadata"], |_| {});
    for seconds in ["", "0", "21601", "-1", "x", "1.5"] {
        let header = [("X-Metadata-Token-Ttl-Seconds", seconds)];
        let answer = asked(&bench, "PUT", METADATA_TOKEN, &header).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{seconds}");
    }
    let answer = asked(&bench, "PUT", METADATA_TOKEN, &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for header in [&[][..], &[("X-Metadata-Token", "unknown")]] {
        let answer = asked(&bench, "GET", SECURITY_KEY, header).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn without_metadata_there_is_no_such_server() {
    let bench = Bench::new();
    let lifetime = [("X-Metadata-Token-Ttl-Seconds", "100")];
    for (method, path) in [("PUT", METADATA_TOKEN), ("GET", SECURITY_KEY)] {
        let answer = asked(&bench, method, path, &lifetime).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
