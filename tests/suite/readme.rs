//! The programs of the README and of `docs`, compiled and run as they stand there, against the
//! sandbox.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use contactverify::capi::CONTACTVERIFY_EMAIL;

use crate::support::root;
use crate::support::tools::{Linked, Sandbox, compile, has, in_environment, libraries, scratch};
use crate::vendor;

/// A program on a page: the file, the language, and which of the blocks in it.
#[derive(Clone, Copy)]
struct Printed(&'static str, &'static str, usize);

/// The program, with the sandbox's address and code in place of the service's.
fn program(printed: Printed, endpoint: &str, code: &str) -> PathBuf {
    let Printed(page, language, number) = printed;
    let readme = fs::read_to_string(root().join(page)).unwrap();
    let block = readme.split(&format!("```{language}\n")).nth(number).unwrap();
    let text = block.split("```").next().unwrap();
    let (service, example) = ("https://osm.cn-south-1.myhuaweicloud.com", "123456");
    assert!(text.contains(service) && text.contains(example), "{text}");
    let extension = if language == "python" { "py" } else { language };
    let name = format!("{}-{number}-{code}.{extension}", page.replace('/', "-"));
    let path = scratch("readme").join(name);
    fs::write(&path, text.replace(service, endpoint).replace(example, code)).unwrap();
    path
}

/// The piece of the README behind a mark.
fn piece(mark: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split(&format!("<!-- {mark} -->\n```")).nth(1).unwrap();
    block.split("```").next().unwrap().split_once('\n').unwrap().1.to_owned()
}

#[test]
fn the_sandbox_sends_a_code_for_the_programs() {
    if !has("curl", "curl") {
        return;
    }
    let mut sandbox = Sandbox::start();
    let script = piece("sandbox: send").replace("http://127.0.0.1:8077", &sandbox.endpoint);
    let run = Command::new("sh").args(["-ec", &script]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(sandbox.read_code().len(), 6);
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
        let source = program(README_C, &sandbox.endpoint, &code);
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
        let run = in_environment(&mut Command::new(program), variables).output().unwrap();
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
    let source = program(README_C, &sandbox.endpoint, "send");
    let text = fs::read_to_string(&source).unwrap();
    let begin = text.find("        contactverify_request request").unwrap();
    let end = text.find("    }\n    if (status == CONTACTVERIFY_OK)\n        puts").unwrap();
    fs::write(&source, [&text[..begin], &piece("call: send"), &text[end..]].concat()).unwrap();
    let mut command = Command::new(compile("gcc", &source, Linked::Shared, &["-std=gnu99"]));
    let run = command.env("CONTACTVERIFY_TOKEN", "sandbox-token").output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(sandbox.read_code().len(), 6);
}

/// Runs a program with a wrong code and with the right one.
fn assert_works(printed: Printed, command: impl Fn(PathBuf) -> Command) {
    let Printed(page, language, _) = printed;
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for (code, status, says) in [(wrong, 1, "OSM.01010010"), (&code, 0, "verified\n")] {
        let run = command(program(printed, &sandbox.endpoint, code))
            .env("CONTACTVERIFY_TOKEN", "sandbox-token")
            .env("HUAWEICLOUD_SDK_AK", "sandbox-access-key")
            .env("HUAWEICLOUD_SDK_SK", "sandbox-secret-key")
            .output()
            .unwrap();
        let said = [run.stdout, run.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(run.status.code(), Some(status), "{page}, {language}: {said}");
        assert!(said.contains(says), "{page}, {language}: {said}");
    }
}

const README_C: Printed = Printed("README.md", "c", 1);
const COMING_FROM: &str = "docs/coming-from.md";

fn compiled(printed: Printed, compiler: &str, standard: &str) {
    if has(compiler, compiler) {
        assert_works(printed, |source| {
            Command::new(compile(compiler, &source, Linked::Shared, &[standard]))
        });
    }
}

/// Python, with the package of this checkout.
fn interpreted(printed: Printed, python: &str) {
    assert_works(printed, |source| {
        let mut command = Command::new(python);
        command
            .arg(source)
            .env("PYTHONPATH", root().join("bindings/python/src"))
            .env("CONTACTVERIFY_LIBRARY", libraries().join("libcontactverify.so"));
        command
    });
}

#[test]
fn the_c_program_works() {
    compiled(README_C, "gcc", "-std=c99");
}

#[test]
fn the_cpp_program_works() {
    compiled(Printed("README.md", "cpp", 1), "g++", "-std=c++17");
}

#[test]
fn the_python_program_works() {
    if has("python3", "python3") {
        interpreted(Printed("README.md", "python", 1), "python3");
    }
}

#[test]
fn the_program_for_users_of_libcurl_works() {
    compiled(Printed(COMING_FROM, "c", 1), "gcc", "-std=c99");
}

#[test]
fn the_program_for_users_of_the_vendors_sdk_works() {
    if has("python3", "python3") {
        interpreted(Printed(COMING_FROM, "python", 2), "python3");
    }
}

#[test]
fn the_program_of_the_vendors_sdk_works() {
    if vendor::has_sdk() {
        interpreted(Printed(COMING_FROM, "python", 1), &vendor::python());
    }
}
