//! Each way in which a call can fail ends in its own status, in time, and with a sentence.

use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use contactverify::capi::*;

use crate::support::c::{Config, Outcome, Request};
use crate::support::certificates::{AUTHORITY, OTHER_AUTHORITY, Validity, self_signed};
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{has, in_a_process, preloaded};
use crate::support::{answer, redirect, success, token};

const SECOND: Duration = Duration::from_secs(1);

fn assert_ended(outcome: &Outcome, status: i32, sent: i32, within: Duration) {
    assert_eq!((outcome.status, outcome.sent), (status, sent), "{outcome:?}");
    assert!(outcome.took < within, "took too long: {outcome:?}");
    for secret in ["token-of-the-tests", "123456", "alice@example.com"] {
        assert!(!outcome.message.contains(secret), "{outcome:?}");
    }
    assert!(outcome.message.len() > 20, "{outcome:?}");
}

/// The call ended at its deadline of a second, and at most 100 ms later.
fn assert_timed_out(outcome: &Outcome, sent: i32) {
    assert_ended(outcome, CONTACTVERIFY_TIMEOUT, sent, SECOND + Duration::from_millis(100));
    assert!(outcome.took >= SECOND - Duration::from_millis(10), "too early: {outcome:?}");
}

/// An address on which nothing listens. No other test uses this one of the loopback range.
fn nobody() -> String {
    let listener = TcpListener::bind("127.77.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn nobody_there_is_connect_failed() {
    for scheme in ["http", "https"] {
        let config = Config::new(&format!("{scheme}://{}", nobody()));
        let outcome = config.build().verify(&Request::new());
        assert_ended(&outcome, CONTACTVERIFY_CONNECT_FAILED, CONTACTVERIFY_SENT_NO, SECOND);
        assert_eq!(outcome.attempts, 2);
        let outcome = config.number("retries", 0).build().verify(&Request::new());
        assert_ended(&outcome, CONTACTVERIFY_CONNECT_FAILED, CONTACTVERIFY_SENT_NO, SECOND);
        assert_eq!(outcome.attempts, 1);
    }
    let unknown = Config::new("https://no-such-host.invalid").number("timeout_ms", 1000).build();
    let outcome = unknown.verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_CONNECT_FAILED, "{outcome:?}");
    assert!(outcome.message.contains("no-such-host.invalid"), "{outcome:?}");
}

#[test]
fn the_second_attempt_reaches_a_service_that_came_up() {
    let address = nobody();
    let client = Config::new(&format!("http://{address}")).build();
    let refused = client.verify(&Request::new());
    assert_eq!(refused.status, CONTACTVERIFY_CONNECT_FAILED);
    let _listener = TcpListener::bind(&address).unwrap();
    let silent = client.verify(&Request::new().timeout_ms(1000));
    assert_timed_out(&silent, CONTACTVERIFY_SENT_MAYBE);
    assert_eq!(silent.attempts, 1);
}

#[test]
fn certificates_that_cannot_be_trusted_are_tls_failed_and_the_message_says_why() {
    let host = "127.0.0.1";
    for (server, says) in [
        (AUTHORITY.server(host, Validity::Past), "expired"),
        (AUTHORITY.server(host, Validity::Future), "not valid yet"),
        (AUTHORITY.server("other.example.com", Validity::Now), "another name"),
        (OTHER_AUTHORITY.server(host, Validity::Now), "not trusted"),
        (self_signed(host), "not trusted"),
    ] {
        let peer = Peer::tls(server, |conversation| conversation.answer_all(&success()));
        let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
        let outcome = client.verify(&Request::new());
        assert_ended(&outcome, CONTACTVERIFY_TLS_FAILED, CONTACTVERIFY_SENT_NO, SECOND);
        assert!(outcome.message.contains(says), "{says}: {outcome:?}");
        assert_eq!((outcome.attempts, peer.seen.requests().len()), (1, 0));
    }
    // The system's trust store does not know this run's authority.
    let server = AUTHORITY.server(host, Validity::Now);
    let peer = Peer::tls(server, |conversation| conversation.answer_all(&success()));
    let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
    assert_ended(&outcome, CONTACTVERIFY_TLS_FAILED, CONTACTVERIFY_SENT_NO, SECOND);
    let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
    assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
}

#[test]
fn plain_http_on_the_tls_port_is_tls_failed() {
    let peer = Peer::plain(|conversation| {
        conversation.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        conversation.stay_silent();
    });
    let endpoint = peer.endpoint().replace("http:", "https:");
    let outcome = Config::new(&endpoint).build().verify(&Request::new());
    assert_ended(&outcome, CONTACTVERIFY_TLS_FAILED, CONTACTVERIFY_SENT_NO, SECOND);
}

#[test]
fn a_silent_or_slow_peer_costs_the_deadline_and_no_more() {
    let silent = Peer::plain(Conversation::stay_silent);
    let client = Config::new(&silent.endpoint()).number("timeout_ms", 1000).build();
    assert_timed_out(&client.verify(&Request::new()), CONTACTVERIFY_SENT_MAYBE);
    let hasty = client.verify(&Request::new().timeout_ms(1));
    assert_eq!(hasty.status, CONTACTVERIFY_TIMEOUT);
    assert!(hasty.took < Duration::from_millis(101), "{hasty:?}");

    let dripping = Peer::plain(|conversation| {
        conversation.request();
        for byte in success() {
            conversation.send(&[byte]);
            if !conversation.wait(Duration::from_millis(50)) {
                return;
            }
        }
    });
    let client = Config::new(&dripping.endpoint()).number("timeout_ms", 1000).build();
    assert_timed_out(&client.verify(&Request::new()), CONTACTVERIFY_SENT_MAYBE);
}

#[test]
fn a_silent_handshake_costs_the_connect_timeout() {
    let peer = Peer::plain(Conversation::stay_silent);
    let endpoint = peer.endpoint().replace("http:", "https:");
    let client = Config::new(&endpoint).number("connect_timeout_ms", 1000).build();
    let outcome = client.verify(&Request::new());
    assert_timed_out(&outcome, CONTACTVERIFY_SENT_NO);
    assert!(outcome.message.contains("connect_timeout_ms is 1000 ms"), "{outcome:?}");
    assert_eq!(outcome.attempts, 1);
}

#[test]
fn each_http_status_has_its_own() {
    let body =
        r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information"}"#;
    for (http_status, status) in [
        (401, CONTACTVERIFY_UNAUTHORIZED),
        (403, CONTACTVERIFY_FORBIDDEN),
        (429, CONTACTVERIFY_RATE_LIMITED),
        (302, CONTACTVERIFY_REQUEST_REFUSED),
        (404, CONTACTVERIFY_REQUEST_REFUSED),
        (500, CONTACTVERIFY_SERVICE_ERROR),
        (999, CONTACTVERIFY_SERVICE_ERROR),
        (201, CONTACTVERIFY_BAD_RESPONSE),
    ] {
        let peer = Peer::answering(answer(http_status, body));
        let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
        assert_ended(&outcome, status, CONTACTVERIFY_SENT_ANSWERED, SECOND);
        assert_eq!(outcome.http_status, i32::from(http_status));
        assert_eq!(outcome.error_code, "APIGW.0301");
        assert_eq!(outcome.request_id, "id-of-the-answer");
        assert_eq!(peer.seen.requests().len(), 1);
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Peer::answering(success());
    for status in [301, 302, 303, 307, 308] {
        let peer = Peer::answering(redirect(status, &elsewhere.endpoint()));
        let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
        assert_ended(&outcome, CONTACTVERIFY_REQUEST_REFUSED, CONTACTVERIFY_SENT_ANSWERED, SECOND);
    }
    assert_eq!(elsewhere.seen.connections(), 0);
}

#[test]
fn retry_after_is_passed_on_and_never_acted_on() {
    let body = "HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::answering(body.into());
    let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
    assert_eq!((outcome.status, outcome.retry_after_ms), (CONTACTVERIFY_RATE_LIMITED, 120_000));
    assert_eq!((outcome.attempts, peer.seen.requests().len()), (1, 1));
}

#[test]
fn a_connection_that_breaks_after_the_request_is_lost_and_nothing_is_sent_again() {
    let peer = Peer::plain(|conversation| {
        conversation.request();
    });
    let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
    assert_ended(&outcome, CONTACTVERIFY_CONNECTION_LOST, CONTACTVERIFY_SENT_MAYBE, SECOND);
    assert_eq!((peer.seen.connections(), peer.seen.requests().len()), (1, 1));
}

/// The wall clock may be set at any time: only certificates and signatures go by it.
#[test]
fn a_clock_that_jumps_changes_no_deadline_and_no_lifetime() {
    if !has("gcc", "gcc") {
        return;
    }
    let clock = preloaded(
        "clock",
        "#define _GNU_SOURCE\n#include <sys/syscall.h>\n#include <time.h>\n#include <unistd.h>\n\
         int clock_gettime(clockid_t clock, struct timespec *now) {\n\
             static _Atomic unsigned asked;\n\
             int failed = (int)syscall(SYS_clock_gettime, clock, now);\n\
             if (clock == CLOCK_REALTIME && ++asked % 2)\n\
                 now->tv_sec += 400L * 24 * 3600;\n\
             return failed;\n}\n",
    );
    let printed =
        in_a_process("failures::by_a_clock_that_jumps", &[("LD_PRELOAD", clock.to_str().unwrap())]);
    assert!(printed.contains("1 passed"), "{printed}");
}

#[test]
#[ignore = "started by the test above"]
fn by_a_clock_that_jumps() {
    let (now, then) = (SystemTime::now(), SystemTime::now());
    let jump = now.max(then).duration_since(now.min(then)).unwrap();
    assert!(jump > Duration::from_hours(24 * 399), "the clock does not jump");

    let silent = Peer::plain(Conversation::stay_silent);
    let client = Config::new(&silent.endpoint()).number("timeout_ms", 1000).build();
    assert_timed_out(&client.verify(&Request::new()), CONTACTVERIFY_SENT_MAYBE);

    let (iam, service) = (Peer::answering(token("t")), Peer::answering(success()));
    let client = Config::without_credentials(&service.endpoint())
        .text("iam_endpoint", Some(&iam.endpoint()))
        .iam_password("account", "user", "password")
        .build();
    for _ in 0..5 {
        assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    }
    assert_eq!((iam.seen.requests().len(), service.seen.connections()), (1, 1));
}
