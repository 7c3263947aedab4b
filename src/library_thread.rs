//! Threads of the library's own: a lookup, which cannot be stopped, and the fetch of a token or a
//! key, which belongs to no call.

use std::thread::Builder;

/// A lookup needs about 100 KiB, a TLS handshake less than 512. The C library cuts the program's
/// thread-local variables out of each stack, and programs that compute have hundreds of KiB of
/// them. What is not touched costs addresses only.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// A thread that is about to begin. Its `spawn` reports that there is none to be had, where
/// `thread::spawn` panics.
pub(crate) fn named(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES)
}
