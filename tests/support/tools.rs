//! Programs that the tests run, and what was built for them.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::root;

/// Whether a tool is there. Where it is not, the test says so loudly, and CI, which
/// installs it, fails.
pub fn has(tool: &str, package: &str) -> bool {
    has_with(tool, "--version", package)
}

/// As `has`, for a tool that tells its version in another way.
pub fn has_with(tool: &str, version: &str, package: &str) -> bool {
    let there = Command::new(tool).arg(version).output().is_ok_and(|run| run.status.success());
    if !there {
        // Written past the test harness, which would keep it to itself.
        let sentence = format!("skipped: {tool} is not installed (apt-get install {package})\n");
        let _ = std::io::stderr().write_all(sentence.as_bytes());
        assert!(env::var_os("CI").is_none(), "{sentence}");
    }
    there
}

/// Runs a program to its end and returns what it printed on both streams.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}", output.status);
    printed.into_owned()
}

/// Gives a program these variables and no other, but for what an instrumented library wants to
/// know: what to pass over, where to find what names its findings, where to count.
pub fn in_environment<'a>(command: &'a mut Command, variables: &[(&str, &str)]) -> &'a mut Command {
    let kept = env::vars().filter(|(name, _)| {
        matches!(name.as_str(), "PATH" | "LLVM_PROFILE_FILE") || name.ends_with("SAN_OPTIONS")
    });
    command.env_clear().envs(kept).envs(variables.iter().copied())
}

/// Runs an ignored test of this binary in a process with these variables in its environment,
/// which belongs to a whole process. An empty one is not set. Returns what it printed.
pub fn in_a_process(test: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--ignored"]);
    for (name, value) in variables {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Cargo's target directory, of which this test is a part.
fn target() -> PathBuf {
    let this = env::current_exe().unwrap();
    this.ancestors().nth(3).unwrap().to_owned()
}

/// What makes a program carry the same sanitizer as the library, if this run is with one.
pub fn sanitizer() -> Option<String> {
    env::var("CONTACTVERIFY_SANITIZER").ok()
}

/// Whether there are libraries, for tests that can do without them.
pub fn are_built() -> bool {
    instrumented().is_some() || target().join("release/libcontactverify.so").exists()
}

/// The folder with the libraries into which the compiler has put something beside their code, if
/// this run is with such.
pub fn instrumented() -> Option<PathBuf> {
    env::var_os("CONTACTVERIFY_INSTRUMENTED").map(PathBuf::from)
}

/// The folder with the shared and the static library, as they are shipped if not `instrumented`.
pub fn libraries() -> PathBuf {
    instrumented().unwrap_or_else(|| {
        assert!(are_built(), "build the library first: cargo build --release");
        target().join("release")
    })
}

/// A folder of this test run's own.
pub fn scratch(name: &str) -> PathBuf {
    let folder = target().join("suite").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A library whose functions go before those of the C library, where `LD_PRELOAD` names it.
pub fn preloaded(name: &str, source: &str) -> PathBuf {
    let folder = scratch("preloaded");
    let (file, library) =
        (folder.join(name).with_extension("c"), folder.join(name).with_extension("so"));
    std::fs::write(&file, source).unwrap();
    run(Command::new("gcc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&file));
    library
}

/// How a test program is linked.
#[derive(Debug, Clone, Copy)]
pub enum Linked {
    Shared,
    Static,
}

/// Numbers the programs while they are written.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Compiles a program with all warnings as errors, as the README says to.
pub fn compile(compiler: &str, source: &Path, linked: Linked, flags: &[&str]) -> PathBuf {
    // Programs of one name stand in several folders.
    let name = source.strip_prefix(root()).unwrap_or(source).to_str().unwrap().replace('/', "-");
    let program = scratch("programs").join(format!("{name}-{compiler}-{linked:?}"));
    // Another test may compile the same program, or run it: a file that is being written cannot
    // be run, one that is replaced can.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let written = program.with_extension(format!("{}-{number}", std::process::id()));
    let libraries = libraries();
    let mut command = match (sanitizer(), compiler) {
        (None, compiler) => Command::new(compiler),
        (Some(_), "g++" | "clang++") => Command::new("clang++"),
        (Some(_), _) => Command::new("clang"),
    };
    if let Some(flags) = sanitizer() {
        command.args(flags.split_whitespace()).arg("-fno-omit-frame-pointer");
    }
    command
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-o")
        .arg(&written)
        .arg(source);
    match linked {
        Linked::Shared => {
            // Programs ask for the SONAME at run time.
            let _ = std::os::unix::fs::symlink(
                "libcontactverify.so",
                libraries.join("libcontactverify.so.0.1"),
            );
            command.arg("-L").arg(&libraries).arg("-lcontactverify");
            command.arg(format!("-Wl,-rpath,{}", libraries.display()));
        }
        Linked::Static => {
            command.arg(libraries.join("libcontactverify.a"));
            command.args(["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]);
        }
    }
    run(&mut command);
    std::fs::rename(written, &program).unwrap();
    program
}

/// The local stand-in of the service, running. It ends with this object.
pub struct Sandbox {
    child: Child,
    lines: BufReader<ChildStdout>,
    _stdin: ChildStdin,
    pub endpoint: String,
}

impl Sandbox {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let program = env::var_os("CONTACTVERIFY_SANDBOX")
            .map_or_else(|| target().join("debug/contactverify-sandbox"), PathBuf::from);
        assert!(program.exists(), "build the sandbox first: cargo build --workspace");
        let mut child = Command::new(program)
            .args(["--port", "0", "--resend-interval-seconds", "0", "--until-stdin-closes"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let stdin = child.stdin.take().unwrap();
        let mut endpoint = String::new();
        lines.read_line(&mut endpoint).unwrap();
        Self { child, lines, _stdin: stdin, endpoint: endpoint.trim().to_owned() }
    }

    /// Has a code sent and reads it where a person would read a message.
    pub fn send_code(&mut self, contact: &str, way: i32, area_code: &str) -> String {
        let body = format!(
            r#"{{"contact_value":"{contact}","contact_way":{way},"area_code":"{area_code}"}}"#
        );
        self.ask("POST", "/v2/servicerequest/verifycodes/send", &body);
        self.read_code()
    }

    /// Asks the sandbox without the library; returns the answer's body.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let host = self.endpoint.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: sandbox-token\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// How often a path was asked since the start.
    pub fn counter(&self, name: &str) -> u64 {
        let counters = self.ask("GET", "/sandbox/counters", "");
        let counters: serde_json::Value = serde_json::from_str(&counters).unwrap();
        counters[name].as_u64().unwrap()
    }

    /// The next code that the sandbox "sends".
    pub fn read_code(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("code"), "{line}");
        words.next().unwrap().to_owned()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
