//! Peers that are broken, slow, hostile or unlucky, and what each call must end in.
//!
//! A table of cases, run through the C functions on fresh and on reused connections, over
//! plain TCP and over TLS, with the peer's bytes in one write and in writes of one byte. The
//! harness, and not each case, asserts what must hold in every one of them: see `run.rs`.
//!
//! `cargo test --test hostile` prints the counts as its last line; an argument runs only the
//! cases whose names contain it.

#![allow(unsafe_code, reason = "the tests call the C functions as C does")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a test fails by panicking, and nobody reads its docs"
)]
#![allow(
    clippy::too_many_lines,
    clippy::result_large_err,
    clippy::wildcard_imports,
    clippy::unchecked_time_subtraction,
    reason = "a test is read, not reused"
)]

mod caller;
mod case;
mod cases;
mod run;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
    let cases: Vec<_> = cases::all().into_iter().filter(|case| wanted(case.name)).collect();
    let mut good = true;
    if caller::program().is_some() {
        good &= tell("in C++, hostile peers", &run::run_in_cpp(&cases));
    }
    let report = run::run(&cases);
    good &= tell("hostile peers", &report) && report.runs > 0;
    // The README tells the counts of a whole run.
    let counts = format!("{} cases in\n{} runs", cases.len(), report.runs);
    let readme = std::fs::read_to_string(support::root().join("README.md")).unwrap();
    if filter.is_none() && !readme.contains(&counts) {
        println!("UNEXPECTED the README's counts are not: {counts:?}");
        return ExitCode::FAILURE;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what was not as expected, and the counts. Whether everything was.
fn tell(name: &str, report: &run::Report) -> bool {
    for failure in &report.failures {
        println!("UNEXPECTED {failure}");
    }
    println!(
        "{name}: {} cases, {} as expected; {} runs, {} as expected",
        report.cases,
        report.cases - report.cases_failed,
        report.runs,
        report.runs - report.failures.len(),
    );
    report.failures.is_empty()
}
