//! OpenSSL's server, for what rustls's own cannot be made to do.

use std::process::Command;

use contactverify::capi::*;

use crate::program::{Program, folder, free_address};
use crate::support::c::{Config, Outcome, Request};
use crate::support::certificates::AUTHORITY;
use crate::support::tools::has_with;

/// A call to `openssl s_server` with these arguments.
fn call(name: &str, arguments: &[&str]) -> Option<Outcome> {
    if !has_with("openssl", "version", "openssl") {
        return None;
    }
    let (folder, address) = (folder(name), free_address());
    let (certificate, key) = AUTHORITY.files("127.0.0.1", &folder);
    let program = Program::start(
        Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &address.to_string()])
            .arg("-cert")
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .args(arguments),
        address,
    );
    let client = Config::new(&format!("https://{}", program.address))
        .ca_file(&AUTHORITY.file)
        .number("timeout_ms", 1000)
        .build();
    Some(client.verify(&Request::new()))
}

#[test]
fn old_protocols_and_strange_ciphers_are_refused() {
    for (name, arguments) in [
        ("tls1", &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..]),
        ("tls1_1", &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
        ("cbc", &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]),
        ("nothing-in-common", &["-tls1_2", "-cipher", "PSK", "-psk", "abcd"]),
        ("curve", &["-tls1_3", "-groups", "P-521"]),
    ] {
        let Some(outcome) = call(name, arguments) else { return };
        assert_eq!(outcome.status, CONTACTVERIFY_TLS_FAILED, "{name}: {outcome:?}");
        assert_eq!(outcome.sent, CONTACTVERIFY_SENT_NO, "{name}");
    }
}

#[test]
fn every_cipher_of_tls_13_and_an_old_one_of_tls_12_are_spoken() {
    // This server never answers a POST: that the deadline passes says that the request left.
    for (name, arguments) in [
        ("aes128", &["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"][..]),
        ("aes256", &["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"]),
        ("chacha", &["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]),
        ("tls12", &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]),
    ] {
        let Some(outcome) = call(name, arguments) else { return };
        assert_eq!(outcome.status, CONTACTVERIFY_TIMEOUT, "{name}: {outcome:?}");
        assert_eq!(outcome.sent, CONTACTVERIFY_SENT_MAYBE, "{name}: {outcome:?}");
    }
}

#[test]
fn a_server_that_wants_a_certificate_of_ours_is_told_apart() {
    for (name, version) in [("client13", "-tls1_3"), ("client12", "-tls1_2")] {
        let Some(outcome) = call(name, &[version, "-Verify", "1", "-verify_return_error"]) else {
            return;
        };
        // With TLS 1.3 the refusal comes after the client is done.
        let statuses = [CONTACTVERIFY_TLS_FAILED, CONTACTVERIFY_CONNECTION_LOST];
        assert!(statuses.contains(&outcome.status), "{name}: {outcome:?}");
    }
}
