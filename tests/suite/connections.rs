//! Connections are kept, shared by threads, and never mixed up.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use contactverify::capi::*;

use crate::support::c::{Config, Request};
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::Peer;
use crate::support::{echo, success, tickets};

#[test]
fn thirty_two_threads_make_at_most_thirty_two_handshakes_and_get_their_own_answers() {
    let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), echo);
    let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
    thread::scope(|scope| {
        for thread in 0..32 {
            let client = &client;
            scope.spawn(move || {
                for call in 0..100 {
                    let id = format!("{thread}-{call}");
                    let outcome = client.verify(&Request::new().with("customer_id", &id));
                    assert_eq!(outcome.status, CONTACTVERIFY_REJECTED, "{outcome:?}");
                    assert_eq!(outcome.error_code, id);
                }
            });
        }
    });
    assert_eq!(peer.seen.requests().len(), 3200);
    assert!(peer.seen.handshakes() <= 32, "{} handshakes", peer.seen.handshakes());
}

#[test]
fn calls_one_after_the_other_use_one_connection() {
    let peer = Peer::answering(success());
    let client = Config::new(&peer.endpoint()).build();
    for _ in 0..50 {
        assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    }
    assert_eq!(peer.seen.connections(), 1);

    let client = Config::new(&peer.endpoint()).number("max_idle_connections", 0).build();
    for _ in 0..5 {
        assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    }
    assert_eq!(peer.seen.connections(), 6);
}

/// TLS itself may speak on an idle connection (RFC 8446, section 4.6): that is no second answer.
#[test]
fn a_connection_whose_peer_changes_its_keys_while_idle_is_kept() {
    let (idle, is_idle) = channel();
    let (changed, is_changed) = channel();
    let (is_idle, changed) = (Mutex::new(is_idle), Mutex::new(changed));
    let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), move |conversation| {
        while conversation.request().is_some() {
            conversation.send(&success());
            if is_idle.lock().unwrap().recv().is_ok() {
                conversation.change_keys();
                let _ = changed.lock().unwrap().send(());
            }
        }
    });
    // Dropped before the peer, which waits for it.
    let idle = idle;
    let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
    for _ in 0..3 {
        let outcome = client.verify(&Request::new());
        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
        idle.send(()).unwrap();
        is_changed.recv().unwrap();
    }
    assert_eq!((peer.seen.connections(), peer.seen.requests().len()), (1, 3));
}

/// While a connection is looked at before it is used again, no other call can take one.
#[test]
fn a_connection_whose_peer_sends_tickets_without_end_is_left_at_once() {
    let (begun, is_begun) = channel();
    let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), move |conversation| {
        if conversation.number > 0 {
            return conversation.answer_all(&success());
        }
        conversation.request();
        conversation.send(&success());
        let (connection, socket) = conversation.take_tls();
        tickets::flood(connection, socket, || {
            let _ = begun.send(());
        });
    });
    let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
    assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    is_begun.recv().unwrap();
    let outcome = client.verify(&Request::new());
    assert_eq!((outcome.status, outcome.attempts), (CONTACTVERIFY_OK, 1), "{outcome:?}");
    assert_eq!((peer.seen.connections(), peer.seen.requests().len()), (2, 2));
}

#[test]
fn an_idle_connection_is_given_up_after_its_time() {
    let peer = Peer::answering(success());
    let client = Config::new(&peer.endpoint()).number("idle_timeout_ms", 1).build();
    client.verify(&Request::new());
    // The time must pass; there is nothing to wait for.
    thread::sleep(Duration::from_millis(10));
    assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
    assert_eq!(peer.seen.connections(), 2);
}

#[test]
fn a_connection_closed_while_idle_is_replaced_without_a_second_attempt() {
    let peer = Peer::plain(|conversation| {
        conversation.request();
        conversation.send(&success());
    });
    let client = Config::new(&peer.endpoint()).number("retries", 0).build();
    for calls in 1..=5 {
        let outcome = client.verify(&Request::new());
        // The close may be on its way still; then the answer is lost, never asked for twice.
        if outcome.status != CONTACTVERIFY_OK {
            assert_eq!(outcome.status, CONTACTVERIFY_CONNECTION_LOST, "{outcome:?}");
        }
        assert_eq!(outcome.attempts, 1);
        assert!(peer.seen.requests().len() <= calls);
    }
}

#[test]
fn a_refusal_whose_end_is_not_told_beyond_doubt_ends_its_connection() {
    for strange in ["Content-Encoding: gzip\r\nContent-Length: 2", "Content-Length: 2, 2"] {
        let refusal = format!("HTTP/1.1 403 Forbidden\r\n{strange}\r\n\r\n{{}}");
        let peer = Peer::answering(refusal.into_bytes());
        let client = Config::new(&peer.endpoint()).build();
        for calls in 1..=3 {
            assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_FORBIDDEN);
            assert_eq!(peer.seen.connections(), calls, "{strange}");
        }
    }
}

#[test]
fn two_clients_share_no_connection() {
    let peer = Peer::answering(success());
    for _ in 0..2 {
        Config::new(&peer.endpoint()).build().verify(&Request::new());
    }
    assert_eq!(peer.seen.connections(), 2);
}

/// The library's threads have a name of their own; the test's have the test's.
fn lookup_threads() -> BTreeSet<String> {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| {
            let name = fs::read_to_string(task.unwrap().path().join("comm")).ok()?;
            name.starts_with("contactverify-l").then_some(name)
        })
        .collect()
}

#[test]
fn neither_a_literal_address_nor_localhost_starts_a_thread() {
    let peer = Peer::answering(success());
    for host in ["127.0.0.1", "localhost"] {
        let client = Config::new(&format!("http://{host}:{}", peer.address.port())).build();
        for _ in 0..20 {
            assert_eq!(client.verify(&Request::new()).status, CONTACTVERIFY_OK);
            assert_eq!(lookup_threads(), BTreeSet::new());
        }
    }
}
