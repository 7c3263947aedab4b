//! A value that belongs to one process, so that a forked child never shares
//! its parent's connections: shared ones gave answers to the wrong process.

use std::process;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// How many forks lie between this process and the one that made its first value.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Which process this is. The id alone does not tell: in containers, parent and child may
/// both be process 1. The forks alone do not tell either: a program may make a process
/// without the C library's `fork`, which counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    id: u32,
    forks: u32,
}

impl Process {
    fn this() -> Self {
        Self { id: process::id(), forks: FORKS.load(Ordering::Relaxed) }
    }
}

#[allow(unsafe_code, reason = "only the C library knows of each fork")]
fn count_forks() {
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    // A flag and not a lock, which a fork could find closed.
    static COUNTING: AtomicBool = AtomicBool::new(false);
    if !COUNTING.swap(true, Ordering::AcqRel) {
        // SAFETY: `forked` only adds to an atomic, and the library stays mapped. If there is
        // no memory for this, the id alone must do.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    }
}

/// A value made anew in each process that asks for it.
///
/// The process is compared before any lock of the value is touched: another
/// thread of the parent may have held one when the child came to be, and in the
/// child nobody would ever open it. For the same reason the child leaks the
/// parent's value instead of dropping it.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    current: AtomicPtr<Owned<T>>,
}

#[derive(Debug)]
struct Owned<T> {
    process: Process,
    value: T,
}

// Comparing, publishing and freeing a value without a lock is what this type is for.
#[allow(unsafe_code, reason = "a lock could be held for ever in a forked child")]
impl<T: Send + Sync> PerProcess<T> {
    pub(crate) fn new() -> Self {
        count_forks();
        Self { current: AtomicPtr::new(ptr::null_mut()) }
    }

    /// This process's value, made by `make` if there is none yet.
    pub(crate) fn get(&self, make: impl FnOnce() -> T) -> &T {
        let process = Process::this();
        let found = self.current.load(Ordering::Acquire);
        // SAFETY: `current` is null or came from `Box::into_raw` below, and what it ever
        // pointed to is freed by `drop` alone, which has this object for itself.
        if let Some(owned) = unsafe { found.as_ref() }
            && owned.process == process
        {
            return &owned.value;
        }
        let made = Box::into_raw(Box::new(Owned { process, value: make() }));
        let exchanged =
            self.current.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire);
        let kept = match exchanged {
            Ok(_) => made,
            Err(winner) => {
                // SAFETY: `made` was not published, so this is its only owner.
                drop(unsafe { Box::from_raw(made) });
                winner
            }
        };
        // SAFETY: as above; and another thread of this process that won the exchange
        // published a value of this process, because processes share no memory.
        unsafe { &(*kept).value }
    }
}

#[allow(unsafe_code, reason = "the counterpart of `get`")]
impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let found = *self.current.get_mut();
        // SAFETY: see `get`; nobody else can reach the pointer any more.
        if let Some(owned) = unsafe { found.as_ref() }
            && owned.process == Process::this()
        {
            // SAFETY: it came from `Box::into_raw`, and this is the only place that frees it.
            drop(unsafe { Box::from_raw(found) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Arc, Barrier};

    use super::*;

    #[test]
    fn threads_share_one_value_and_all_others_are_dropped() {
        struct Counted(Arc<AtomicUsize>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (made, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let shared = PerProcess::new();
        let barrier = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    let value: &Counted = shared.get(|| {
                        made.fetch_add(1, Ordering::SeqCst);
                        Counted(dropped.clone())
                    });
                    assert_eq!(ptr::from_ref(value), ptr::from_ref(shared.get(|| unreachable!())));
                });
            }
        });
        drop(shared);
        assert_eq!(made.load(Ordering::SeqCst), dropped.load(Ordering::SeqCst));
    }
}
