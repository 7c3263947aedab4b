//! HTTP on the wire: RFC 9110 and 9112, and what is none of it.

use crate::case::{
    BAD, Case, Ends, FAILED, LOST, LOST_OR_BAD, REFUSED, REJECTED, Then, UNAUTHORIZED, VERIFIED,
    VERIFIED_OR_BAD, answers, floods, plays,
};
use crate::support::{answer, success};
use Then::{Close, Reset, Stay};

const BODY: &str = r#"{"error_code":""}"#;

/// An answer with this head behind the status line, and the body that would verify.
fn head(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{BODY}").into_bytes()
}

/// An answer with this status line that would else verify.
fn line(line: &str) -> Vec<u8> {
    format!("{line}\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len()).into_bytes()
}

/// A head line beside a right length.
fn beside(extra: &[u8]) -> Vec<u8> {
    let length = format!("\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    [b"HTTP/1.1 200 OK\r\n", extra, length.as_bytes()].concat()
}

/// An answer whose body is these chunks.
pub(super) fn chunked(chunks: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes()
}

fn whole_chunks() -> Vec<u8> {
    chunked(&format!(
        "5;name=value\r\n{}\r\nC\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
        &BODY[..5],
        &BODY[5..]
    ))
}

/// An answer cut at each of its bytes, each in a call of its own.
fn cut(name: &'static str, whole: Vec<u8>, then: Then) -> Case {
    let offsets = whole.len();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let case = plays(name, LOST_OR_BAD, move |conversation| {
        // Counted per process, not per call: every run of the case takes another offset.
        let offset = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % offsets;
        conversation.send(&whole[..offset]);
        then
    });
    Case { plays: offsets, ..case }
}

fn then_closes(name: &'static str, bytes: impl Into<Vec<u8>>, ends: Ends) -> Case {
    answers(name, bytes, Close, ends)
}

fn then_stays(name: &'static str, bytes: impl Into<Vec<u8>>, ends: Ends) -> Case {
    answers(name, bytes, Stay, ends)
}

pub fn cases() -> Vec<Case> {
    let length = BODY.len();
    vec![
        // Status lines.
        then_closes("nothing, then a close", "", LOST),
        answers("nothing, then a reset", "", Reset, LOST),
        then_closes("garbage", "\x01\x02\x03garbage\r\n\r\n", BAD),
        then_closes("a body without a status line", BODY, BAD),
        then_closes("an empty line and a body", format!("\r\n\r\n{BODY}"), LOST_OR_BAD),
        then_closes("HTTP/2.0", line("HTTP/2.0 200 OK"), BAD),
        then_closes("HTTP/1.2", line("HTTP/1.2 200 OK"), BAD),
        then_closes("HTTP/0.9", line("HTTP/0.9 200 OK"), BAD),
        then_closes("ICY 200", line("ICY 200 OK"), BAD),
        then_closes("lower case http/1.1", line("http/1.1 200 OK"), BAD),
        then_closes("a request in place of an answer", line("POST / HTTP/1.1"), BAD),
        then_closes("status 000", line("HTTP/1.1 000 OK"), BAD),
        then_closes("status 099", line("HTTP/1.1 099 OK"), BAD),
        then_closes("status 2000", line("HTTP/1.1 2000 OK"), BAD),
        then_closes("status 20x", line("HTTP/1.1 20x OK"), BAD),
        then_closes("status 20", line("HTTP/1.1 20 OK"), BAD),
        then_closes("status -200", line("HTTP/1.1 -200 OK"), BAD),
        then_stays("status 999", line("HTTP/1.1 999 Odd"), FAILED),
        then_stays("no reason phrase", line("HTTP/1.1 200"), VERIFIED),
        then_stays("an empty reason phrase", line("HTTP/1.1 200 "), VERIFIED),
        then_closes(
            "a reason of 70 KB",
            line(&format!("HTTP/1.1 200 {}", "a".repeat(70_000))),
            BAD,
        ),
        // Headers.
        then_closes("a folded header", beside(b"A: b\r\n c"), BAD),
        then_closes("a folded length", head(&format!("Content-Length:\r\n {length}")), BAD),
        then_closes("a blank before the colon", beside(b"A : b"), BAD),
        then_closes("a line without a colon", beside(b"no colon here"), BAD),
        then_closes("a header without a name", beside(b": b"), BAD),
        then_closes("a NUL in a value", beside(b"A: b\0c"), BAD),
        then_closes("a bare CR in a value", beside(b"A: b\rc"), BAD),
        then_closes("a NUL in a name", beside(b"A\0: b"), BAD),
        then_closes(
            "a header of 70 KB",
            beside(format!("A: {}", "b".repeat(70_000)).as_bytes()),
            BAD,
        ),
        then_closes("200 headers", beside("A: b\r\n".repeat(200).trim_end().as_bytes()), BAD),
        floods("a header line without end", BAD, |conversation| {
            conversation.send(b"HTTP/1.1 200 OK\r\nA: ");
            while conversation.send(&[b'a'; 4096]) {}
            Close
        }),
        then_stays("headers in any case", head(&format!("cOnTeNt-LeNgTh: {length}")), VERIFIED),
        then_stays(
            "blanks around a value",
            head(&format!("Content-Length: \t {length} \t ")),
            VERIFIED,
        ),
        then_stays(
            "set-cookie, alt-svc and refresh",
            beside(b"Set-Cookie: a=b\r\nAlt-Svc: h2=\":1\"\r\nRefresh: 0; url=http://127.0.0.1:1/"),
            VERIFIED,
        ),
        then_stays("a strange content-type", beside(b"Content-Type: text/html"), VERIFIED),
        then_stays("bytes above ASCII in a value", beside(b"A: \xff\xfe"), VERIFIED),
        // Lengths.
        then_closes(
            "two equal lengths",
            head(&format!("Content-Length: {length}\r\nContent-Length: {length}")),
            BAD,
        ),
        then_closes(
            "two different lengths",
            head(&format!("Content-Length: {length}\r\nContent-Length: 1")),
            BAD,
        ),
        then_closes("a list of lengths", head(&format!("Content-Length: {length}, {length}")), BAD),
        then_closes("length -1", head("Content-Length: -1"), BAD),
        then_closes("length +17", head(&format!("Content-Length: +{length}")), BAD),
        then_closes("length 0x11", head(&format!("Content-Length: {length:#x}")), BAD),
        then_closes("an empty length", head("Content-Length:"), BAD),
        then_closes("length 10^23", head("Content-Length: 100000000000000000000000"), BAD),
        then_closes("length 2^64+17", head("Content-Length: 18446744073709551633"), BAD),
        then_closes("length 10 MiB", head("Content-Length: 10485760"), BAD),
        then_closes(
            "length and chunked",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_string(),
            BAD,
        ),
        then_closes("a length of 0", head("Content-Length: 0"), BAD),
        // Codings.
        then_closes("chunked, gzip", head("Transfer-Encoding: chunked, gzip"), BAD),
        then_closes(
            "gzip, chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            BAD,
        ),
        then_closes(
            "xchunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            BAD,
        ),
        then_closes(
            "chunked twice",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            BAD,
        ),
        then_closes(
            "chunked, chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            BAD,
        ),
        then_closes(
            "chunked on HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            BAD,
        ),
        then_closes("transfer-encoding identity", head("Transfer-Encoding: identity"), BAD),
        then_closes("gzip that is none", beside(b"Content-Encoding: gzip"), BAD),
        then_closes(
            "gzip, real",
            [
                &b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 22\r\n\r\n"[..],
                b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0",
            ]
            .concat(),
            BAD,
        ),
        then_closes("brotli", beside(b"Content-Encoding: br"), BAD),
        then_stays("content-encoding identity", beside(b"Content-Encoding: identity"), VERIFIED),
        // Chunks.
        then_stays("whole chunks with extension and trailer", whole_chunks(), VERIFIED),
        then_closes("chunk size +2", chunked("+2\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("chunk size -2", chunked("-2\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("a blank before the chunk size", chunked(" 2\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("a blank behind the chunk size", chunked("2 \r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("chunk size 0x2", chunked("0x2\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("an empty chunk size", chunked("\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes(
            "a chunk size of 17 digits",
            chunked("00000000000000002\r\n{}\r\n0\r\n\r\n"),
            BAD,
        ),
        then_closes("a chunk size of 2^64+2", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("a chunk longer than its size", chunked("1\r\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("a chunk shorter than its size", chunked("3\r\n{}\r\n0\r\n\r\n"), LOST_OR_BAD),
        then_closes("a bare line feed behind the size", chunked("2\n{}\r\n0\r\n\r\n"), BAD),
        then_closes("a bare line feed behind the data", chunked("2\r\n{}\n0\r\n\r\n"), LOST_OR_BAD),
        then_closes("no last empty line", chunked("2\r\n{}\r\n0\r\n"), LOST_OR_BAD),
        then_closes("no last chunk", chunked("2\r\n{}\r\n"), LOST_OR_BAD),
        floods("an endless chunk extension", BAD, |conversation| {
            conversation.send(&chunked("2;"));
            while conversation.send(&[b'a'; 4096]) {}
            Close
        }),
        floods("endless trailers", BAD, |conversation| {
            conversation.send(&chunked("2\r\n{}\r\n0\r\n"));
            while conversation.send(&b"Trailer: value\r\n".repeat(100)) {}
            Close
        }),
        floods("endless chunks", BAD, |conversation| {
            conversation.send(&chunked(""));
            while conversation.send(format!("1000\r\n{}\r\n", "a".repeat(4096)).as_bytes()) {}
            Close
        }),
        floods("endless empty-looking chunks", BAD, |conversation| {
            conversation.send(&chunked(""));
            while conversation.send(&b"1\r\n \r\n".repeat(500)) {}
            Close
        }),
        // Where an answer ends.
        then_stays(
            "a body longer than announced",
            [success(), b"more".to_vec()].concat(),
            VERIFIED,
        ),
        then_stays(
            "a second whole answer behind the first",
            [success(), success()].concat(),
            VERIFIED,
        ),
        plays("a second whole answer in the next write", VERIFIED, |conversation| {
            conversation.send(&success());
            conversation.send(&success());
            Stay
        }),
        plays("half of a second answer behind the first", VERIFIED, |conversation| {
            let second = answer(200, r#"{"error_code":"NOT-YOURS"}"#);
            conversation.send(&[success(), second[..20].to_vec()].concat());
            Stay
        }),
        then_stays(
            "a refusal, and a second answer that would verify",
            [answer(200, r#"{"error_code":"X"}"#), success()].concat(),
            REJECTED,
        ),
        then_closes(
            "a body that runs until the close",
            format!("HTTP/1.1 200 OK\r\n\r\n{BODY}"),
            BAD,
        ),
        then_closes("a cut body that runs until the close", "HTTP/1.1 200 OK\r\n\r\n{\"err", BAD),
        then_closes(
            "connection: close and no length",
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{BODY}"),
            BAD,
        ),
        then_closes(
            "HTTP/1.0 with a length",
            format!("HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n{BODY}"),
            VERIFIED,
        ),
        then_closes(
            "401 with a body until the close",
            "HTTP/1.1 401 No\r\n\r\n{\"error_code\":\"APIGW.0301\"}",
            UNAUTHORIZED,
        ),
        then_closes(
            "401 with two lengths",
            "HTTP/1.1 401 No\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            UNAUTHORIZED,
        ),
        then_closes(
            "401 with length -1",
            "HTTP/1.1 401 No\r\nContent-Length: -1\r\n\r\n{}",
            UNAUTHORIZED,
        ),
        then_closes(
            "401 with a cut body",
            "HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\n{",
            UNAUTHORIZED,
        ),
        then_closes(
            "401 with a body over the limit",
            [b"HTTP/1.1 401 No\r\nContent-Length: 1000000\r\n\r\n".to_vec(), vec![b'a'; 1_000_000]]
                .concat(),
            UNAUTHORIZED,
        ),
        then_closes(
            "404 with broken chunks",
            "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            REFUSED,
        ),
        cut("an answer with a length, cut at each byte", success(), Close),
        cut("a chunked answer, cut at each byte", whole_chunks(), Close),
        cut("an answer with a length, reset at each byte", success(), Reset),
        // Informational answers.
        then_stays(
            "100 unasked",
            [b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), success()].concat(),
            VERIFIED,
        ),
        then_stays(
            "103 unasked",
            [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec(), success()].concat(),
            VERIFIED,
        ),
        then_stays(
            "102 and 103 unasked",
            [
                b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
                success(),
            ]
            .concat(),
            VERIFIED,
        ),
        floods("thousands of 103", VERIFIED_OR_BAD, |conversation| {
            for _ in 0..100 {
                conversation.send(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(30));
            }
            conversation.send(&success());
            Stay
        }),
        then_closes(
            "101",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            BAD,
        ),
        then_closes(
            "101 and an answer behind it",
            [b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec(), success()].concat(),
            BAD,
        ),
        then_stays("204", "HTTP/1.1 204 No Content\r\n\r\n", BAD),
        then_stays("205", "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", BAD),
        then_stays(
            "206",
            format!("HTTP/1.1 206 Partial\r\nContent-Length: {length}\r\n\r\n{BODY}"),
            BAD,
        ),
        then_closes("200 without a body", "HTTP/1.1 200 OK\r\n\r\n", BAD),
        then_stays("304", "HTTP/1.1 304 Not Modified\r\n\r\n", REFUSED),
        then_stays(
            "407 of the service itself",
            "HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n",
            REFUSED,
        ),
        then_stays("421", "HTTP/1.1 421 Misdirected\r\nContent-Length: 0\r\n\r\n", REFUSED),
    ]
}
