//! Bytes as a caller's struct, read as `verify_codes` reads it, and a result for C.
//!
//! Byte 0: bits 0 to 2 shift the struct from its alignment, bit 3 makes its pointer NULL.
//! Byte 1: which of the eight texts are given. Then `size`, 8 bytes; `contact_way` and
//! `timeout_ms`, 4 bytes each, all little-endian; one byte that counts the bytes behind our
//! members, and those bytes. The rest: the texts, with NUL between them.

use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;

use super::request::{self, contactverify_request};
use super::result::{self, contactverify_result};
use super::sized::Growing;
use super::status::CONTACTVERIFY_INVALID_ARGUMENT;
use crate::error::Error;
use crate::fuzzing::accepts;
use crate::request::{CallOptions, ContactWay, Request};

const OURS: usize = size_of::<contactverify_request>();
/// A size beyond this is refused before anything behind it is read.
const LARGEST: usize = 4096;

/// Holds what is read against what the header and the API page allow.
///
/// # Panics
/// Where the two differ.
#[must_use]
pub fn run(data: &[u8]) -> bool {
    let Some((input, texts)) = Input::read(data) else { return false };
    let texts: Vec<_> = texts.split(|byte| *byte == 0).collect();
    let given = |index: usize| {
        (input.given >> index & 1 != 0).then(|| texts.get(index).copied().unwrap_or_default())
    };
    let owned: Vec<_> = (0..8)
        .map(|index| given(index).map(|text| CString::new(text).unwrap_or_default()))
        .collect();
    let pointer = |index: usize| owned[index].as_ref().map_or(ptr::null(), |text| text.as_ptr());
    let members = contactverify_request {
        size: input.size,
        verify_code: pointer(0),
        contact_value: pointer(1),
        area_code: pointer(2),
        x_customer_id: pointer(3),
        customer_id: pointer(4),
        auth_token: pointer(5),
        language: pointer(6),
        time_zone: pointer(7),
        contact_way: input.contact_way,
        timeout_ms: input.timeout_ms,
    };

    // Exactly as many bytes as the caller says there are, so that a sanitizer sees the first
    // one that is read behind them.
    let readable = input.size.clamp(size_of::<usize>(), LARGEST);
    let mut memory = vec![0_u8; input.shift + readable];
    let behind = memory.len().min(input.shift + OURS);
    // SAFETY: so many bytes may be read from the struct and be written behind the shift.
    unsafe {
        ptr::copy_nonoverlapping(
            ptr::from_ref(&members).cast::<u8>(),
            memory.as_mut_ptr().add(input.shift),
            behind - input.shift,
        );
    }
    for (byte, unknown) in memory[behind..].iter_mut().zip(input.unknown) {
        *byte = *unknown;
    }
    let known = memory[behind..].iter().all(|byte| *byte == 0);
    let place: *const u8 = if input.null { ptr::null() } else { memory[input.shift..].as_ptr() };

    let sized = !input.null && (contactverify_request::FIRST_SIZE..=LARGEST).contains(&input.size);
    let wanted = if sized && known { wanted(&input, given) } else { None };
    // SAFETY: NULL, or a struct of the size that it says, with NUL-terminated texts, all of
    // which live until the end of this function.
    let outcome = unsafe { request::read(place.cast()) }
        .and_then(|request| request.validate().map(|()| request));
    match (outcome, wanted) {
        (Ok(request), Some(wanted)) => {
            assert_eq!(serde_json::to_value(request).ok(), serde_json::to_value(wanted).ok());
            assert_eq!(request.options.auth_token, wanted.options.auth_token);
            assert_eq!(request.options.language, wanted.options.language);
            assert_eq!(request.options.time_zone, wanted.options.time_zone);
            assert_eq!(request.options.timeout, wanted.options.timeout);
            true
        }
        (Err(error), None) => {
            check_result(&error);
            false
        }
        (Ok(_), None) => panic!("accepted what the header refuses"),
        (Err(error), Some(_)) => panic!("refused what the header allows: {error}"),
    }
}

struct Input<'a> {
    shift: usize,
    null: bool,
    given: u8,
    size: usize,
    contact_way: i32,
    timeout_ms: i32,
    unknown: &'a [u8],
}

impl<'a> Input<'a> {
    fn read(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let ([flags, given], data) = data.split_first_chunk()?;
        let (size, data) = data.split_first_chunk()?;
        let (contact_way, data) = data.split_first_chunk()?;
        let (timeout_ms, data) = data.split_first_chunk()?;
        let (count, data) = data.split_first()?;
        let (unknown, texts) = data.split_at_checked((*count).into())?;
        let input = Self {
            shift: (flags & 7).into(),
            null: flags & 8 != 0,
            given: *given,
            size: usize::try_from(u64::from_le_bytes(*size)).ok()?,
            contact_way: i32::from_le_bytes(*contact_way),
            timeout_ms: i32::from_le_bytes(*timeout_ms),
            unknown,
        };
        Some((input, texts))
    }
}

/// The request that the members mean, if the header and the API page allow it.
fn wanted<'a>(input: &Input<'_>, given: impl Fn(usize) -> Option<&'a [u8]>) -> Option<Request<'a>> {
    let mut texts = [None; 8];
    for (index, text) in texts.iter_mut().enumerate() {
        if let Some(bytes) = given(index) {
            *text = Some(str::from_utf8(bytes).ok()?);
        }
    }
    let [code, contact, area_code, x_customer_id, customer_id, auth_token, language, time_zone] =
        texts;
    let contact_way = match input.contact_way {
        0 => ContactWay::Sms,
        1 => ContactWay::Email,
        _ => return None,
    };
    let timeout = match input.timeout_ms {
        0 => None,
        milliseconds => Some(std::time::Duration::from_millis(u64::try_from(milliseconds).ok()?)),
    };
    let request = Request {
        verify_code: code?,
        contact_value: contact?,
        contact_way,
        area_code,
        x_customer_id,
        customer_id,
        options: CallOptions { auth_token, language, time_zone, timeout },
    };
    accepts(&request).then_some(request)
}

/// The refusal as C sees it: the status, and texts that are there and fit to be shown.
fn check_result(error: &Error) {
    let mut slot = MaybeUninit::uninit();
    assert_eq!(result::fail(error, Some(&mut slot)), CONTACTVERIFY_INVALID_ARGUMENT);
    // SAFETY: `fail` has written a result that is ours.
    let owned: Box<contactverify_result> = unsafe { Box::from_raw(slot.assume_init()) };
    let text = |get: extern "C" fn(Option<&contactverify_result>) -> *const c_char| {
        // SAFETY: a NUL-terminated text that the result owns.
        unsafe { CStr::from_ptr(get(Some(&owned))) }.to_str().unwrap_or_else(|_| panic!("no text"))
    };
    let message = text(result::contactverify_result_message);
    let field = text(result::contactverify_result_field);
    assert_eq!(field, error.field());
    assert!(!field.is_empty() && message.starts_with(field) && message.len() <= 1024);
    assert!(!message.chars().any(char::is_control), "{message:?}");
    result::contactverify_result_free(Some(owned));
}
