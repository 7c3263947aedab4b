//! What the tests share: a peer, its certificates, and the C functions as Rust calls.
//!
//! Each test binary uses the part that it needs.

#![allow(dead_code, reason = "see above")]

pub mod c;
pub mod certificates;
pub mod limited;
pub mod peer;
pub mod tickets;
pub mod tools;

use std::path::PathBuf;

/// The folder of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// An answer with a length, as an honest server gives it.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Some Reason\r\nContent-Type: application/json\r\n\
         X-Request-Id: id-of-the-answer\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The answer that verifies.
pub fn success() -> Vec<u8> {
    answer(200, r#"{"error_code":"","error_msg":""}"#)
}

/// IAM's answer with a token that lives for a day.
pub fn token(token: &str) -> Vec<u8> {
    token_until(token, "2026-11-26T01:00:00.000000Z")
}

/// IAM's answer with a token, given at 2026-11-25T01:00:00Z by IAM's own clock.
pub fn token_until(token: &str, expires_at: &str) -> Vec<u8> {
    let body = format!(r#"{{"token":{{"expires_at":"{expires_at}","methods":["password"]}}}}"#);
    let length = body.len();
    format!(
        "HTTP/1.1 201 Created\r\nDate: Wed, 25 Nov 2026 01:00:00 GMT\r\n\
         X-Subject-Token: {token}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A redirect of the call to another endpoint.
pub fn redirect(status: u16, endpoint: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Moved\r\nLocation: {endpoint}/v2/servicerequest/verifycodes\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// The id that a caller put into its request, so that it knows its own answer.
pub fn customer_id(request: &[u8]) -> String {
    let request = str::from_utf8(request).unwrap();
    request.split("\"customer_id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Refuses with the id that it got.
pub fn own(id: &str) -> Vec<u8> {
    answer(200, &format!(r#"{{"error_code":"{id}"}}"#))
}

/// Refuses every request with the id that it got.
pub fn echo(conversation: &mut peer::Conversation) {
    while let Some(request) = conversation.request() {
        conversation.send(&own(&customer_id(&request)));
    }
}

/// Answers the contact of a verification as it is called.
pub fn by_contact(conversation: &mut peer::Conversation) {
    while let Some(request) = conversation.request() {
        let request = String::from_utf8(request).unwrap();
        let of = |name: &str| request.contains(&format!("\"{name}@"));
        if of("right") {
            conversation.send(&success());
        } else if of("wrong") {
            conversation.send(&answer(200, r#"{"error_code":"OSM.01010010"}"#));
        } else if of("often") {
            conversation.send(b"HTTP/1.1 429 No\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
        } else if of("stranger") {
            conversation.send(&answer(401, r#"{"error_code":"APIGW.0301"}"#));
        } else if of("failing") {
            conversation.send(&answer(503, r#"{"error_code":"APIGW.0203"}"#));
        } else {
            return;
        }
    }
}
