//! Redirects are answers. None is followed, and no second connection is made.

use crate::case::{Case, REFUSED, Then, answers, whole};
use crate::support::c::{Config, Request};
use crate::support::peer::Peer;
use crate::support::{redirect, success};

fn answered(name: &'static str, status: u16, header: &str) -> Case {
    let head = format!("HTTP/1.1 {status} Moved\r\n{header}Content-Length: 0\r\n\r\n");
    answers(name, head, Then::Stay, REFUSED)
}

pub fn cases() -> Vec<Case> {
    vec![
        answered("300", 300, "Location: /elsewhere\r\n"),
        answered("301 to the same host", 301, "Location: /v2/servicerequest/verifycodes\r\n"),
        answered("302 to itself, a loop", 302, "Location: .\r\n"),
        answered("303", 303, "Location: /v2\r\n"),
        answered("307 with user info", 307, "Location: http://user:password@127.0.0.1:1/\r\n"),
        answered("308 to plain http", 308, "Location: http://example.com/\r\n"),
        answered("302 to //host", 302, "Location: //127.0.0.1:1/\r\n"),
        answered("302 to a file", 302, "Location: file:///etc/passwd\r\n"),
        answered("302 without a location", 302, ""),
        answered("302 with a broken location", 302, "Location: ht!tp://[:::\r\n"),
        answered("302 with two locations", 302, "Location: /a\r\nLocation: /b\r\n"),
        answered("305 use proxy", 305, "Location: http://127.0.0.1:1\r\n"),
        whole("each redirect to another host and port", REFUSED, |own| {
            let elsewhere = Peer::answering(success());
            for status in [301, 302, 303, 307, 308] {
                let peer = Peer::answering(redirect(status, &elsewhere.endpoint()));
                own.outcomes.push(Config::new(&peer.endpoint()).build().verify(&Request::new()));
                own.holds("one connection", peer.seen.connections() == 1);
            }
            own.holds("nothing went elsewhere", elsewhere.seen.connections() == 0);
        }),
    ]
}
