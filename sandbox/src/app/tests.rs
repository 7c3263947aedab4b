//! Every answer of the sandbox, without a network and with clocks that only the test moves.

use std::collections::HashSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::*;

mod bench;
mod contacts;
mod controls_and_metadata;
mod iam;
mod signed;

use bench::*;

#[tokio::test]
async fn the_code_that_was_sent_verifies_the_contact_once() {
    let bench = Bench::new();
    let code = bench.code_for("alice@example.com").await;
    bench.post(VERIFY, guess("alice@example.com", &code)).await.assert_success();
    bench
        .post(VERIFY, guess("alice@example.com", &code))
        .await
        .assert_service("OSM.01010010", "Verification not passed");
}

#[tokio::test]
async fn a_wrong_code_is_refused_and_the_right_one_still_passes() {
    let bench = Bench::new();
    let code = bench.code_for("alice@example.com").await;
    // Six characters that are no digits are within the limits of the page, but never the code.
    bench
        .post(VERIFY, guess("alice@example.com", "abcdef"))
        .await
        .assert_service("OSM.01010010", "Verification not passed");
    bench.post(VERIFY, guess("alice@example.com", &code)).await.assert_success();
}

#[tokio::test]
async fn five_wrong_codes_make_the_right_one_void() {
    let bench = Bench::new();
    let code = bench.code_for("alice@example.com").await;
    for guessed in ["aaaaaa", "bbbbbb", "cccccc", "dddddd", "eeeeee", &code] {
        bench
            .post(VERIFY, guess("alice@example.com", guessed))
            .await
            .assert_service("OSM.01010010", "Verification not passed");
    }
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    for (age, error_code) in [(299, ""), (300, "OSM.01010010")] {
        let bench = Bench::new();
        let code = bench.code_for("alice@example.com").await;
        bench.pass(age);
        let answer = bench.post(VERIFY, guess("alice@example.com", &code)).await;
        assert_eq!(answer.body["error_code"], error_code, "{age}");
    }
}

#[tokio::test]
async fn a_contact_gets_one_code_a_minute() {
    let bench = Bench::new();
    bench.code_for("alice@example.com").await;
    bench.pass(59);
    bench
        .post(SEND, to("alice@example.com"))
        .await
        .assert_service("OSM.01010024", "The code was sent too often");
    assert_eq!(*bench.delivered.lock().unwrap(), []);
    bench.code_for("bob@example.com").await;
    bench.pass(1);
    bench.code_for("alice@example.com").await;
}

#[tokio::test]
async fn a_phone_number_is_known_by_its_area_code() {
    let bench = Bench::new();
    let phone = json!({ "contact_value": "13800000000", "contact_way": 0, "area_code": "86" });
    bench.post(SEND, phone).await.assert_success();
    let (contact, code) = bench.delivered.lock().unwrap().pop().unwrap();
    assert_eq!(contact, "13800000000 (sms, area code 86)");
    let mut body = json!({ "contact_value": "13800000000", "contact_way": 0, "verify_code": code });
    bench.post(VERIFY, &body).await.assert_service("OSM.01010010", "Verification not passed");
    body["area_code"] = json!("86");
    bench.post(VERIFY, &body).await.assert_success();
}

#[tokio::test]
async fn a_code_that_cannot_be_delivered_is_an_answer() {
    let bench = Bench::with(&[], |sandbox| {
        sandbox.deliver = Box::new(|_, _| Err(io::ErrorKind::BrokenPipe.into()));
    });
    bench
        .post(SEND, to("alice@example.com"))
        .await
        .assert_service("OSM.01010014", "The code could not be sent");
}

#[tokio::test]
async fn violations_name_the_parameter() {
    let bench = Bench::new();
    let short = bench.post(VERIFY, guess("alice@example.com", "12345")).await;
    short.assert_service("OSM.01010001", "verify_code: 6..6 characters");
    let missing = bench.post(SEND, json!({ "contact_value": "a", "contact_way": 1 })).await;
    missing.assert_service("OSM.01010001", "area_code: is missing");
    for path in [VERIFY, SEND] {
        let body = json!({ "contact_way": "1", "contact_value": "a", "verify_code": "123456" });
        let wrong_type = bench.post(path, body).await;
        wrong_type.assert_service("OSM.01010001", "contact_way: must be an integer");
        let body = json!({ "contact_way": 2, "contact_value": "a", "verify_code": "123456" });
        let unknown = bench.post(path, body).await;
        unknown.assert_service("OSM.01010012", "contact_way: must be 0 or 1");
        let not_json = bench.post(path, "contact_way=1").await;
        not_json.assert_service("OSM.01010001", "The body is not a JSON object");
        let nothing = bench.post(path, "").await;
        nothing.assert_service("OSM.01010001", "The body is not a JSON object");
    }
}

#[tokio::test]
async fn a_violation_uses_no_guess() {
    let bench = Bench::new();
    let code = bench.code_for("alice@example.com").await;
    for _ in 0..10 {
        let answer = bench.post(VERIFY, guess("alice@example.com", "12345")).await;
        assert_eq!(answer.body["error_code"], "OSM.01010001");
    }
    bench.post(VERIFY, guess("alice@example.com", &code)).await.assert_success();
}

#[tokio::test]
async fn headers_are_judged_when_present() {
    let bench = Bench::new();
    for path in [VERIFY, SEND] {
        for (name, error_msg) in [
            ("X-Language", "X-Language: 1..32 characters"),
            ("X-Time-Zone", "X-Time-Zone: 1..32 characters"),
        ] {
            let request =
                request("POST", path).header(name, "z".repeat(33)).body(Body::empty()).unwrap();
            bench.answer(request).await.assert_service("OSM.01010001", error_msg);
        }
        let request = request("POST", path)
            .header("X-Language", "en-us")
            .header("X-Time-Zone", "GMT+8")
            .body(Body::from(to("alice@example.com").to_string()))
            .unwrap();
        let answer = bench.answer(request).await;
        assert!(!answer.body["error_msg"].as_str().unwrap().starts_with("X-"), "{}", answer.body);
    }
}

#[tokio::test]
async fn any_content_type_is_tolerated() {
    let bench = Bench::new();
    for (number, content_type) in
        ["application/json", "application/json;charset=utf8", "text/plain"].iter().enumerate()
    {
        let request = request("POST", SEND)
            .header("Content-Type", *content_type)
            .body(Body::from(to(&format!("{number}@example.com")).to_string()))
            .unwrap();
        bench.answer(request).await.assert_success();
    }
}

#[tokio::test]
async fn only_the_right_token_is_let_in() {
    let bench = Bench::new();
    let too_long = "t".repeat(5001);
    for path in [VERIFY, SEND] {
        for tokens in [
            &[][..],
            &[""],
            &["wrong-token"],
            &["right-toke"],
            &["right-token2"],
            &["RIGHT-TOKEN"],
            &[too_long.as_str()],
            &["right-token", "right-token"],
            &["right-token", "wrong-token"],
        ] {
            let mut request = Request::builder().method("POST").uri(path);
            for token in tokens {
                request = request.header("X-Auth-Token", *token);
            }
            let body = Body::from(to("alice@example.com").to_string());
            bench.answer(request.body(body).unwrap()).await.assert_gateway(
                401,
                "APIGW.0301",
                "Incorrect IAM authentication information",
            );
        }
    }
    assert_eq!(*bench.delivered.lock().unwrap(), []);
}

#[tokio::test]
async fn other_paths_are_unknown() {
    let bench = Bench::new();
    for path in [
        "/",
        "/v2/servicerequest/verifycodes/",
        "/v2/servicerequest/verifycodes/sent",
        "/v2/servicerequest/VerifyCodes",
        "//v2/servicerequest/verifycodes",
    ] {
        bench.post(path, "{}").await.assert_gateway(
            404,
            "APIGW.0101",
            "The API does not exist or has not been published in the environment",
        );
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_or_without_a_token() {
    let bench = Bench::new();
    for path in [VERIFY, SEND] {
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let with_token = request(method, path).body(Body::empty()).unwrap();
            let without = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            for request in [with_token, without] {
                let answer = bench.answer(request).await;
                answer.assert_gateway(405, "APIGW.0101", "The API does not exist");
                assert_eq!(answer.headers["allow"], "POST");
            }
        }
    }
}

#[tokio::test]
async fn bodies_end_at_64_kib() {
    let bench = Bench::new();
    let body_of = |length: usize| {
        let body = to("alice@example.com").to_string();
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    bench.post(SEND, body_of(64 * 1024)).await.assert_success();
    for length in [64 * 1024 + 1, 1024 * 1024, 1024 * 1024 + 1] {
        for path in [SEND, "/unknown"] {
            bench.post(path, body_of(length)).await.assert_gateway(
                413,
                "APIGW.0201",
                "Request entity too large",
            );
        }
    }
}

#[tokio::test]
async fn request_ids_are_unique() {
    let bench = Bench::new();
    let mut seen = HashSet::new();
    for path in [VERIFY, SEND, "/unknown"].repeat(20) {
        let answer = bench.post(path, to("alice@example.com")).await;
        assert!(seen.insert(answer.request_id().to_owned()), "{}", answer.request_id());
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_delayed() {
    let delay = Duration::from_secs(5);
    let bench = Bench::with(&[], |sandbox| sandbox.delay = delay);
    for path in [VERIFY, SEND, "/unknown"] {
        let started = tokio::time::Instant::now();
        bench.post(path, "{}").await.assert_usual_headers();
        assert!(started.elapsed() >= delay, "{path}: {:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gives_up_has_used_its_code() {
    let bench = Bench::with(&[], |sandbox| sandbox.delay = Duration::from_secs(5));
    let code = bench.code_for("alice@example.com").await;
    let call = bench.post(VERIFY, guess("alice@example.com", &code));
    assert!(tokio::time::timeout(Duration::from_secs(1), call).await.is_err());
    bench
        .post(VERIFY, guess("alice@example.com", &code))
        .await
        .assert_service("OSM.01010010", "Verification not passed");
}
