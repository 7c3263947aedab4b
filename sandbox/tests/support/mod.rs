//! The real program, running, and requests to it over a real connection.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pub const VERIFY: &str = "/v2/servicerequest/verifycodes";
pub const SEND: &str = "/v2/servicerequest/verifycodes/send";

/// After this long, what is waited for no longer comes, and the test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running sandbox, which does not outlive its test.
pub struct Sandbox {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    pub lines: Receiver<String>,
    pub url: String,
}

impl Sandbox {
    /// Starts a sandbox on a free port and reads its address line.
    pub fn start(arguments: &[&str]) -> Self {
        let mut sandbox = Self::spawn(&[&["--port", "0"], arguments].concat());
        sandbox.url = sandbox.line();
        sandbox
    }

    pub fn spawn(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_contactverify-sandbox"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            // A test that has ended no longer receives.
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, stdin, lines, url: String::new() }
    }

    /// The next line of its standard output.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line on standard output")
    }

    /// Waits for its end: the end of its standard output, then of the process.
    pub fn ended(&mut self) -> ExitStatus {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => panic!("the sandbox does not end"),
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.url.split_once("://").unwrap().1.parse().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        let connection = TcpStream::connect(self.address()).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        connection
    }

    pub fn signal(&self, name: &str) {
        // The shell's own `kill`: the standard library can only send SIGKILL.
        let script = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    }

    pub fn stderr(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says loudly what a test could not do: past the test harness, which would keep it to itself.
pub fn say(sentence: &str) {
    let _ = std::io::stderr().write_all(sentence.as_bytes());
}

/// One answer, header block and body.
pub struct Answer {
    /// With the names of the headers in lower case, as this server writes them.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> &str {
        let start = format!("\r\n{name}: ");
        self.head.split_once(&start).unwrap().1.split_once("\r\n").unwrap().0
    }
}

fn write_to(connection: &mut impl Write, call: &str, token: &str, body: &str) {
    let request = format!(
        "{call} HTTP/1.1\r\nHost: sandbox\r\nX-Auth-Token: {token}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
}

pub fn read_answer(connection: impl Read) -> Answer {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "the answer ends early: {head}");
    }
    let mut answer = Answer { head, body: String::new() };
    let mut body = vec![0; answer.header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    answer.body = String::from_utf8(body).unwrap();
    answer
}

pub fn write_request(connection: &mut impl Write, path: &str, body: &str) {
    write_to(connection, &format!("POST {path}"), "sandbox-token", body);
}

/// Sends a request over the connection, which stays open, and reads the answer.
pub fn exchange(connection: &mut (impl Read + Write), path: &str, body: &str) -> Answer {
    write_request(connection, path, body);
    read_answer(connection)
}

/// As `exchange`, with a call such as `GET /path` and a token.
pub fn call(connection: &mut (impl Read + Write), call: &str, token: &str, body: &str) -> Answer {
    write_to(connection, call, token, body);
    read_answer(connection)
}

pub const ALICE: &str = r#"{"contact_value":"alice@example.com","contact_way":1,"area_code":""}"#;
pub const PHONE: &str = r#"{"contact_value":"13800000000","contact_way":0,"area_code":"86"}"#;
pub const SUCCESS: &str = r#"{"error_code":"","error_msg":""}"#;

/// Adds the code to a body for sending, which makes it a body for verifying.
pub fn with_code(body: &str, code: &str) -> String {
    body.replacen('{', &format!(r#"{{"verify_code":"{code}","#), 1)
}

pub const LOGIN: &str = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"sandbox-account"},"name":"sandbox-user","password":"sandbox-password"}}},"scope":{"domain":{"name":"sandbox-account"}}}}"#;
