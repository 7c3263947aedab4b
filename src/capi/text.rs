//! Text across the boundary.

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};

use crate::error::Error;
use crate::text::one_line;

/// Reads a C string that may be NULL. It is borrowed for the duration of the call.
///
/// # Safety
/// `pointer` is NULL or points to a NUL-terminated text that stays as it is for `'a`.
pub(super) unsafe fn read<'a>(
    field: &'static str,
    pointer: *const c_char,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    match text.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Error::invalid(field, format!("{field} is not valid UTF-8"))),
    }
}

/// Text for C: without NUL, which would silently cut it short. An absent text needs no memory.
pub(super) fn give(text: &str) -> Cow<'static, CStr> {
    if text.is_empty() {
        return Cow::Borrowed(c"");
    }
    CString::new(&*one_line(text)).map_or(Cow::Borrowed(c""), Cow::Owned)
}
