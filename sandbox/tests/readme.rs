//! The README's commands, run as they stand there, and what they print.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

use std::process::{Command, Stdio};

mod support;

use support::*;

/// The blocks with commands for curl, each with the block behind it.
fn examples() -> Vec<(String, String)> {
    let readme = include_str!("../README.md");
    let mut blocks = readme.split("```").skip(1).step_by(2);
    let mut examples = Vec::new();
    while let Some(block) = blocks.next() {
        if let Some(commands) = block.strip_prefix("sh\n")
            && commands.contains("curl ")
        {
            let printed = blocks.next().unwrap().strip_prefix("text\n").unwrap();
            examples.push((commands.to_owned(), printed.to_owned()));
        }
    }
    examples
}

fn has(tool: &str) -> bool {
    Command::new(tool).arg("version").stdin(Stdio::null()).output().is_ok()
}

/// Whether the text is as written, with anything in place of each `…`.
fn is_like(text: &str, written: &str) -> bool {
    let Some((start, rest)) = written.split_once('…') else {
        return text == written;
    };
    text.strip_prefix(start)
        .is_some_and(|text| text.char_indices().any(|(at, _)| is_like(&text[at..], rest)))
}

#[test]
fn the_commands_print_what_stands_behind_them() {
    for tool in ["bash", "curl", "openssl"] {
        if !has(tool) {
            let sentence = format!("skipped: {tool} is not installed (apt-get install {tool})\n");
            say(&sentence);
            assert!(std::env::var_os("CI").is_none(), "{sentence}");
            return;
        }
    }
    let mut sandbox = Sandbox::start(&["--metadata"]);
    let address = sandbox.address().to_string();
    let mut code = String::new();
    let examples = examples();
    assert_eq!(examples.len(), 9);
    for (commands, written) in examples {
        let adapted = commands.replace("127.0.0.1:8077", &address).replace("123456", &code);
        // Each curl alone writes no line end.
        let script = format!("curl() {{ command curl -sS \"$@\" && echo; }}\n{adapted}");
        let run = Command::new("bash").args(["-euc", &script]).output().unwrap();
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{commands}\n{printed}{complaints}");
        assert!(is_like(&printed, &written), "{commands}\n{printed}instead of\n{written}");
        if commands.contains("/send") {
            sandbox.line()["code ".len()..][..6].clone_into(&mut code);
        }
    }
}
