//! IAM and the service, hostile to a client that fetches its tokens or signs.

use contactverify::capi::*;

use crate::case::{BAD, Case, Ends, LOST, Own, REFUSED, UNAUTHORIZED, VERIFIED, whole};
use crate::run::{PASSWORD, SECRET_KEY};
use crate::support::c::{Config, Outcome, Request};
use crate::support::peer::{Conversation, Peer};
use crate::support::{answer, redirect, success, token};

const UNSENT: Ends = LOST.whatever_was_sent();

fn login(service: &Peer, iam: &str) -> Config {
    Config::without_credentials(&service.endpoint())
        .text("iam_endpoint", Some(iam))
        .number("timeout_ms", 1000)
        .iam_password("account", "user", PASSWORD)
}

/// Plays IAM against a client with a password: the service is never asked, and IAM is once.
fn with_iam(own: &mut Own, iam: impl Fn(&mut Conversation) + Send + Sync + 'static) -> Outcome {
    let iam = Peer::plain(iam);
    let service = Peer::answering(success());
    let outcome = login(&service, &iam.endpoint()).build().verify(&Request::new());
    own.holds("the service was not asked", service.seen.connections() == 0);
    own.holds("IAM was asked at most once", iam.seen.requests().len() <= 1);
    own.holds("nothing of the request left", outcome.sent == CONTACTVERIFY_SENT_NO);
    own.outcomes.push(outcome.clone());
    outcome
}

/// IAM says these bytes, whole and byte by byte, and closes.
fn says(own: &mut Own, bytes: impl Into<Vec<u8>>) {
    let bytes = bytes.into();
    for bytewise in [false, true] {
        let bytes = bytes.clone();
        with_iam(own, move |conversation| {
            conversation.bytewise = bytewise;
            conversation.request();
            conversation.send(&bytes);
        });
    }
}

fn issued() -> String {
    String::from_utf8(token("canary-token-of-iam")).unwrap()
}

pub fn cases() -> Vec<Case> {
    vec![
        whole("IAM: nothing, then close", UNSENT, |own| says(own, "")),
        whole("IAM: garbage", BAD, |own| says(own, "garbage\r\n\r\n")),
        whole("IAM: a token with another version of HTTP", BAD, |own| {
            says(own, issued().replace("HTTP/1.1", "HTTP/2.0"));
        }),
        whole("IAM: a token with 200", BAD, |own| says(own, issued().replace("201", "200"))),
        whole("IAM: no token", BAD, |own| says(own, issued().replace("X-Subject-Token", "X"))),
        whole("IAM: an empty token", BAD, |own| {
            says(own, issued().replace("canary-token-of-iam", ""));
        }),
        whole("IAM: two tokens", BAD, |own| {
            says(own, issued().replace("X-Sub", "X-Subject-Token: other\r\nX-Sub"));
        }),
        whole("IAM: a token that splits a header", BAD, |own| {
            says(own, issued().replace("of-iam", "of\rX-Evil: 1"));
        }),
        whole("IAM: a token of 8,000 characters", BAD, |own| {
            says(own, issued().replace("of-iam", &"t".repeat(8000)));
        }),
        whole("IAM: a token of 40,000 characters", BAD, |own| {
            says(own, issued().replace("of-iam", &"t".repeat(40_000)));
        }),
        whole("IAM: a token in a broken frame", BAD, |own| {
            says(own, issued().replace("Content-Length: ", "Transfer-Encoding: xchunked\r\nX: "));
        }),
        whole("IAM: a token with two lengths", BAD, |own| {
            says(own, issued().replace("Content-Length", "Content-Length: 2\r\nContent-Length"));
        }),
        whole("IAM: a token and a body that breaks off", UNSENT, |own| {
            says(own, issued().replace("Content-Length: ", "Content-Length: 1"));
        }),
        whole("IAM: a token and a body that is no object", BAD, |own| {
            let answer = issued();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            says(own, format!("{head}\r\n\r\n[{}]", &body[..body.len() - 2]));
        }),
        whole("IAM: redirects", REFUSED.whatever_was_sent(), |own| {
            let elsewhere = Peer::answering(token("canary-token-of-iam"));
            for status in [301, 302, 303, 307, 308] {
                let redirect = redirect(status, &elsewhere.endpoint());
                says(own, redirect);
            }
            own.holds("no password went elsewhere", elsewhere.seen.connections() == 0);
        }),
        whole("IAM: quotes the password", UNAUTHORIZED.whatever_was_sent(), |own| {
            let body = format!(r#"{{"error":{{"code":401,"message":"{PASSWORD} is wrong"}}}}"#);
            says(own, answer(401, &body));
        }),
        whole("IAM: a page that quotes the password", UNAUTHORIZED.whatever_was_sent(), |own| {
            says(own, answer(401, &format!("<html>{PASSWORD}</html>")));
        }),
        whole("IAM: a refusal is not repeated", UNAUTHORIZED.whatever_was_sent(), |own| {
            let iam = Peer::answering(answer(401, "{}"));
            let service = Peer::answering(success());
            let client = login(&service, &iam.endpoint()).build();
            for _ in 0..20 {
                own.outcomes.push(client.verify(&Request::new()));
            }
            own.holds("IAM was asked once", iam.seen.requests().len() == 1);
            own.holds("the service was not asked", service.seen.connections() == 0);
        }),
        whole("the service refuses whatever token IAM gives", UNAUTHORIZED, |own| {
            let iam = Peer::answering(token("canary-token-of-iam"));
            let service = Peer::answering(answer(401, "canary-token-of-iam"));
            let client = login(&service, &iam.endpoint()).build();
            for _ in 0..20 {
                let outcome = client.verify(&Request::new());
                own.holds("no token is told", !outcome.message.contains("canary-token"));
                own.outcomes.push(outcome);
            }
            own.holds("IAM was asked twice", iam.seen.requests().len() == 2);
            own.holds("one call was repeated", service.seen.requests().len() == 21);
        }),
        whole("a token goes to the service only, a password to IAM only", VERIFIED, |own| {
            let iam = Peer::answering(token("canary-token-of-iam"));
            let service = Peer::answering(success());
            own.outcomes.push(login(&service, &iam.endpoint()).build().verify(&Request::new()));
            let holds = |peer: &Peer, text: &str| {
                let requests = peer.seen.requests().concat();
                String::from_utf8_lossy(&requests).contains(text)
            };
            own.holds("the password goes to IAM", holds(&iam, PASSWORD));
            own.holds("no code goes to IAM", !holds(&iam, "123456"));
            own.holds("the token goes to the service", holds(&service, "canary-token-of-iam"));
            own.holds("no password goes to the service", !holds(&service, PASSWORD));
        }),
        whole("a signature is refused, with all that was signed", UNAUTHORIZED, |own| {
            let service = Peer::plain(|conversation| {
                while let Some(request) = conversation.request() {
                    let whole = String::from_utf8_lossy(&request).replace("\r\n", "|");
                    let told =
                        serde_json::json!({ "error_msg": whole, "error_code": "APIGW.0301" });
                    conversation.send(&answer(401, &told.to_string()));
                }
            });
            let config = Config::without_credentials(&service.endpoint());
            let texts = ["access-key-of-the-tests", SECRET_KEY, "canary-security-token"];
            let mut config = config.number("timeout_ms", 1000);
            config.try_three("access_key", texts.map(|text| Some(text.as_bytes())));
            let client = config.build();
            for _ in 0..3 {
                let outcome = client.verify(&Request::new());
                for secret in ["access-key-of", "canary-security", "alice@example.com", "123456"] {
                    own.holds(secret, !format!("{outcome:?}").contains(secret));
                }
                own.outcomes.push(outcome);
            }
            own.holds("each call was sent once", service.seen.requests().len() == 3);
            let sent = String::from_utf8_lossy(&service.seen.requests().concat()).into_owned();
            own.holds("the secret key goes nowhere", !sent.contains(SECRET_KEY));
        }),
    ]
}
