//! What every exported function does around its work.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Sent};

/// Runs the work of an exported function. A panic that left it would abort the
/// host program; it ends here and gives `otherwise`. `errno` is as before.
pub(super) fn guard<T>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    let _errno = KeptErrno::new();
    // What the work touches is either finished or, after a panic, not used again:
    // shared state is behind locks and atomics, which a panic leaves usable.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| otherwise())
}

/// What a caller is told after a panic. The panic's own text is not repeated: it
/// goes to the host's panic hook, and it could quote what was confided in us.
pub(super) fn internal(sent: Sent) -> Error {
    let sentence = "A bug in contactverify was caught. Please report it.";
    Error::on_the_way(ErrorKind::Internal(sentence.into()), sent)
}

/// Puts `errno` back when the function returns: a C program may look at the
/// `errno` of its own call afterwards.
struct KeptErrno(i32);

impl KeptErrno {
    fn new() -> Self {
        // SAFETY: the function has no preconditions; the pointer is this thread's own
        // and valid for as long as the thread lives.
        Self(unsafe { *libc::__errno_location() })
    }
}

impl Drop for KeptErrno {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_here_and_errno_is_kept() {
        // SAFETY: see `KeptErrno`.
        unsafe { *libc::__errno_location() = 77 };
        let answer = guard(
            || 90,
            || {
                // SAFETY: see `KeptErrno`.
                unsafe { *libc::__errno_location() = 1 };
                panic!("as intended by this test")
            },
        );
        assert_eq!(answer, 90);
        // SAFETY: see `KeptErrno`.
        assert_eq!(unsafe { *libc::__errno_location() }, 77);
    }
}
