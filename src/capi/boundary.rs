//! What every exported function does around its work.

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::error::{Error, ErrorKind, Sent};

/// Runs the work of an exported function. A panic that left it would abort the
/// host program; it ends here and gives `otherwise`. So would `pthread_cancel`, which waits
/// until the function has ended. `errno` is as before.
pub(super) fn guard<T>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    let _thread = KeptThread::new();
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

unsafe extern "C" {
    // The libc crate lacks it for Linux.
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

/// As in `<pthread.h>` of Linux.
const PTHREAD_CANCEL_DISABLE: c_int = 1;

/// What of the calling thread is as before when the function returns: `errno`, since a C program
/// may look at the `errno` of its own call afterwards; and whether the thread can be cancelled,
/// which unwinds the stack like an exception that Rust must not let pass.
struct KeptThread {
    errno: i32,
    cancel_state: c_int,
}

impl KeptThread {
    fn new() -> Self {
        let mut cancel_state = 0;
        // SAFETY: the place is valid for the call.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut cancel_state) };
        // SAFETY: the function has no preconditions; the pointer is this thread's own
        // and valid for as long as the thread lives.
        Self { errno: unsafe { *libc::__errno_location() }, cancel_state }
    }
}

impl Drop for KeptThread {
    fn drop(&mut self) {
        // SAFETY: the state that was told; the state before is not asked for.
        unsafe { pthread_setcancelstate(self.cancel_state, ptr::null_mut()) };
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = self.errno }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_here_and_errno_is_kept() {
        // SAFETY: see `KeptThread`.
        unsafe { *libc::__errno_location() = 77 };
        let answer = guard(
            || 90,
            || {
                // SAFETY: see `KeptThread`.
                unsafe { *libc::__errno_location() = 1 };
                panic!("as intended by this test")
            },
        );
        assert_eq!(answer, 90);
        // SAFETY: see `KeptThread`.
        assert_eq!(unsafe { *libc::__errno_location() }, 77);
    }
}
