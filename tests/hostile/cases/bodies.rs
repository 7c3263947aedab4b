//! Bodies: JSON that is not the documented object.

use super::http::chunked;
use crate::case::{
    BAD, Case, FAILED, FORBIDDEN, REFUSED, REJECTED, Then, VERIFIED, answers, floods,
};
use crate::support::answer;
use Then::{Close, Stay};

fn body(name: &'static str, body: impl AsRef<[u8]>, ends: crate::case::Ends) -> Case {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    answers(name, [head.as_bytes(), body].concat(), Stay, ends)
}

/// An object and blanks, so many bytes in one chunk: no length is announced that could be refused.
fn chunk(name: &'static str, bytes: usize, ends: crate::case::Ends) -> Case {
    let blanks = " ".repeat(bytes - 2);
    answers(name, chunked(&format!("{bytes:x}\r\n{{}}{blanks}\r\n0\r\n\r\n")), Stay, ends)
}

pub fn cases() -> Vec<Case> {
    let object = |member: &str| format!("{{{member}}}");
    vec![
        floods("a body of 10 MiB", BAD, |conversation| {
            conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n");
            while conversation.send(&[b' '; 4096]) {}
            Close
        }),
        body("a body at the limit that is no object", " ".repeat(256 * 1024), BAD),
        body("an object at the limit", format!("{{}}{}", " ".repeat(256 * 1024 - 2)), VERIFIED),
        body("an object over the limit", format!("{{}}{}", " ".repeat(256 * 1024 - 1)), BAD),
        chunk("an object at the limit, in a chunk", 256 * 1024, VERIFIED),
        chunk("an object over the limit, in a chunk", 256 * 1024 + 1, BAD),
        body("an empty body", "", BAD),
        body("blanks", " \r\n\t ", BAD),
        body("null", "null", BAD),
        body("an empty array", "[]", BAD),
        body("a text", "\"x\"", BAD),
        body("a number", "1", BAD),
        body("true", "true", BAD),
        body("an array of two texts", r#"["",""]"#, BAD),
        body("an array with the object", r"[{}]", BAD),
        body("error_code 0", r#"{"error_code":0}"#, BAD),
        body("error_code true", r#"{"error_code":true}"#, BAD),
        body("error_code an object", r#"{"error_code":{}}"#, BAD),
        body("error_code an array", r#"{"error_code":[]}"#, BAD),
        body("error_code twice", r#"{"error_code":"X","error_code":""}"#, BAD),
        body("error_code twice, once escaped", r#"{"error_code":"X","error\u005fcode":""}"#, BAD),
        body("a second object behind the first", "{}{}", BAD),
        body("a trailing NUL", "{}\0", BAD),
        body("a trailing comma", r#"{"error_code":"",}"#, BAD),
        body("a comment", "{/**/}", BAD),
        body("single quotes", "{'error_code':''}", BAD),
        body(
            "unknown fields, twice and nested",
            r#"{"a":1,"a":{"error_code":"X"},"b":[[{}]]}"#,
            VERIFIED,
        ),
        body("invalid UTF-8 in a value", b"{\"error_msg\":\"\xff\"}", BAD),
        body("invalid UTF-8 in an unknown value", b"{\"a\":[\"\xc3\x28\"]}", BAD),
        body("invalid UTF-8 in a name", b"{\"\xed\xa0\x80\":1}", BAD),
        body("UTF-16", b"\xff\xfe{\0}\0", BAD),
        body("a byte-order mark", "\u{feff}{}", BAD),
        body("a lone surrogate", r#"{"error_msg":"\ud800"}"#, BAD),
        body("a lone surrogate in an unknown value", r#"{"a":[{"b":"\udc00"}]}"#, BAD),
        body("a NUL in error_msg", r#"{"error_code":"X\u0000Y","error_msg":"a\u0000b"}"#, REJECTED),
        body("arrays 100,000 deep", "[".repeat(100_000), BAD),
        body(
            "an object with arrays 60,000 deep",
            object(&format!("\"a\":{}{}", "[".repeat(60_000), "]".repeat(60_000))),
            BAD,
        ),
        body(
            "objects 30,000 deep",
            format!("{}{}", r#"{"a":"#.repeat(30_000), "1".to_owned() + &"}".repeat(30_000)),
            BAD,
        ),
        body("20,000 keys", object("\"key\":1,".repeat(20_000).trim_end_matches(',')), VERIFIED),
        body("a number of 10,000 digits", object(&format!("\"a\":{}", "9".repeat(10_000))), BAD),
        body("a number with a huge exponent", r#"{"a":1e999999999}"#, BAD),
        body("errorCode", r#"{"errorCode":"X"}"#, BAD),
        body("error", r#"{"error":{"code":401}}"#, BAD),
        body("code", r#"{"code":"X"}"#, BAD),
        body("error_code empty and errorCode set", r#"{"error_code":"","errorCode":"X"}"#, BAD),
        body("an HTML page with 200", "<!doctype html><html><body>It works!</body></html>", BAD),
        body("a login page with 200", "<html><form action=/login>", BAD),
        body("error_code with 200", r#"{"error_code":"OSM.01010010","error_msg":"no"}"#, REJECTED),
        body("a blank as error_code", r#"{"error_code":" "}"#, REJECTED),
        body(
            "error_code of 100,000 bytes",
            format!(r#"{{"error_code":"{}"}}"#, "字".repeat(33_000)),
            REJECTED,
        ),
        body(
            "a message of 200 KB with escapes",
            format!(
                r#"{{"error_code":"X","error_msg":"{}"}}"#,
                r"\u001b[2J\r\n\u0085\u2028".repeat(7_000)
            ),
            REJECTED,
        ),
        body(
            "the caller's secrets in the answer",
            r#"{"error_code":"493817","error_msg":"canary-contact@example.com 493817"}"#,
            REJECTED,
        ),
        answers(
            "the token in a refusal's page",
            answer(500, "X-Auth-Token: token 493817 canary-contact@example.com"),
            Stay,
            FAILED,
        ),
        answers(
            "an HTML page with 502",
            answer(502, "<html><h1>Bad Gateway</h1></html>"),
            Stay,
            FAILED,
        ),
        answers("503 with a body that would verify", answer(503, "{}"), Stay, FAILED),
        answers(
            "403 with a body that would verify",
            answer(403, r#"{"error_code":""}"#),
            Stay,
            FORBIDDEN,
        ),
        answers(
            "400 with a nested error",
            answer(400, r#"{"error":{"message":"m","code":"C"}}"#),
            Stay,
            REFUSED,
        ),
        answers("400 with 100,000 levels", answer(400, &"[".repeat(100_000)), Stay, REFUSED),
    ]
}
