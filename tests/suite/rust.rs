//! The crate as Rust programs use it, and what it prints of what was confided in it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use contactverify::{
    CallOptions, Client, Config, ContactWay, Error, ErrorKind, LogLevel, Request, Sent, Status,
};

use crate::support::peer::Peer;
use crate::support::tools::in_a_process;
use crate::support::{answer, success};

const TOKEN: &str = "canary-token-of-the-rust-tests";

fn config(peer: &Peer) -> Config {
    let mut config = Config::new();
    config.set_endpoint(Some(&peer.endpoint())).unwrap().set_auth_token(Some(TOKEN)).unwrap();
    config
}

fn request() -> Request<'static> {
    Request::new("493817", "canary-contact@example.com", ContactWay::Email)
}

#[test]
fn a_verification_tells_its_request_id_and_attempts() {
    let peer = Peer::answering(success());
    let verified = config(&peer).build().unwrap().verify_codes(&request()).unwrap();
    assert_eq!((verified.request_id(), verified.attempts()), ("id-of-the-answer", 1));
}

#[test]
fn a_refusal_tells_what_the_service_said() {
    let body = r#"{"error_code":"OSM.01010010","error_msg":"no"}"#;
    let peer = Peer::answering(answer(200, body));
    let error = config(&peer).build().unwrap().verify_codes(&request()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Rejected(_)));
    assert_eq!(
        (error.status(), error.sent(), error.attempts()),
        (Status::Rejected, Sent::Answered, 1)
    );
    assert_eq!((error.field(), error.retry_after()), ("", None));
    let said = error.answer().unwrap();
    assert_eq!((&*said.error_code, &*said.error_msg), ("OSM.01010010", "no"));
}

#[test]
fn settings_are_refused_one_by_one_and_stay_as_they_were() {
    fn field<T>(outcome: Result<T, Error>) -> &'static str {
        outcome.err().map_or("", |error| error.field())
    }
    let hour = Duration::from_hours(1);
    let mut config = Config::new();
    config.set_endpoint(Some("https://osm.example.com")).unwrap();
    assert_eq!(field(config.set_endpoint(Some("http://osm.example.com"))), "endpoint");
    assert_eq!(field(config.set_timeout(Duration::ZERO)), "timeout_ms");
    assert_eq!(field(config.set_timeout(hour + Duration::from_millis(1))), "timeout_ms");
    assert_eq!(field(config.set_connect_timeout(Duration::ZERO)), "connect_timeout_ms");
    assert_eq!(field(config.set_idle_timeout(Duration::ZERO)), "idle_timeout_ms");
    assert_eq!(field(config.set_max_idle_connections(65_536)), "max_idle_connections");
    assert_eq!(field(config.set_retries(2)), "retries");
    assert_eq!(field(config.set_site(-1)), "site");
    assert_eq!(field(config.build()), "");
    config.set_endpoint(None).unwrap();
    assert_eq!(field(config.build()), "endpoint");
}

#[test]
fn a_call_has_options_of_its_own() {
    let peer = Peer::answering(success());
    let client = config(&peer).build().unwrap();
    let options = CallOptions {
        auth_token: Some("another-token"),
        language: Some("en-us"),
        time_zone: Some("GMT+1"),
        timeout: Some(Duration::from_secs(1)),
    };
    client.verify_codes(&Request { options, ..request() }).unwrap();
    let sent = String::from_utf8(peer.seen.requests().pop().unwrap()).unwrap();
    assert!(sent.contains("x-auth-token: another-token") && !sent.contains(TOKEN), "{sent}");
    let options = CallOptions { timeout: Some(Duration::ZERO), ..CallOptions::default() };
    let error = client.verify_codes(&Request { options, ..request() }).unwrap_err();
    assert_eq!(error.field(), "timeout_ms");
    let options = CallOptions { timeout: Some(Duration::MAX), ..CallOptions::default() };
    let error = client.verify_codes(&Request { options, ..request() }).unwrap_err();
    assert_eq!(error.field(), "timeout_ms");
}

#[test]
fn nothing_prints_a_secret_or_a_contact() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let peer = Peer::answering(answer(401, &format!(r#"{{"error_msg":"bad {TOKEN} 493817"}}"#)));
    let mut config = config(&peer);
    let collected = Arc::clone(&lines);
    config.set_proxy(Some("http://user:canary-password@127.0.0.1:1")).unwrap();
    let mut others = config.clone();
    others
        .set_access_key(Some(("canary-access-key", "canary-secret-key", Some("canary-st"))))
        .unwrap();
    let signing = others.build().unwrap();
    let with_key = format!("{others:?} {signing:?}");
    others.set_iam_endpoint(Some("https://iam.example.com")).unwrap();
    others.set_iam_password(Some(("canary-account", "canary-user", "canary-password"))).unwrap();
    let printed_too = format!("{with_key} {others:?} {:?}", others.build().unwrap());
    config.set_logger(LogLevel::Debug, move |level, line| {
        collected.lock().unwrap().push(format!("{level:?} {line}"));
    });
    let client: Client = config.build().unwrap();
    let options = CallOptions { auth_token: Some(TOKEN), ..CallOptions::default() };
    let request = Request { options, ..request() };
    let error = client.verify_codes(&request).unwrap_err();
    let printed = format!(
        "{config:?} {config:#?} {client:?} {request:?} {options:?} {error:?} {error} {:?}",
        lines.lock().unwrap()
    );
    assert!(!printed_too.contains("canary"), "{printed_too}");
    for secret in [TOKEN, "493817", "canary-contact", "canary-password", "Y2FuYXJ5"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    assert!(printed.contains("Unauthorized") && printed.contains("Info POST"), "{printed}");
}

#[test]
fn a_proxy_comes_from_the_environment_only_if_asked() {
    // The environment belongs to the whole process, so each setting gets a process of its own.
    let run = |asked: &str, proxy: &str, excluded: &str| {
        let variables =
            [("ASKED", asked), ("HTTPS_PROXY", proxy), ("NO_PROXY", excluded), ("ALL_PROXY", "")];
        in_a_process("rust::in_an_environment_of_its_own", &variables)
    };
    let direct = "No connection to 127.77.0.4:1";
    assert!(run("0", "http://127.77.0.3:1", "").contains(direct));
    assert!(run("1", "http://127.77.0.3:1", "").contains("No connection to 127.77.0.3:1"));
    assert!(run("1", "http://127.77.0.3:1", "127.77.0.4").contains(direct));
    assert!(run("1", "", "").contains(direct));
    for other in ["socks5://127.77.0.3:1", "ftp://127.77.0.3:1", "http://us er:pw@127.77.0.3:1"] {
        let printed = run("1", other, "");
        assert!(printed.contains("proxy_from_environment: the environment's proxy"), "{printed}");
        assert!(!printed.contains("pw"), "{printed}");
    }
}

#[test]
#[ignore = "started by the test above"]
fn in_an_environment_of_its_own() {
    let mut config = Config::new();
    config.set_endpoint(Some("https://127.77.0.4:1")).unwrap().set_auth_token(Some(TOKEN)).unwrap();
    config.set_proxy_from_environment(std::env::var("ASKED").unwrap() == "1").unwrap();
    match config.build() {
        Ok(client) => println!("{}", client.verify_codes(&request()).unwrap_err()),
        Err(error) => println!("{}: {error}", error.field()),
    }
}

#[test]
fn every_status_has_a_number_and_a_name() {
    for status in Status::ALL {
        assert_eq!(Status::from_number(status.number()), Some(status));
        assert_eq!(
            status.name().to_ascii_lowercase().replace('_', ""),
            format!("{status:?}").to_ascii_lowercase()
        );
    }
    assert_eq!(Status::from_number(4), None);
}
