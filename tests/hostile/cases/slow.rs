//! Peers that take their time, against a deadline of one second.

use std::time::Duration;

use crate::case::{Case, TIMED_OUT, Then, UNAUTHORIZED, slow};
use crate::support::peer::Conversation;
use crate::support::success;

const PAUSE: Duration = Duration::from_millis(40);

/// Sends bytes one by one, each after a pause, as long as the client listens.
fn drip(conversation: &mut Conversation, bytes: impl IntoIterator<Item = u8>) -> Then {
    for byte in bytes {
        if !conversation.wait(PAUSE) || !conversation.send(&[byte]) {
            break;
        }
    }
    Then::Close
}

fn stall(conversation: &mut Conversation, bytes: &[u8]) -> Then {
    conversation.send(bytes);
    conversation.stay_silent();
    Then::Close
}

pub fn cases() -> Vec<Case> {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        slow("no answer", TIMED_OUT, |conversation| stall(conversation, b"")),
        slow("a dripped status line", TIMED_OUT, |conversation| drip(conversation, success())),
        slow("a dripped header without end", TIMED_OUT, |conversation| {
            conversation.send(b"HTTP/1.1 200 OK\r\nA: ");
            drip(conversation, std::iter::repeat(b'a'))
        }),
        slow("a dripped body", TIMED_OUT, |conversation| {
            conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            drip(conversation, std::iter::repeat(b' '))
        }),
        slow("a dripped chunk size", TIMED_OUT, move |conversation| {
            conversation.send(chunked.as_bytes());
            drip(conversation, b"2;".iter().copied().chain(std::iter::repeat(b'a')))
        }),
        slow("a dripped chunk", TIMED_OUT, move |conversation| {
            conversation.send(format!("{chunked}1000\r\n").as_bytes());
            drip(conversation, std::iter::repeat(b' '))
        }),
        slow("dripped trailers", TIMED_OUT, move |conversation| {
            conversation.send(format!("{chunked}2\r\n{{}}\r\n0\r\n").as_bytes());
            drip(conversation, b"A: b\r\n".iter().copied().cycle())
        }),
        slow("a stall one byte before the end", TIMED_OUT, |conversation| {
            let whole = success();
            stall(conversation, &whole[..whole.len() - 1])
        }),
        slow("a stall before the last chunk's end", TIMED_OUT, move |conversation| {
            stall(conversation, format!("{chunked}2\r\n{{}}\r\n0\r\n\r").as_bytes())
        }),
        slow("a stall behind the head", TIMED_OUT, |conversation| {
            stall(conversation, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        }),
        slow("103 without end, dripped", TIMED_OUT, |conversation| {
            while conversation.wait(PAUSE) && conversation.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            {
            }
            Then::Close
        }),
        slow("103 without end, as fast as it goes", TIMED_OUT, |conversation| {
            while conversation.send(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(50)) {}
            Then::Close
        }),
        slow("401 with a dripped body", UNAUTHORIZED, |conversation| {
            conversation.send(b"HTTP/1.1 401 No\r\nContent-Length: 1000\r\n\r\n");
            drip(conversation, std::iter::repeat(b' '))
        }),
    ]
}
