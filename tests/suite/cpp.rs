//! `contactverify.hpp`: its programs in `tests/cpp`, its examples, its warnings, and whether it
//! reaches all of `contactverify.h`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use contactverify::capi::{CONTACTVERIFY_EMAIL, CONTACTVERIFY_SMS};

use crate::library::declared;
use crate::programs::run_program;
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::limited::run_within;
use crate::support::peer::{Conversation, Peer};
use crate::support::tools::{Linked, Sandbox, compile, has, instrumented, run, sanitizer, scratch};
use crate::support::{answer, by_contact, echo, root, success};

const WARNINGS: [&str; 3] = ["-Wconversion", "-Wshadow", "-Weffc++"];

fn header() -> String {
    fs::read_to_string(root().join("include/contactverify.hpp")).unwrap()
}

fn includes() -> [String; 2] {
    ["tests/c", "tests/cpp"].map(|folder| format!("-I{}", root().join(folder).display()))
}

/// A program of `tests/cpp`, compiled for a standard.
fn program(name: &str, compiler: &str, standard: &str, linked: Linked) -> PathBuf {
    // The same program for another standard is another file.
    let source = scratch("programs").join(format!("{name}-{}.cpp", &standard[8..]));
    fs::copy(root().join(format!("tests/cpp/{name}.cpp")), &source).unwrap();
    let includes = includes();
    let [c, cpp] = includes.each_ref().map(String::as_str);
    compile(compiler, &source, linked, &[&WARNINGS[..], &[standard, c, cpp]].concat())
}

/// Runs a program of `tests/cpp` for each standard, linked each way, also under valgrind.
fn in_all_ways(name: &str, linked: &[Linked], arguments: impl FnMut() -> Vec<String>) {
    in_these_ways(name, linked, has("valgrind", "valgrind"), arguments);
}

fn in_these_ways(
    name: &str,
    linked: &[Linked],
    valgrind: bool,
    mut arguments: impl FnMut() -> Vec<String>,
) {
    for (compiler, package, standard) in [
        ("g++", "g++", "-std=c++17"),
        ("clang++", "clang", "-std=c++20"),
        // Here, `Outcome` is std::expected.
        ("g++", "g++", "-std=c++2b"),
    ] {
        if !has(compiler, package) {
            continue;
        }
        // The last linked way stands for the newest standard, the first one for the others.
        let way = if standard == "-std=c++2b" { linked.last() } else { linked.first() };
        let program = program(name, compiler, standard, *way.unwrap());
        // Valgrind does not know each compiler's debug information.
        let checked = valgrind && instrumented().is_none() && compiler == "g++";
        for valgrind in [false, true] {
            if !valgrind || checked {
                let printed = run_program(&program, &arguments(), valgrind);
                assert!(printed.contains(&format!("{name}: ")), "{printed}");
            }
        }
    }
}

const BOTH: [Linked; 2] = [Linked::Shared, Linked::Static];

#[test]
fn statuses_are_error_codes() {
    in_all_ways("statuses", &BOTH, Vec::new);
}

#[test]
fn the_four_calls_against_the_sandbox() {
    let mut sandbox = None;
    in_all_ways("calls", &BOTH, || {
        // A sandbox of its own for each run, which lists what it has verified.
        let sandbox = sandbox.insert(Sandbox::start());
        vec![
            sandbox.endpoint.clone(),
            sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, ""),
            sandbox.send_code("13800000000", CONTACTVERIFY_SMS, "86"),
        ]
    });
}

/// Ends as the header `X-Language` asks for.
fn as_asked(conversation: &mut Conversation) {
    while let Some(request) = conversation.request() {
        let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
        let asked = request.split("x-language: ").nth(1).unwrap().split("\r\n").next().unwrap();
        match asked {
            "garbage" => conversation.send(&answer(200, "[]")),
            "lost" => {
                conversation.send(&success()[..20]);
                return;
            }
            "silent" => return conversation.stay_silent(),
            status => {
                let body = r#"{"error_code":"PEER.1","error_msg":"a text"}"#;
                let answer = answer(status.parse().unwrap(), body);
                let answer = String::from_utf8(answer).unwrap();
                let wait = if status == "429" { "Retry-After: 2\r\n" } else { "" };
                conversation.send(answer.replacen("Cont", &format!("{wait}Cont"), 1).as_bytes())
            }
        };
    }
}

#[test]
fn every_ending_is_an_exception_and_an_outcome() {
    let peer = Peer::plain(as_asked);
    let speaks_no_tls = Peer::plain(|conversation| {
        conversation.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let no_tls = format!("https://{}", speaks_no_tls.address);
    let unreachable = "http://127.0.0.1:1".to_owned();
    in_all_ways("endings", &BOTH, || vec![peer.endpoint(), unreachable.clone(), no_tls.clone()]);
}

#[test]
fn what_is_misused_is_refused_and_nothing_is_sent() {
    let peer = Peer::answering(success());
    in_all_ways("misuse", &BOTH, || vec![peer.endpoint()]);
    assert_eq!(peer.seen.requests().len(), 0);
}

#[test]
fn a_log_callback_throws_in_vain_and_goes_with_its_client() {
    let peer = Peer::plain(echo);
    in_all_ways("callbacks", &BOTH, || vec![peer.endpoint()]);
}

#[test]
fn a_number_of_a_newer_library_is_a_failure() {
    let peer = Peer::answering(success());
    // Where it is static, there are no two functions of one name.
    in_all_ways("newer", &[Linked::Shared], || vec![peer.endpoint()]);
}

#[test]
fn secrets_are_wiped_and_a_verdict_needs_no_memory() {
    let peer = Peer::answering(success());
    // Valgrind has its own functions in place of the program's.
    in_these_ways("memory", &BOTH, false, || vec![peer.endpoint()]);
    let runs = ["-std=c++17", "-std=c++20", "-std=c++2b"].len();
    // In each run: one call, then one more that had the memory for it.
    assert_eq!(peer.seen.requests().len(), runs * 2);
}

/// Eight threads, over TLS.
fn threads(how: &str) {
    if !has("g++", "g++") {
        return;
    }
    let peer = Peer::tls(AUTHORITY.server("127.0.0.1", Validity::Now), echo);
    let program = program("threads", "g++", "-std=c++17", Linked::Shared);
    let mut command = Command::new(program);
    command.args([how, &peer.endpoint(), AUTHORITY.file.to_str().unwrap()]);
    let printed = run_within(Duration::from_mins(2), &mut command);
    assert!(printed.contains("threads: "), "{printed}");
}

#[test]
fn eight_threads_share_a_client() {
    threads("calls");
}

#[test]
fn fork_while_eight_threads_share_a_client() {
    // A sanitizer's allocator does not open its locks in the child: see `host.rs`.
    if sanitizer().is_none() {
        threads("forks");
    }
}

#[test]
fn the_example_of_a_service_answers_each_job() {
    if !has("g++", "g++") {
        return;
    }
    let peer = Peer::plain(by_contact);
    let source = root().join("bindings/cpp/service.cpp");
    let program = compile("g++", &source, Linked::Shared, &["-std=c++17"]);
    let jobs = scratch("programs").join("jobs");
    let kinds = [
        ("right@example.com 123456", "verified"),
        ("wrong@example.com 123456", "refused OSM.01010010"),
        ("often@example.com 123456", "unknown RATE_LIMITED: wait 3000 ms"),
        ("gone@example.com 123456", "unknown CONNECTION_LOST: have a new code sent"),
        ("right@example.com 12345", "unknown INVALID_ARGUMENT: correct verify_code"),
    ];
    let (mut asked, mut expected) = (String::new(), Vec::new());
    for number in 0..100 {
        let (job, answer) = kinds[number % kinds.len()];
        writeln!(asked, "job-{number} {job}").unwrap();
        expected.push(format!("job-{number} {answer}"));
    }
    fs::write(&jobs, asked).unwrap();
    let mut command = Command::new(program);
    command.args([&peer.endpoint(), "8"]).env("CONTACTVERIFY_TOKEN", "token");
    let output = command.stdin(fs::File::open(jobs).unwrap()).output().unwrap();
    let logged = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{logged}");
    let mut answered: Vec<_> = str::from_utf8(&output.stdout).unwrap().lines().collect();
    answered.sort_unstable();
    expected.sort_unstable();
    assert_eq!(answered, expected);
    assert_eq!(logged.lines().filter(|line| line.contains("POST /v2/")).count(), 80, "{logged}");
}

/// The pieces of C++ in the header's comments.
fn examples() -> Vec<String> {
    let header = header();
    let pieces = header.split("```cpp\n").skip(1);
    let stripped = |line: &str| {
        let line = line.trim_start().trim_start_matches("///").trim_start_matches(" *");
        line.trim_start_matches('*').to_owned()
    };
    pieces
        .map(|piece| {
            let lines = piece.lines().map(stripped);
            let lines = lines.take_while(|line| !line.contains("```"));
            lines.collect::<Vec<_>>().join("\n")
        })
        .collect()
}

#[test]
fn the_examples_in_the_header_work() {
    if !has("g++", "g++") {
        return;
    }
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let mut text = String::from(
        "#include <contactverify.hpp>\n#include <chrono>\n#include <cstdlib>\n\
         #include <iostream>\n#include <string_view>\n",
    );
    let examples = examples();
    for (number, example) in examples.iter().enumerate() {
        let makes_one = example.contains("Client client(");
        let given = if makes_one { "" } else { "const contactverify::Client &client" };
        writeln!(text, "static void example_{number}({given})\n{{\n{example}").unwrap();
        text.push_str(if makes_one { "static_cast<void>(client);\n}\n" } else { "}\n" });
    }
    text.push_str("int main()\n{\n");
    text.push_str("const contactverify::Client client(contactverify::Config().endpoint(\n");
    text.push_str(
        "    \"https://osm.cn-south-1.myhuaweicloud.com\").auth_token(\"sandbox-token\"));\n",
    );
    for (number, example) in examples.iter().enumerate() {
        let given = if example.contains("Client client(") { "" } else { "client" };
        writeln!(text, "example_{number}({given});").unwrap();
    }
    text.push_str("}\n");
    let text = text
        .replace("https://osm.cn-south-1.myhuaweicloud.com", &sandbox.endpoint)
        .replace("\"123456\"", &format!("\"{code}\""));
    let source = scratch("programs").join("examples.cpp");
    fs::write(&source, text).unwrap();
    let flags = [&WARNINGS[..], &["-std=c++17"]].concat();
    let program = compile("g++", &source, Linked::Shared, &flags);
    let printed = run(Command::new(program).env("CONTACTVERIFY_TOKEN", "sandbox-token"));
    let expected = [
        "verified",
        "please correct verify_code",
        "the code was not used",
        "a code is on its way",
        "1 in all",
        "alice@example.com",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{examples:#?}");
}

/// Everything in C++ that is shipped or tested.
fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in ["tests/cpp", "bindings/cpp"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "cpp") {
                sources.push(path);
            }
        }
    }
    assert!(sources.len() > 2, "{sources:?}");
    sources
}

#[test]
fn no_compiler_warns_for_any_standard() {
    let alone = scratch("header").join("alone.cpp");
    fs::write(&alone, "#include <contactverify.hpp>\nint nothing;\n").unwrap();
    for (compiler, package) in [("g++", "g++"), ("clang++", "clang")] {
        if !has(compiler, package) {
            continue;
        }
        for standard in ["-std=c++17", "-std=c++20", "-std=c++2b"] {
            let mut command = Command::new(compiler);
            command.args(["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", standard]);
            command.args(WARNINGS).args(includes()).arg("-I").arg(root().join("include"));
            run(command.args(sources()).arg(&alone));
        }
    }
}

#[test]
fn no_compiler_warns_when_it_optimizes() {
    // What a compiler inlines it looks at more closely.
    let shipped =
        sources().into_iter().filter(|source| source.starts_with(root().join("bindings")));
    for source in shipped {
        for (compiler, package, standard) in [
            ("g++", "g++", "-std=c++17"),
            ("g++", "g++", "-std=c++2b"),
            ("clang++", "clang", "-std=c++20"),
        ] {
            if has(compiler, package) {
                compile(
                    compiler,
                    &source,
                    Linked::Shared,
                    &[&WARNINGS[..], &["-O2", standard]].concat(),
                );
            }
        }
    }
}

#[test]
fn clang_tidy_has_nothing_to_say() {
    if !has("clang-tidy", "clang-tidy") {
        return;
    }
    let shipped: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.starts_with(root().join("bindings")))
        .collect();
    let mut command = Command::new("clang-tidy");
    command.arg("--quiet").args(shipped).args(["--", "-std=c++17", "-I"]);
    run(command.arg(root().join("include")).current_dir(root()));
}

/// The header without its comments.
fn code(header: &str) -> String {
    let without_blocks: String = header
        .split("/*")
        .enumerate()
        .map(|(number, part)| match part.split_once("*/") {
            Some((_, code)) if number > 0 => code,
            _ => part,
        })
        .collect();
    without_blocks.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect()
}

#[test]
fn every_function_and_number_of_the_c_header_is_reached() {
    let code = code(&header());
    let names = |text: &str| {
        let word = |character: char| !character.is_ascii_alphanumeric() && character != '_';
        text.split(word).map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let used = names(&code);
    let missing: Vec<_> = declared().into_iter().filter(|name| !used.contains(name)).collect();
    assert!(missing.is_empty(), "contactverify.hpp does not reach {missing:?}");

    let c = fs::read_to_string(root().join("include/contactverify.h")).unwrap();
    let numbers = c.lines().filter_map(|line| line.strip_prefix("#define CONTACTVERIFY_"));
    let missing: Vec<_> = numbers
        .map(|define| format!("CONTACTVERIFY_{}", define.split(' ').next().unwrap()))
        // The version and the guard are the preprocessor's.
        .filter(|name| !name.starts_with("CONTACTVERIFY_VERSION") && name != "CONTACTVERIFY_H")
        .filter(|name| !used.contains(name))
        .collect();
    assert!(missing.is_empty(), "contactverify.hpp does not know {missing:?}");

    // Members of the structs, by the lines that fill them.
    for line in c.lines() {
        let Some(declared) = line.strip_prefix("    ").and_then(|line| line.strip_suffix(';'))
        else {
            continue;
        };
        let name = declared.rsplit([' ', '*']).next().unwrap();
        let is_member = declared.starts_with("const char *") || declared.starts_with("int32_t ");
        if is_member && !declared.contains('(') {
            let filled = code.contains(&format!("raw.{name} = "));
            assert!(filled, "contactverify.hpp does not fill the member {name}");
        }
    }
}
