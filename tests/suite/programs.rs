//! Programs in C and C++, compiled as a user would, linked both ways, with and without valgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use contactverify::capi::{CONTACTVERIFY_EMAIL, CONTACTVERIFY_SMS};

use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{
    Linked, Sandbox, compile, has, in_environment, instrumented, libraries, run, sanitizer, scratch,
};
use crate::support::{answer, by_contact, root, success, token};

/// Runs a program; under valgrind any error and any leak fails it.
pub fn run_program(program: &Path, arguments: &[String], valgrind: bool) -> String {
    let mut command = Command::new(if valgrind { Path::new("valgrind") } else { program });
    // Whoever runs the tests may have keys there, which are not theirs.
    in_environment(&mut command, &[]);
    if !valgrind {
        return run(command.args(arguments));
    }
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
            // Valgrind and a sanitizer both want to be the one that watches memory, and what counts
            // lines keeps some of its own.
            for valgrind in [false, instrumented().is_none() && has("valgrind", "valgrind")] {
                let printed = run_program(&program, &arguments(), valgrind);
                assert!(printed.contains(&format!("{name}: ")), "{printed}");
            }
        }
    }
}

/// The same text under a name that a C++ compiler takes for its own.
fn as_cpp(source: &Path) -> PathBuf {
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

/// The example program in each language that has a compiler here.
fn examples() -> Vec<PathBuf> {
    [("gcc", "bindings/c/verify.c", "-std=c99"), ("g++", "bindings/cpp/verify.cpp", "-std=c++17")]
        .into_iter()
        .filter(|(compiler, ..)| has(compiler, compiler))
        .map(|(compiler, source, standard)| {
            compile(compiler, &root().join(source), Linked::Shared, &[standard])
        })
        .collect()
}

/// Runs an example program with these variables and no others; returns its exit status and
/// what it printed on each stream.
fn example(
    program: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (i32, String, String) {
    let mut command = Command::new(program);
    let output = in_environment(command.args(arguments), variables).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const ALICE: [&str; 4] = ["--contact", "alice@example.com", "--way", "email"];
const TOKEN: [(&str, &str); 1] = [("CONTACTVERIFY_TOKEN", "sandbox-token")];

#[test]
fn the_example_program_ends_with_zero_only_when_verified() {
    for program in examples() {
        ends_with_zero_only_when_verified(&program);
    }
}

fn ends_with_zero_only_when_verified(program: &Path) {
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let endpoint = sandbox.endpoint.clone();
    let call = |endpoint: &str, code: &str, variables: &[_]| {
        let arguments = [&["--endpoint", endpoint, "--code", code], &ALICE[..]].concat();
        example(program, &arguments, variables)
    };

    let wrong = if code == "000000" { "000001" } else { "000000" };
    let (status, verdict, sentence) = call(&endpoint, wrong, &TOKEN);
    assert_eq!((status, verdict.as_str()), (1, "REJECTED OSM.01010010\n"));
    assert!(sentence.contains("wrong, used or expired"), "{sentence}");

    let mut hasty = Sandbox::start_with(&["--code-lifetime-seconds", "0"]);
    let expired = hasty.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let (status, verdict, _) = call(&hasty.endpoint, &expired, &TOKEN);
    assert_eq!((status, verdict.as_str()), (1, "REJECTED OSM.01010010\n"));

    let half = [("HUAWEICLOUD_SDK_AK", "sandbox-access-key")];
    let (status, verdict, sentence) = call(&endpoint, &code, &half);
    assert_eq!((status, verdict.as_str()), (2, "INVALID_ARGUMENT\n"));
    assert!(sentence.contains("HUAWEICLOUD_SDK_SK"), "{sentence}");

    assert_eq!(call(&endpoint, &code, &TOKEN), (0, "OK\n".into(), String::new()));

    let (status, verdict, sentence) = call("http://127.0.0.1:1", &code, &TOKEN);
    assert_eq!((status, verdict.as_str()), (3, "CONNECT_FAILED\n"));
    assert!(sentence.contains("127.0.0.1:1"), "{sentence}");

    for arguments in [&["--help"][..], &["confirm", "--endpoint", &endpoint]] {
        let (status, _, usage) = example(program, arguments, &TOKEN);
        assert_eq!(status, 2);
        assert!(usage.starts_with("usage: "), "{usage}");
    }
}

#[test]
fn the_example_program_goes_the_whole_way_with_each_kind_of_credentials() {
    for program in examples() {
        goes_the_whole_way(&program);
    }
}

fn goes_the_whole_way(program: &Path) {
    let home = scratch("home");
    std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    let file = "[global]\nak = sandbox-access-key\nsk = sandbox-secret-key\n";
    std::fs::write(home.join(".huaweicloud/credentials"), file).unwrap();
    let login = [
        ("CONTACTVERIFY_DOMAIN", "sandbox-account"),
        ("CONTACTVERIFY_USER", "sandbox-user"),
        ("CONTACTVERIFY_PASSWORD", "sandbox-password"),
    ];
    for variables in [&TOKEN[..], &login, &KEY, &[("HOME", home.to_str().unwrap())]] {
        let mut sandbox = Sandbox::start();
        let endpoint = sandbox.endpoint.clone();
        let call = |action, more: &[&str]| {
            let where_to = ["--endpoint", &endpoint, "--iam-endpoint", &endpoint];
            example(program, &[&[action], &where_to[..], &ALICE, more].concat(), variables)
        };
        let answers = |printed: &str| (0, printed.to_owned(), String::new());
        assert_eq!(call("need-verify", &[]), answers("OK need_verify_code=1\n"), "{variables:?}");
        assert_eq!(call("send", &[]), answers("OK\n"));
        let code = sandbox.read_code();
        assert_eq!(call("verify", &["--code", &code]), answers("OK\n"));
        assert_eq!(call("need-verify", &[]), answers("OK need_verify_code=0\n"));
        assert_eq!(call("list", &[]), answers("OK total=1\nemail alice@example.com\n"));
    }
}

const KEY: [(&str, &str); 2] =
    [("HUAWEICLOUD_SDK_AK", "sandbox-access-key"), ("HUAWEICLOUD_SDK_SK", "sandbox-secret-key")];

/// Hands forms to the example of a sign-up; returns what the person is told and what is logged.
fn sign_up(program: &Path, endpoint: &str, forms: &str) -> (Vec<String>, String) {
    let file = scratch("programs").join("forms");
    std::fs::write(&file, forms).unwrap();
    let mut command = Command::new(program);
    in_environment(command.arg(endpoint), &KEY).stdin(std::fs::File::open(file).unwrap());
    let output = command.output().unwrap();
    let logged = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{logged}");
    // What stands in the forms stands in no log: neither addresses nor codes.
    assert!(forms.split_whitespace().all(|word| !logged.contains(word)), "{forms}{logged}");
    let told = String::from_utf8(output.stdout).unwrap();
    (told.lines().map(str::to_owned).collect(), logged)
}

const OURS: &str = "500 Something is wrong on our side. Please try again later.";

#[test]
fn the_example_of_a_sign_up_tells_the_person_and_the_log_what_each_can_do() {
    for compiler in ["gcc", "clang"] {
        if has(compiler, compiler) {
            let source = root().join("bindings/c/signup.c");
            let program = compile(compiler, &source, Linked::Shared, &["-std=c99"]);
            signs_up_with_the_right_code_only(&program);
            says_what_is_wrong(&program);
        }
    }
}

fn signs_up_with_the_right_code_only(program: &Path) {
    let mut sandbox = Sandbox::start();
    let endpoint = sandbox.endpoint.clone();
    let sent = "202 A code is on its way. It is good for five minutes.";
    assert_eq!(sign_up(program, &endpoint, "alice@example.com\n").0, [sent]);
    let code = sandbox.read_code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let forms = format!("alice@example.com {wrong}\nalice@example.com {code}\nalice@example.com\n");
    let (told, logged) = sign_up(program, &endpoint, &forms);
    assert!(told[0].starts_with("403 This code is wrong, used or expired."), "{told:?}");
    assert_eq!(
        told[1..],
        ["201 Welcome.", "409 This address has signed up before. Please log in."]
    );
    let lines: Vec<_> = logged.lines().collect();
    let refused =
        "INFO check status=REJECTED error_code=OSM.01010010 http=200 attempts=1 request_id=";
    assert!(lines[0].starts_with(refused), "{logged}");
    assert!(!lines[0].contains("request_id= "), "{logged}");
    assert!(lines[1].starts_with("INFO check status=OK "), "{logged}");
}

fn says_what_is_wrong(program: &Path) {
    let down = "http://127.0.0.1:1";
    let (told, logged) = sign_up(program, down, "alice@example.com\nalice@example.com 123456\n");
    let again = "503 We cannot send codes right now. Please try again in a minute.";
    let still_good = "503 We cannot check codes right now. Yours is still good: try it again soon.";
    assert_eq!(told, [again, still_good]);
    assert!(logged.lines().all(|line| line.starts_with("WARN ")), "{logged}");
    assert!(logged.contains(" check status=CONNECT_FAILED "), "{logged}");

    let lost = "503 We could not check your code. Please ask for a new one.";
    let peer = Peer::plain(by_contact);
    for (form, says, level) in [
        ("right@example.com 123456", "201 Welcome.", "INFO"),
        ("right@example.com 12345", "422 A code has 6 characters.", "INFO"),
        (
            "often@example.com 123456",
            "503 Too much is going on here. Please try again in 3 seconds.",
            "WARN",
        ),
        ("gone@example.com 123456", lost, "WARN"),
        ("failing@example.com 123456", lost, "WARN"),
        ("stranger@example.com 123456", OURS, "ERROR"),
    ] {
        let (told, logged) = sign_up(program, &peer.endpoint(), &format!("{form}\n"));
        assert_eq!(told, [says], "{form}");
        assert!(logged.starts_with(&format!("{level} check status=")), "{form}: {logged}");
    }
    let too_soon = Peer::plain(|conversation| {
        while let Some(request) = conversation.request() {
            let asks = request.starts_with(b"GET ");
            let body =
                if asks { r#"{"need_verify_code":1}"# } else { r#"{"error_code":"OSM.01010024"}"# };
            conversation.send(&answer(200, body));
        }
    });
    let (told, _) = sign_up(program, &too_soon.endpoint(), "alice@example.com\n");
    assert_eq!(told, ["429 A code is on its way. You can ask for another one in a minute."]);
}

#[test]
fn no_secret_is_left_in_memory_once_the_client_is_freed() {
    // A sanitizer maps terabytes, which cannot be searched.
    if !has("gcc", "gcc") || sanitizer().is_some() {
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
    let Some(sanitizer) = sanitizer() else { return };
    // A program with mistakes of its own, to see that the sanitizer speaks up, and the
    // library's code, to see that it was built for one.
    let source = scratch("programs").join("faulty.c");
    let text = "#include <pthread.h>\n#include <stdlib.h>\n#include <contactverify.h>\n\
                static char *memory;\n\
                static void *writes(void *end) {\n\
                    memory[end != NULL ? 4 : 0] = contactverify_version()[0];\n\
                    return NULL;\n}\n\
                int main(int argc, char **argv) {\n\
                    pthread_t thread;\n\
                    memory = (char *)malloc(4);\n\
                    pthread_create(&thread, NULL, writes, NULL);\n\
                    writes(argc > 0 ? argv : NULL);\n\
                    writes(NULL);\n\
                    return pthread_join(thread, NULL);\n}\n";
    std::fs::write(&source, text).unwrap();
    let (complaint, symbol) = if sanitizer.contains("thread") {
        ("data race", "__tsan_read")
    } else {
        ("heap-buffer-overflow", "__asan_report_load")
    };
    for linked in [Linked::Shared, Linked::Static] {
        let program = compile("clang", &source, linked, &[]);
        let output = Command::new(program).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(complaint), "{linked:?}: {said}");
    }
    let library = libraries().join("libcontactverify.so");
    let symbols = run(Command::new("nm").args(["-D", "--undefined-only"]).arg(library));
    assert!(symbols.contains(symbol), "the library carries no sanitizer");
}
