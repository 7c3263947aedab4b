//! squid and tinyproxy on the way to the service.

use std::fs;
use std::path::Path;
use std::process::Command;

use contactverify::capi::*;

use crate::program::{Program, folder, free_address, write};
use crate::support::c::{Config, Outcome, Request};
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::Peer;
use crate::support::success;
use crate::support::tools::{has_with, run};

fn service() -> Peer {
    let server = AUTHORITY.server("127.0.0.1", Validity::Now);
    Peer::tls(server, |conversation| conversation.answer_all(&success()))
}

fn through(proxy: &str, service: &Peer) -> Outcome {
    let client = Config::new(&service.endpoint())
        .ca_file(&AUTHORITY.file)
        .text("proxy", Some(proxy))
        .build();
    client.verify(&Request::new());
    client.verify(&Request::new())
}

/// The proxy lets the right password through, refuses others, and learns no token.
fn assert_guards(proxy: &Program, password: &str, encoded: &str, log: &Path) {
    let service = service();
    let address = proxy.address;
    let right = through(&format!("http://user:{encoded}@{address}"), &service);
    assert_eq!(right.status, CONTACTVERIFY_OK, "{right:?}");
    assert_eq!(service.seen.connections(), 1, "one tunnel carries both calls");
    for wrong in [format!("http://{address}"), format!("http://user:wrong@{address}")] {
        let outcome = through(&wrong, &service);
        assert_eq!(outcome.status, CONTACTVERIFY_CONNECT_FAILED, "{outcome:?}");
        assert_eq!(outcome.sent, CONTACTVERIFY_SENT_NO);
        assert!(outcome.message.contains("407") || outcome.message.contains("401"), "{outcome:?}");
        assert!(!outcome.message.contains("wrong") && !outcome.message.contains(password));
    }
    assert_eq!(service.seen.connections(), 1);
    let log = fs::read_to_string(log).unwrap_or_default();
    assert!(!log.contains("token-of-the-tests"), "{log}");
}

#[test]
fn squid_with_and_without_a_password() {
    if !has_with("squid", "-v", "squid") {
        return;
    }
    let password = "p:w%@rd";
    let hash = run(Command::new("openssl").args(["passwd", "-apr1", password]));
    let helper = "/usr/lib/squid/basic_ncsa_auth";
    for guarded in [false, true] {
        let (folder, address) = (folder(&format!("squid-{guarded}")), free_address());
        let users = write(&folder.join("users"), &format!("user:{}\n", hash.trim()));
        let access = if guarded {
            format!(
                "auth_param basic program {helper} {}\nacl known proxy_auth REQUIRED\n\
                 http_access allow known\n",
                users.display()
            )
        } else {
            "http_access allow all\n".to_owned()
        };
        let log = folder.join("access.log");
        let config = write(
            &folder.join("squid.conf"),
            &format!(
                "http_port {address}\n{access}http_access deny all\npid_filename none\n\
                 access_log stdio:{}\ncache_log {}\ncache_store_log none\ncache deny all\n\
                 coredump_dir {}\nshutdown_lifetime 0 seconds\npinger_enable off\n",
                log.display(),
                folder.join("cache.log").display(),
                folder.display(),
            ),
        );
        let proxy = Program::start(Command::new("squid").arg("-N").arg("-f").arg(config), address);
        if guarded {
            assert_guards(&proxy, password, "p%3Aw%25%40rd", &log);
        } else {
            let outcome = through(&format!("http://{address}"), &service());
            assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
            let nobody = Config::new(&format!("https://{}", free_address()))
                .number("retries", 0)
                .text("proxy", Some(&format!("http://{address}")))
                .build()
                .verify(&Request::new());
            assert_eq!(nobody.status, CONTACTVERIFY_CONNECT_FAILED, "{nobody:?}");
            assert!(nobody.message.contains("503"), "{nobody:?}");
        }
    }
}

#[test]
fn tinyproxy_with_and_without_a_password() {
    if !has_with("tinyproxy", "-v", "tinyproxy") {
        return;
    }
    for guarded in [false, true] {
        let (folder, address) = (folder(&format!("tinyproxy-{guarded}")), free_address());
        let log = folder.join("log");
        let guard = if guarded { "BasicAuth user pass-word\n" } else { "" };
        let config = write(
            &folder.join("tinyproxy.conf"),
            &format!(
                "Listen 127.0.0.1\nPort {}\nTimeout 10\nMaxClients 20\nAllow 127.0.0.1\nLogLevel Info\n\
                 LogFile \"{}\"\n{guard}",
                address.port(),
                log.display()
            ),
        );
        let proxy =
            Program::start(Command::new("tinyproxy").arg("-d").arg("-c").arg(config), address);
        if guarded {
            assert_guards(&proxy, "pass-word", "pass-word", &log);
        } else {
            let outcome = through(&format!("http://{address}"), &service());
            assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
        }
    }
}
