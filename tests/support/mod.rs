//! What the tests share: a peer, its certificates, and the C functions as Rust calls.
//!
//! Each test binary uses the part that it needs.

#![allow(dead_code, reason = "see above")]

pub mod c;
pub mod certificates;
pub mod peer;
pub mod tools;

use std::path::PathBuf;

/// The folder of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// An answer with a length, as an honest server gives it.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Some Reason\r\nContent-Type: application/json\r\n\
         X-Request-Id: id-of-the-answer\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The answer that verifies.
pub fn success() -> Vec<u8> {
    answer(200, r#"{"error_code":"","error_msg":""}"#)
}
