//! Servers and proxies as people run them: nginx, haproxy, squid, tinyproxy, openssl.
//!
//! Each is started by its test on loopback, on a port that was free a moment ago, and ends
//! with it. One that is not installed is skipped loudly.

#![allow(unsafe_code, reason = "the tests call the C functions as C does")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a test fails by panicking, and nobody reads its docs"
)]
#![allow(clippy::result_large_err, clippy::wildcard_imports, reason = "a test is read, not reused")]

mod openssl;
mod program;
mod proxies;
mod servers;
#[path = "../support/mod.rs"]
mod support;
