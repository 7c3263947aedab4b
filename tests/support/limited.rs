//! Programs that may hang.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::tools::scratch;

/// Numbers the files of what programs print.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Runs a program that may hang, and ends it with all its children when the time is up.
pub fn run_within(limit: Duration, command: &mut Command) -> String {
    let printed = scratch("printed").join(format!("{}", NEXT.fetch_add(1, Ordering::SeqCst)));
    let file = File::create(&printed).unwrap();
    // A pipe would stay open as long as any child of the program lives.
    let mut child = command
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (ended, wait) = mpsc::channel();
    let group = -i32::try_from(child.id()).unwrap();
    let watch = thread::spawn(move || {
        let late = wait.recv_timeout(limit).is_err();
        // SAFETY: the function takes numbers only. The group is the program's own.
        unsafe { libc::kill(group, libc::SIGKILL) };
        late
    });
    let status = child.wait().unwrap();
    let _ = ended.send(());
    let late = watch.join().unwrap();
    let printed = String::from_utf8_lossy(&fs::read(&printed).unwrap()).into_owned();
    assert!(!late, "{command:?}: not at its end after {limit:?}\n{printed}");
    assert!(status.success(), "{command:?}: {status}\n{printed}");
    printed
}
