//! A value that belongs to one process, so that a forked child never shares
//! its parent's connections: shared ones gave answers to the wrong process.

use std::process;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// Which process this is: equal for all threads of one, different in a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process(u64);

impl Process {
    fn this() -> Self {
        let forks = u64::from(FORKS.load(Ordering::Relaxed));
        if let Some(number) = mark::read() {
            return Self(forks << 32 | number);
        }
        // The id alone does not tell: in containers, parent and child may both be process 1. The
        // forks alone do not tell either: a program may make a process without the C library's
        // `fork`, which counts them.
        Self(BY_ID | forks << 32 | u64::from(process::id()))
    }
}

/// How many forks lie between this process and the one that made its first value.
static FORKS: AtomicU32 = AtomicU32::new(0);
/// Tells such a number from one on the mark.
const BY_ID: u64 = 1 << 63;

/// Prepares both ways to know a child.
#[allow(unsafe_code, reason = "only the C library knows of each fork")]
pub(super) fn prepare() {
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    // A flag and not a lock, which a fork could find closed.
    static PREPARED: AtomicBool = AtomicBool::new(false);
    if !PREPARED.swap(true, Ordering::AcqRel) {
        // SAFETY: `forked` only adds to an atomic, and the library stays mapped. If there is
        // no memory for this, the id alone must do.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        mark::place();
    }
}

/// A page of memory that the kernel empties in every child (Linux 4.14, `MADV_WIPEONFORK`), with
/// a number on it. It costs no system call, where asking for the process's id costs one per call.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the page comes from the kernel")]
mod mark {
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

    static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
    /// A child inherits it, and so counts on from its parent's number.
    static LAST: AtomicU64 = AtomicU64::new(0);
    const BYTES: usize = 4096;

    pub(super) fn place() {
        // SAFETY: a new private page, which nobody else knows.
        unsafe {
            let (rights, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            let page = libc::mmap(ptr::null_mut(), BYTES, rights, kind, -1, 0);
            if page == libc::MAP_FAILED {
                return;
            }
            // An emulator may answer 0 to whatever it is asked, also to what does not exist.
            let believable = libc::madvise(page, BYTES, -1) != 0;
            if believable && libc::madvise(page, BYTES, libc::MADV_WIPEONFORK) == 0 {
                PAGE.store(page.cast(), Ordering::Release);
            } else {
                libc::munmap(page, BYTES);
            }
        }
    }

    pub(super) fn read() -> Option<u64> {
        // SAFETY: null, or a page that is never unmapped, aligned and zeroed by the kernel.
        let mark = unsafe { PAGE.load(Ordering::Acquire).as_ref() }?;
        match mark.load(Ordering::Relaxed) {
            0 => {
                let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                let placed = mark.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
                Some(placed.map_or_else(|earlier| earlier, |_| number))
            }
            number => Some(number),
        }
    }
}

/// Elsewhere, the process is known by its id and its forks.
#[cfg(not(target_os = "linux"))]
mod mark {
    pub(super) fn place() {}

    pub(super) fn read() -> Option<u64> {
        None
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
        prepare();
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
