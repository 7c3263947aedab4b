//! The ways to authenticate: what is fetched, how often, and what happens when it fails.

use std::net::TcpListener;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use contactverify::capi::*;

use crate::support::c::{Call, Client, Config, Outcome, Request};
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::Sandbox;
use crate::support::{answer, success, token, token_until};

const PASSWORD: &str = "canary-password";
const SECRET_KEY: &str = "canary-secret-key";

fn login(service: &str, iam: &str) -> Config {
    Config::without_credentials(service)
        .text("iam_endpoint", Some(iam))
        .iam_password("account", "user", PASSWORD)
}

/// A client of the sandbox with its user.
fn sandbox_login(sandbox: &Sandbox) -> Config {
    Config::without_credentials(&sandbox.endpoint)
        .text("iam_endpoint", Some(&sandbox.endpoint))
        .iam_password("sandbox-account", "sandbox-user", "sandbox-password")
}

fn need(client: &Client) -> Outcome {
    client.call(Call::Need, &Request::contact("alice@example.com"))
}

fn assert_hidden(outcome: &Outcome) {
    for secret in [PASSWORD, SECRET_KEY, "alice@example.com", "alice%40example.com", "123456"] {
        assert!(!format!("{outcome:?}").contains(secret), "{outcome:?}");
    }
}

fn body(request: &[u8]) -> String {
    String::from_utf8(request.to_vec()).unwrap().split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn a_token_is_fetched_once_and_used_from_then_on() {
    let iam = Peer::answering(token("token-of-iam"));
    let service = Peer::answering(success());
    let client = login(&service.endpoint(), &iam.endpoint()).build();
    for _ in 0..3 {
        let outcome = client.verify(&Request::new());
        assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_OK, 1), "{outcome:?}");
    }
    let asked = iam.seen.requests();
    assert_eq!(asked.len(), 1);
    let text = String::from_utf8(asked[0].clone()).unwrap();
    assert!(text.starts_with("POST /v3/auth/tokens?nocatalog=true HTTP/1.1\r\n"), "{text}");
    assert!(text.contains("\r\ncontent-type: application/json;charset=utf8\r\n"), "{text}");
    let wanted = serde_json::json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "domain": {"name": "account"}, "name": "user", "password": PASSWORD}}},
        "scope": {"domain": {"name": "account"}}}});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body(&asked[0])).unwrap(), wanted);
    for request in service.seen.requests() {
        let request = String::from_utf8(request).unwrap();
        assert!(request.contains("\r\nx-auth-token: token-of-iam\r\n"), "{request}");
        assert!(!request.contains(PASSWORD), "{request}");
    }
}

#[test]
fn the_scope_is_the_account_or_a_project() {
    for (name, id, scope) in [
        (Some("cn-south-1"), None, r#""scope":{"project":{"name":"cn-south-1"}}"#),
        (None, Some("0123"), r#""scope":{"project":{"id":"0123"}}"#),
        (Some("named"), Some("0123"), r#""scope":{"project":{"name":"named"}}"#),
    ] {
        let iam = Peer::answering(token("t"));
        let service = Peer::answering(success());
        let config = login(&service.endpoint(), &iam.endpoint());
        let config = config.text("iam_project", name).text("project_id", id);
        assert_eq!(config.build().verify(&Request::new()).status, CONTACTVERIFY_OK);
        let asked = body(&iam.seen.requests()[0]);
        assert!(asked.contains(scope), "{asked}");
        // A token tells whose it is; only signatures need these headers.
        let request = String::from_utf8(service.seen.requests()[0].clone()).unwrap();
        assert!(!request.contains("x-project-id"), "{request}");
    }
}

#[test]
fn sixty_four_threads_without_a_token_ask_iam_once() {
    let sandbox = Sandbox::start_with(&["--delay-ms", "50"]);
    let client = sandbox_login(&sandbox).build();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let outcome = need(&client);
                assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
            });
        }
    });
    assert_eq!((sandbox.counter("iam_tokens"), sandbox.counter("need_verify")), (1, 64));
}

#[test]
fn a_token_that_ends_during_ten_thousand_calls_costs_one_renewal_and_no_call() {
    let sandbox = Sandbox::start();
    let client = sandbox_login(&sandbox).build();
    thread::scope(|scope| {
        for thread in 0..4 {
            let (client, sandbox) = (&client, &sandbox);
            scope.spawn(move || {
                for call in 0..2500 {
                    let outcome = need(client);
                    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
                    if thread == 0 && call == 1250 {
                        sandbox.ask("POST", "/sandbox/expire-tokens", "");
                    }
                }
            });
        }
    });
    assert_eq!(sandbox.counter("iam_tokens"), 2);
    let refused = sandbox.counter("unauthorized");
    assert!((1..=4).contains(&refused), "{refused} calls met the ended token");
    assert_eq!(sandbox.counter("need_verify"), 10_000 + refused);
}

#[test]
fn a_token_is_renewed_before_it_ends_and_outlives_an_iam_that_is_down() {
    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let lifetime = Duration::from_secs(5);
    let sandbox = Sandbox::start_with(&["--token-lifetime-seconds", "5"]);
    let client = sandbox_login(&sandbox).log(CONTACTVERIFY_LOG_INFO, &LINES).build();
    let begin = Instant::now();
    assert_eq!(need(&client).status, CONTACTVERIFY_OK);
    sandbox.ask("POST", "/sandbox/iam?available=false", "");
    // In its last second the token is to be renewed, which fails, and is good all the same.
    while begin.elapsed() < lifetime - Duration::from_millis(200) {
        let outcome = need(&client);
        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
        assert!(outcome.took < Duration::from_millis(500), "waited for IAM: {outcome:?}");
    }
    sandbox.ask("POST", "/sandbox/iam?available=true", "");
    while begin.elapsed() < lifetime + Duration::from_millis(300) {
        let outcome = need(&client);
        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    }
    let lines = LINES.lock().unwrap().join("\n");
    assert!(lines.contains("2 not renewed: No token from IAM: "), "{lines}");
    assert!(lines.contains("3 POST /v3/auth/tokens SERVICE_ERROR "), "{lines}");
    assert!(!lines.contains("sandbox-password") && !lines.contains("alice"), "{lines}");
    assert_eq!(sandbox.counter("iam_tokens"), 3, "{lines}");
    // A call that leaves in the token's last moment may arrive behind it, and is repeated.
    assert!(sandbox.counter("unauthorized") <= 1);
}

#[test]
fn a_renewal_in_time_is_nobodys_wait() {
    let sandbox = Sandbox::start_with(&["--token-lifetime-seconds", "2"]);
    let client = sandbox_login(&sandbox).build();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3) {
        assert_eq!(need(&client).status, CONTACTVERIFY_OK);
    }
    assert_eq!(sandbox.counter("unauthorized"), 0);
    assert_eq!(sandbox.counter("iam_tokens"), 2);
}

#[test]
fn a_wrong_clock_costs_no_call() {
    for skew in ["-7200", "7200"] {
        let sandbox = Sandbox::start_with(&["--clock-skew-seconds", skew]);
        let client = sandbox_login(&sandbox).build();
        for _ in 0..5 {
            assert_eq!(need(&client).status, CONTACTVERIFY_OK);
        }
        assert_eq!((sandbox.counter("iam_tokens"), sandbox.counter("unauthorized")), (1, 0));
    }
    // A token that is over when it comes is used for the call that asked for it.
    let iam = Peer::answering(token_until("t", "2026-11-25T00:59:00.000000Z"));
    let service = Peer::answering(success());
    let client = login(&service.endpoint(), &iam.endpoint()).build();
    for _ in 0..2 {
        assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    }
    assert_eq!(iam.seen.requests().len(), 2);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    let refusal = || answer(401, r#"{"error_code":"APIGW.0301","error_msg":"token-1"}"#);
    let iam = Peer::plain(|conversation| {
        for number in 1.. {
            if conversation.request().is_none() {
                return;
            }
            conversation.send(&token(&format!("token-{number}-of-iam")));
        }
    });
    let fickle = Peer::plain(move |conversation| {
        while let Some(request) = conversation.request() {
            let old = String::from_utf8(request).unwrap().contains("token-1-of-iam");
            conversation.send(&if old { refusal() } else { success() });
        }
    });
    let outcome = login(&fickle.endpoint(), &iam.endpoint()).build().verify(&Request::new());
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_OK, 2), "{outcome:?}");
    assert_eq!((iam.seen.requests().len(), fickle.seen.requests().len()), (2, 2));

    // A service that refuses every token is not asked with ever new ones.
    let strict = Peer::answering(refusal());
    let client = login(&strict.endpoint(), &iam.endpoint()).build();
    let outcome = client.verify(&Request::new());
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_UNAUTHORIZED, 2), "{outcome:?}");
    assert_eq!((outcome.sent, outcome.http_status), (CONTACTVERIFY_SENT_ANSWERED, 401));
    let outcome = client.verify(&Request::new());
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_UNAUTHORIZED, 1), "{outcome:?}");
    assert_eq!((iam.seen.requests().len(), strict.seen.requests().len()), (4, 3));

    // Without retries nothing is repeated; the next call begins with a new token.
    let client = login(&fickle.endpoint(), &iam.endpoint()).number("retries", 0).build();
    let fetched = Peer::answering(token("token-1-of-iam"));
    let stubborn = login(&fickle.endpoint(), &fetched.endpoint()).number("retries", 0).build();
    let outcome = stubborn.verify(&Request::new());
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_UNAUTHORIZED, 1), "{outcome:?}");
    assert_eq!(fetched.seen.requests().len(), 1);
    stubborn.verify(&Request::new());
    assert_eq!(fetched.seen.requests().len(), 2);
    assert_eq!(client.verify(&Request::new()).attempts, 1);

    // A token that the caller brought is the caller's to renew.
    let before = iam.seen.requests().len();
    let client = login(&strict.endpoint(), &iam.endpoint()).build();
    let outcome = client.verify(&Request::new().with("auth_token", "mine"));
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_UNAUTHORIZED, 1), "{outcome:?}");
    assert_eq!(iam.seen.requests().len(), before);
}

#[test]
fn a_refused_login_is_not_repeated() {
    let wrong = r#"{"error":{"code":401,"message":"The username or password is wrong."}}"#;
    for (status, ends) in [(401, CONTACTVERIFY_UNAUTHORIZED), (403, CONTACTVERIFY_FORBIDDEN)] {
        let iam = Peer::answering(answer(status, wrong));
        let service = Peer::answering(success());
        let client = login(&service.endpoint(), &iam.endpoint()).build();
        for _ in 0..3 {
            let outcome = client.verify(&Request::new());
            assert_eq!(outcome.status, ends, "{outcome:?}");
            assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_NO, 0));
            assert_eq!(outcome.http_status, i32::from(status));
            assert!(outcome.message.starts_with("No token from IAM: "), "{outcome:?}");
            assert!(outcome.message.contains("password is wrong"), "{outcome:?}");
            assert_hidden(&outcome);
        }
        assert_eq!((iam.seen.requests().len(), service.seen.requests().len()), (1, 0));
        // The caller's own token needs no login.
        let outcome = client.verify(&Request::new().with("auth_token", "mine"));
        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    }
}

/// What a call ends in when IAM does this.
fn with_iam(script: impl Fn(&mut Conversation) + Send + Sync + 'static) -> Outcome {
    let iam = Peer::plain(script);
    let service = Peer::answering(success());
    let client = login(&service.endpoint(), &iam.endpoint()).number("timeout_ms", 1000).build();
    let outcome = client.verify(&Request::new());
    assert_eq!(service.seen.requests().len(), 0);
    assert_eq!(iam.seen.requests().len(), 1, "asked more than once");
    assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_NO, 0), "{outcome:?}");
    assert!(outcome.message.starts_with("No token from IAM: "), "{outcome:?}");
    assert!(!outcome.message.contains("code may be used"), "{outcome:?}");
    assert!(outcome.took < Duration::from_millis(1100), "{outcome:?}");
    assert_hidden(&outcome);
    outcome
}

#[test]
fn an_iam_that_fails_is_told_as_what_it_is() {
    let says = |bytes: Vec<u8>| {
        with_iam(move |conversation| {
            conversation.request();
            conversation.send(&bytes);
        })
    };
    let silent = with_iam(|conversation| {
        conversation.request();
        conversation.stay_silent();
    });
    assert_eq!(silent.status, CONTACTVERIFY_TIMEOUT, "{silent:?}");
    assert!(silent.took >= Duration::from_millis(990), "{silent:?}");
    let gone = with_iam(|conversation| drop(conversation.request()));
    assert_eq!(gone.status, CONTACTVERIFY_CONNECTION_LOST, "{gone:?}");
    for (status, ends) in [
        (200, CONTACTVERIFY_BAD_RESPONSE),
        (204, CONTACTVERIFY_BAD_RESPONSE),
        (302, CONTACTVERIFY_REQUEST_REFUSED),
        (400, CONTACTVERIFY_REQUEST_REFUSED),
        (404, CONTACTVERIFY_REQUEST_REFUSED),
        (429, CONTACTVERIFY_RATE_LIMITED),
        (500, CONTACTVERIFY_SERVICE_ERROR),
        (503, CONTACTVERIFY_SERVICE_ERROR),
    ] {
        let body = format!(r#"{{"error":{{"message":"{PASSWORD}","code":{status}}}}}"#);
        let outcome = says(answer(status, &body));
        assert_eq!((outcome.status, outcome.http_status), (ends, status.into()), "{outcome:?}");
    }
    let good = String::from_utf8(token("canary-token")).unwrap();
    let long = "t".repeat(8000);
    for bad in [
        good.replace("X-Subject-Token: canary-token\r\n", ""),
        good.replace("X-Subject-Token:", "X-Subject-Token: another\r\nX-Subject-Token:"),
        good.replace("canary-token", ""),
        good.replace("canary-token", "two words"),
        good.replace("canary-token", "t\u{fc}"),
        good.replace("canary-token", &long),
        good.replace("{\"token\":", "[{\"token\":"),
        good.replace("\"token\"", "\"tokem\""),
        good.replace("\"expires_at\":\"2026", "\"expires_at\":2026,\"\":\""),
        good.replace("Content-Length: ", "Content-Length: 1"),
        good.replace("Content-Length: ", "Content-Length: 1\r\nContent-Length: "),
        good.replace("HTTP/1.1 201 Created", "HTTP/2 201"),
    ] {
        assert_ne!(bad, good);
        let outcome = says(bad.clone().into_bytes());
        let ends = [CONTACTVERIFY_BAD_RESPONSE, CONTACTVERIFY_CONNECTION_LOST];
        assert!(ends.contains(&outcome.status), "{bad}: {outcome:?}");
        assert!(!outcome.message.contains("canary-token"), "{outcome:?}");
    }
    let nobody = TcpListener::bind("127.77.0.2:0").unwrap().local_addr().unwrap().to_string();
    let service = Peer::answering(success());
    let config = login(&service.endpoint(), &format!("http://{nobody}"));
    let outcome = config.build().verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_CONNECT_FAILED, "{outcome:?}");
    assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_NO, 0), "{outcome:?}");
    let plain = Peer::plain(|conversation| {
        conversation.send(b"HTTP/1.1 400 Plain\r\n\r\n");
    });
    let iam = plain.endpoint().replace("http:", "https:");
    let outcome = login(&service.endpoint(), &iam).build().verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_TLS_FAILED, "{outcome:?}");
    assert_eq!(service.seen.connections(), 0);
}

#[test]
fn signed_requests_are_accepted_for_all_four_calls() {
    let mut sandbox = Sandbox::start();
    let client = Config::without_credentials(&sandbox.endpoint)
        .access_key("sandbox-access-key", "sandbox-secret-key")
        .text("language", Some("en-us"))
        .text("domain_id", Some("0123456789abcdef"))
        .number("site", 0)
        .build();
    let contact = Request::contact("用户 a+b/c?d&e=f%~*'()!@例.com");
    let sent = client.call(Call::Send, &contact);
    assert_eq!(sent.status, CONTACTVERIFY_OK, "{sent:?}");
    let code = sandbox.read_code();
    let verified = client.verify(&contact.clone().with("verify_code", code));
    assert_eq!(verified.status, CONTACTVERIFY_OK, "{verified:?}");
    let needed = client.call(Call::Need, &contact);
    assert_eq!((needed.status, needed.need_verify), (CONTACTVERIFY_OK, 0), "{needed:?}");
    let listed = client.call(Call::List, &contact.limit(5));
    assert_eq!((listed.status, listed.total), (CONTACTVERIFY_OK, 1), "{listed:?}");
    assert_eq!(sandbox.counter("unauthorized"), 0);
}

#[test]
fn a_refused_signature_is_not_repeated_and_names_the_clock() {
    for (skew, says) in [
        ("0", "this machine's clock is 0 s "),
        ("3600", "clock is 3599 s behind the service's, which is too much: set it"),
        ("-3600", "clock is 3600 s ahead of the service's, which is too much: set it"),
    ] {
        let sandbox = Sandbox::start_with(&["--clock-skew-seconds", skew]);
        let secret = if skew == "0" { SECRET_KEY } else { "sandbox-secret-key" };
        let client = Config::without_credentials(&sandbox.endpoint)
            .access_key("sandbox-access-key", secret)
            .build();
        let outcome = need(&client);
        assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_UNAUTHORIZED, 1));
        let [a, b] = ["3599", "3600"].map(|seconds| says.replace("3599", seconds));
        let c = says.replace("3600", "3601");
        let is_named = [a, b, c].iter().any(|says| outcome.message.contains(says.as_str()));
        assert!(is_named, "{says}: {outcome:?}");
        assert!(!outcome.message.contains("sandbox-access-key"), "{outcome:?}");
        assert_hidden(&outcome);
        assert_eq!(sandbox.counter("unauthorized"), 1);
    }
}

#[test]
fn a_requests_own_token_takes_the_place_of_a_signature() {
    let service = Peer::answering(success());
    let config = Config::without_credentials(&service.endpoint()).access_key("AK", SECRET_KEY);
    let client = config.text("project_id", Some("p")).build();
    assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    let own = Request::new().with("auth_token", "mine");
    assert_eq!(client.verify(&own).status, CONTACTVERIFY_OK);
    let [signed, plain] = &service.seen.requests()[..] else { panic!("two requests") };
    let (signed, plain) = (String::from_utf8_lossy(signed), String::from_utf8_lossy(plain));
    assert!(signed.contains("authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders="));
    assert!(signed.contains("x-project-id: p\r\n") && signed.contains("x-sdk-date: "), "{signed}");
    assert!(!signed.contains("x-auth-token"), "{signed}");
    assert!(
        plain.contains("x-auth-token: mine\r\n") && !plain.contains("authorization"),
        "{plain}"
    );
}

#[test]
fn the_credentials_that_are_set_last_count_and_unsetting_is_for_the_own_kind() {
    let service = Peer::answering(success());
    let shows = |config: &Config| {
        let outcome = config.build().verify(&Request::new());
        let request = service.seen.requests().pop().unwrap_or_default();
        let request = String::from_utf8(request).unwrap();
        (outcome.status == CONTACTVERIFY_OK).then(|| request.contains("x-auth-token"))
    };
    let config = || Config::without_credentials(&service.endpoint());
    let token = |config: Config, value| config.text("auth_token", value);
    assert_eq!(shows(&token(config(), Some("t")).access_key("AK", "SK")), Some(false));
    assert_eq!(shows(&token(config().access_key("AK", "SK"), Some("t"))), Some(true));
    assert_eq!(shows(&token(config().access_key("AK", "SK"), None)), Some(false));
    assert_eq!(shows(&token(token(config(), Some("t")), None)), None);
    let mut unset = config().access_key("AK", "SK");
    assert_eq!(unset.try_three("iam_password", [None; 3]), CONTACTVERIFY_OK);
    assert_eq!(shows(&unset), Some(false));
    assert_eq!(unset.try_three("access_key", [None; 3]), CONTACTVERIFY_OK);
    assert_eq!(shows(&unset), None);
}

#[test]
fn each_setting_of_credentials_is_checked() {
    let long = "x".repeat(1025);
    for (name, texts) in [
        ("iam_password", [Some(&b""[..]), Some(b"u"), Some(b"p")]),
        ("iam_password", [Some(b"d"), Some(b""), Some(b"p")]),
        ("iam_password", [Some(b"d"), Some(b"u"), Some(b"")]),
        ("iam_password", [Some(b"d"), Some(b"u"), Some(long.as_bytes())]),
        ("iam_password", [Some(b"d"), Some(b"\xff"), Some(b"p")]),
        ("iam_password", [Some(b"d"), Some(b"u"), None]),
        ("access_key", [Some(b""), Some(b"s"), None]),
        ("access_key", [Some(b"a\n"), Some(b"s"), None]),
        ("access_key", [Some(b"a"), Some(b""), None]),
        ("access_key", [Some(b"a"), Some(b"s"), Some(b"")]),
        ("access_key", [Some(b"a"), Some(b"s"), Some(b"t\r\nX: y")]),
        ("access_key", [Some(b"a"), None, None]),
        ("access_key", [None, None, Some(b"t")]),
    ] {
        let mut config = Config::new("https://osm.example.com");
        assert_eq!(config.try_three(name, texts), CONTACTVERIFY_INVALID_ARGUMENT, "{texts:?}");
        let failure = config.try_build().unwrap_err();
        assert_eq!(failure.field, name, "{failure:?}");
        assert!(failure.message.contains(name), "{failure:?}");
    }
    for (name, texts) in [
        ("region", &["", "nowhere-1", "CN-SOUTH-1"][..]),
        ("iam_endpoint", &["", "http://iam.example.com", "https://u@iam.example.com"]),
        ("iam_project", &["", &"x".repeat(257)]),
        ("domain_id", &["", "a b\n", &"x".repeat(129)]),
        ("project_id", &["", "ü", &"x".repeat(129)]),
    ] {
        for text in texts {
            let mut config = Config::new("https://osm.example.com");
            let status = config.try_text(name, Some(text.as_bytes()));
            assert_eq!(status, CONTACTVERIFY_INVALID_ARGUMENT, "{name} {text:?}");
            assert_eq!(config.try_build().unwrap_err().field, name);
        }
    }
    for sources in [0, 8, -1, i32::MAX] {
        let mut config = Config::new("https://osm.example.com");
        assert_eq!(
            config.try_number("credential_sources", sources),
            CONTACTVERIFY_INVALID_ARGUMENT
        );
        assert_eq!(config.try_build().unwrap_err().field, "credential_sources");
    }
    for region in ["cn-south-1", "ap-southeast-3", "eu-west-101"] {
        Config::empty().text("region", Some(region)).build();
    }
}
