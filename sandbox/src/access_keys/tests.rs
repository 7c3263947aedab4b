//! Signed requests, whole and tampered with.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use time::UtcDateTime;
use time::macros::utc_datetime;

use super::*;
use crate::signature::tests::vectors;

const ACCESS: &str = "AKIDEXAMPLE0000000000";
const SECRET: &str = "SKEXAMPLE00000000000000000000000000000000";
const MOMENT: Duration = Duration::from_nanos(1);
const DATE: UtcDateTime = utc_datetime!(2024-01-02 03:04:05);

fn at(wall: UtcDateTime) -> Moment {
    Moment { steady: Instant::now(), wall }
}

fn keys(secret: &str, security_token: Option<&str>) -> AccessKeys {
    let mut keys = AccessKeys::default();
    keys.add(ACCESS.to_owned(), secret.to_owned(), security_token.map(str::to_owned));
    keys
}

/// The judgement of a request by keys that have not judged anything before.
fn judged(secret: &str, token: Option<&str>, request: &Parts, body: &[u8]) -> Result<(), Refusal> {
    keys(secret, token).judge(request, body, at(DATE))
}

/// A request that is signed with the key, headers beyond the usual ones included.
fn signed(access: &str, secret: &str, date: &str, more: &[(&'static str, &str)]) -> Parts {
    let mut request = Request::builder()
        .method("POST")
        .uri("/v2/servicerequest/verifycodes")
        .header("host", "127.0.0.1")
        .header("x-sdk-date", date);
    let mut names = vec!["host", "x-sdk-date"];
    for (name, value) in more {
        request = request.header(*name, *value);
        names.push(name);
    }
    let mut parts = request.body(Body::empty()).unwrap().into_parts().0;
    names.sort_unstable();
    sign(&mut parts, access, secret, date, &names);
    parts
}

fn sign(parts: &mut Parts, access: &str, secret: &str, date: &str, names: &[&str]) {
    let canonical = signature::canonical_request(parts, names, b"").unwrap();
    let signature = signature::sign(secret, &signature::string_to_sign(date, &canonical));
    let header = format!(
        "SDK-HMAC-SHA256 Access={access}, SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    parts.headers.insert(AUTHORIZATION, header.parse().unwrap());
}

#[test]
fn the_published_examples_are_accepted() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        assert_eq!(judged(SECRET, token, &request, &body), Ok(()), "{}", vector["name"]);
    }
}

/// Adds one to the byte, within what may stand in a header.
fn bent(text: &str, position: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn each_byte_of_the_body_counts() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        for position in 0..body.len() {
            let mut other = body.clone();
            other[position] ^= 1;
            let judgement = judged(SECRET, token, &request, &other);
            assert!(matches!(judgement, Err(Refusal::Mismatch(_))), "{position}: {judgement:?}");
        }
        for other in [[&body[..], b" "].concat(), [b" ", &body[..]].concat()] {
            assert!(judged(SECRET, token, &request, &other).is_err());
        }
    }
}

#[test]
fn each_byte_of_a_signed_header_counts() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        let names = vector["expected"]["signed_headers"].as_str().unwrap().split(';');
        for name in names {
            let value = request.headers[name].to_str().unwrap().to_owned();
            for position in 0..value.len() {
                let mut other = request.clone();
                let bent: HeaderValue = bent(&value, position).parse().unwrap();
                other.headers.insert(name_of(name), bent);
                assert!(judged(SECRET, token, &other, &body).is_err(), "{name} {position}");
            }
            let (mut without, mut twice) = (request.clone(), request.clone());
            without.headers.remove(name);
            twice.headers.append(name_of(name), value.parse().unwrap());
            assert!(judged(SECRET, token, &without, &body).is_err(), "{name}");
            assert!(judged(SECRET, token, &twice, &body).is_err(), "{name}");
        }
    }
}

fn name_of(name: &str) -> axum::http::HeaderName {
    name.parse().unwrap()
}

#[test]
fn each_byte_of_path_and_query_counts() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        let target = vector["expected"]["request_target"].as_str().unwrap();
        for position in 1..target.len() {
            // Another case of a percent code's digits is the same query.
            if target.as_bytes()[position] == b'A' {
                continue;
            }
            let mut other = request.clone();
            other.uri = bent(target, position).parse().unwrap();
            let judgement = judged(SECRET, token, &other, &body);
            assert!(matches!(judgement, Err(Refusal::Mismatch(_))), "{}", other.uri);
        }
        for change in ["&", "?"] {
            let mut other = request.clone();
            let joint = if target.contains('?') { "&" } else { "?" };
            other.uri = format!("{target}{joint}more={change}").parse().unwrap();
            assert!(judged(SECRET, token, &other, &body).is_err());
        }
    }
}

#[test]
fn the_order_and_the_coding_of_the_query_do_not_count() {
    let (mut request, body, _) = vectors().remove(1);
    let query = request.uri.query().unwrap();
    let mut pairs: Vec<_> = query.split('&').map(|pair| pair.replace("%2A", "%2a")).collect();
    pairs.reverse();
    request.uri = format!("{}?{}", request.uri.path(), pairs.join("&")).parse().unwrap();
    assert_eq!(judged(SECRET, None, &request, &body), Ok(()));
}

#[test]
fn each_byte_of_the_authorization_counts() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        let header = vector["expected"]["authorization"].as_str().unwrap();
        for position in 0..header.len() {
            // A space behind a comma may be missing, but is not another character.
            let mut other = request.clone();
            other.headers.insert(AUTHORIZATION, bent(header, position).parse().unwrap());
            assert!(judged(SECRET, token, &other, &body).is_err(), "{position}");
        }
        let mut twice = request.clone();
        twice.headers.append(AUTHORIZATION, header.parse().unwrap());
        assert_eq!(judged(SECRET, token, &twice, &body), Err(Refusal::Malformed));
        let mut cut = request.clone();
        cut.headers.insert(AUTHORIZATION, header[..header.len() - 1].parse().unwrap());
        assert!(judged(SECRET, token, &cut, &body).is_err());
    }
}

#[test]
fn method_key_and_secret_count() {
    for (request, body, vector) in vectors() {
        let token = vector["input"]["security_token"].as_str();
        for position in 0..SECRET.len() {
            let judgement = judged(&bent(SECRET, position), token, &request, &body);
            assert!(matches!(judgement, Err(Refusal::Mismatch(_))), "{position}");
        }
        let mut other = request.clone();
        other.method = Method::PUT;
        assert!(matches!(judged(SECRET, token, &other, &body), Err(Refusal::Mismatch(_))));
        let nobody = AccessKeys::default().judge(&request, &body, at(DATE));
        assert_eq!(nobody, Err(Refusal::UnknownKey(ACCESS.to_owned())));
    }
}

#[test]
fn the_date_is_within_15_minutes() {
    let (request, body, _) = vectors().remove(0);
    for (minutes, seconds, accepted) in
        [(15, 0, true), (-15, 0, true), (15, 1, false), (-15, -1, false)]
    {
        let skew = time::Duration::minutes(minutes) + time::Duration::seconds(seconds);
        let judgement = keys(SECRET, None).judge(&request, &body, at(DATE + skew));
        assert_eq!(judgement.is_ok(), accepted, "{skew}: {judgement:?}");
        if let Err(refusal) = judgement {
            let server = clock::sdk_date(DATE + skew);
            let signed = "20240102T030405Z".to_owned();
            assert_eq!(refusal, Refusal::DateExpired { signed, server });
        }
    }
}

#[test]
fn host_and_date_have_to_be_signed() {
    for (names, refusal) in [
        (&["host"][..], Refusal::NotSigned("x-sdk-date")),
        (&["x-sdk-date"], Refusal::NotSigned("host")),
    ] {
        let mut request = signed(ACCESS, SECRET, "20240102T030405Z", &[]);
        sign(&mut request, ACCESS, SECRET, "20240102T030405Z", names);
        assert_eq!(judged(SECRET, None, &request, b""), Err(refusal));
    }
    for date in ["", "2024-01-02T03:04:05Z", "20240102T030405"] {
        let request = signed(ACCESS, SECRET, date, &[]);
        assert_eq!(judged(SECRET, None, &request, b""), Err(Refusal::NoDate), "{date}");
    }
}

#[test]
fn the_security_token_belongs_to_its_key() {
    let date = "20240102T030405Z";
    let without = signed(ACCESS, SECRET, date, &[]);
    let with = signed(ACCESS, SECRET, date, &[("x-security-token", "right")]);
    let mut unsigned = without.clone();
    unsigned.headers.insert("x-security-token", HeaderValue::from_static("right"));
    for (token, request, judgement) in [
        (None, &without, Ok(())),
        (Some("right"), &with, Ok(())),
        (None, &with, Err(Refusal::WrongSecurityToken)),
        (Some("wrong"), &with, Err(Refusal::WrongSecurityToken)),
        (Some("right"), &without, Err(Refusal::WrongSecurityToken)),
        (Some("right"), &unsigned, Err(Refusal::NotSigned("x-security-token"))),
    ] {
        assert_eq!(judged(SECRET, token, request, b""), judgement, "{token:?}");
    }
}

#[test]
fn five_failures_in_a_row_lock_the_key_for_five_minutes() {
    let (right, body, _) = vectors().remove(0);
    let mut wrong = right.clone();
    wrong.method = Method::PUT;
    let (mut keys, now) = (keys(SECRET, None), at(DATE));
    let mut judge = |request, after| {
        let now = Moment { steady: now.steady + after, wall: now.wall };
        keys.judge(request, &body, now)
    };
    for request in [&wrong, &wrong, &wrong, &wrong, &right, &wrong, &wrong, &wrong, &wrong, &wrong]
    {
        assert_ne!(judge(request, Duration::ZERO), Err(Refusal::Locked));
    }
    let almost = LOCKED_FOR.saturating_sub(MOMENT);
    assert_eq!(judge(&right, Duration::ZERO), Err(Refusal::Locked));
    assert_eq!(judge(&right, almost), Err(Refusal::Locked));
    assert_eq!(judge(&right, LOCKED_FOR), Ok(()));
}

#[test]
fn a_temporary_key_ends() {
    let lifetime = Duration::from_hours(1);
    let (mut keys, now) = (AccessKeys::default(), at(DATE));
    let key = keys.new_temporary(lifetime, now);
    let other = keys.new_temporary(lifetime, now);
    assert_ne!(key.access, other.access);
    let mut judge = |after: Duration| {
        let now = now + after;
        let date = clock::sdk_date(now.wall);
        let token = [("x-security-token", key.security_token.as_str())];
        keys.judge(&signed(&key.access, &key.secret, &date, &token), b"", now)
    };
    assert_eq!(judge(Duration::ZERO), Ok(()));
    assert_eq!(judge(lifetime.saturating_sub(MOMENT)), Ok(()));
    assert_eq!(judge(lifetime), Err(Refusal::KeyEnded));
}
