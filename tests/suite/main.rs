//! What the library promises, tested from outside: through the C functions, against peers on
//! loopback that are scripted byte by byte.

#![allow(unsafe_code, reason = "the tests call the C functions as C does")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a test fails by panicking, and nobody reads its docs"
)]
#![allow(
    clippy::result_large_err,
    clippy::wildcard_imports,
    clippy::unchecked_time_subtraction,
    reason = "a test is read, not reused"
)]

mod calls;
mod connections;
mod cpp;
mod credentials;
mod discovery;
mod failures;
mod host;
mod install;
mod library;
mod parameters;
mod programs;
mod readme;
mod renewal;
mod rust;
#[path = "../support/mod.rs"]
mod support;
mod vendor;
mod wire;
