//! The published examples, whose numbers come from the official SDK: each step of the way.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::*;

/// The examples as requests, with their bodies and what they expect.
pub fn vectors() -> Vec<(Parts, Vec<u8>, Value)> {
    let file: Value =
        serde_json::from_str(include_str!("../../tests/data/signing-vectors.json")).unwrap();
    let vectors: Vec<_> = file["vectors"].as_array().unwrap().iter().map(vector).collect();
    assert_eq!(vectors.len(), 3);
    vectors
}

fn vector(vector: &Value) -> (Parts, Vec<u8>, Value) {
    let (input, expected) = (&vector["input"], &vector["expected"]);
    let mut request = Request::builder()
        .method(input["method"].as_str().unwrap())
        .uri(expected["request_target"].as_str().unwrap());
    for (name, value) in expected["headers_sent"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let (parts, _) = request.body(Body::empty()).unwrap().into_parts();
    let body = input["body_utf8"].as_str().unwrap_or_default().as_bytes().to_vec();
    (parts, body, vector.clone())
}

#[test]
fn every_step_is_as_published() {
    for (request, body, vector) in vectors() {
        let text = |name: &str| vector["expected"][name].as_str().unwrap();
        let header = text("authorization");
        let authorization = Authorization::read(header).unwrap();
        assert_eq!(authorization.access, vector["input"]["ak"]);
        assert_eq!(authorization.signed_headers, text("signed_headers"));
        assert_eq!(authorization.signature, text("signature"));
        let names = authorization.header_names().unwrap();
        let canonical = canonical_request(&request, &names, &body).unwrap();
        assert_eq!(String::from_utf8(canonical.clone()).unwrap(), text("canonical_request"));
        let date = vector["input"]["date"].as_str().unwrap();
        let to_sign = string_to_sign(date, &canonical);
        assert_eq!(to_sign, text("string_to_sign"));
        let secret = vector["input"]["sk"].as_str().unwrap();
        assert_eq!(sign(secret, &to_sign), text("signature"));
    }
}

#[test]
fn the_header_has_three_fields_in_their_order() {
    for separator in [", ", ",", " , "] {
        let fields = ["Access=A", "SignedHeaders=host;x", "Signature=00"].join(separator);
        let expected = Authorization { access: "A", signed_headers: "host;x", signature: "00" };
        let header = format!("SDK-HMAC-SHA256 {fields}");
        assert_eq!(Authorization::read(&header), Some(expected));
    }
    for header in [
        "",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=host",
        "SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SHA256 Access=A, Signature=00, SignedHeaders=host",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=00, More=1",
        "SDK-HMAC-SHA256 access=A, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SHA256Access=A, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SM3 Access=A, SignedHeaders=host, Signature=00",
    ] {
        assert_eq!(Authorization::read(header), None, "{header}");
    }
}

#[test]
fn signed_headers_are_sorted_lower_case_names() {
    let names = |signed_headers| {
        Authorization { access: "A", signed_headers, signature: "" }.header_names()
    };
    assert_eq!(names("host;x-sdk-date"), Some(vec!["host", "x-sdk-date"]));
    for wrong in ["", ";", "host;", "x-sdk-date;host", "host;host", "Host", "a_b;host"] {
        assert_eq!(names(wrong), None, "{wrong}");
    }
}

#[test]
fn header_values_are_trimmed_bytes() {
    let (parts, _) = Request::builder()
        .uri("/")
        .header("a", b"  \xe4\xbe\x8b b\t".as_slice())
        .body(Body::empty())
        .unwrap()
        .into_parts();
    let canonical = canonical_request(&parts, &["a"], b"").unwrap();
    assert!(String::from_utf8(canonical).unwrap().starts_with("GET\n/\n\na:例 b\n\na\ne3b0c442"));
}

#[test]
fn a_signed_header_is_there_exactly_once() {
    let request = |times: usize| {
        let mut request = Request::builder().uri("/");
        for _ in 0..times {
            request = request.header("a", "1");
        }
        request.body(Body::empty()).unwrap().into_parts().0
    };
    for (times, readable) in [(0, false), (1, true), (2, false)] {
        assert_eq!(canonical_request(&request(times), &["a"], b"").is_some(), readable, "{times}");
    }
    assert_eq!(canonical_request(&request(1), &["no name"], b""), None);
}
