//! The same calls by the vendor's own SDK and by this library, side by side.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;

use contactverify::capi::*;

use crate::support::c::{Call, Config, Request};
use crate::support::peer::Peer;
use crate::support::tools::run;
use crate::support::{answer, root};

/// What a service reads of a request.
#[derive(Debug, PartialEq)]
struct Read {
    line: String,
    headers: BTreeMap<String, String>,
    body: serde_json::Value,
}

/// What carries the client's own name, time and connection, and nothing of the call.
const OWN: [&str; 6] =
    ["user-agent", "accept", "accept-encoding", "connection", "x-sdk-date", "content-length"];

fn read(request: &[u8]) -> Read {
    let request = String::from_utf8(request.to_vec()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let mut headers: BTreeMap<_, _> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .filter(|(name, _)| !OWN.contains(&name.as_str()) && name != "host")
        .collect();
    // The key and what is signed are the same; the signature itself depends on the time.
    if let Some(authorization) = headers.get_mut("authorization") {
        let end = authorization.find("Signature=").unwrap();
        authorization.truncate(end);
    }
    let body =
        if body.is_empty() { serde_json::Value::Null } else { serde_json::from_str(body).unwrap() };
    Read { line, headers, body }
}

/// The Python that may have the SDK.
pub fn python() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".into())
}

/// Whether the SDK is there. Where it is not, the test says so loudly, and CI fails.
pub fn has_sdk() -> bool {
    let run = Command::new(python()).args(["-c", "import huaweicloudsdkosm.v2"]).output();
    let there = run.is_ok_and(|run| run.status.success());
    if !there {
        let sentence = "skipped: no huaweicloudsdkosm (pip install huaweicloudsdkosm==3.1.219)\n";
        let _ = std::io::stderr().write_all(sentence.as_bytes());
        assert!(std::env::var_os("CI").is_none(), "{sentence}");
    }
    there
}

#[test]
fn the_vendors_sdk_and_this_library_send_the_same() {
    let told = r#"{"error_code":"","need_verify_code":0,"count":0,"contact_list":[]}"#;
    let (theirs, ours) = (Peer::answering(answer(200, told)), Peer::answering(answer(200, told)));
    if !has_sdk() {
        return;
    }
    let script = root().join("tests/python/vendor.py");
    let printed = run(Command::new(python()).arg("-B").arg(script).arg(theirs.endpoint()));
    assert!(printed.contains("made: 4 calls"), "{printed}");

    let client = Config::without_credentials(&ours.endpoint())
        .access_key("access-key", "secret-key")
        .text("domain_id", Some("0123456789abcdef"))
        .text("language", Some("en-us"))
        .text("time_zone", Some("GMT+1"))
        .number("site", 1)
        .build();
    let request = Request::contact("用户 a+b/c?d&e=f%~*'()!@例.com")
        .contact_way(CONTACTVERIFY_SMS)
        .with("area_code", "86")
        .with("verify_code", "123456")
        .with("x_customer_id", "x")
        .with("customer_id", "c")
        .with("sub_customer_id", "s")
        .with("expired_time", "2026-11-25 00:00")
        .with("verified_id", "v")
        .offset(1)
        .limit(5);
    for call in [Call::Verify, Call::Send, Call::Need, Call::List] {
        let outcome = client.call(call, &request);
        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    }

    let (theirs, ours) = (theirs.seen.requests(), ours.seen.requests());
    assert_eq!((theirs.len(), ours.len()), (4, 4));
    let mut comparison = String::new();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let (theirs, ours) = (read(theirs), read(ours));
        let Read { line, headers, body } = &ours;
        let same = if theirs == ours { "same" } else { "DIFFERENT" };
        let _ = writeln!(comparison, "{same}: {line}\n  {headers:?}\n  {body}");
        assert_eq!(theirs, ours, "{comparison}");
    }
    println!("{comparison}");
    assert_eq!(comparison.matches("same: ").count(), 4);
}
