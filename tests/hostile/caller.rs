//! Who makes the calls of the table: the C functions in this process, or a program in C++.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use contactverify::capi::CONTACTVERIFY_LOG_DEBUG;

use crate::run::{CODE, CONTACT, LOG};
use crate::support::c::{Call, Client, Config, Outcome, Request};
use crate::support::certificates::AUTHORITY;
use crate::support::root;
use crate::support::tools::{Linked, are_built, compile, has};

/// A client of an endpoint.
pub trait Caller {
    /// Makes a call with a token and an id of its own.
    fn call(&self, call: Call, token: &str, id: &str) -> Outcome;
}

/// Makes a client with a deadline. The flag chooses between ways that shall not differ.
pub type Maker<'a> = &'a (dyn Fn(&str, Duration, bool) -> Box<dyn Caller> + Sync);

/// A client of the C functions.
pub fn in_c(endpoint: &str, deadline: Duration, _: bool) -> Box<dyn Caller> {
    let config = Config::new(endpoint)
        .log(CONTACTVERIFY_LOG_DEBUG, &LOG)
        .number("timeout_ms", deadline.as_millis().try_into().unwrap());
    Box::new(config.ca_file(&AUTHORITY.file).build())
}

impl Caller for Client {
    fn call(&self, call: Call, token: &str, id: &str) -> Outcome {
        let request = Request::new()
            .with("auth_token", token)
            .with("verify_code", CODE)
            .with("contact_value", CONTACT)
            .with("customer_id", id)
            // Mandatory where a code is to be sent.
            .with("area_code", "86");
        Self::call(self, call, &request)
    }
}

/// `tests/cpp/hostile.cpp`; `None` where it cannot be built.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let includes = ["tests/c", "tests/cpp"].map(|f| format!("-I{}", root().join(f).display()));
        let flags = ["-std=c++17", includes[0].as_str(), includes[1].as_str()];
        let source = root().join("tests/cpp/hostile.cpp");
        if !are_built() {
            println!("skipped: hostile peers in C++, build the library first");
            return None;
        }
        has("g++", "g++").then(|| compile("g++", &source, Linked::Shared, &flags))
    });
    PROGRAM.as_deref()
}

/// A client in a process of its own.
struct Program {
    child: Child,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

/// A client of `contactverify.hpp`.
pub fn in_cpp(endpoint: &str, deadline: Duration, throws: bool) -> Box<dyn Caller> {
    let mut child = Command::new(program().unwrap())
        .args([endpoint, AUTHORITY.file.to_str().unwrap()])
        .arg(deadline.as_millis().to_string())
        .arg(if throws { "throws" } else { "returns" })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    Box::new(Program { child, pipes: Mutex::new(Some(pipes)) })
}

impl Caller for Program {
    fn call(&self, call: Call, token: &str, id: &str) -> Outcome {
        let mut pipes = self.pipes.lock().unwrap();
        let (asks, answers) = pipes.as_mut().unwrap();
        writeln!(asks, "{call:?} {token} {id} {CODE} {CONTACT}").unwrap();
        let mut outcome = Outcome::unknown();
        for line in answers.lines() {
            let line = line.unwrap();
            let (name, value) = line.split_once(' ').unwrap_or((&line, ""));
            let number = || value.parse::<i32>().unwrap();
            match name {
                "log" => LOG.lock().unwrap().push(value.to_owned()),
                "status" => outcome.status = number(),
                "message" => outcome.message = value.into(),
                "field" => outcome.field = value.into(),
                "error_code" => outcome.error_code = value.into(),
                "error_msg" => outcome.error_msg = value.into(),
                "request_id" => outcome.request_id = value.into(),
                "http_status" => outcome.http_status = number(),
                "sent" => outcome.sent = number(),
                "attempts" => outcome.attempts = number(),
                "retry_after_ms" => outcome.retry_after_ms = value.parse().unwrap(),
                "took_us" => outcome.took = Duration::from_micros(value.parse().unwrap()),
                "." => return outcome,
                _ => panic!("the program said: {line}"),
            }
        }
        panic!("the program ended during a call");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let pipes = self.pipes.get_mut().unwrap().take();
        // The program ends with its standard input. Its last line says so.
        let (asks, mut answers) = pipes.unwrap();
        drop(asks);
        let mut last = String::new();
        let _ = answers.read_line(&mut last);
        let ended = self.child.wait();
        if !std::thread::panicking() {
            assert!(ended.unwrap().success() && last.starts_with("hostile: "), "{last}");
        }
    }
}
