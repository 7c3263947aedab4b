//! The request as it stands on the wire, byte for byte.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::thread;

use contactverify::capi::*;

use crate::support::c::{Config, Request};
use crate::support::peer::Peer;
use crate::support::{answer, success};

fn sent(config: &Config, peer: &Peer, request: &Request) -> String {
    let outcome = config.build().verify(request);
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    String::from_utf8(peer.seen.requests().pop().unwrap()).unwrap()
}

#[test]
fn the_api_pages_example_goes_out_as_it_stands_there() {
    let peer = Peer::answering(success());
    let request = Request::new()
        .with("verify_code", "123456")
        .with("contact_value", "123456")
        .with("area_code", "86")
        .with("x_customer_id", "123456")
        .with("customer_id", "123456");
    let config = Config::new(&peer.endpoint());
    let body = "{\"verify_code\":\"123456\",\"contact_value\":\"123456\",\"contact_way\":1,\
                \"area_code\":\"86\",\"x_customer_id\":\"123456\",\"customer_id\":\"123456\"}";
    let expected = format!(
        "POST /v2/servicerequest/verifycodes HTTP/1.1\r\n\
         content-length: {}\r\n\
         host: {}\r\n\
         user-agent: contactverify/{}\r\n\
         x-auth-token: token-of-the-tests\r\n\
         accept: application/json\r\n\
         content-type: application/json\r\n\r\n{body}",
        body.len(),
        peer.address,
        env!("CARGO_PKG_VERSION"),
    );
    let mut lines: Vec<_> = expected.split("\r\n").collect();
    let sent = sent(&config, &peer, &request);
    let mut sent_lines: Vec<_> = sent.split("\r\n").collect();
    assert_eq!(sent_lines.first(), lines.first());
    assert_eq!(sent_lines.last(), lines.last());
    // The order of headers carries no meaning (RFC 9110, section 5.3).
    lines.sort_unstable();
    sent_lines.sort_unstable();
    assert_eq!(sent_lines, lines);
}

#[test]
fn what_is_absent_is_not_sent_and_what_is_empty_is_sent_as_empty() {
    let peer = Peer::answering(success());
    let config = Config::new(&peer.endpoint());
    let body = |request: &Request| {
        sent(&config, &peer, request).split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    assert_eq!(
        body(&Request::new().contact_way(CONTACTVERIFY_SMS)),
        r#"{"verify_code":"123456","contact_value":"alice@example.com","contact_way":0}"#
    );
    let empty = Request::new()
        .with("contact_value", "")
        .with("area_code", "")
        .with("x_customer_id", "")
        .with("customer_id", "");
    assert_eq!(
        body(&empty),
        r#"{"verify_code":"123456","contact_value":"","contact_way":1,"area_code":"","x_customer_id":"","customer_id":""}"#
    );
    let strange = Request::new().with("verify_code", "\"\\\n字🦀\u{7f}");
    assert_eq!(
        body(&strange),
        "{\"verify_code\":\"\\\"\\\\\\n字🦀\u{7f}\",\"contact_value\":\"alice@example.com\",\"contact_way\":1}"
    );
}

#[test]
fn settings_become_headers_and_a_request_overrides_them() {
    let peer = Peer::answering(success());
    let config = Config::new(&format!("{}/prefix/", peer.endpoint()))
        .text("language", Some("en-us"))
        .text("time_zone", Some("GMT+1"))
        .text("application_id", Some("shop/2.1"))
        .number("site", 1);
    let head = sent(&config, &peer, &Request::new());
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "POST /prefix/v2/servicerequest/verifycodes HTTP/1.1",
        "x-language: en-us",
        "x-time-zone: GMT+1",
        "x-site: 1",
        &format!("user-agent: contactverify/{version} shop/2.1"),
    ] {
        assert!(head.lines().any(|sent| sent == line), "{line} is missing in {head}");
    }
    let request = Request::new()
        .with("language", "fr-fr")
        .with("time_zone", "GMT+2")
        .with("auth_token", "another-token");
    let head = sent(&config, &peer, &request);
    for line in ["x-language: fr-fr", "x-time-zone: GMT+2", "x-auth-token: another-token"] {
        assert_eq!(head.matches(line).count(), 1, "{line} in {head}");
    }
    assert!(!head.contains("en-us") && !head.contains("token-of-the-tests"), "{head}");
}

#[test]
fn a_head_of_some_kilobytes_is_read() {
    // Gateways add headers of their own; the limit is 16 KiB.
    let whole = String::from_utf8(success()).unwrap();
    let padded = whole.replacen("\r\n", &format!("\r\nX-Long: {}\r\n", "x".repeat(12_000)), 1);
    let peer = Peer::answering(padded.into_bytes());
    let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
}

#[test]
fn head_and_body_leave_in_one_write() {
    // A peer that reads once gets everything, even with the longest token.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let reader = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 64 * 1024];
        let count = stream.read(&mut buffer).unwrap();
        stream.write_all(&success()).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    });
    let client = Config::new(&endpoint).build();
    let outcome = client.verify(&Request::new().with("auth_token", "t".repeat(5000)));
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    assert!(reader.join().unwrap().ends_with("\"contact_way\":1}"));
}

#[test]
fn the_log_has_one_line_per_request_and_no_secret_at_any_level() {
    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let peer =
        Peer::answering(answer(200, r#"{"error_code":"X","error_msg":"alice@example.com"}"#));
    for level in [CONTACTVERIFY_LOG_OFF, CONTACTVERIFY_LOG_INFO, CONTACTVERIFY_LOG_DEBUG] {
        LINES.lock().unwrap().clear();
        let client = Config::new(&peer.endpoint()).log(level, &LINES).build();
        let outcome = client.verify(&Request::new());
        assert!(!outcome.message.contains("alice@example.com"), "{outcome:?}");
        let lines = LINES.lock().unwrap().clone();
        assert_eq!(lines.len(), [0, 0, 0, 1, 2][usize::try_from(level).unwrap()], "{lines:?}");
        for secret in ["token-of-the-tests", "123456", "alice@example.com"] {
            assert!(!lines.concat().contains(secret), "{lines:?}");
        }
        if let Some(line) = lines.last() {
            let begin = "3 POST /v2/servicerequest/verifycodes REJECTED ";
            assert!(line.starts_with(begin), "{line}");
            assert!(line.ends_with(" ms request_id=id-of-the-answer"), "{line}");
        }
    }
    let refused = "http://127.0.0.1:1";
    LINES.lock().unwrap().clear();
    Config::new(refused).log(CONTACTVERIFY_LOG_WARN, &LINES).build().verify(&Request::new());
    assert!(LINES.lock().unwrap()[0].starts_with("2 trying once more"), "{LINES:?}");
}
