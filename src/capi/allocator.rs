//! Wipes whatever this library frees.
//!
//! A token passes through many hands on its way: strings, headers, the buffers of
//! HTTP, TLS and JSON. Most are other people's code that does not wipe. Here
//! every piece of memory is wiped, whoever used it.

use std::alloc::{GlobalAlloc, Layout, System};
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicIsize, Ordering};

struct Wiping;

/// How many bytes are in use. Only builds for tests count; they fail on a leaked byte.
#[cfg(debug_assertions)]
#[doc(hidden)]
pub static BYTES_IN_USE: AtomicIsize = AtomicIsize::new(0);

fn count(change: isize) {
    #[cfg(debug_assertions)]
    BYTES_IN_USE.fetch_add(change, Ordering::Relaxed);
    #[cfg(not(debug_assertions))]
    let _ = change;
}

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: the memory is the system allocator's, with its guarantees. Between a use and
// the freeing of a block it is only overwritten.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: passed on as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: passed on as it came.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: the caller gives back a block of this layout, which is therefore
        // still ours to write to. The compiler may not drop this write.
        unsafe { libc::explicit_bzero(block.cast(), layout.size()) };
        // SAFETY: passed on as it came.
        unsafe { System.dealloc(block, layout) }
    }

    // The provided `realloc` allocates, copies and calls `dealloc`, which wipes. The
    // system's own would leave what it moved behind.
}
