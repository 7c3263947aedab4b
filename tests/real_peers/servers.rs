//! nginx and haproxy in front of the service.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use contactverify::capi::*;

use crate::program::{Program, folder, free_address, write};
use crate::support::c::{Client, Config, Request};
use crate::support::certificates::AUTHORITY;
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{has_with, run};

/// nginx with TLS, which ends a connection after every seventh answer.
fn nginx(name: &str, protocol: &str) -> Option<(Program, std::path::PathBuf)> {
    if !has_with("nginx", "-v", "nginx-light") {
        return None;
    }
    let (folder, address) = (folder(name), free_address());
    let (certificate, key) = AUTHORITY.files("127.0.0.1", &folder);
    let config = write(
        &folder.join("nginx.conf"),
        &format!(
            "daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
             events {{ worker_connections 256; }}
             http {{
                 log_format short '$request $status';
                 access_log {folder}/access.log short;
                 client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
                 fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                 server {{
                     listen {address} ssl;
                     ssl_certificate {certificate}; ssl_certificate_key {key};
                     ssl_protocols {protocol};
                     keepalive_requests 7;
                     default_type application/json;
                     location / {{ return 200 '{{\"error_code\":\"\"}}'; }}
                 }}
             }}",
            folder = folder.display(),
            certificate = certificate.display(),
            key = key.display(),
        ),
    );
    let program = Program::start(
        Command::new("nginx").arg("-c").arg(&config).arg("-p").arg(&folder),
        address,
    );
    Some((program, folder))
}

fn client(program: &Program) -> Client {
    Config::new(&format!("https://{}", program.address)).ca_file(&AUTHORITY.file).build()
}

fn requests_in(folder: &Path) -> usize {
    fs::read_to_string(folder.join("access.log")).unwrap().matches("POST ").count()
}

#[test]
fn nginx_over_tls_12_and_13_with_a_limit_of_requests_per_connection() {
    for protocol in ["TLSv1.2", "TLSv1.3"] {
        let Some((program, folder)) = nginx(protocol, protocol) else { return };
        let client = client(&program);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let outcome = client.verify(&Request::new());
                        assert_eq!(outcome.status, CONTACTVERIFY_OK, "{protocol}: {outcome:?}");
                    }
                });
            }
        });
        drop(client);
        drop(program);
        assert_eq!(requests_in(&folder), 400);
    }
}

#[test]
fn nginx_that_reloads_under_load_sees_no_request_twice() {
    let Some((program, folder)) = nginx("reload", "TLSv1.3") else { return };
    let client = client(&program);
    let (calls, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reloading = std::sync::atomic::AtomicBool::new(true);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while reloading.load(Ordering::SeqCst) {
                    let outcome = client.verify(&Request::new());
                    calls.fetch_add(1, Ordering::SeqCst);
                    match (outcome.status, outcome.sent) {
                        (CONTACTVERIFY_OK, _) => {}
                        // A worker may end at the very moment at which a request arrives.
                        (CONTACTVERIFY_CONNECTION_LOST, CONTACTVERIFY_SENT_MAYBE) => {
                            lost.fetch_add(1, Ordering::SeqCst);
                        }
                        _ => panic!("{outcome:?}"),
                    }
                }
            });
        }
        for round in 1..=5 {
            while calls.load(Ordering::SeqCst) < round * 200 {
                thread::sleep(Duration::from_millis(1));
            }
            run(Command::new("nginx")
                .args(["-s", "reload", "-c"])
                .arg(folder.join("nginx.conf"))
                .arg("-p")
                .arg(&folder));
        }
        reloading.store(false, Ordering::SeqCst);
    });
    drop(client);
    drop(program);
    let (calls, lost) = (calls.into_inner(), lost.into_inner());
    assert!(requests_in(&folder) <= calls, "{} requests for {calls} calls", requests_in(&folder));
    assert!(requests_in(&folder) + lost >= calls);
    assert!(lost * 20 <= calls, "{lost} of {calls} calls were lost");
}

/// haproxy in front of this backend.
fn haproxy(name: &str, backend: &str) -> Option<Program> {
    if !has_with("haproxy", "-v", "haproxy") {
        return None;
    }
    let (folder, address) = (folder(name), free_address());
    let config = write(
        &folder.join("haproxy.cfg"),
        &format!(
            "defaults\n mode http\n timeout connect 500ms\n timeout client 5s\n timeout server 300ms\n\
             listen service\n bind {address}\n server one {backend}\n"
        ),
    );
    Some(Program::start(Command::new("haproxy").arg("-db").arg("-f").arg(config), address))
}

#[test]
fn haproxy_answers_for_a_service_that_is_down_broken_or_silent() {
    let broken = Peer::plain(|conversation| {
        conversation.request();
        conversation.send(b"not HTTP at all\r\n\r\n");
    });
    let silent = Peer::plain(Conversation::stay_silent);
    // Not a free port of 127.0.0.1: another test's program may come to listen there.
    let nobody = "127.77.0.5:1".to_owned();
    for (name, backend, http_status) in [
        ("down", nobody, 503),
        ("broken", broken.address.to_string(), 502),
        ("silent", silent.address.to_string(), 504),
    ] {
        let Some(program) = haproxy(name, &backend) else { return };
        let client = Config::new(&format!("http://{}", program.address)).build();
        for _ in 0..3 {
            let outcome = client.verify(&Request::new());
            assert_eq!(outcome.status, CONTACTVERIFY_SERVICE_ERROR, "{name}: {outcome:?}");
            assert_eq!((outcome.http_status, outcome.attempts), (http_status, 1), "{name}");
            assert!(outcome.message.contains("<html>"), "{name}: {outcome:?}");
        }
    }
}
