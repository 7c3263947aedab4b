//! Structs that may grow in later releases, as Linux's `openat2` reads its own.

use std::mem::MaybeUninit;
use std::ptr;

use crate::error::Error;

/// The largest struct that a caller of any release can mean.
const LARGEST: usize = 4096;

/// A struct whose first member is its size, and for which zero bytes are valid.
///
/// # Safety
/// The type is `repr(C)`, begins with a `usize`, and holds numbers and pointers only.
pub(super) unsafe trait Growing: Copy {
    /// The parameter's name in the header.
    const NAME: &'static str;
    /// The size in the first release. A smaller one is nobody's.
    const FIRST_SIZE: usize;
}

/// Copies the caller's struct. What a newer caller has behind our members must be
/// zero, because we would not do what it asks for.
///
/// # Safety
/// `pointer` is NULL, or its first member says how many bytes may be read from it.
pub(super) unsafe fn read<T: Growing>(pointer: *const T) -> Result<T, Error> {
    if pointer.is_null() {
        return Err(Error::invalid(T::NAME, format!("{} is NULL: pass a struct", T::NAME)));
    }
    // SAFETY: the first member is there whatever its value, by the caller's promise.
    let size = unsafe { pointer.cast::<usize>().read_unaligned() };
    let ours = size_of::<T>();
    if !(T::FIRST_SIZE..=LARGEST).contains(&size) {
        return Err(Error::invalid(
            "size",
            format!("size is {size}, but the struct has {ours}: begin with its _INIT macro"),
        ));
    }
    for offset in ours..size {
        // SAFETY: `offset` is below the size that the caller gave.
        if unsafe { pointer.cast::<u8>().add(offset).read() } != 0 {
            return Err(Error::invalid(
                "size",
                format!("size is {size}, and members that this release does not know are set"),
            ));
        }
    }
    let mut copy = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` bytes may be read, `ours` may be written, and the two do not overlap.
    unsafe {
        ptr::copy_nonoverlapping(
            pointer.cast::<u8>(),
            copy.as_mut_ptr().cast::<u8>(),
            size.min(ours),
        );
    }
    // SAFETY: zero bytes are valid for the type, and so is what the caller wrote over them.
    Ok(unsafe { copy.assume_init() })
}
