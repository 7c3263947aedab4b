//! What the real program does about tokens, access keys and the time of day.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

use std::env;
use std::io::Write;
use std::process::Command;
use std::sync::mpsc::TryRecvError;

use serde_json::Value;
use time::format_description::well_known::{Iso8601, Rfc2822};
use time::{Duration, OffsetDateTime};

mod support;

use support::*;

const TOKENS: &str = "POST /v3/auth/tokens?nocatalog=true";
const HAS_VERIFIED: &str = "GET /v2/servicerequest/verifycodes/has-verified";
const METADATA_TOKEN: &str = "PUT /meta-data/latest/api/token HTTP/1.1\r\nHost: sandbox\r\n\
                              X-Metadata-Token-Ttl-Seconds: 21600\r\n\r\n";

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// By how much the text is after the time of day here.
fn ahead(time: OffsetDateTime) -> Duration {
    time - OffsetDateTime::now_utc()
}

fn iso(value: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(value.as_str().unwrap(), &Iso8601::DEFAULT).unwrap()
}

fn date(answer: &Answer) -> OffsetDateTime {
    let date = answer.header("date").replace("GMT", "+0000");
    OffsetDateTime::parse(&date, &Rfc2822).unwrap()
}

/// Within what a loaded machine may take for an exchange.
fn about(duration: Duration, expected: Duration) -> bool {
    (duration - expected).abs() < Duration::MINUTE
}

#[test]
fn a_token_is_fetched_used_and_ended() {
    let sandbox = Sandbox::start(&["--token-lifetime-seconds", "3600", "--user", "bob"]);
    let mut connection = sandbox.connect();
    let refused = call(&mut connection, TOKENS, "", LOGIN);
    assert!(refused.head.starts_with("HTTP/1.1 401 "), "{}", refused.head);
    assert!(refused.body.contains("The username or password is wrong."), "{}", refused.body);
    let answer = call(&mut connection, TOKENS, "", &LOGIN.replace("sandbox-user", "bob"));
    assert!(answer.head.starts_with("HTTP/1.1 201 "), "{}", answer.head);
    assert!(about(ahead(iso(&json(&answer)["token"]["expires_at"])), Duration::HOUR));
    let token = answer.header("x-subject-token");
    let listed = call(&mut connection, HAS_VERIFIED, token, "");
    assert!(listed.head.starts_with("HTTP/1.1 200 "), "{}", listed.body);
    call(&mut connection, "POST /sandbox/expire-tokens", "", "");
    let ended = call(&mut connection, HAS_VERIFIED, token, "");
    assert!(ended.body.contains("APIGW.0307"), "{}", ended.body);
    let counters = json(&call(&mut connection, "GET /sandbox/counters", "", ""));
    for (name, count) in
        [("iam_tokens", 2), ("iam_refused", 1), ("has_verified", 2), ("unauthorized", 1)]
    {
        assert_eq!(counters[name], count, "{name}");
    }
    // Only its address and codes go to standard output.
    assert_eq!(sandbox.lines.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn the_time_of_day_can_be_wrong() {
    for hours in [-2, 0, 3] {
        let skew = Duration::hours(hours);
        let seconds = skew.whole_seconds().to_string();
        let sandbox = Sandbox::start(&["--clock-skew-seconds", &seconds]);
        let mut connection = sandbox.connect();
        let answer = call(&mut connection, TOKENS, "", LOGIN);
        assert!(about(ahead(date(&answer)), skew), "{}", answer.head);
        let token = &json(&answer)["token"];
        assert!(about(ahead(iso(&token["issued_at"])), skew), "{token}");
        assert!(about(ahead(iso(&token["expires_at"])), skew + Duration::DAY), "{token}");
        let unknown = call(&mut connection, "GET /unknown", "", "");
        assert!(about(ahead(date(&unknown)), skew), "{}", unknown.head);
    }
}

#[test]
fn the_metadata_server_answers_when_wanted() {
    for (arguments, status) in [(&["--metadata"][..], "200"), (&[], "404")] {
        let sandbox = Sandbox::start(arguments);
        let mut connection = sandbox.connect();
        connection.write_all(METADATA_TOKEN.as_bytes()).unwrap();
        let answer = read_answer(&mut connection);
        assert!(answer.head.starts_with(&format!("HTTP/1.1 {status} ")), "{}", answer.head);
    }
}

#[test]
fn the_vendors_own_sdk_is_accepted() {
    let python = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendor_sdk.py");
    let program = env!("CARGO_BIN_EXE_contactverify-sandbox");
    let printed = match Command::new(&python).args(["-B", script, program]).output() {
        Ok(run) => {
            let printed = [run.stdout, run.stderr].concat();
            let printed = String::from_utf8_lossy(&printed).into_owned();
            assert!(run.status.success(), "{printed}");
            printed
        }
        Err(error) => format!("skipped: {python}: {error}\n"),
    };
    if printed.starts_with("skipped: ") {
        say(&printed);
    } else {
        assert!(printed.contains("vendor's SDK: passed"), "{printed}");
    }
}
