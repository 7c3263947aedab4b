//! The request as a C struct.

use std::ffi::c_char;
use std::time::Duration;

use super::sized::{self, Growing};
use super::text;
use crate::error::Error;
use crate::limits;
use crate::request::{CallOptions, ContactWay, Request};

/// `contact_way`: an SMS message to a phone number.
pub const CONTACTVERIFY_SMS: i32 = 0;
/// `contact_way`: an e-mail.
pub const CONTACTVERIFY_EMAIL: i32 = 1;
/// `contact_way` as `CONTACTVERIFY_REQUEST_INIT` leaves it: not set, which is refused. So
/// forgetting it never means SMS.
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

// What C programs were compiled with. A member is added at the end, never elsewhere.
const _: () = assert!(size_of::<contactverify_request>() == contactverify_request::FIRST_SIZE);

// SAFETY: `repr(C)`, begins with a `usize`, numbers and pointers only.
unsafe impl Growing for contactverify_request {
    const NAME: &'static str = "request";
    const FIRST_SIZE: usize = 9 * size_of::<usize>() + 2 * size_of::<i32>();
}

/// Reads the caller's struct. Its texts are borrowed, not copied.
///
/// # Safety
/// `pointer` is NULL or points to a struct as the header describes it, which with its
/// texts stays as it is for `'a`.
pub(super) unsafe fn read<'a>(pointer: *const contactverify_request) -> Result<Request<'a>, Error> {
    // SAFETY: the caller's promise.
    let request = unsafe { sized::read(pointer) }?;
    // SAFETY: the caller's promise, for each of the struct's texts.
    let text = |name, pointer| unsafe { text::read(name, pointer) };
    let mandatory = |limit: limits::Text, pointer| {
        text(limit.name, pointer)?.ok_or_else(|| {
            Error::invalid(limit.name, format!("{} is not set: it is mandatory", limit.name))
        })
    };
    let options = CallOptions {
        auth_token: text(limits::AUTH_TOKEN.name, request.auth_token)?,
        language: text(limits::LANGUAGE.name, request.language)?,
        time_zone: text(limits::TIME_ZONE.name, request.time_zone)?,
        timeout: timeout(request.timeout_ms)?,
    };
    Ok(Request {
        verify_code: mandatory(limits::VERIFY_CODE, request.verify_code)?,
        contact_value: mandatory(limits::CONTACT_VALUE, request.contact_value)?,
        contact_way: ContactWay::try_from(request.contact_way)?,
        area_code: text(limits::AREA_CODE.name, request.area_code)?,
        x_customer_id: text(limits::X_CUSTOMER_ID.name, request.x_customer_id)?,
        customer_id: text(limits::CUSTOMER_ID.name, request.customer_id)?,
        options,
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
