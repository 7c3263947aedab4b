//! Tokens that are fetched, refused and fetched again while calls are in a hurry, answers are
//! strange and processes fork.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use contactverify::capi::*;
use contactverify::{Config as RustConfig, ContactWay, LogLevel, Request as RustRequest};

use crate::support::c::{Config, Outcome, Request};
use crate::support::peer::{Conversation, Peer};
use crate::support::{answer, success, token};

const PASSWORD: &str = "canary-password";

fn login(service: &Peer, iam: &Peer) -> Config {
    Config::without_credentials(&service.endpoint())
        .text("iam_endpoint", Some(&iam.endpoint()))
        .iam_password("account", "user", PASSWORD)
}

#[test]
fn a_call_in_a_hurry_leaves_its_login_to_the_next() {
    let iam = Peer::plain(|conversation| {
        while conversation.request().is_some() && conversation.wait(Duration::from_millis(300)) {
            conversation.send(&token("t"));
        }
    });
    let service = Peer::answering(success());
    let client = login(&service, &iam).build();
    let hurried = || client.verify(&Request::new().timeout_ms(50));
    let first = hurried();
    assert_eq!((first.status, first.sent), (CONTACTVERIFY_TIMEOUT, CONTACTVERIFY_SENT_NO));
    assert!(first.message.starts_with("No token from IAM: Timed out"), "{first:?}");
    assert!(first.took < Duration::from_millis(150), "{first:?}");
    // Each waits its 50 ms for the one login, which needs six times as long.
    let calls = (0..100).take_while(|_| hurried().status != CONTACTVERIFY_OK).count();
    assert!(calls < 100, "no call found the token");
    assert_eq!(iam.seen.requests().len(), 1);
}

/// What a call ends in when the service refuses the first token and IAM then does this. Tells
/// how many requests each of them saw.
fn after_a_refusal(then: impl Fn(&mut Conversation) + Send + Sync + 'static) -> Outcome {
    let logins = AtomicUsize::new(0);
    let iam = Peer::plain(move |conversation| {
        while conversation.request().is_some() {
            if logins.fetch_add(1, Ordering::SeqCst) == 0 {
                conversation.send(&token("canary-token-of-iam"));
            } else {
                return then(conversation);
            }
        }
    });
    let service = Peer::answering(answer(401, r#"{"error_code":"APIGW.0301"}"#));
    let outcome = login(&service, &iam).number("timeout_ms", 500).build().verify(&Request::new());
    assert_eq!((service.seen.requests().len(), iam.seen.requests().len()), (1, 2), "{outcome:?}");
    outcome
}

#[test]
fn the_services_refusal_stands_when_no_other_token_comes() {
    let outcomes = [
        ("No whole answer", after_a_refusal(|_| {})),
        ("Timed out", after_a_refusal(Conversation::stay_silent)),
        (
            "HTTP status 403",
            after_a_refusal(|conversation| {
                conversation.send(&answer(403, "{}"));
            }),
        ),
    ];
    for (says, outcome) in outcomes {
        assert_eq!(outcome.status, CONTACTVERIFY_UNAUTHORIZED, "{outcome:?}");
        assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_ANSWERED, 1));
        assert_eq!((outcome.http_status, &*outcome.error_code), (401, "APIGW.0301"));
        let reason = format!("It was not asked again: No token from IAM: {says}");
        assert!(outcome.message.contains(&reason), "{outcome:?}");
        assert!(!outcome.message.contains("Nothing was sent"), "{outcome:?}");
        assert!(outcome.took < Duration::from_millis(600), "{outcome:?}");
    }
}

#[test]
fn a_refusal_without_an_end_is_a_refusal_and_a_lost_second_answer_is_lost() {
    let iam = Peer::answering(token("t"));
    let dripping = Peer::plain(|conversation| {
        conversation.request();
        conversation.send(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n{");
        conversation.stay_silent();
    });
    let client = login(&dripping, &iam).number("timeout_ms", 300).build();
    let outcome = client.verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_UNAUTHORIZED, "{outcome:?}");
    assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_ANSWERED, 1));
    assert_eq!((iam.seen.requests().len(), dripping.seen.requests().len()), (1, 1));

    let losing = Peer::plain(|conversation| {
        conversation.request();
        conversation.send(&answer(401, "{}"));
        conversation.request();
    });
    let outcome = login(&losing, &iam).build().verify(&Request::new());
    assert_eq!(outcome.status, CONTACTVERIFY_CONNECTION_LOST, "{outcome:?}");
    assert_eq!((outcome.sent, outcome.attempts), (CONTACTVERIFY_SENT_MAYBE, 2), "{outcome:?}");
}

#[test]
fn a_forked_child_does_not_repeat_a_login_that_was_refused() {
    let iam = Peer::answering(answer(401, "{}"));
    let service = Peer::answering(success());
    let client = login(&service, &iam).build();
    assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_UNAUTHORIZED);
    // SAFETY: the child calls this library, which allows it, and ends.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let outcome = client.verify(&Request::new());
        let is_told = outcome.status == CONTACTVERIFY_UNAUTHORIZED
            && outcome.sent == CONTACTVERIFY_SENT_NO
            && outcome.message.contains("the login was refused a short time ago");
        // SAFETY: ends the child at once, without the destructors of the tests.
        unsafe { libc::_exit(i32::from(!is_told)) };
    }
    let mut status = -1;
    // SAFETY: a child of this process, and a number of its own.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    assert_eq!(iam.seen.requests().len(), 1);
}

#[test]
fn a_login_that_was_lost_rests_a_moment() {
    let iam = Peer::plain(|conversation| drop(conversation.request()));
    let service = Peer::answering(success());
    let client = login(&service, &iam).build();
    for _ in 0..20 {
        let outcome = client.verify(&Request::new());
        assert_eq!(outcome.status, CONTACTVERIFY_CONNECTION_LOST, "{outcome:?}");
    }
    assert_eq!(iam.seen.requests().len(), 1);
}

#[test]
fn a_log_callback_may_call_while_a_token_is_fetched() {
    let (iam, service) = (Peer::answering(token("t")), Peer::answering(success()));
    let client = Arc::new(OnceLock::<contactverify::Client>::new());
    let (again, depth) = (Arc::clone(&client), AtomicUsize::new(0));
    let inner = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&inner);
    let request = || RustRequest::new("123456", "alice@example.com", ContactWay::Email);
    let mut config = RustConfig::new();
    config.set_endpoint(Some(&service.endpoint())).unwrap();
    config.set_iam_endpoint(Some(&iam.endpoint())).unwrap();
    config.set_iam_password(Some(("account", "user", PASSWORD))).unwrap();
    config.set_logger(LogLevel::Debug, move |_, _| {
        if depth.fetch_add(1, Ordering::SeqCst) == 0 {
            again.get().unwrap().verify_codes(&request()).unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
        }
        depth.fetch_sub(1, Ordering::SeqCst);
    });
    assert!(client.set(config.build().unwrap()).is_ok());
    client.get().unwrap().verify_codes(&request()).unwrap();
    assert!(inner.load(Ordering::SeqCst) > 0);
    assert_eq!(iam.seen.requests().len(), 1);
}

#[test]
fn a_short_password_is_told_by_no_word_of_iam() {
    for body in [r#"{"error":{"message":"hunt2 is wrong"}}"#, "<html>hunt2</html>"] {
        let (iam, service) = (Peer::answering(answer(401, body)), Peer::answering(success()));
        let outcome = Config::without_credentials(&service.endpoint())
            .text("iam_endpoint", Some(&iam.endpoint()))
            .iam_password("account", "user", "hunt2")
            .build()
            .verify(&Request::new());
        assert_eq!(outcome.status, CONTACTVERIFY_UNAUTHORIZED, "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("hunt2"), "{outcome:?}");
    }
}

#[test]
fn a_password_goes_to_no_iam_that_was_guessed() {
    let service = Peer::answering(success());
    let config = Config::without_credentials(&service.endpoint());
    let failure = config.iam_password("account", "user", PASSWORD).try_build().unwrap_err();
    assert_eq!((failure.status, &*failure.field), (CONTACTVERIFY_INVALID_ARGUMENT, "iam_endpoint"));
    assert!(failure.message.contains("set it, such as to https://iam"), "{failure:?}");
}
