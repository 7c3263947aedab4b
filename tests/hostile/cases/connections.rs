//! Connections that are closed, reset or reused at the wrong moment.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use contactverify::capi::*;

use crate::case::{
    Case, LOST, Own, REJECTED, TIMED_OUT, TIMED_OUT_UNSENT, Then, UNAUTHORIZED, UNCONNECTED,
    VERIFIED, plays, whole,
};
use crate::support::c::{Config, Request};
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::{Conversation, Peer};
use crate::support::{answer, echo, success};

/// Calls over and over, against servers that end a connection after every seventh answer.
fn every_seventh(own: &mut Own, announced: bool) {
    let close =
        String::from_utf8(success()).unwrap().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let script = move |conversation: &mut Conversation| {
        for number in 1..=7 {
            if conversation.request().is_none() {
                return;
            }
            let announces = number == 7 && announced;
            conversation.send(&if announces { close.clone().into_bytes() } else { success() });
        }
    };
    // A peer holds each of its connections until it ends itself, so there are ten of them.
    for _ in 0..10 {
        let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), script.clone());
        let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
        let mut lost = 0;
        for _ in 0..1000 {
            let outcome = client.verify(&Request::new());
            if outcome.status == CONTACTVERIFY_CONNECTION_LOST && !announced {
                let maybe = outcome.sent == CONTACTVERIFY_SENT_MAYBE;
                own.holds("what is lost may have been sent", maybe);
                lost += 1;
            } else {
                own.outcomes.push(outcome);
            }
        }
        own.holds("no request twice", peer.seen.requests().len() <= 1000);
        own.holds("most calls get their answer", lost <= 1000 / 7);
    }
}

/// A peer that ends idle connections in some way, right after its answer.
fn ended_while_idle(own: &mut Own, reset: bool) {
    let peer = Peer::plain(move |conversation| {
        conversation.request();
        conversation.send(&success());
        if conversation.number % 2 == 0 {
            if reset {
                conversation.reset();
            }
            return;
        }
        conversation.answer_all(&success());
    });
    let client = Config::new(&peer.endpoint()).number("retries", 0).build();
    own.outcomes.push(client.verify(&Request::new()));
    // The end is on its way; it has arrived when the second call takes a new connection.
    let patience = Instant::now() + Duration::from_secs(5);
    while peer.seen.connections() == 1 && Instant::now() < patience {
        let outcome = client.verify(&Request::new());
        if outcome.status == CONTACTVERIFY_OK {
            own.holds("one attempt", outcome.attempts == 1);
            own.outcomes.push(outcome);
        }
    }
    own.holds("a new connection", peer.seen.connections() == 2);
}

pub fn cases() -> Vec<Case> {
    vec![
        plays("closed after the request was read", LOST, |_| Then::Close),
        plays("reset after the request was read", LOST, |_| Then::Reset),
        plays("reset with half an answer", LOST, |conversation| {
            conversation.send(&success()[..30]);
            Then::Reset
        }),
        plays("connection: close that stays open", VERIFIED, |conversation| {
            conversation
                .send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
            Then::Stay
        }),
        whole("closed while idle", VERIFIED, |own| ended_while_idle(own, false)),
        whole("reset while idle", VERIFIED, |own| ended_while_idle(own, true)),
        whole("closed with notice after every 7th answer, 10,000 calls", VERIFIED, |own| {
            every_seventh(own, true);
        }),
        whole("closed without notice after every 7th answer, 10,000 calls", VERIFIED, |own| {
            every_seventh(own, false);
        }),
        whole("an answer before the request was read", UNAUTHORIZED, |own| {
            let peer = Peer::plain(|conversation| {
                conversation.send(&answer(401, r#"{"error_code":"APIGW.0301"}"#));
                conversation.request();
            });
            for _ in 0..20 {
                let outcome = Config::new(&peer.endpoint()).build().verify(&Request::new());
                own.outcomes.push(outcome);
            }
        }),
        whole("nobody listens", UNCONNECTED, |own| {
            let address = TcpListener::bind("127.77.0.2:0").unwrap().local_addr().unwrap();
            let outcome = Config::new(&format!("http://{address}")).build().verify(&Request::new());
            own.holds("two attempts", outcome.attempts == 2);
            own.outcomes.push(outcome);
            let config = Config::new(&format!("http://{address}")).number("retries", 0);
            let outcome = config.build().verify(&Request::new());
            own.holds("one attempt", outcome.attempts == 1);
            own.outcomes.push(outcome);
        }),
        whole("a SYN that nobody answers", TIMED_OUT_UNSENT, |own| {
            // A listener whose queue is full drops what comes.
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            // SAFETY: shrinks the queue of a socket that this test owns.
            unsafe { libc::listen(std::os::fd::AsRawFd::as_raw_fd(&listener), 0) };
            let mut queued = Vec::new();
            while let Ok(stream) =
                std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50))
            {
                queued.push(stream);
            }
            let client = Config::new(&format!("http://{address}"))
                .number("connect_timeout_ms", 1000)
                .build();
            let outcome = client.verify(&Request::new());
            own.holds("not before its time", outcome.took >= Duration::from_millis(990));
            own.holds("not after it", outcome.took <= Duration::from_millis(1100));
            own.outcomes.push(outcome);
        }),
        whole("a deadline of 1 ms", TIMED_OUT.whatever_was_sent(), |own| {
            let peer = Peer::plain(Conversation::stay_silent);
            let client = Config::new(&peer.endpoint()).build();
            for _ in 0..20 {
                let outcome = client.verify(&Request::new().timeout_ms(1));
                own.holds("at most 101 ms", outcome.took <= Duration::from_millis(101));
                own.outcomes.push(outcome);
            }
        }),
        whole("32 threads, 32,000 calls, each its own answer", REJECTED, |own| {
            let served = AtomicUsize::new(0);
            let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), echo);
            let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
            thread::scope(|scope| {
                for number in 0..32 {
                    let (client, served) = (&client, &served);
                    scope.spawn(move || {
                        for call in 0..1000 {
                            let id = format!("{number}/{call}");
                            let request = Request::new().with("customer_id", &id);
                            let outcome = client.verify(&request);
                            served
                                .fetch_add(usize::from(outcome.error_code == id), Ordering::SeqCst);
                        }
                    });
                }
            });
            own.holds("each its own", served.load(Ordering::SeqCst) == 32_000);
            own.holds("32 handshakes at most", peer.seen.handshakes() <= 32);
            own.outcomes.push(client.verify(&Request::new().with("customer_id", "x")));
        }),
    ]
}
