//! The library as a file: its symbols, its header, what it needs.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::support::root;
use crate::support::tools::{has, libraries, run, scratch};

fn shared() -> std::path::PathBuf {
    libraries().join("libcontactverify.so")
}

/// The functions that the header declares.
pub fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/contactverify.h")).unwrap();
    let mut functions = BTreeSet::new();
    for line in header.lines() {
        let declares = !line.starts_with([' ', '#', '/', '}']) && !line.starts_with("typedef");
        if let (true, Some((before, _))) = (declares, line.split_once('(')) {
            let name = before.rsplit([' ', '*']).next().unwrap();
            functions.insert(name.to_owned());
        }
    }
    functions
}

#[test]
fn exported_symbols_header_and_list_agree() {
    let list = fs::read_to_string(root().join("tests/data/symbols.txt")).unwrap();
    let list: BTreeSet<_> = list.lines().map(str::to_owned).collect();
    assert_eq!(declared(), list, "the header and tests/data/symbols.txt differ");
    if has("nm", "binutils") {
        let symbols = run(Command::new("nm").args(["-D", "--defined-only"]).arg(shared()));
        let exported: BTreeSet<_> =
            symbols.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect();
        assert_eq!(exported, list, "the library and tests/data/symbols.txt differ");
    }
}

#[test]
fn the_library_has_its_name_and_flags_and_needs_only_the_c_library() {
    if !has("readelf", "binutils") {
        return;
    }
    let dynamic = run(Command::new("readelf").args(["-dW"]).arg(shared()));
    for flag in ["Library soname: [libcontactverify.so.0.1]", "BIND_NOW", "NODELETE"] {
        assert!(dynamic.contains(flag), "{flag} is missing in {dynamic}");
    }
    let segments = run(Command::new("readelf").args(["-lW"]).arg(shared()));
    assert!(segments.contains("GNU_RELRO"), "{segments}");
    for line in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        // The loader is a part of the C library.
        let known = ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];
        assert!(known.iter().any(|name| line.contains(name)), "{line}");
    }
}

#[test]
fn at_most_thirty_four_crates_are_linked() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "-p", "contactverify", "-e", "normal,no-proc-macro"]);
    cargo.args(["--prefix", "none", "--format", "{p}"]).current_dir(root());
    let tree = run(&mut cargo);
    let crates: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| line.contains(" v") && !line.starts_with("contactverify "))
        .collect();
    assert!((10..=34).contains(&crates.len()), "{}: {crates:#?}", crates.len());
}

#[test]
fn the_header_compiles_alone_without_a_warning() {
    let folder = scratch("header");
    let compilers = [
        ("gcc", "gcc", "c", &["c99", "c11", "c17", "c2x"]),
        ("clang", "clang", "c", &["c99", "c11", "c17", "c2x"]),
        ("g++", "g++", "cpp", &["c++11", "c++14", "c++17", "c++20"]),
        ("clang++", "clang", "cpp", &["c++11", "c++14", "c++17", "c++20"]),
    ];
    for (compiler, package, extension, standards) in compilers {
        if !has(compiler, package) {
            continue;
        }
        for standard in standards {
            let source = folder.join(format!("header.{extension}"));
            fs::write(&source, "#include <contactverify.h>\nint nothing;\n").unwrap();
            run(Command::new(compiler)
                .args(["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
                .arg(format!("-std={standard}"))
                .arg("-I")
                .arg(root().join("include"))
                .arg(source));
        }
    }
}

#[test]
fn every_function_of_the_header_says_what_it_does() {
    let header = fs::read_to_string(root().join("include/contactverify.h")).unwrap();
    for function in declared() {
        let before = &header[..header.rfind(&format!("{function}(")).unwrap()];
        let comment = &before[before.rfind("/**").unwrap()..];
        assert!(comment.contains("*/"), "{function} has no comment");
        let tells = comment.contains("oes not block") || comment.contains("Blocks");
        assert!(tells || comment.contains("may block"), "{function}: does it block? {comment}");
    }
}
