//! What `make install` gives, used as a package is used: from another place than the one that it
//! was made for, and by projects that know nothing but its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use contactverify::capi::CONTACTVERIFY_EMAIL;

use crate::library::declared;
use crate::support::root;
use crate::support::tools::{Sandbox, has, has_with, libraries, run, scratch};

/// Debian's place for libraries, which is deeper than the usual one.
const LIBDIR: &str = "/opt/somewhere/lib/x86_64-linux-gnu";

fn make(target: &str, destination: &Path) -> Command {
    let mut command = Command::new("make");
    command
        .current_dir(root())
        .args(["--no-print-directory", target, "PREFIX=/opt/somewhere"])
        .arg(format!("LIBDIR={LIBDIR}"))
        .arg(format!("DESTDIR={}", destination.display()))
        .arg(format!("CARGO_TARGET_DIR={}", libraries().parent().unwrap().display()));
    command
}

fn emptied(name: &str) -> PathBuf {
    let folder = scratch(name);
    fs::remove_dir_all(&folder).unwrap();
    scratch(name)
}

fn installed(name: &str) -> PathBuf {
    let folder = emptied(name);
    run(&mut make("install", &folder));
    folder
}

/// The prefix of a tree that was installed and then moved.
static MOVED: LazyLock<PathBuf> = LazyLock::new(|| {
    let (from, to) = (installed("install-from"), emptied("install-moved").join("prefix"));
    fs::rename(from.join("opt/somewhere"), &to).unwrap();
    to
});

fn libdir() -> PathBuf {
    MOVED.join("lib/x86_64-linux-gnu")
}

/// A copy of a folder with programs, in which nothing else is.
fn project(folder: &str, name: &str) -> PathBuf {
    let copy = emptied(name);
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    copy
}

fn with_make(folder: &Path, targets: &[&str]) {
    run(Command::new("make")
        .current_dir(folder)
        .args(targets)
        .arg(format!("PKG_CONFIG_PATH={}", libdir().join("pkgconfig").display()))
        .arg(format!("LDFLAGS=-Wl,-rpath,{}", libdir().display())));
}

fn with_cmake(folder: &Path) {
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", MOVED.display());
    let mut configure = Command::new("cmake");
    // Only on Debian is this folder looked into by itself.
    configure.current_dir(folder).args(["-B", ".", &prefix]);
    run(configure.arg("-DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu"));
    run(Command::new("cmake").current_dir(folder).args(["--build", "."]));
}

/// Has a code sent and verifies it, once; then it is refused.
fn verifies(program: &Path) {
    let mut sandbox = Sandbox::start();
    let code = sandbox.send_code("alice@example.com", CONTACTVERIFY_EMAIL, "");
    let verify = || -> Output {
        Command::new(program)
            .args(["--endpoint", &sandbox.endpoint, "--contact", "alice@example.com"])
            .args(["--way", "email", "--code", &code])
            .env("CONTACTVERIFY_TOKEN", "sandbox-token")
            .output()
            .unwrap()
    };
    let (first, second) = (verify(), verify());
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert_eq!((first.status.code(), said.trim_end()), (Some(0), "OK"), "{first:?}");
    assert_eq!(second.status.code(), Some(1), "{second:?}");
}

/// Which of our libraries a program loads: by the name that stays the same for one ABI, or none.
fn loads(program: &Path, own: bool) {
    let needed = run(Command::new("readelf").arg("--dynamic").arg(program));
    assert_eq!(needed.contains("[libcontactverify.so.0.1]"), own, "{needed}");
    assert_eq!(needed.contains("libcontactverify"), own, "{needed}");
}

#[test]
fn c_with_pkg_config_shared_and_static() {
    if !has("pkg-config", "pkg-config") {
        return;
    }
    let folder = project("bindings/c", "install-c-make");
    with_make(&folder, &["all", "verify-static", "signup-static"]);
    for (program, own) in [("verify", true), ("verify-static", false)] {
        loads(&folder.join(program), own);
        verifies(&folder.join(program));
    }
}

#[test]
fn c_with_cmake_shared_and_static() {
    if !has("cmake", "cmake") {
        return;
    }
    let folder = project("bindings/c", "install-c-cmake");
    fs::remove_file(folder.join("Makefile")).unwrap();
    with_cmake(&folder);
    for (program, own) in [("verify", true), ("verify-static", false)] {
        loads(&folder.join(program), own);
        verifies(&folder.join(program));
    }
}

#[test]
fn cpp_with_pkg_config() {
    if !has("pkg-config", "pkg-config") || !has("g++", "g++") {
        return;
    }
    let folder = project("bindings/cpp", "install-cpp-make");
    with_make(&folder, &["all"]);
    verifies(&folder.join("verify"));
}

#[test]
fn cpp_with_cmake() {
    if !has("cmake", "cmake") || !has("g++", "g++") {
        return;
    }
    let folder = project("bindings/cpp", "install-cpp-cmake");
    fs::remove_file(folder.join("Makefile")).unwrap();
    with_cmake(&folder);
    loads(&folder.join("verify"), true);
    verifies(&folder.join("verify"));
}

#[test]
fn cmake_takes_versions_of_the_same_abi_only() {
    if !has("cmake", "cmake") {
        return;
    }
    let folder = emptied("install-versions");
    for (version, found) in [
        ("", true),
        ("0.1", true),
        ("0.1.0 EXACT", true),
        ("0", false),
        ("0.0.9", false),
        ("0.1.1", false),
        ("0.2", false),
        ("1.0", false),
    ] {
        let project = format!(
            "cmake_minimum_required(VERSION 3.12)\nproject(p LANGUAGES C)\n\
             find_package(contactverify {version} QUIET)\n\
             message(STATUS \"found=${{contactverify_FOUND}}\")\n"
        );
        fs::write(folder.join("CMakeLists.txt"), project).unwrap();
        let build = folder.join("build");
        let _ = fs::remove_dir_all(&build);
        let said = run(Command::new("cmake")
            .args(["-S", ".", "-B", "build", "-DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu"])
            .arg(format!("-DCMAKE_PREFIX_PATH={}", MOVED.display()))
            .current_dir(&folder));
        let answer = if found { "found=1" } else { "found=0" };
        assert!(said.contains(answer), "{version}: {said}");
    }
}

#[test]
fn what_was_installed_goes_again() {
    let folder = installed("install-gone");
    let files = || run(Command::new("find").arg(&folder).args(["!", "-type", "d"]));
    assert!(files().contains("contactverify.hpp"));
    run(&mut make("uninstall", &folder));
    assert_eq!(files(), "");
}

#[test]
fn the_manual_page_is_well_formed_and_names_every_function() {
    let page = root().join("packaging/contactverify.3");
    let text = fs::read_to_string(&page).unwrap();
    let listed = text.lines().filter_map(|line| line.strip_prefix(".It Fn ")).map(str::to_owned);
    assert_eq!(listed.collect::<std::collections::BTreeSet<_>>(), declared());
    // Without any option, mandoc tells no version and reads a page.
    if has_with("mandoc", "/dev/null", "mandoc") {
        let said = run(Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&page));
        assert_eq!(said, "");
    }
}
