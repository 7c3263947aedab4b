//! The real program: its lines, its answers on a real connection, and how it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

mod support;

use support::*;

#[test]
fn a_code_is_printed_and_verifies_its_contact() {
    let mut sandbox = Sandbox::start(&[]);
    assert!(sandbox.url.starts_with("http://127.0.0.1:"), "{}", sandbox.url);
    let mut connection = sandbox.connect();
    for (contact, shown) in
        [(ALICE, "alice@example.com (email)"), (PHONE, "13800000000 (sms, area code 86)")]
    {
        let answer = exchange(&mut connection, SEND, contact);
        assert!(answer.head.starts_with("HTTP/1.1 200 OK\r\n"), "{}", answer.head);
        assert!(answer.head.contains("\r\nx-request-id: "), "{}", answer.head);
        assert_eq!(answer.body, SUCCESS);
        let line = sandbox.line();
        let code = line.strip_prefix("code ").unwrap().get(..6).unwrap();
        assert_eq!(line, format!("code {code} for {shown}"));
        assert_eq!(exchange(&mut connection, VERIFY, &with_code(contact, code)).body, SUCCESS);
        let again = exchange(&mut connection, VERIFY, &with_code(contact, code));
        assert!(again.body.contains("OSM.01010010"), "{}", again.body);
    }
}

#[test]
fn lifetime_and_interval_come_from_the_command_line() {
    let mut sandbox =
        Sandbox::start(&["--code-lifetime-seconds", "0", "--resend-interval-seconds", "0"]);
    let mut connection = sandbox.connect();
    for _ in 0..2 {
        assert_eq!(exchange(&mut connection, SEND, ALICE).body, SUCCESS);
        let code = sandbox.line()["code ".len()..][..6].to_owned();
        let answer = exchange(&mut connection, VERIFY, &with_code(ALICE, &code));
        assert!(answer.body.contains("OSM.01010010"), "{}", answer.body);
    }
}

#[test]
fn a_connection_survives_a_refused_body() {
    let sandbox = Sandbox::start(&[]);
    let mut connection = sandbox.connect();
    let answer = exchange(&mut connection, SEND, &" ".repeat(1024 * 1024));
    assert!(answer.head.starts_with("HTTP/1.1 413 "), "{}", answer.head);
    assert!(answer.body.contains("APIGW.0201"), "{}", answer.body);
    assert_eq!(exchange(&mut connection, SEND, ALICE).body, SUCCESS);
}

#[test]
fn a_body_that_cannot_be_read_is_a_bad_request() {
    let sandbox = Sandbox::start(&[]);
    let mut connection = sandbox.connect();
    let request = format!(
        "POST {SEND} HTTP/1.1\r\nHost: sandbox\r\nX-Auth-Token: sandbox-token\r\n\
         Transfer-Encoding: chunked\r\n\r\nno length\r\n"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("APIGW.0201"), "{answer}");
    assert!(answer.contains("x-request-id: "), "{answer}");
}

#[test]
fn two_sandboxes_do_not_share_codes() {
    let (mut first, second) = (Sandbox::start(&[]), Sandbox::start(&[]));
    assert_ne!(first.url, second.url);
    exchange(&mut first.connect(), SEND, ALICE);
    let code = first.line()["code ".len()..][..6].to_owned();
    let answer = exchange(&mut second.connect(), VERIFY, &with_code(ALICE, &code));
    assert!(answer.body.contains("OSM.01010010"), "{}", answer.body);
}

#[test]
fn requests_are_logged_without_secrets_when_wanted() {
    for (arguments, wanted) in [(&["--log-requests"][..], true), (&[], false)] {
        let mut sandbox = Sandbox::start(arguments);
        let mut connection = sandbox.connect();
        exchange(&mut connection, SEND, ALICE);
        exchange(&mut connection, &format!("{VERIFY}?secret"), &with_code(ALICE, "aaaaaa"));
        exchange(&mut connection, "/v3/auth/tokens?secret", LOGIN);
        sandbox.signal("TERM");
        assert!(sandbox.ended().success());
        let log = sandbox.stderr();
        let starts = [
            format!("POST {SEND} 200 - "),
            format!("POST {VERIFY} 200 OSM.01010010 "),
            "POST /v3/auth/tokens 201 - ".to_owned(),
        ];
        assert_eq!(starts.iter().all(|start| log.contains(start)), wanted, "{log}");
        for secret in ["alice", "aaaaaa", "sandbox-token", "sandbox-password", "MII", "secret"] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}

#[test]
fn signals_end_it_cleanly() {
    for name in ["TERM", "INT"] {
        let mut sandbox = Sandbox::start(&[]);
        // An idle connection must not hold it up.
        let mut connection = sandbox.connect();
        exchange(&mut connection, SEND, ALICE);
        sandbox.signal(name);
        assert_eq!(sandbox.ended().code(), Some(0), "{name}");
        assert_eq!(sandbox.stderr(), "");
    }
}

#[test]
fn an_answer_that_takes_long_does_not_hold_up_the_end() {
    let mut sandbox = Sandbox::start(&["--delay-ms", "3600000"]);
    let mut connection = sandbox.connect();
    write_request(&mut connection, SEND, ALICE);
    // The line shows that the request is under way: its answer is what is delayed.
    assert!(sandbox.line().starts_with("code "));
    sandbox.signal("TERM");
    assert_eq!(sandbox.ended().code(), Some(0));
}

#[test]
fn the_end_of_stdin_ends_it_when_wanted() {
    let mut sandbox = Sandbox::start(&["--until-stdin-closes"]);
    let mut connection = sandbox.connect();
    sandbox.stdin.as_mut().unwrap().write_all(b"what comes in is ignored\n").unwrap();
    assert_eq!(exchange(&mut connection, SEND, ALICE).body, SUCCESS);
    drop(sandbox.stdin.take());
    assert_eq!(sandbox.ended().code(), Some(0));
    assert_eq!(sandbox.stderr(), "");
}

#[test]
fn the_end_of_stdin_does_not_matter_otherwise() {
    let mut sandbox = Sandbox::start(&[]);
    drop(sandbox.stdin.take());
    assert_eq!(exchange(&mut sandbox.connect(), SEND, ALICE).body, SUCCESS);
}

/// Runs a sandbox that must not start, and returns what it writes to standard error.
fn refused(arguments: &[&str], status: i32) -> String {
    let mut sandbox = Sandbox::spawn(arguments);
    assert_eq!(sandbox.lines.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
    let ended = sandbox.ended();
    let stderr = sandbox.stderr();
    assert_eq!(ended.code(), Some(status), "{stderr}");
    stderr
}

#[test]
fn a_port_in_use_is_one_sentence() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stderr = refused(&["--port", &address.port().to_string()], 1);
    let start = format!("contactverify-sandbox: cannot listen on {address}: ");
    assert!(stderr.starts_with(&start), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn wrong_arguments_end_with_status_2() {
    let stderr = refused(&["--host", "0.0.0.0"], 2);
    assert!(stderr.contains("only loopback addresses are accepted"), "{stderr}");
    let stderr = refused(&["--tls-cert", "certificate.pem"], 2);
    assert!(stderr.contains("--tls-key"), "{stderr}");
}

/// A certificate for 127.0.0.1 with its key, in a directory of this test.
struct Certificate {
    directory: PathBuf,
    root: rustls::pki_types::CertificateDer<'static>,
}

impl Certificate {
    fn new(name: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&directory).unwrap();
        let generated = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(directory.join("certificate.pem"), generated.cert.pem()).unwrap();
        fs::write(directory.join("key.pem"), generated.signing_key.serialize_pem()).unwrap();
        Self { directory, root: generated.cert.der().clone() }
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn tls_is_offered_with_certificate_and_key() {
    let certificate = Certificate::new("offered");
    let sandbox = Sandbox::start(&[
        "--tls-cert",
        &certificate.file("certificate.pem"),
        "--tls-key",
        &certificate.file("key.pem"),
    ]);
    assert!(sandbox.url.starts_with("https://127.0.0.1:"), "{}", sandbox.url);
    let mut roots = RootCertStore::empty();
    roots.add(certificate.root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut connection = StreamOwned::new(session, sandbox.connect());
    assert_eq!(exchange(&mut connection, SEND, ALICE).body, SUCCESS);
    let again = exchange(&mut connection, SEND, ALICE);
    assert!(again.body.contains("OSM.01010024"), "{}", again.body);
}

#[test]
fn unusable_tls_files_are_one_sentence() {
    let (one, other) = (Certificate::new("one"), Certificate::new("other"));
    let (certificate, key) = (one.file("certificate.pem"), one.file("key.pem"));
    let (missing, other_key) = (one.file("missing.pem"), other.file("key.pem"));
    for (certificate, key, start) in [
        (&missing, &key, format!("cannot read the certificate from {missing}: ")),
        (&certificate, &missing, format!("cannot read the private key from {missing}: ")),
        (&key, &key, format!("cannot read the certificate from {key}: the file holds none")),
        (&certificate, &certificate, format!("cannot read the private key from {certificate}: ")),
        (&certificate, &other_key, "cannot use the certificate with the private key: ".to_owned()),
    ] {
        let stderr = refused(&["--tls-cert", certificate, "--tls-key", key], 1);
        let start = format!("contactverify-sandbox: {start}");
        assert!(stderr.starts_with(&start), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
