//! The three published vectors byte for byte, and what holds for any request.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::purpose::Purpose;

const VECTORS: &str = include_str!("../../../tests/data/signing-vectors.json");

fn outgoing<'a>(method: Method, uri: &str, body: &'a [u8]) -> Outgoing<'a> {
    Outgoing {
        method,
        uri: uri.parse().unwrap(),
        headers: HeaderMap::new(),
        body,
        success: 200,
        purpose: Purpose::VERIFY,
    }
}

fn signer(secret_key: &str) -> Signer {
    let key = AccessKey {
        id: Secret::new("AK"),
        secret_key: Secret::new(secret_key),
        security_token: None,
    };
    Signer::new(&key, &Owner::default()).unwrap()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[test]
fn the_vectors_are_met_byte_for_byte() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let key = AccessKey {
            id: Secret::new(input["ak"].as_str().unwrap()),
            secret_key: Secret::new(input["sk"].as_str().unwrap()),
            security_token: input["security_token"].as_str().map(Secret::new),
        };
        let owner =
            Owner { domain_id: text(&input["domain_id"]), project_id: text(&input["project_id"]) };
        let uri = format!(
            "{}://{}{}",
            input["scheme"].as_str().unwrap(),
            input["host"].as_str().unwrap(),
            expected["request_target"].as_str().unwrap()
        );
        let body = input["body_utf8"].as_str().unwrap_or_default();
        let method = input["method"].as_str().unwrap().parse().unwrap();
        let mut outgoing = outgoing(method, &uri, body.as_bytes());
        outgoing.headers.insert("host", input["host"].as_str().unwrap().parse().unwrap());
        for (name, value) in input["headers"].as_object().unwrap() {
            if name != "X-Sdk-Date" {
                let name: HeaderName = name.parse().unwrap();
                outgoing.headers.insert(name, value.as_str().unwrap().parse().unwrap());
            }
        }
        let now = humantime::parse_rfc3339("2024-01-02T03:04:05Z").unwrap();
        Signer::new(&key, &owner).unwrap().sign(&mut outgoing, now).unwrap();

        let sent: BTreeMap<_, _> = outgoing
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let wanted: BTreeMap<_, _> = expected["headers_sent"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(sent, wanted, "{}", vector["name"]);
    }
}

#[test]
fn the_path_is_decoded_encoded_anew_and_ends_in_one_slash() {
    for (path, canonical) in [
        ("/v2/verifycodes", "/v2/verifycodes/"),
        ("/v2/", "/v2/"),
        ("/", "/"),
        ("", "/"),
        ("/a%20b/%c3%bc", "/a%20b/%C3%BC/"),
        ("/a+b*c~d", "/a%2Bb%2Ac~d/"),
        ("/%2541", "/%2541/"),
        ("/a%2Fb/c", "/a/b/c/"),
    ] {
        let uri = format!("https://host{path}").parse().unwrap();
        assert_eq!(canonical_path(&uri), canonical, "{path}");
    }
}

#[test]
fn names_with_an_underscore_are_not_signed() {
    let mut headers = HeaderMap::new();
    for name in ["x_a", "x-b", "accept-language"] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(" v "));
    }
    let (names, lines) = signed_headers(&headers);
    assert_eq!(names, "accept-language;x-b");
    assert_eq!(lines, "accept-language:v\nx-b:v\n");
}

fn signed(outgoing: &mut Outgoing<'_>, secret_key: &str, seconds: u64) -> String {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    signer(secret_key).sign(outgoing, now).unwrap();
    outgoing.headers[AUTHORIZATION].to_str().unwrap().to_owned()
}

proptest! {
    /// The order in which headers were set does not matter; any other difference does.
    #[test]
    fn whatever_is_signed_matters(
        body in proptest::collection::vec(any::<u8>(), 0..40),
        other in proptest::collection::vec(any::<u8>(), 0..40),
        key in "[ -~]{1,40}",
        seconds in 0_u64..4_000_000_000,
    ) {
        const URI: &str = "https://host/v2?a=1";
        let sign = |method: Method, uri: &str, body: &[u8], key: &str, seconds| {
            signed(&mut outgoing(method, uri, body), key, seconds)
        };
        let signature = sign(Method::POST, URI, &body, &key, seconds);
        prop_assert_eq!(&signature, &sign(Method::POST, URI, &body, &key, seconds));
        prop_assert_ne!(&signature, &sign(Method::GET, URI, &body, &key, seconds));
        prop_assert_ne!(&signature, &sign(Method::POST, "https://host/v2?a=2", &body, &key, seconds));
        prop_assert_ne!(&signature, &sign(Method::POST, "https://host/v3?a=1", &body, &key, seconds));
        prop_assert_ne!(&signature, &sign(Method::POST, URI, &body, &format!("{key}!"), seconds));
        prop_assert_ne!(&signature, &sign(Method::POST, URI, &body, &key, seconds + 1));
        if body != other {
            prop_assert_ne!(&signature, &sign(Method::POST, URI, &other, &key, seconds));
        }

        let headers = [("host", "a"), ("x-b", "2"), ("content-type", "application/json")];
        let with = |headers: &mut dyn Iterator<Item = &(&'static str, &'static str)>| {
            let mut outgoing = outgoing(Method::POST, URI, &body);
            for (name, value) in headers {
                outgoing.headers.insert(*name, HeaderValue::from_static(value));
            }
            signed(&mut outgoing, &key, seconds)
        };
        prop_assert_eq!(with(&mut headers.iter()), with(&mut headers.iter().rev()));
        prop_assert_ne!(with(&mut headers.iter()), signature);
    }
}
