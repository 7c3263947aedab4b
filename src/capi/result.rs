//! What came of a call, good or bad, as an object that C can ask.

use std::borrow::Cow;
use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;

use super::boundary::guard;
use super::status::{CONTACTVERIFY_INTERNAL, CONTACTVERIFY_OK, contactverify_status};
use super::text::give;
use crate::error::{Error, Sent};
use crate::response::Answer;
use crate::success::{self, Success};
use crate::text::{TEXT_BYTES, cut, one_line};

/// What came of a call.
///
/// Threads: it never changes, any thread may read it.
/// Ownership: yours, until `contactverify_result_free`. It owns every text that its
/// functions return; they are valid until it is freed and must not be freed themselves.
/// Texts are UTF-8 on one line; one that is absent is "", never NULL.
pub struct contactverify_result {
    status: contactverify_status,
    message: Cow<'static, CStr>,
    field: Cow<'static, CStr>,
    error_code: Cow<'static, CStr>,
    error_msg: Cow<'static, CStr>,
    request_id: Cow<'static, CStr>,
    http_status: i32,
    sent: i32,
    attempts: i32,
    retry_after_ms: i64,
    told: Told,
}

/// What a call tells beyond its status.
pub(super) enum Told {
    Nothing,
    Need { need_verify_code: i32, expire_time: Cow<'static, CStr> },
    Contacts { total: i64, list: Vec<Contact> },
}

/// A verified contact in the form of C.
pub(super) struct Contact {
    way: i32,
    value: Cow<'static, CStr>,
    area_code: Cow<'static, CStr>,
    verified_id: Cow<'static, CStr>,
}

impl From<()> for Told {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<success::Need> for Told {
    fn from(need: success::Need) -> Self {
        let expire_time = give(&need.expire_time);
        Self::Need { need_verify_code: need.need_verify_code, expire_time }
    }
}

impl From<success::Contacts> for Told {
    fn from(contacts: success::Contacts) -> Self {
        let list = contacts.list.iter().map(|contact| Contact {
            way: contact.contact_way,
            value: give(&contact.contact_value),
            area_code: give(&contact.area_code),
            verified_id: give(&contact.verified_id),
        });
        Self::Contacts { total: contacts.total, list: list.collect() }
    }
}

/// Hands out the result of a call that succeeded.
pub(super) fn succeed<T: Into<Told>>(
    success: Success<T>,
    message: &'static CStr,
    slot: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    hand_out(slot, || contactverify_result {
        status: CONTACTVERIFY_OK,
        message: Cow::Borrowed(message),
        field: Cow::Borrowed(c""),
        error_code: Cow::Borrowed(c""),
        error_msg: Cow::Borrowed(c""),
        request_id: give(success.request_id()),
        http_status: 200,
        sent: Sent::Answered as i32,
        attempts: number(success.attempts()),
        retry_after_ms: -1,
        told: success.into_value().into(),
    });
    CONTACTVERIFY_OK
}

/// Hands out the result of anything else.
pub(super) fn fail(
    error: &Error,
    slot: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    let status = error.status().number();
    hand_out(slot, || {
        let none = Answer::default();
        let answer = error.answer().unwrap_or(&none);
        let wait = error.retry_after().map(|wait| i64::try_from(wait.as_millis()));
        contactverify_result {
            status,
            message: give(cut(&one_line(&error.to_string()), TEXT_BYTES)),
            field: give(error.field()),
            error_code: give(&answer.error_code),
            error_msg: give(&answer.error_msg),
            request_id: give(&answer.request_id),
            http_status: i32::from(answer.http_status),
            sent: error.sent() as i32,
            attempts: number(error.attempts()),
            retry_after_ms: wait.map_or(-1, |wait| wait.unwrap_or(i64::MAX)),
            told: Told::Nothing,
        }
    });
    status
}

fn hand_out(
    slot: Option<&mut MaybeUninit<*mut contactverify_result>>,
    make: impl FnOnce() -> contactverify_result,
) {
    if let Some(slot) = slot {
        slot.write(Box::into_raw(Box::new(make())));
    }
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Reads one thing of a result; `absent` if there is no result.
fn read<'a, T>(
    result: Option<&'a contactverify_result>,
    absent: T,
    get: impl FnOnce(&'a contactverify_result) -> T,
) -> T {
    result.map_or(absent, get)
}

/// Frees a result and the texts that it owns. NULL is allowed and does nothing. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_free(result: Option<Box<contactverify_result>>) {
    guard(|| (), || drop(result));
}

/// The status that the call returned. For NULL: `CONTACTVERIFY_INTERNAL`, never OK. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_status(
    result: Option<&contactverify_result>,
) -> contactverify_status {
    read(result, CONTACTVERIFY_INTERNAL, |result| result.status)
}

/// A sentence for a person: what happened and what to do. At most 1024 bytes. It never holds
/// a token, key, password, code or contact. For NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_message(
    result: Option<&contactverify_result>,
) -> *const c_char {
    read(result, c"", |result| &result.message).as_ptr()
}

/// With `CONTACTVERIFY_INVALID_ARGUMENT`, the name of the parameter or setting that was
/// refused, such as "verify_code". Else, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_field(
    result: Option<&contactverify_result>,
) -> *const c_char {
    read(result, c"", |result| &result.field).as_ptr()
}

/// The service's or the gateway's error code, such as "OSM.01010010"; at most 64 bytes.
/// Decide on this and on the status, never on a text. If there was none, and for NULL: "".
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_error_code(
    result: Option<&contactverify_result>,
) -> *const c_char {
    read(result, c"", |result| &result.error_code).as_ptr()
}

/// The text beside the error code, as the service gave it; at most 1024 bytes. If there was
/// none, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_error_msg(
    result: Option<&contactverify_result>,
) -> *const c_char {
    read(result, c"", |result| &result.error_msg).as_ptr()
}

/// The service's own number for the request (`X-Request-Id`), which its support asks for; at
/// most 1024 bytes. If there was none, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_request_id(
    result: Option<&contactverify_result>,
) -> *const c_char {
    read(result, c"", |result| &result.request_id).as_ptr()
}

/// The HTTP status of the answer. If there was no whole one, and for NULL: 0. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_http_status(result: Option<&contactverify_result>) -> i32 {
    read(result, 0, |result| result.http_status)
}

/// How far the request came, which says whether the same code can be tried again.
/// `CONTACTVERIFY_SENT_NO`: the code was not used; the same call may be made again (after
/// `CONTACTVERIFY_INVALID_ARGUMENT`, correct it first). `CONTACTVERIFY_SENT_MAYBE`: the code
/// may be used up; have a new one sent. `CONTACTVERIFY_SENT_ANSWERED`: the service answered;
/// the status says what to do. For NULL: `CONTACTVERIFY_SENT_NO`. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_sent(result: Option<&contactverify_result>) -> i32 {
    read(result, Sent::No as i32, |result| result.sent)
}

/// How many times the request was tried: 0 if the arguments were refused or no credentials
/// could be had, else 1; one more if the first connection did not come about, and one more if
/// a token that the client had fetched was refused. For NULL: 0. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_attempts(result: Option<&contactverify_result>) -> i32 {
    read(result, 0, |result| result.attempts)
}

/// How long the service asks to wait before the next request (`Retry-After`, RFC 9110,
/// section 10.2.3), in milliseconds. If it does not, and for NULL: -1. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_retry_after_ms(
    result: Option<&contactverify_result>,
) -> i64 {
    read(result, -1, |result| result.retry_after_ms)
}

/// After `contactverify_need_verify`: the service's `need_verify_code`, as far as is known 1 if
/// the contact must be verified and 0 if not. After anything else, and for NULL: -1.
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_need_verify(result: Option<&contactverify_result>) -> i32 {
    read(result, -1, |result| match result.told {
        Told::Need { need_verify_code, .. } => need_verify_code,
        _ => -1,
    })
}

/// After `contactverify_need_verify`: the service's `expire_time`, as it wrote it; at most 1024
/// bytes. If it wrote none, after anything else, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_expire_time(
    result: Option<&contactverify_result>,
) -> *const c_char {
    let text = read(result, c"", |result| match &result.told {
        Told::Need { expire_time, .. } => expire_time,
        _ => c"",
    });
    text.as_ptr()
}

/// After `contactverify_list_verified`: how many contacts there are in all. After anything else,
/// and for NULL: -1. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_total(result: Option<&contactverify_result>) -> i64 {
    read(result, -1, |result| match result.told {
        Told::Contacts { total, .. } => total,
        _ => -1,
    })
}

/// How many contacts this result holds. For NULL: 0. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_contact_count(
    result: Option<&contactverify_result>,
) -> usize {
    read(result, 0, |result| contacts(result).len())
}

/// The kind of a contact: `CONTACTVERIFY_SMS`, `CONTACTVERIFY_EMAIL`, or what else the service
/// wrote. If it wrote nothing, for an index that is none, and for NULL: -1. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_contact_way(
    result: Option<&contactverify_result>,
    index: usize,
) -> i32 {
    read(result, -1, |result| contacts(result).get(index).map_or(-1, |contact| contact.way))
}

/// The phone number or e-mail address of a contact; at most 1024 bytes. For an index that is
/// none, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_contact_value(
    result: Option<&contactverify_result>,
    index: usize,
) -> *const c_char {
    contact_text(result, index, |contact| &contact.value)
}

/// The country or region code of a contact; at most 1024 bytes. If the service wrote none, for
/// an index that is none, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_contact_area_code(
    result: Option<&contactverify_result>,
    index: usize,
) -> *const c_char {
    contact_text(result, index, |contact| &contact.area_code)
}

/// The number of a contact's verification; at most 1024 bytes. If the service wrote none, for
/// an index that is none, and for NULL: "". Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_result_contact_verified_id(
    result: Option<&contactverify_result>,
    index: usize,
) -> *const c_char {
    contact_text(result, index, |contact| &contact.verified_id)
}

fn contacts(result: &contactverify_result) -> &[Contact] {
    match &result.told {
        Told::Contacts { list, .. } => list,
        _ => &[],
    }
}

fn contact_text(
    result: Option<&contactverify_result>,
    index: usize,
    get: impl FnOnce(&Contact) -> &CStr,
) -> *const c_char {
    read(result, c"", |result| contacts(result).get(index).map_or(c"", get)).as_ptr()
}
