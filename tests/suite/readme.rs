//! The README's programs, compiled and run as they stand there, against the sandbox.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use contactverify::capi::CONTACTVERIFY_EMAIL;

use crate::support::root;
use crate::support::tools::{Linked, Sandbox, compile, has, libraries, scratch};

/// The README's program in a language, with the sandbox's address and code in place of the
/// service's.
fn program(language: &str, extension: &str, endpoint: &str, code: &str) -> PathBuf {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split(&format!("```{language}\n")).nth(1).unwrap();
    let text = block.split("```").next().unwrap();
    let (service, example) = ("https://osm.cn-south-1.myhuaweicloud.com", "123456");
    assert!(text.contains(service) && text.contains(example), "{text}");
    let path = scratch("readme").join(format!("readme-{code}.{extension}"));
    fs::write(&path, text.replace(service, endpoint).replace(example, code)).unwrap();
    path
}

/// The piece of C behind a mark.
fn piece(mark: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split(&format!("<!-- {mark} -->\n```c\n")).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn each_way_to_authenticate_works_in_the_c_program() {
    if !has("gcc", "gcc") {
        return;
    }
    let arguments = ["--account", "my-account", "--user", "my-user"];
    for (mark, variables) in [
        ("authenticate: password", &[("IAM_PASSWORD", "sandbox-password")][..]),
        ("authenticate: key", &[("MY_AK", "sandbox-access-key"), ("MY_SK", "sandbox-secret-key")]),
        (
            "authenticate: found",
            &[
                ("HUAWEICLOUD_SDK_AK", "sandbox-access-key"),
                ("HUAWEICLOUD_SDK_SK", "sandbox-secret-key"),
            ],
        ),
    ] {
        let mut sandbox = Sandbox::start_with(&arguments);
        let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
        let source = program("c", "c", &sandbox.endpoint, &code);
        let text = fs::read_to_string(&source).unwrap();
        let token = "contactverify_config_set_auth_token(config, getenv(\"CONTACTVERIFY_TOKEN\"));";
        // IAM is the sandbox too.
        let iam = format!(
            "contactverify_config_set_iam_endpoint(config, \"{}\"); {}",
            sandbox.endpoint,
            piece(mark)
        );
        assert!(text.contains(token), "{text}");
        fs::write(&source, text.replace(token, &iam)).unwrap();
        let program = compile("gcc", &source, Linked::Shared, &["-std=gnu99"]);
        let run = Command::new(program).env_clear().envs(variables.iter().copied()).output();
        let run = run.unwrap();
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(printed, "verified\n", "{mark}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn the_piece_that_sends_a_code_works_in_the_c_program() {
    if !has("gcc", "gcc") {
        return;
    }
    let mut sandbox = Sandbox::start();
    let source = program("c", "c", &sandbox.endpoint, "send");
    let text = fs::read_to_string(&source).unwrap();
    let begin = text.find("        contactverify_request request").unwrap();
    let end = text.find("    }\n    if (status == CONTACTVERIFY_OK)\n        puts").unwrap();
    fs::write(&source, [&text[..begin], &piece("call: send"), &text[end..]].concat()).unwrap();
    let mut command = Command::new(compile("gcc", &source, Linked::Shared, &["-std=gnu99"]));
    let run = command.env("CONTACTVERIFY_TOKEN", "sandbox-token").output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(sandbox.read_code().len(), 6);
}

/// Runs a language's program with a wrong code and with the right one.
fn assert_works(language: &str, extension: &str, command: impl Fn(PathBuf) -> Command) {
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for (code, status, says) in [(wrong, 1, "wrong, used or expired"), (&code, 0, "verified\n")] {
        let run = command(program(language, extension, &sandbox.endpoint, code))
            .env("CONTACTVERIFY_TOKEN", "sandbox-token")
            .output()
            .unwrap();
        let printed = [run.stdout, run.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        assert_eq!(run.status.code(), Some(status), "{language}: {printed}");
        assert!(printed.contains(says), "{language}: {printed}");
    }
}

#[test]
fn the_c_program_works() {
    if has("gcc", "gcc") {
        assert_works("c", "c", |source| {
            Command::new(compile("gcc", &source, Linked::Shared, &["-std=c99"]))
        });
    }
}

#[test]
fn the_cpp_program_works() {
    if has("g++", "g++") {
        assert_works("cpp", "cpp", |source| {
            Command::new(compile("g++", &source, Linked::Shared, &["-std=c++17"]))
        });
    }
}

#[test]
fn the_python_program_works() {
    if has("python3", "python3") {
        assert_works("python", "py", |source| {
            let mut command = Command::new("python3");
            command
                .arg(source)
                .env("PYTHONPATH", root().join("bindings/python/src"))
                .env("CONTACTVERIFY_LIBRARY", libraries().join("libcontactverify.so"));
            command
        });
    }
}
