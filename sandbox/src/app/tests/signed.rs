//! Requests that are signed with an access key. The signature itself is tested in
//! `access_keys` and `signature`.

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use time::UtcDateTime;

use super::*;
use crate::{clock, signature};

/// An access key with its secret and, for a temporary one, its security token.
struct Key<'a>(&'a str, &'a str, Option<&'a str>);

const USUAL: Key<'_> = Key("sandbox-access-key", "sandbox-secret-key", None);

/// Signs a request with the sandbox's usual key.
fn signed(method: &str, path: &str, body: &str, date: UtcDateTime) -> Request<Body> {
    signed_with(&USUAL, method, path, body, date)
}

fn signed_with(
    Key(access, secret, token): &Key<'_>,
    method: &str,
    path: &str,
    body: &str,
    date: UtcDateTime,
) -> Request<Body> {
    let date = clock::sdk_date(date);
    let mut names = vec!["host", "x-sdk-date"];
    let request = Request::builder().method(method).uri(path);
    let mut request = request.header("Host", "sandbox").header("X-Sdk-Date", &date);
    if let Some(token) = token {
        request = request.header("X-Security-Token", *token);
        names.push("x-security-token");
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let canonical = signature::canonical_request(&parts, &names, body.as_bytes()).unwrap();
    let signature = signature::sign(secret, &signature::string_to_sign(&date, &canonical));
    let header = format!(
        "SDK-HMAC-SHA256 Access={access}, SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    parts.headers.insert(AUTHORIZATION, header.parse().unwrap());
    Request::from_parts(parts, Body::from(body.to_owned()))
}

/// A request that asks for nothing wrong, and is signed now.
fn listing(bench: &Bench) -> Request<Body> {
    signed("GET", HAS_VERIFIED, "", bench.wall())
}

#[tokio::test]
async fn all_four_calls_can_be_signed() {
    let bench = Bench::new();
    let call =
        |method, path: &str, body: String| bench.answer(signed(method, path, &body, bench.wall()));
    call("POST", SEND, to("alice@example.com").to_string()).await.assert_success();
    let (_, code) = bench.delivered.lock().unwrap().pop().unwrap();
    call("POST", VERIFY, guess("alice@example.com", &code).to_string()).await.assert_success();
    let path = format!("{NEED_VERIFY}?contact_way=1&contact_value=alice%40example.com");
    let answer = call("GET", &path, String::new()).await;
    assert_eq!(answer.body["need_verify_code"], 0, "{}", answer.text);
    let answer = call("GET", &format!("{HAS_VERIFIED}?limit=1"), String::new()).await;
    assert_eq!(answer.body["count"], 1, "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_tells_what_is_wrong_and_what_time_it_is() {
    let bench = Bench::new();
    let late = bench.wall() - time::Duration::minutes(16);
    let mut unknown = listing(&bench);
    let header = unknown.headers()["authorization"].to_str().unwrap().to_owned();
    let header = header.replace("sandbox-access-key", "nobody");
    unknown.headers_mut().insert("authorization", header.parse().unwrap());
    let mut moved = listing(&bench);
    *moved.uri_mut() = NEED_VERIFY.parse().unwrap();
    for (request, text) in [
        (unknown, "ak nobody not exist".to_owned()),
        (
            signed("GET", HAS_VERIFIED, "", late),
            "calc aksk signature fail:x-sdk-date expired, signature time:20240102T024805Z,\
             server time:20240102T030405Z"
                .to_owned(),
        ),
        (
            moved,
            format!(
                "verify aksk signature fail, canonicalRequest:GET|{NEED_VERIFY}/||host:sandbox|\
                 x-sdk-date:20240102T030405Z||host;x-sdk-date|{}",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
        ),
    ] {
        let answer = bench.answer(request).await;
        let text = format!("Incorrect IAM authentication information: {text}");
        answer.assert_gateway(401, "APIGW.0301", &text);
        assert_eq!(answer.headers["date"], "Tue, 02 Jan 2024 03:04:05 GMT");
    }
}

#[tokio::test]
async fn a_locked_key_is_told_so() {
    let bench = Bench::new();
    let mut wrong = listing(&bench);
    *wrong.uri_mut() = NEED_VERIFY.parse().unwrap();
    for _ in 0..5 {
        let answer = bench.answer(clone(&wrong)).await;
        assert!(answer.text.contains("verify aksk signature fail"), "{}", answer.text);
    }
    bench.pass(299);
    let text = "Incorrect IAM authentication information: \
                AK access failed to reach the limit,forbidden";
    bench.answer(listing(&bench)).await.assert_gateway(401, "APIGW.0301", text);
    bench.pass(1);
    assert_eq!(bench.answer(listing(&bench)).await.status, StatusCode::OK);
}

fn clone(request: &Request<Body>) -> Request<Body> {
    let mut other = Request::builder().method(request.method()).uri(request.uri());
    *other.headers_mut().unwrap() = request.headers().clone();
    other.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_token_and_a_signature_are_one_too_many() {
    let bench = Bench::new();
    let mut request = listing(&bench);
    request.headers_mut().insert("x-auth-token", "right-token".parse().unwrap());
    let answer = bench.answer(request).await;
    answer.assert_gateway(401, "APIGW.0301", "Incorrect IAM authentication information");
}

#[tokio::test]
async fn another_authorization_does_not_disturb_a_token() {
    let bench = Bench::new();
    let request = request("GET", HAS_VERIFIED).header("Authorization", "Basic YTpi");
    let answer = bench.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_of_the_metadata_server_signs_until_it_ends() {
    let bench = Bench::with(&["--metadata", "--security-key-lifetime-seconds", "60"], |_| {});
    let lifetime = Request::builder().method("PUT").uri("/meta-data/latest/api/token");
    let lifetime = lifetime.header("X-Metadata-Token-Ttl-Seconds", "60").body(Body::empty());
    let token = bench.answer(lifetime.unwrap()).await.text;
    let wanted = Request::builder().uri("/openstack/latest/securitykey");
    let wanted = wanted.header("X-Metadata-Token", token).body(Body::empty());
    let credential = bench.answer(wanted.unwrap()).await.body["credential"].take();
    let text = |name: &str| credential[name].as_str().unwrap();
    let (access, secret) = (text("access"), text("secret"));
    let listed = |token| {
        let key = Key(access, secret, token);
        bench.answer(signed_with(&key, "GET", HAS_VERIFIED, "", bench.wall()))
    };
    let whole = Some(text("securitytoken"));
    bench.pass(59);
    assert_eq!(listed(whole).await.status, StatusCode::OK);
    assert_eq!(listed(None).await.status, StatusCode::UNAUTHORIZED);
    bench.pass(1);
    let ended = "Incorrect IAM authentication information: the temporary ak has expired";
    listed(whole).await.assert_gateway(401, "APIGW.0301", ended);
}
