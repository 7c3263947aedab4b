//! Runs every file of the fuzzers' corpus through what the fuzzers run, without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use contactverify::fuzzing;

/// Replays one target's corpus, which must hold files that come all the way and others.
fn replay(target: &str, run: fn(&[u8]) -> bool) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let (mut reached, mut others, mut failed) = (0, 0, Vec::new());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        match catch_unwind(AssertUnwindSafe(|| run(&bytes))) {
            Ok(true) => reached += 1,
            Ok(false) => others += 1,
            Err(_) => failed.push(path),
        }
    }
    assert!(failed.is_empty(), "broken promises: {failed:#?}");
    println!("{target}: {reached} came all the way, {others} did not");
    assert!(reached >= 5 && others >= 20, "{target}: {reached} and {others} files");
}

#[test]
fn verdict() {
    replay("verdict", fuzzing::verdict);
}

#[test]
fn answer() {
    replay("answer", fuzzing::answer);
}

#[test]
fn request() {
    replay("request", fuzzing::request);
}

#[test]
fn c_request() {
    replay("c_request", fuzzing::c_request);
}
