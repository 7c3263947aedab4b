//! TLS: whom not to trust, and handshakes that go wrong.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::version::TLS12;

use crate::case::{Case, Own, TIMED_OUT, TIMED_OUT_UNSENT, TLS, TLS_OR_LOST, VERIFIED, whole};
use crate::support::c::{Config, Request};
use crate::support::certificates::{
    AUTHORITY, OTHER_AUTHORITY, Validity, leaf_as_authority, self_signed, without_intermediate,
};
use crate::support::peer::{Conversation, Peer};
use crate::support::{success, tickets};

const HOST: &str = "127.0.0.1";

/// A call to a server with these settings; the message must say why it failed.
fn refused(own: &mut Own, server: Arc<ServerConfig>, says: &str) {
    let peer = Peer::tls(server, |conversation| conversation.answer_all(&success()));
    let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
    for _ in 0..2 {
        let outcome = client.verify(&Request::new());
        own.holds(&format!("{says}: {}", outcome.message), outcome.message.contains(says));
        own.outcomes.push(outcome);
    }
    own.holds("nothing was sent", peer.seen.requests().is_empty());
}

/// Relays between the client and an honest server, and cuts what the server says at a byte.
fn cut_handshake_at(offset: usize, server: &Peer) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let address = server.address;
    let relay = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut upstream = std::net::TcpStream::connect(address).unwrap();
        client.set_nodelay(true).unwrap();
        upstream.set_nodelay(true).unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
        let upward = thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
        let mut left = offset;
        let mut buffer = [0; 512];
        while left > 0 {
            let room = buffer.len().min(left);
            match upstream.read(&mut buffer[..room]) {
                Ok(count) if count > 0 => {
                    left -= count;
                    if client.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                _ => break,
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = upstream.shutdown(Shutdown::Both);
        upward.join().unwrap();
    });
    (endpoint, relay)
}

fn cut_handshakes(own: &mut Own, server: Arc<ServerConfig>, offsets: impl Iterator<Item = usize>) {
    let peer = Peer::tls(server, |conversation| {
        // The request may arrive, but no answer leaves.
        conversation.request();
    });
    for offset in offsets {
        let (endpoint, relay) = cut_handshake_at(offset, &peer);
        let config = Config::new(&endpoint).ca_file(&AUTHORITY.file).number("retries", 0);
        own.outcomes.push(config.build().verify(&Request::new()));
        relay.join().unwrap();
    }
}

/// What a server says in place of a handshake.
fn says(own: &mut Own, bytes: &'static [u8]) {
    let peer = Peer::plain(move |conversation| {
        conversation.send(bytes);
        conversation.stay_silent();
    });
    let endpoint = peer.endpoint().replace("http:", "https:");
    let config = Config::new(&endpoint).number("timeout_ms", 1000);
    own.outcomes.push(config.build().verify(&Request::new()));
}

fn slow_handshake(own: &mut Own, play: impl Fn(&mut Conversation) + Send + Sync + 'static) {
    let peer = Peer::plain(play);
    let endpoint = peer.endpoint().replace("http:", "https:");
    let client = Config::new(&endpoint).number("timeout_ms", 1000).build();
    let outcome = client.verify(&Request::new());
    own.holds("not before its time", outcome.took >= Duration::from_millis(990));
    own.holds("not after it", outcome.took <= Duration::from_millis(1100));
    own.outcomes.push(outcome);
}

pub fn cases() -> Vec<Case> {
    vec![
        whole("an expired certificate", TLS, |own| {
            refused(own, AUTHORITY.server(HOST, Validity::Past), "expired");
        }),
        whole("a certificate of the future", TLS, |own| {
            refused(own, AUTHORITY.server(HOST, Validity::Future), "not valid yet");
        }),
        whole("a certificate for another host", TLS, |own| {
            refused(own, AUTHORITY.server("example.com", Validity::Now), "another name");
        }),
        whole("a certificate for a neighbouring address", TLS, |own| {
            refused(own, AUTHORITY.server("127.0.0.2", Validity::Now), "another name");
        }),
        whole("a self-signed certificate", TLS, |own| {
            refused(own, self_signed(HOST), "not trusted");
        }),
        whole("an unknown authority", TLS, |own| {
            refused(own, OTHER_AUTHORITY.server(HOST, Validity::Now), "not trusted");
        }),
        whole("a missing intermediate", TLS, |own| {
            refused(own, without_intermediate(HOST), "not trusted");
        }),
        whole("a leaf used as an authority", TLS, |own| {
            refused(own, leaf_as_authority(HOST), "certificate");
        }),
        whole("the system's trust store does not know the authority", TLS, |own| {
            let server = AUTHORITY.server(HOST, Validity::Now);
            let peer = Peer::tls(server, |conversation| conversation.answer_all(&success()));
            own.outcomes.push(Config::new(&peer.endpoint()).build().verify(&Request::new()));
        }),
        whole("TLS 1.2 is spoken", VERIFIED, |own| {
            let server = AUTHORITY.server_with(HOST, Validity::Now, &[&TLS12]);
            let peer = Peer::tls(server, |conversation| conversation.answer_all(&success()));
            let client = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file).build();
            own.outcomes.push(client.verify(&Request::new()));
            own.outcomes.push(client.verify(&Request::new()));
            own.holds("one handshake", peer.seen.handshakes() == 1);
        }),
        whole("an alert: protocol version", TLS, |own| says(own, b"\x15\x03\x01\0\x02\x02\x46")),
        whole("an alert: handshake failure", TLS, |own| says(own, b"\x15\x03\x03\0\x02\x02\x28")),
        whole("an alert: close notify, then a close", TLS, |own| {
            let peer = Peer::plain(|conversation| {
                conversation.send(b"\x15\x03\x03\0\x02\x01\0");
            });
            let endpoint = peer.endpoint().replace("http:", "https:");
            own.outcomes.push(Config::new(&endpoint).build().verify(&Request::new()));
        }),
        whole("plain http on the TLS port", TLS, |own| {
            says(own, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }),
        whole("SSH on the TLS port", TLS, |own| says(own, b"SSH-2.0-OpenSSH_9.2\r\n")),
        whole("a server hello of TLS 1.1", TLS, |own| {
            says(
                own,
                b"\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0\0\x2f\0",
            );
        }),
        whole("a record that claims 65,535 bytes", TLS, |own| {
            says(own, b"\x16\x03\x03\xff\xffaaaa");
        }),
        whole("closed at once", TLS, |own| {
            let peer = Peer::plain(|_| {});
            let endpoint = peer.endpoint().replace("http:", "https:");
            own.outcomes.push(Config::new(&endpoint).build().verify(&Request::new()));
        }),
        whole("a TLS 1.3 handshake cut at each byte", TLS_OR_LOST, |own| {
            cut_handshakes(own, AUTHORITY.server(HOST, Validity::Now), 0..900);
        }),
        whole("a TLS 1.2 handshake cut at each byte", TLS_OR_LOST, |own| {
            let server = AUTHORITY.server_with(HOST, Validity::Now, &[&TLS12]);
            cut_handshakes(own, server, 0..700);
        }),
        whole("a silent handshake", TIMED_OUT_UNSENT, |own| {
            slow_handshake(own, Conversation::stay_silent);
        }),
        whole("a dripped handshake", TIMED_OUT_UNSENT, |own| {
            slow_handshake(own, |conversation| {
                let hello = b"\x16\x03\x03\x40\0\x02\0\x3f\xfc".iter().copied();
                for byte in hello.chain(std::iter::repeat(0)) {
                    if !conversation.send(&[byte]) || !conversation.wait(Duration::from_millis(200))
                    {
                        return;
                    }
                }
            });
        }),
        whole("session tickets without end in place of an answer", TIMED_OUT, |own| {
            let peer = Peer::tls(AUTHORITY.server(HOST, Validity::Now), |conversation| {
                conversation.request();
                let (connection, socket) = conversation.take_tls();
                tickets::flood(connection, socket, || {});
            });
            let config = Config::new(&peer.endpoint()).ca_file(&AUTHORITY.file);
            let outcome = config.number("timeout_ms", 500).build().verify(&Request::new());
            own.holds("not after its time", outcome.took <= Duration::from_millis(600));
            own.outcomes.push(outcome);
        }),
        whole("a flood of handshake bytes", TLS_OR_LOST, |own| {
            let peer = Peer::plain(
                |conversation| {
                    while conversation.send(&[0x16, 3, 3, 0, 4, 0, 0, 0, 0]) {}
                },
            );
            let endpoint = peer.endpoint().replace("http:", "https:");
            own.outcomes.push(Config::new(&endpoint).build().verify(&Request::new()));
        }),
    ]
}
