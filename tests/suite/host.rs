//! Programs that are careless with the library: they fork at any moment, interrupt everything,
//! run out of everything, and call from where nobody calls. As far as the library is concerned
//! it is as if they did not.
//!
//! The programs are in `tests/c`. Each prints its name as the last line when all was well.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use crate::support::certificates::{AUTHORITY, OTHER_AUTHORITY, Validity};
use crate::support::limited::run_within;
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{Linked, compile, has, libraries, preloaded, sanitizer};
use crate::support::{answer, customer_id, echo, own, root, success, token, token_until};

/// Long enough for a busy machine, short enough to see a hang.
const LIMIT: Duration = Duration::from_mins(2);

/// A program, compiled once for all tests; `None` where there is no compiler for it.
fn program(source: &str) -> Option<PathBuf> {
    static COMPILED: LazyLock<Mutex<HashMap<String, PathBuf>>> = LazyLock::new(Mutex::default);
    let (compiler, standard) = match source.rsplit_once('.') {
        Some((_, "cpp")) => ("g++", "-std=c++11"),
        _ => ("gcc", "-std=c99"),
    };
    if !has(compiler, compiler) {
        return None;
    }
    // POSIX has `dlsym` give functions as pointers to data, which is no pedant's C. A program
    // that loads the library itself must not be linked with it.
    let flags = [standard, "-D_GNU_SOURCE", "-Wno-pedantic", "-Wl,--as-needed"];
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let path = compiled.entry(source.to_owned()).or_insert_with(|| {
        compile(compiler, &root().join("tests/c").join(source), Linked::Shared, &flags)
    });
    Some(path.clone())
}

/// Programs that a sanitizer would change too much: it needs more stack and memory, it
/// replaces the functions that they replace, and its allocator does not open its locks in
/// the child of a fork, so that children of busy threads hang in it.
const NEVER_SANITIZED: [&str; 5] = ["fork.c", "scarce.c", "soak.c", "stack.c", "stopped.c"];

/// Runs a program with these arguments; `adjust` may change how.
fn runs_adjusted(source: &str, arguments: &[&str], adjust: impl FnOnce(&mut Command)) {
    if sanitizer().is_some() && NEVER_SANITIZED.contains(&source) {
        return;
    }
    let Some(path) = program(source) else { return };
    let mut command = Command::new(path);
    if sanitizer().is_some() && source == "lifetimes.cpp" {
        // What the C library notes of a thread's destructors while they run is never freed.
        command.env("ASAN_OPTIONS", "detect_leaks=0");
    }
    adjust(command.args(arguments));
    let printed = run_within(LIMIT, &mut command);
    let name = source.split('.').next().unwrap();
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("{name}: ")), "{command:?}\n{printed}");
}

fn runs(source: &str, arguments: &[&str]) {
    runs_adjusted(source, arguments, |_| {});
}

fn ca_file() -> &'static str {
    AUTHORITY.file.to_str().unwrap()
}

fn tls(script: impl Fn(&mut Conversation) + Send + Sync + 'static) -> Peer {
    Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), script)
}

/// A peer by the only name that the programs with a lookup of their own know.
fn named() -> (Peer, String) {
    let peer = Peer::tls(AUTHORITY.server("service.test", Validity::Now), echo);
    let endpoint = format!("https://service.test:{}", peer.address.port());
    (peer, endpoint)
}

fn forks(how: &str) {
    let peer = tls(echo);
    runs("fork.c", &[how, &peer.endpoint(), ca_file()]);
}

#[test]
fn fork_while_eight_threads_are_busy() {
    forks("busy");
}

#[test]
fn fork_before_any_call() {
    forks("before");
}

#[test]
fn fork_in_a_child_of_a_child() {
    forks("generations");
}

#[test]
fn fork_into_a_container_with_the_same_process_id() {
    forks("containers");
}

/// An emulator may say that it did what it does not know.
#[test]
fn fork_where_madvise_does_nothing_and_says_that_it_did() {
    if !has("gcc", "gcc") || sanitizer().is_some() {
        return;
    }
    let emulator = preloaded(
        "emulator",
        "int madvise(void *page, unsigned long bytes, int advice)\n\
         { (void)page; (void)bytes; (void)advice; return 0; }\n",
    );
    let peer = tls(echo);
    for how in ["before", "generations", "containers"] {
        runs_adjusted("fork.c", &[how, &peer.endpoint(), ca_file()], |command| {
            command.env("LD_PRELOAD", &emulator);
        });
    }
}

#[test]
fn fork_while_a_thread_is_anywhere_in_its_first_call() {
    let peer = tls(echo);
    runs("stopped.c", &[&peer.endpoint(), ca_file()]);
}

#[test]
fn python_multiprocessing_with_a_client_of_the_module() {
    // Python itself carries no sanitizer, so it cannot load a library with one.
    if sanitizer().is_some() || !has("python3", "python3") {
        return;
    }
    let peer = tls(echo);
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/python/pools.py"))
        .env("PYTHONPATH", root().join("bindings/python/src"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CONTACTVERIFY_LIBRARY", libraries().join("libcontactverify.so"))
        .env("SERVICE_ENDPOINT", peer.endpoint())
        .env("SERVICE_CA_FILE", ca_file());
    let printed = run_within(LIMIT, &mut command);
    assert_eq!(printed.lines().last(), Some("pools: 576 calls"), "{printed}");
}

/// Ends each connection in another way, at another moment.
fn break_off(conversation: &mut Conversation) {
    match conversation.number % 4 {
        // Closed with the request unread, which makes a reset of it.
        0 => {}
        1 => {
            conversation.request();
        }
        2 => {
            conversation.request();
            conversation.send(&success()[..20]);
            conversation.reset();
        }
        _ => conversation.reset(),
    }
}

#[test]
fn a_broken_pipe_does_not_end_the_program() {
    let (plain, secure) = (Peer::plain(break_off), tls(break_off));
    runs("signals.c", &["pipes", &plain.endpoint(), &secure.endpoint(), ca_file()]);
}

/// Takes its time for some.
fn echo_slowly(conversation: &mut Conversation) {
    while let Some(request) = conversation.request() {
        let id = customer_id(&request);
        if id.starts_with("slow") {
            conversation.wait(Duration::from_millis(20));
        }
        conversation.send(&own(&id));
    }
}

#[test]
fn a_signal_every_two_milliseconds_disturbs_no_call() {
    let (plain, secure) = (Peer::plain(echo_slowly), tls(echo_slowly));
    runs("signals.c", &["timer", &plain.endpoint(), &secure.endpoint(), ca_file()]);
}

#[test]
fn what_belongs_to_the_program_stays_as_it_is() {
    // ThreadSanitizer has a thread of its own, which opens and closes files.
    if sanitizer().is_some_and(|flags| flags.contains("thread")) {
        return;
    }
    let (plain, secure) = (Peer::plain(echo), tls(echo));
    runs("signals.c", &["unchanged", &plain.endpoint(), &secure.endpoint(), ca_file()]);
}

/// Answers as the id asks for.
fn nested(conversation: &mut Conversation) {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    while let Some(request) = conversation.request() {
        let id = customer_id(&request);
        let answer = match id.as_str() {
            "good" => success(),
            "garbage" => b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec(),
            "deep-refusal" => {
                let (open, close) = (r#"{"error":"#.repeat(100), "}".repeat(100));
                answer(400, &format!(r#"{open}{{"error_msg":"down here"}}{close}"#))
            }
            "deep-refusal-10000" => answer(400, &deep(10_000)),
            _ => {
                let depth = id.strip_prefix("deep-").unwrap().parse().unwrap();
                let (id, inside) = (&id, deep(depth));
                answer(200, &format!(r#"{{"error_code":"{id}","details":{inside}}}"#))
            }
        };
        conversation.send(&answer);
    }
}

#[test]
fn a_stack_of_128_kib_is_enough_for_every_ending() {
    let (plain, secure) = (Peer::plain(nested), tls(nested));
    runs("stack.c", &["128", &plain.endpoint(), &secure.endpoint(), ca_file()]);
}

#[test]
fn calls_from_constructors_and_destructors() {
    let (_peer, endpoint) = named();
    runs_adjusted("lifetimes.cpp", &[], |command| {
        command.env("SERVICE_ENDPOINT", endpoint).env("SERVICE_CA_FILE", ca_file());
    });
}

#[test]
fn loaded_called_and_unloaded_a_thousand_times() {
    let peer = Peer::plain(echo);
    let library = libraries().join("libcontactverify.so");
    runs("reload.c", &[library.to_str().unwrap(), &peer.endpoint()]);
}

#[test]
fn without_a_descriptor_nothing_connects_until_one_is_back() {
    let (_peer, endpoint) = named();
    runs("scarce.c", &["descriptors", &endpoint, ca_file()]);
}

#[test]
fn authorities_that_could_not_be_read_for_want_of_a_descriptor_are_read_later() {
    let (_peer, endpoint) = named();
    let folder = AUTHORITY.file.with_file_name("authorities");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(&AUTHORITY.file, folder.join("trusted.pem")).unwrap();
    runs_adjusted("scarce.c", &["descriptors", &endpoint, ""], |command| {
        // This file can be read with the one descriptor that the folder would need a second of.
        command.env("SSL_CERT_FILE", &OTHER_AUTHORITY.file).env("SSL_CERT_DIR", folder);
    });
}

#[test]
fn without_a_thread_a_lookup_fails_and_nothing_else() {
    let (_peer, endpoint) = named();
    runs("scarce.c", &["threads", &endpoint, ca_file()]);
}

#[test]
fn a_thread_that_is_cancelled_ends_when_its_call_has_ended() {
    let (plain, secure, (_peer, by_name)) = (Peer::plain(echo), tls(echo), named());
    runs("cancelled.c", &[&plain.endpoint(), &secure.endpoint(), &by_name, ca_file()]);
}

#[test]
fn a_mebibyte_of_thread_local_storage_leaves_room_for_a_lookup_and_a_login() {
    let (_peer, endpoint) = named();
    let iam = tls(|conversation| conversation.answer_all(&token("t")));
    runs("storage.c", &[&endpoint, &iam.endpoint(), ca_file()]);
}

#[test]
fn without_a_thread_a_call_makes_its_login_itself() {
    let service = Peer::plain(echo);
    let iam = Peer::answering(token_until("t", "2026-11-25T01:00:01.000000Z"));
    runs("scarce.c", &["login", &service.endpoint(), &iam.endpoint()]);
}

fn logs(how: &str) {
    let peer = tls(echo);
    runs("callbacks.c", &[how, &peer.endpoint(), ca_file()]);
}

#[test]
fn a_log_callback_that_blocks_delays_its_own_call_only() {
    logs("blocks");
}

#[test]
fn a_log_callback_may_call_the_library() {
    logs("calls");
}

#[test]
fn a_log_callback_of_eight_threads() {
    logs("counts");
}

#[test]
fn clients_come_and_go_on_sixteen_threads() {
    let peer = tls(echo);
    runs("clients.c", &["many", &peer.endpoint(), ca_file()]);
}

#[test]
fn freeing_a_client_does_not_disturb_another_in_a_call() {
    let arrived = Arc::new((Mutex::new(BTreeSet::new()), Condvar::new()));
    let peer = tls(move |conversation| {
        let (ids, changed) = &*arrived;
        while let Some(request) = conversation.request() {
            let id = customer_id(&request);
            let awaited = match id.as_str() {
                "held" => Some("release".to_owned()),
                "arrived" => Some("held".to_owned()),
                _ => None,
            };
            ids.lock().unwrap().insert(id.clone());
            changed.notify_all();
            if let Some(awaited) = awaited {
                let waiting = |ids: &mut BTreeSet<String>| !ids.contains(&awaited);
                drop(changed.wait_timeout_while(ids.lock().unwrap(), LIMIT, waiting).unwrap());
            }
            conversation.send(&own(&id));
        }
    });
    runs("clients.c", &["two", &peer.endpoint(), ca_file()]);
}

/// Misbehaves by the number that the caller gave its call.
fn misbehave(conversation: &mut Conversation) {
    while let Some(request) = conversation.request() {
        let id = customer_id(&request);
        match id.parse::<u32>().unwrap() % 100 {
            0 => return,
            1 => {
                conversation.send(&own(&id)[..60]);
                return conversation.reset();
            }
            2 => {
                conversation.send(b"HTTP/1.1 OK, more or less\r\n\r\n");
                return;
            }
            3 => {
                conversation.send(&answer(401, r#"{"error_code":"APIGW.0301"}"#));
            }
            number => {
                if number < 6 {
                    conversation.wait(Duration::from_millis(5));
                }
                conversation.send(&own(&id));
            }
        }
    }
}

#[test]
fn twenty_thousand_calls_with_faults_leave_nothing_behind() {
    // The peer keeps a descriptor for each of some 600 connections.
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the place is valid for the call.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: as above.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    let peer = Peer::plain(misbehave);
    runs("soak.c", &[&peer.endpoint()]);
}
