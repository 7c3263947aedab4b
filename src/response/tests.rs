//! The verdict rule, example by example and by property.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::status::Status;

fn incoming(http_status: u16, body: &[u8]) -> Incoming {
    Incoming { http_status, headers: HeaderMap::new(), body: body.to_vec(), problem: None }
}

fn judge(http_status: u16, body: &[u8]) -> Result<Success<Verified>, Error> {
    judge_with(None, &incoming(http_status, body))
}

fn judge_with(success_code: Option<&str>, incoming: &Incoming) -> Result<Success<Verified>, Error> {
    rule(success_code).verdict(incoming)
}

fn rule(success_code: Option<&str>) -> Rule<'_> {
    Rule {
        success_code,
        confidential: Confidential(&[b"secret-token", b"654321"]),
        answering: Answering { name: "The service", unauthorized: "Fetch a new token" },
        purpose: Purpose::VERIFY,
    }
}

fn request_id(id: Option<&str>) -> HeaderMap {
    let header = id.map(|id| ("x-request-id".parse().unwrap(), HeaderValue::from_str(id).unwrap()));
    header.into_iter().collect()
}

fn status(http_status: u16, body: &[u8]) -> Status {
    judge(http_status, body).map_or_else(|error| error.status(), |_| Status::Ok)
}

#[test]
fn verified_is_200_with_an_object_without_an_error_code() {
    for body in [
        r"{}",
        " {} \r\n",
        r#"{"error_code":null}"#,
        r#"{"error_code":""}"#,
        r#"{"error_code":"","error_msg":""}"#,
        r#"{"error_msg":"whatever it says"}"#,
        r#"{"unknown":[{"error_code":"X"}],"unknown":{}}"#,
        r#"{"error":null,"errorCode":"","code":{}}"#,
        r#"{"error":[]}"#,
    ] {
        assert_eq!(status(200, body.as_bytes()), Status::Ok, "{body}");
    }
}

#[test]
fn anything_else_with_200_is_not_verified() {
    let deep = "[".repeat(100_000);
    let many = format!("{{{}\"error_code\":true}}", "\"k\":1,".repeat(30_000));
    let number = format!("{{\"n\":{}}}", "9".repeat(10_000));
    for body in [
        "",
        " \r\n\t",
        "null",
        "[]",
        "\"x\"",
        "1",
        r#"["",""]"#,
        r#"{"error_code":0}"#,
        r#"{"error_code":-1}"#,
        r#"{"error_code":0.0}"#,
        r#"{"error_code":true}"#,
        r#"{"error_code":false}"#,
        r#"{"error_code":{}}"#,
        r#"{"error_code":[]}"#,
        r#"{"error_code":"","error_code":""}"#,
        r#"{"error_code":"","error\u005fcode":""}"#,
        "{}{}",
        "{}\0",
        "{",
        r#"{"a":"\ud800"}"#,
        r#"{"a":["\ud800"]}"#,
        r#"{"\ud800":1}"#,
        "\u{feff}{}",
        r#"{"errorCode":"X"}"#,
        r#"{"error_code":null,"errorCode":"X"}"#,
        r#"{"error_code":"","errorCode":"X"}"#,
        r#"{"error":{"code":401}}"#,
        r#"{"error":false}"#,
        r#"{"error":0.0}"#,
        r#"{"code":0}"#,
        r#"{"code":"X"}"#,
        "<html>ok</html>",
        &deep,
        &many,
        &number,
    ] {
        assert_eq!(status(200, body.as_bytes()), Status::BadResponse, "{body:.60}");
    }
    for body in [&b"{\"a\":\"\xff\"}"[..], b"\xff\xfe{\0}\0", b"{\"error_code\":\"\xc0\"}"] {
        assert_eq!(status(200, body), Status::BadResponse, "{body:?}");
    }
}

#[test]
fn an_error_code_with_200_is_a_refusal_with_the_services_own_words() {
    let body = br#"{"error_code":"OSM.01010010","error_msg":"no","request_id":"r1"}"#;
    let error = judge(200, body).unwrap_err();
    assert_eq!(error.status(), Status::Rejected);
    assert_eq!(error.sent(), Sent::Answered);
    let answer = error.answer().unwrap();
    assert_eq!(
        (answer.http_status, &*answer.error_code, &*answer.error_msg, &*answer.request_id),
        (200, "OSM.01010010", "no", "r1")
    );
    let sentence = r#"Not verified: the code is wrong, used or expired, OSM.01010010 "no"."#;
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn each_documented_code_has_a_sentence_of_its_own() {
    let numbers = ["01", "02", "10", "11", "12", "14", "24", "99"];
    let sentences = numbers.map(|number| {
        let body = format!(r#"{{"error_code":"OSM.010100{number}"}}"#);
        let error = judge(200, body.as_bytes()).unwrap_err().to_string();
        error.split(',').next().unwrap().to_owned()
    });
    assert_eq!(BTreeSet::from_iter(&sentences).len(), numbers.len(), "{sentences:?}");
}

#[test]
fn the_wait_that_the_service_asks_for_is_passed_on() {
    for (http_status, body) in [(200, &b"[]"[..]), (200, br#"{"error_code":"X"}"#), (429, b"")] {
        let wait = ("retry-after".parse().unwrap(), HeaderValue::from_static("7"));
        let headers = HeaderMap::from_iter([wait]);
        let incoming = Incoming { headers, ..incoming(http_status, body) };
        let error = judge_with(None, &incoming).unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
    assert_eq!(judge(429, b"").unwrap_err().retry_after(), None);
}

#[test]
fn only_the_configured_success_code_means_success() {
    let judge = |code: &str, body: &str| {
        judge_with(Some(code), &incoming(200, body.as_bytes()))
            .map_or_else(|error| error.status(), |_| Status::Ok)
    };
    let success = r#"{"error_code":"OSM.0","code":"x"}"#;
    assert_eq!(judge("OSM.0", success), Status::Ok);
    assert_eq!(judge("osm.0", success), Status::Rejected);
    assert_eq!(judge("OSM.00", success), Status::Rejected);
    assert_eq!(judge("OSM.0", "{}"), Status::Ok);
    assert_eq!(status(200, success.as_bytes()), Status::Rejected);
}

#[test]
fn every_other_status_decides_whatever_the_body_says() {
    for http_status in (101..200).chain(201..=999) {
        let expected = match http_status {
            401 => Status::Unauthorized,
            403 => Status::Forbidden,
            429 => Status::RateLimited,
            300..=499 => Status::RequestRefused,
            500.. => Status::ServiceError,
            _ => Status::BadResponse,
        };
        for body in [&b""[..], b"{}", br#"{"error_code":""}"#, b"<html>OK</html>", b"\xff\0"] {
            assert_eq!(status(http_status, body), expected, "{http_status} {body:?}");
        }
    }
}

#[test]
fn error_bodies_are_understood_in_all_their_shapes() {
    for body in [
        r#"{"error_code":"APIGW.0301","error_msg":"bad token","request_id":"r"}"#,
        r#"{"errorCode":"APIGW.0301","errorMsg":"bad token"}"#,
        r#"{"code":"APIGW.0301","message":"bad token"}"#,
        r#"{"error":{"code":"APIGW.0301","message":"bad token","title":"t"}}"#,
        r#"{"a":1,"data":{"inner":{"error_code":"APIGW.0301","error_msg":"bad token"}}}"#,
    ] {
        let error = judge(401, body.as_bytes()).unwrap_err();
        let answer = error.answer().unwrap();
        assert_eq!(
            (&*answer.error_code, &*answer.error_msg),
            ("APIGW.0301", "bad token"),
            "{body}"
        );
    }
    for (body, code, message) in [
        (r#"{"error":{"code":401,"message":"m"}}"#, "401", "m"),
        (r#"{"error_code":"","code":"X"}"#, "X", ""),
        (r#"{"data":{"message":"m"}}"#, "", "m"),
    ] {
        let error = judge(401, body.as_bytes()).unwrap_err();
        let answer = error.answer().unwrap();
        assert_eq!((&*answer.error_code, &*answer.error_msg), (code, message), "{body}");
    }
    let nested = |depth| format!("{}{{\"code\":1}}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for (depth, code) in [(TOLD_DEPTH, "1"), (TOLD_DEPTH + 1, "")] {
        let error = judge(401, nested(depth).as_bytes()).unwrap_err();
        assert_eq!(error.answer().unwrap().error_code, code, "{depth}");
    }
    let page = judge(502, b"<html>\r\n<h1>Bad\x1b[31m  Gateway</h1>").unwrap_err();
    assert!(page.to_string().contains("<html> <h1>Bad\u{fffd}[31m Gateway</h1>"), "{page}");
}

#[test]
fn a_request_id_is_the_headers_or_else_the_bodys() {
    let id = |header: Option<&str>, http_status| {
        let body = br#"{"error_code":"X","request_id":"of-the-body"}"#;
        let incoming = Incoming { headers: request_id(header), ..incoming(http_status, body) };
        judge_with(None, &incoming).unwrap_err().answer().unwrap().request_id.clone()
    };
    for http_status in [200, 401] {
        assert_eq!(id(Some("of-the-header"), http_status), "of-the-header");
        assert_eq!(id(None, http_status), "of-the-body");
    }
}

#[test]
fn a_body_with_a_problem_is_not_verified_but_changes_no_refusal() {
    for (problem, expected) in [
        (BodyProblem::Lost("l".into()), Status::ConnectionLost),
        (BodyProblem::Late("l".into()), Status::Timeout),
        (BodyProblem::Bad("b".into()), Status::BadResponse),
    ] {
        let mut answer = Incoming { problem: Some(problem), ..incoming(200, b"{}") };
        assert_eq!(judge_with(None, &answer).unwrap_err().status(), expected);
        answer.http_status = 403;
        assert_eq!(judge_with(None, &answer).unwrap_err().status(), Status::Forbidden);
    }
}

#[test]
fn the_servers_text_is_one_short_line_without_what_was_confided() {
    let text = "a\\u0000b\\r\\n\\u001b[2J\\u0085\\u2028\\u2029 secret-token 654321 ".repeat(20_000);
    let body = format!(r#"{{"error_code":"{text}","error_msg":"{text}"}}"#);
    for http_status in [200, 400] {
        let error = judge(http_status, body.as_bytes()).unwrap_err();
        let answer = error.answer().unwrap();
        assert!(answer.error_code.len() <= 64 && answer.error_msg.len() <= 1024);
        for shown in [&error.to_string(), &answer.error_code, &answer.error_msg] {
            assert!(shown.len() <= 1024);
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
            assert!(!shown.contains(['\u{2028}', '\u{2029}']), "{shown:?}");
            assert!(!shown.contains("secret-token") && !shown.contains("654321"), "{shown}");
        }
        assert!(answer.error_msg.starts_with("a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}[2J"));
    }
}

/// JSON as a peer may send it, with the names that matter at every level.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("error_code".to_owned()),
        Just("error_msg".to_owned()),
        Just("errorCode".to_owned()),
        Just("code".to_owned()),
        Just("error".to_owned()),
        "[a-z]{0,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just(String::new()), ".{0,6}", Just("OSM.0".to_owned())].prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The rule as the service's description words it, written a second time.
fn may_be_verified(value: &Value, success_code: Option<&str>) -> bool {
    let Value::Object(members) = value else { return false };
    let hollow = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    match members.get("error_code") {
        Some(Value::String(code)) if !code.is_empty() => success_code == Some(code),
        None | Some(Value::Null | Value::String(_)) => {
            ["errorCode", "code", "error"].iter().all(|name| members.get(*name).is_none_or(hollow))
        }
        Some(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_but_the_documented_answer_verify(
        http_status in 100_u16..=999,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if judge(http_status, &body).is_ok() {
            prop_assert_eq!(http_status, 200);
            let value: Value = serde_json::from_slice(&body).expect("verified, but not JSON");
            prop_assert!(may_be_verified(&value, None));
        }
    }

    #[test]
    fn json_is_verified_exactly_by_the_rule(
        http_status in prop_oneof![4 => Just(200_u16), 1 => 100_u16..=999],
        value in any_json(),
        success_code in prop_oneof![Just(None), Just(Some("OSM.0"))],
    ) {
        let body = value.to_string();
        let verified = judge_with(success_code, &incoming(http_status, body.as_bytes())).is_ok();
        prop_assert_eq!(verified, http_status == 200 && may_be_verified(&value, success_code));
    }

    #[test]
    fn a_damaged_refusal_never_verifies(at in 0_usize..28, byte in any::<u8>()) {
        let mut body = br#"{"error_code":"OSM.01010010"}"#.to_vec();
        body[at] = byte;
        // Any damage may hide the name or the code, but none may make an honest object of it
        // that still has the member with a code.
        if judge(200, &body).is_ok() {
            let value: Value = serde_json::from_slice(&body).expect("verified, but not JSON");
            prop_assert!(value.get("error_code").is_none());
        }
    }
}

#[test]
fn what_a_call_asked_for_is_told_only_if_it_has_the_documented_form() {
    use crate::success::{Contacts, Need};

    let need = |body: &str| rule(None).told::<Need>(&incoming(200, body.as_bytes()));
    let told = need(r#"{"need_verify_code":1,"expire_time":"2026\n","x":[]}"#).unwrap();
    assert_eq!(told.value().need_verify_code, 1);
    assert_eq!(told.value().expire_time, "2026\u{fffd}");
    assert_eq!(
        need(r#"{"need_verify_code":0,"expire_time":null}"#).unwrap().value().expire_time,
        ""
    );
    for body in [
        "{}",
        r#"{"need_verify_code":null}"#,
        r#"{"need_verify_code":"1"}"#,
        r#"{"need_verify_code":true}"#,
        r#"{"need_verify_code":1.5}"#,
        r#"{"need_verify_code":4294967296}"#,
        r#"{"need_verify_code":1,"need_verify_code":0}"#,
        r#"{"need_verify_code":1,"expire_time":7}"#,
        "[1,null]",
    ] {
        assert_eq!(need(body).unwrap_err().status(), Status::BadResponse, "{body}");
    }
    let unusable = need(r#"{"request_id":"r"}"#).unwrap_err();
    let answer = unusable.answer().unwrap();
    assert_eq!((answer.http_status, &*answer.request_id), (200, "r"));
    let refused = need(r#"{"need_verify_code":1,"error_code":"OSM.01010001"}"#).unwrap_err();
    assert_eq!(refused.status(), Status::Rejected);

    let list = |body: &str| rule(None).told::<Contacts>(&incoming(200, body.as_bytes()));
    let told = list(
        r#"{"count":7,"contact_list":[{},{"contact_way":1,"contact_value":"a\u0000b",
            "area_code":null,"verified_id":"v","else":{}}]}"#,
    );
    let contacts = told.unwrap().into_value();
    assert_eq!((contacts.total, contacts.list.len()), (7, 2));
    assert_eq!((contacts.list[0].contact_way, contacts.list[1].contact_way), (-1, 1));
    assert_eq!(contacts.list[1].contact_value, "a\u{fffd}b");
    assert!(!format!("{contacts:?}").contains("a\u{fffd}b"));
    for body in [
        "{}",
        r#"{"count":1}"#,
        r#"{"contact_list":[]}"#,
        r#"{"count":"1","contact_list":[]}"#,
        r#"{"count":-1,"contact_list":[]}"#,
        r#"{"count":1,"contact_list":{}}"#,
        r#"{"count":1,"contact_list":null}"#,
        r#"{"count":1,"contact_list":[["1","2"]]}"#,
        r#"{"count":1,"contact_list":[null]}"#,
        r#"{"count":1,"contact_list":[{"contact_way":"1"}]}"#,
        r#"{"count":1,"contact_list":[{"contact_value":1}]}"#,
    ] {
        assert_eq!(list(body).unwrap_err().status(), Status::BadResponse, "{body}");
    }
}
