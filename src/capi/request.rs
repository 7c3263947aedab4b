//! The requests as C structs.

use std::ffi::c_char;
use std::time::Duration;

use super::sized::{self, Growing};
use super::text;
use crate::error::Error;
use crate::limits;
use crate::request::{CallOptions, ContactWay, ListRequest, NeedRequest, Request, SendRequest};

/// `contact_way`: an SMS message to a phone number.
pub const CONTACTVERIFY_SMS: i32 = 0;
/// `contact_way`: an e-mail.
pub const CONTACTVERIFY_EMAIL: i32 = 1;
/// `contact_way` as the `_INIT` macros leave it: not set. That is refused where a way must be
/// given, so that forgetting it never means SMS, and not sent where it need not.
pub const CONTACTVERIFY_CONTACT_WAY_UNSET: i32 = -1;

/// One code to be checked, with the parameters of the API page.
///
/// Begin with `contactverify_request request = CONTACTVERIFY_REQUEST_INIT;` and set what
/// you need. The struct and its texts are yours; they are read during the call only. Texts
/// are UTF-8; lengths count characters. NULL means "not given"; an empty text is sent as
/// empty where the length may be 0. One thread may write to it at a time.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct contactverify_request {
    /// `sizeof(contactverify_request)`, set by `CONTACTVERIFY_REQUEST_INIT`.
    pub size: usize,
    /// Mandatory. The one-time code: exactly 6 characters.
    pub verify_code: *const c_char,
    /// Mandatory. The phone number or e-mail address: at most 64 characters. It must be given,
    /// but may be empty.
    pub contact_value: *const c_char,
    /// The country or region code of a phone number, such as "86": 0 to 16 characters.
    pub area_code: *const c_char,
    /// The sub-user ID: 0 to 64 characters.
    pub x_customer_id: *const c_char,
    /// The customer ID: 0 to 64 characters.
    pub customer_id: *const c_char,
    /// The user token for this call: 1 to 5000 characters of visible ASCII. NULL: the client's.
    pub auth_token: *const c_char,
    /// The language of texts: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub language: *const c_char,
    /// The time zone: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub time_zone: *const c_char,
    /// Mandatory. `CONTACTVERIFY_SMS` or `CONTACTVERIFY_EMAIL`.
    pub contact_way: i32,
    /// The total deadline of this call in milliseconds, 1 to 3600000. 0: the client's.
    pub timeout_ms: i32,
}

/// A code to be sent.
///
/// Begin with `contactverify_send_request request = CONTACTVERIFY_SEND_REQUEST_INIT;`. The
/// rules are those of `contactverify_request`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct contactverify_send_request {
    /// `sizeof(contactverify_send_request)`, set by `CONTACTVERIFY_SEND_REQUEST_INIT`.
    pub size: usize,
    /// Mandatory. The phone number or e-mail address: at most 64 characters.
    pub contact_value: *const c_char,
    /// Mandatory. The country or region code of a phone number, such as "86"; "" for an e-mail:
    /// 0 to 16 characters.
    pub area_code: *const c_char,
    /// The user token for this call: 1 to 5000 characters of visible ASCII. NULL: the client's.
    pub auth_token: *const c_char,
    /// The language of texts: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub language: *const c_char,
    /// The time zone: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub time_zone: *const c_char,
    /// Mandatory. `CONTACTVERIFY_SMS` or `CONTACTVERIFY_EMAIL`.
    pub contact_way: i32,
    /// The total deadline of this call in milliseconds, 1 to 3600000. 0: the client's.
    pub timeout_ms: i32,
}

/// A contact of which is asked whether it must be verified.
///
/// Begin with `contactverify_need_request request = CONTACTVERIFY_NEED_REQUEST_INIT;`. The
/// rules are those of `contactverify_request`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct contactverify_need_request {
    /// `sizeof(contactverify_need_request)`, set by `CONTACTVERIFY_NEED_REQUEST_INIT`.
    pub size: usize,
    /// Mandatory. The phone number or e-mail address: 1 to 64 characters.
    pub contact_value: *const c_char,
    /// The country or region code of a phone number: 0 to 16 characters. NULL: not sent.
    pub area_code: *const c_char,
    /// The user token for this call: 1 to 5000 characters of visible ASCII. NULL: the client's.
    pub auth_token: *const c_char,
    /// The language of texts: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub language: *const c_char,
    /// The time zone: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub time_zone: *const c_char,
    /// Mandatory. `CONTACTVERIFY_SMS` or `CONTACTVERIFY_EMAIL`.
    pub contact_way: i32,
    /// The total deadline of this call in milliseconds, 1 to 3600000. 0: the client's.
    pub timeout_ms: i32,
}

/// Which verified contacts are wanted. What is not given narrows nothing.
///
/// Begin with `contactverify_list_request request = CONTACTVERIFY_LIST_REQUEST_INIT;`. The
/// rules are those of `contactverify_request`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct contactverify_list_request {
    /// `sizeof(contactverify_list_request)`, set by `CONTACTVERIFY_LIST_REQUEST_INIT`.
    pub size: usize,
    /// The phone number or e-mail address: 0 to 256 characters.
    pub contact_value: *const c_char,
    /// The country or region code of a phone number: 0 to 16 characters.
    pub area_code: *const c_char,
    /// The customer ID: 0 to 64 characters.
    pub customer_id: *const c_char,
    /// The sub-user ID: 0 to 64 characters.
    pub sub_customer_id: *const c_char,
    /// The number of a verification: 0 to 64 characters.
    pub verified_id: *const c_char,
    /// The end of a verification, as the service writes it: 0 to 32 characters.
    pub expired_time: *const c_char,
    /// The user token for this call: 1 to 5000 characters of visible ASCII. NULL: the client's.
    pub auth_token: *const c_char,
    /// The language of texts: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub language: *const c_char,
    /// The time zone: 1 to 32 characters of visible ASCII. NULL: the client's.
    pub time_zone: *const c_char,
    /// `CONTACTVERIFY_SMS`, `CONTACTVERIFY_EMAIL`, or `CONTACTVERIFY_CONTACT_WAY_UNSET` for both.
    pub contact_way: i32,
    /// Where in the list to begin: 0 to 65535. -1: not sent; the service then begins at 1, as its
    /// page says without saying what 0 is.
    pub offset: i32,
    /// How many contacts are wanted at most: 0 to 100. -1: not sent; the service then gives 10.
    pub limit: i32,
    /// The total deadline of this call in milliseconds, 1 to 3600000. 0: the client's.
    pub timeout_ms: i32,
}

/// What every request may override.
macro_rules! options {
    ($request:expr) => {
        (|| -> Result<CallOptions<'_>, Error> {
            Ok(CallOptions {
                auth_token: text::read(limits::AUTH_TOKEN.name, $request.auth_token)?,
                language: text::read(limits::LANGUAGE.name, $request.language)?,
                time_zone: text::read(limits::TIME_ZONE.name, $request.time_zone)?,
                timeout: timeout($request.timeout_ms)?,
            })
        })()
    };
}

macro_rules! growing {
    ($request:ident, $texts:literal, $numbers:literal) => {
        // What C programs were compiled with. A member is added at the end, never elsewhere.
        const _: () = assert!(size_of::<$request>() == $request::FIRST_SIZE);

        // SAFETY: `repr(C)`, begins with a `usize`, numbers and pointers only.
        unsafe impl Growing for $request {
            const NAME: &'static str = "request";
            const FIRST_SIZE: usize =
                (1 + $texts) * size_of::<usize>() + $numbers * size_of::<i32>();
        }
    };
}

growing!(contactverify_request, 8, 2);
growing!(contactverify_send_request, 5, 2);
growing!(contactverify_need_request, 5, 2);
growing!(contactverify_list_request, 9, 4);

/// Reads the caller's struct. Its texts are borrowed, not copied.
///
/// # Safety
/// `pointer` is NULL or points to a struct as the header describes it, which with its
/// texts stays as it is for `'a`.
pub(super) unsafe fn read<'a>(pointer: *const contactverify_request) -> Result<Request<'a>, Error> {
    // SAFETY: the caller's promise.
    let request = unsafe { sized::read(pointer) }?;
    // SAFETY: the caller's promise, for each of the struct's texts.
    unsafe {
        let options = options!(request)?;
        Ok(Request {
            verify_code: mandatory(limits::VERIFY_CODE, request.verify_code)?,
            contact_value: mandatory(limits::CONTACT_VALUE, request.contact_value)?,
            contact_way: ContactWay::try_from(request.contact_way)?,
            area_code: text::read(limits::AREA_CODE.name, request.area_code)?,
            x_customer_id: text::read(limits::X_CUSTOMER_ID.name, request.x_customer_id)?,
            customer_id: text::read(limits::CUSTOMER_ID.name, request.customer_id)?,
            options,
        })
    }
}

/// Likewise.
///
/// # Safety
/// As with [`read`].
pub(super) unsafe fn read_send<'a>(
    pointer: *const contactverify_send_request,
) -> Result<SendRequest<'a>, Error> {
    // SAFETY: the caller's promise.
    let request = unsafe { sized::read(pointer) }?;
    // SAFETY: the caller's promise, for each of the struct's texts.
    unsafe {
        let options = options!(request)?;
        Ok(SendRequest {
            contact_value: mandatory(limits::CONTACT_VALUE, request.contact_value)?,
            contact_way: ContactWay::try_from(request.contact_way)?,
            area_code: mandatory(limits::AREA_CODE_SENT, request.area_code)?,
            options,
        })
    }
}

/// Likewise.
///
/// # Safety
/// As with [`read`].
pub(super) unsafe fn read_need<'a>(
    pointer: *const contactverify_need_request,
) -> Result<NeedRequest<'a>, Error> {
    // SAFETY: the caller's promise.
    let request = unsafe { sized::read(pointer) }?;
    // SAFETY: the caller's promise, for each of the struct's texts.
    unsafe {
        let options = options!(request)?;
        Ok(NeedRequest {
            contact_value: mandatory(limits::CONTACT_VALUE_ASKED, request.contact_value)?,
            contact_way: ContactWay::try_from(request.contact_way)?,
            area_code: text::read(limits::AREA_CODE.name, request.area_code)?,
            options,
        })
    }
}

/// Likewise.
///
/// # Safety
/// As with [`read`].
pub(super) unsafe fn read_list<'a>(
    pointer: *const contactverify_list_request,
) -> Result<ListRequest<'a>, Error> {
    // SAFETY: the caller's promise.
    let request = unsafe { sized::read(pointer) }?;
    let contact_way = match request.contact_way {
        CONTACTVERIFY_CONTACT_WAY_UNSET => None,
        way => Some(ContactWay::try_from(way)?),
    };
    let given = |number: i32| (number != -1).then_some(number);
    // SAFETY: the caller's promise, for each of the struct's texts.
    unsafe {
        let options = options!(request)?;
        Ok(ListRequest {
            contact_value: text::read(limits::CONTACT_VALUE.name, request.contact_value)?,
            area_code: text::read(limits::AREA_CODE.name, request.area_code)?,
            customer_id: text::read(limits::CUSTOMER_ID.name, request.customer_id)?,
            sub_customer_id: text::read(limits::SUB_CUSTOMER_ID.name, request.sub_customer_id)?,
            verified_id: text::read(limits::VERIFIED_ID.name, request.verified_id)?,
            expired_time: text::read(limits::EXPIRED_TIME.name, request.expired_time)?,
            contact_way,
            offset: given(request.offset),
            limit: given(request.limit),
            options,
        })
    }
}

/// # Safety
/// `pointer` is NULL or points to a NUL-terminated text that stays as it is for `'a`.
unsafe fn mandatory<'a>(limit: limits::Text, pointer: *const c_char) -> Result<&'a str, Error> {
    // SAFETY: the caller's promise.
    unsafe { text::read(limit.name, pointer) }?.ok_or_else(|| {
        Error::invalid(limit.name, format!("{} is not set: it is mandatory", limit.name))
    })
}

/// 0 is the client's; the range of the rest is the core's to check.
fn timeout(milliseconds: i32) -> Result<Option<Duration>, Error> {
    if milliseconds == 0 {
        Ok(None)
    } else {
        super::config::milliseconds("timeout_ms", milliseconds).map(Some)
    }
}
