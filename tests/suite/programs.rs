//! Programs in C and C++, compiled as a user would, linked both ways, with and without valgrind.

use std::path::Path;
use std::process::Command;

use contactverify::capi::{CONTACTVERIFY_EMAIL, CONTACTVERIFY_SMS};

use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{Linked, Sandbox, compile, has, libraries, run, sanitized, scratch};
use crate::support::{root, success, token};

/// Runs a program; under valgrind any error and any leak fails it.
fn run_program(program: &Path, arguments: &[String], valgrind: bool) -> String {
    if !valgrind {
        return run(Command::new(program).args(arguments));
    }
    let mut command = Command::new("valgrind");
    // What is still reachable is no leak: ureq keeps one text of ten bytes for the whole process.
    command
        .args(["--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=all"])
        .args(["--errors-for-leak-kinds=definite,indirect,possible", "--num-callers=40"])
        .arg(program)
        .args(arguments);
    let printed = run(&mut command);
    assert!(printed.contains("ERROR SUMMARY: 0 errors"), "{printed}");
    let in_use = printed.split("in use at exit: ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(in_use.parse::<usize>().unwrap() <= 10, "{printed}");
    printed
}

/// Each program, in each language, linked each way, natively and under valgrind.
fn in_all_ways(name: &str, mut arguments: impl FnMut() -> Vec<String>) {
    let source = root().join(format!("tests/c/{name}.c"));
    let include = format!("-I{}", root().join("tests/c").display());
    for (compiler, standard) in [("gcc", "-std=c99"), ("g++", "-std=c++11")] {
        if !has(compiler, compiler) {
            continue;
        }
        for linked in [Linked::Shared, Linked::Static] {
            let source = if compiler == "g++" { as_cpp(&source) } else { source.clone() };
            let flags = [standard, include.as_str()];
            let program = compile(compiler, &source, linked, &flags);
            // Valgrind and a sanitizer both want to be the one that watches memory.
            for valgrind in [false, sanitized().is_none() && has("valgrind", "valgrind")] {
                let printed = run_program(&program, &arguments(), valgrind);
                assert!(printed.contains(&format!("{name}: ")), "{printed}");
            }
        }
    }
}

/// The same text under a name that a C++ compiler takes for its own.
fn as_cpp(source: &Path) -> std::path::PathBuf {
    let name = source.file_stem().unwrap().to_str().unwrap();
    let copy = scratch("programs").join(format!("{name}.cpp"));
    std::fs::copy(source, &copy).unwrap();
    copy
}

#[test]
fn every_status_has_its_number_and_name() {
    in_all_ways("statuses", Vec::new);
}

#[test]
fn null_is_harmless_everywhere() {
    in_all_ways("null", Vec::new);
}

#[test]
fn a_code_is_verified_against_the_sandbox() {
    let mut sandbox = Sandbox::start();
    in_all_ways("verify", || {
        vec![
            sandbox.endpoint.clone(),
            sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, ""),
            sandbox.send_code("13800000000", CONTACTVERIFY_SMS, "86"),
        ]
    });
}

/// Runs the example program and returns its exit status and what it printed on each stream.
fn example(arguments: &[&str], token: Option<&str>) -> (i32, String, String) {
    let program =
        compile("gcc", &root().join("bindings/c/verify.c"), Linked::Shared, &["-std=c99"]);
    let mut command = Command::new(program);
    command.args(arguments).env_remove("CONTACTVERIFY_TOKEN");
    if let Some(token) = token {
        command.env("CONTACTVERIFY_TOKEN", token);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_example_program_ends_with_zero_only_when_verified() {
    if !has("gcc", "gcc") {
        return;
    }
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let endpoint = sandbox.endpoint.clone();
    let call = |endpoint: &str, code: &str, token| {
        example(
            &[
                "--endpoint",
                endpoint,
                "--contact",
                "alice@example.com",
                "--way",
                "email",
                "--code",
                code,
            ],
            token,
        )
    };
    let token = Some("sandbox-token");

    let wrong = if code == "000000" { "000001" } else { "000000" };
    let (status, verdict, sentence) = call(&endpoint, wrong, token);
    assert_eq!((status, verdict.as_str()), (1, "REJECTED OSM.01010010\n"));
    assert!(sentence.contains("wrong, used or expired"), "{sentence}");

    let mut hasty = Sandbox::start_with(&["--code-lifetime-seconds", "0"]);
    let expired = hasty.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let (status, verdict, _) = call(&hasty.endpoint, &expired, token);
    assert_eq!((status, verdict.as_str()), (1, "REJECTED OSM.01010010\n"));

    let (status, verdict, sentence) = call(&endpoint, &code, None);
    assert_eq!((status, verdict.as_str()), (2, "INVALID_ARGUMENT\n"));
    assert!(sentence.contains("CONTACTVERIFY_TOKEN"), "{sentence}");

    assert_eq!(call(&endpoint, &code, token), (0, "OK\n".into(), String::new()));

    let (status, verdict, sentence) = call("http://127.0.0.1:1", &code, token);
    assert_eq!((status, verdict.as_str()), (3, "CONNECT_FAILED\n"));
    assert!(sentence.contains("127.0.0.1:1"), "{sentence}");

    let (status, _, usage) = example(&["--help"], token);
    assert_eq!(status, 2);
    assert!(usage.starts_with("usage: "), "{usage}");
}

#[test]
fn no_secret_is_left_in_memory_once_the_client_is_freed() {
    // A sanitizer maps terabytes, which cannot be searched.
    if !has("gcc", "gcc") || sanitized().is_some() {
        return;
    }
    let source = root().join("tests/c/secrets.c");
    let program = compile("gcc", &source, Linked::Shared, &["-std=gnu99"]);
    let script = |conversation: &mut Conversation| {
        while let Some(request) = conversation.request() {
            let asks_iam = request.starts_with(b"POST /v3/auth/tokens");
            conversation.send(&if asks_iam { token("canary-token-of-iam") } else { success() });
        }
    };
    let plain = Peer::plain(script);
    let tls = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), script);
    for (peer, ca_file) in [(&plain, ""), (&tls, AUTHORITY.file.to_str().unwrap())] {
        for way in ["token", "password", "key"] {
            let arguments = [peer.endpoint(), ca_file.to_owned(), way.to_owned()];
            let printed = run_program(&program, &arguments, false);
            assert!(printed.contains("secrets: "), "{printed}");
        }
    }
}

#[test]
fn a_sanitizer_is_really_there() {
    if sanitized().is_none() {
        return;
    }
    // A program with a mistake of its own, to see that the sanitizer speaks up, and the
    // library's code, to see that it was built for one.
    let source = scratch("programs").join("faulty.c");
    let text = "#include <stdlib.h>\n#include <contactverify.h>\n\
                int main(int argc, char **argv) {\n\
                    char *memory = (char *)malloc(4);\n(void)argv;\n\
                    memory[argc + 3] = contactverify_version()[0];\n\
                    return memory[argc + 3];\n}\n";
    std::fs::write(&source, text).unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        let program = compile("clang", &source, linked, &[]);
        let output = Command::new(program).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("heap-buffer-overflow"), "{linked:?}: {said}");
    }
    let library = libraries().join("libcontactverify.so");
    let symbols = run(Command::new("nm").args(["-D", "--undefined-only"]).arg(library));
    assert!(symbols.contains("__asan_report_load"), "the library carries no sanitizer");
}
