//! Proxies: the way through one, and what it must never see.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::case::{Case, Own, TIMED_OUT_UNSENT, UNCONNECTED, VERIFIED, whole};
use crate::support::c::{Config, Request};
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::{Conversation, Peer};
use crate::support::success;

const AGREED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const AGREED_LINE: &[u8] = AGREED.split_at(AGREED.len() - 2).0;

fn service() -> Peer {
    Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), |conversation| {
        conversation.answer_all(&success());
    })
}

/// Carries bytes to and fro until either side ends.
fn relay(conversation: &mut Conversation, target: &str) {
    let Ok(upstream) = TcpStream::connect(target) else { return };
    let mut client = conversation.socket();
    let (mut from, mut to) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
    let upward = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let mut upstream = upstream;
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = upstream.read(&mut buffer) {
        if client.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    upward.join().unwrap();
}

/// A proxy that answers CONNECT with these bytes and then carries on.
fn through(own: &mut Own, user: &str, answer: &'static [u8]) -> Vec<Vec<u8>> {
    let service = service();
    let proxy = Peer::plain(move |conversation| {
        let Some(request) = conversation.request() else { return };
        let request = String::from_utf8(request).unwrap();
        conversation.send(answer);
        if answer.starts_with(AGREED_LINE) {
            relay(conversation, request.split(' ').nth(1).unwrap());
        } else {
            conversation.stay_silent();
        }
    });
    let client = Config::new(&service.endpoint())
        .ca_file(&AUTHORITY.file)
        .number("timeout_ms", 1000)
        .number("retries", 0)
        .text("proxy", Some(&format!("http://{user}{}", proxy.address)))
        .build();
    for _ in 0..2 {
        let outcome = client.verify(&Request::new());
        own.holds("no password in the message", !outcome.message.contains("secret-of-the-proxy"));
        own.outcomes.push(outcome);
    }
    for request in proxy.seen.requests() {
        let text = String::from_utf8_lossy(&request).into_owned();
        own.holds("the proxy sees a CONNECT", text.starts_with("CONNECT 127.0.0.1:"));
        own.holds("the proxy sees no token", !text.contains("token-of-the-tests"));
        own.holds("the proxy sees no code", !text.contains("123456"));
    }
    drop(client);
    proxy.seen.requests()
}

fn refused(name: &'static str, run: fn(&mut Own)) -> Case {
    whole(name, UNCONNECTED, run)
}

/// The password that the proxy was told, decoded.
fn authorization(requests: &[Vec<u8>]) -> Option<String> {
    let text = String::from_utf8(requests.first()?.clone()).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: Basic "))?;
    Some(line.to_owned())
}

pub fn cases() -> Vec<Case> {
    vec![
        whole("CONNECT answered 200", VERIFIED, |own| {
            let requests = through(own, "", AGREED);
            own.holds("one tunnel for two calls", requests.len() == 1);
            own.holds("no password unasked", authorization(&requests).is_none());
        }),
        whole("a password with : % and @", VERIFIED, |own| {
            let requests = through(own, "user:secret-of-the-proxy%3A%25%40+@", AGREED);
            // user:secret-of-the-proxy:%@+
            let expected = "dXNlcjpzZWNyZXQtb2YtdGhlLXByb3h5OiVAKw==";
            own.holds(
                "the password as it is",
                authorization(&requests).as_deref() == Some(expected),
            );
        }),
        refused("CONNECT answered 407", |own| {
            through(
                own,
                "user:secret-of-the-proxy@",
                b"HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n",
            );
        }),
        refused("CONNECT answered 502", |own| {
            through(own, "", b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
        }),
        refused("CONNECT answered 301", |own| {
            through(own, "", b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1\r\n\r\n");
        }),
        refused("CONNECT answered with garbage", |own| {
            through(own, "", b"\x05\x00garbage\r\n\r\n");
        }),
        refused("CONNECT answered 200 with bytes behind it", |own| {
            through(own, "", b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
        }),
        whole("CONNECT answered 200 with 6 KB of headers", VERIFIED, |own| {
            let long = [AGREED_LINE, b"A: ", &[b'b'; 6000], b"\r\n\r\n"].concat();
            through(own, "", long.leak());
        }),
        refused("CONNECT answered in part, then a close", |own| {
            let proxy = Peer::plain(|conversation| {
                conversation.request();
                conversation.send(b"HTTP/1.1 200 OK\r\n");
            });
            let config = Config::new("https://127.0.0.1:1").text("proxy", Some(&proxy.endpoint()));
            own.outcomes.push(config.build().verify(&Request::new()));
        }),
        refused("CONNECT answered with 100 KB of headers", |own| {
            let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(100_000));
            through(own, "", Box::leak(long.into_boxed_str()).as_bytes());
        }),
        refused("a proxy that nobody runs", |own| {
            let config =
                Config::new("https://127.0.0.1:1").text("proxy", Some("http://127.0.0.1:1"));
            own.outcomes.push(config.build().verify(&Request::new()));
        }),
        whole("CONNECT never answered", TIMED_OUT_UNSENT, |own| {
            through(own, "", b"");
        }),
        whole("CONNECT answered drop by drop", TIMED_OUT_UNSENT, |own| {
            let proxy = Peer::plain(|conversation| {
                conversation.request();
                for byte in b"HTTP/1.1 200 OK\r\nA: ".iter().copied().chain(std::iter::repeat(b'a'))
                {
                    if !conversation.send(&[byte]) || !conversation.wait(Duration::from_millis(40))
                    {
                        return;
                    }
                }
            });
            let config = Config::new("https://127.0.0.1:1")
                .number("timeout_ms", 1000)
                .text("proxy", Some(&proxy.endpoint()));
            let outcome = config.build().verify(&Request::new());
            own.holds("at its time", outcome.took <= Duration::from_millis(1100));
            own.outcomes.push(outcome);
        }),
        whole("plain http to this machine goes past the proxy", VERIFIED, |own| {
            let service = Peer::answering(success());
            let config = Config::new(&service.endpoint()).text("proxy", Some("http://127.0.0.1:1"));
            own.outcomes.push(config.build().verify(&Request::new()));
        }),
    ]
}
