//! The four requests and their validation against the API page. Nothing here touches the
//! network.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::config;
use crate::error::Error;
use crate::limits::{self, Integer, Text};
use crate::query::Query;

/// How the code reached the person, as the API page numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ContactWay {
    /// An SMS message to a phone number.
    Sms = 0,
    /// An e-mail.
    Email = 1,
}

impl TryFrom<i32> for ContactWay {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            0 => Ok(Self::Sms),
            1 => Ok(Self::Email),
            -1 => Err(Error::invalid(
                limits::CONTACT_WAY.name,
                "contact_way is not set: give 0 for an SMS message or 1 for an e-mail",
            )),
            other => Err(Error::invalid(
                limits::CONTACT_WAY.name,
                format!("contact_way must be 0 (SMS message) or 1 (e-mail), but is {other}"),
            )),
        }
    }
}

impl Serialize for ContactWay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(*self as i32)
    }
}

/// What may differ from call to call in the headers and the time allowed.
/// `None` means: as the client was configured.
#[derive(Clone, Copy, Default)]
pub struct CallOptions<'a> {
    /// The user token, 1 to 5000 characters; replaces the client's credentials for this call.
    pub auth_token: Option<&'a str>,
    /// `X-Language`, 1 to 32 characters, for example `en-us`.
    pub language: Option<&'a str>,
    /// `X-Time-Zone`, 1 to 32 characters, for example `GMT+8`.
    pub time_zone: Option<&'a str>,
    /// The total deadline of this call, 1 ms to 1 hour.
    pub timeout: Option<Duration>,
}

impl CallOptions<'_> {
    /// Checks each option that is given.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        check_header(limits::AUTH_TOKEN, self.auth_token)?;
        check_header(limits::LANGUAGE, self.language)?;
        check_header(limits::TIME_ZONE, self.time_zone)?;
        self.timeout.map_or(Ok(()), |timeout| config::check_duration("timeout_ms", timeout))
    }
}

impl fmt::Debug for CallOptions<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallOptions")
            .field("auth_token", &self.auth_token.map(|_| "[secret]"))
            .field("language", &self.language)
            .field("time_zone", &self.time_zone)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// One code to be checked. Serialized, it is the body of
/// `POST /v2/servicerequest/verifycodes`: the API page's order, and what is
/// `None` is not sent, while an empty text is sent as empty.
#[derive(Clone, Copy, Serialize)]
pub struct Request<'a> {
    /// The one-time code: exactly 6 characters.
    pub verify_code: &'a str,
    /// The phone number or e-mail address: 0 to 64 characters.
    pub contact_value: &'a str,
    /// How the code reached the person.
    pub contact_way: ContactWay,
    /// The country or region code of a phone number: 0 to 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<&'a str>,
    /// The sub-user ID: 0 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_customer_id: Option<&'a str>,
    /// The customer ID: 0 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<&'a str>,
    /// Headers and deadline of this call.
    #[serde(skip)]
    pub options: CallOptions<'a>,
}

impl<'a> Request<'a> {
    /// A request with what the API page makes mandatory and nothing else.
    #[must_use]
    pub fn new(verify_code: &'a str, contact_value: &'a str, contact_way: ContactWay) -> Self {
        Self {
            verify_code,
            contact_value,
            contact_way,
            area_code: None,
            x_customer_id: None,
            customer_id: None,
            options: CallOptions::default(),
        }
    }

    /// Checks every parameter in the API page's order.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for the first
    /// parameter that is outside its limits.
    pub fn validate(&self) -> Result<(), Error> {
        self.options.validate()?;
        check_length(limits::VERIFY_CODE, self.verify_code)?;
        check_length(limits::CONTACT_VALUE, self.contact_value)?;
        check_given(limits::AREA_CODE, self.area_code)?;
        check_given(limits::X_CUSTOMER_ID, self.x_customer_id)?;
        check_given(limits::CUSTOMER_ID, self.customer_id)
    }
}

/// A code to be sent. Serialized, it is the body of
/// `POST /v2/servicerequest/verifycodes/send`.
#[derive(Clone, Copy, Serialize)]
pub struct SendRequest<'a> {
    /// The phone number or e-mail address: 0 to 64 characters.
    pub contact_value: &'a str,
    /// How the code shall reach the person.
    pub contact_way: ContactWay,
    /// The country or region code of a phone number: 0 to 16 characters, empty for an e-mail.
    pub area_code: &'a str,
    /// Headers and deadline of this call.
    #[serde(skip)]
    pub options: CallOptions<'a>,
}

impl<'a> SendRequest<'a> {
    /// A request with what is mandatory.
    #[must_use]
    pub fn new(contact_value: &'a str, contact_way: ContactWay, area_code: &'a str) -> Self {
        Self { contact_value, contact_way, area_code, options: CallOptions::default() }
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for the first
    /// parameter that is outside its limits.
    pub fn validate(&self) -> Result<(), Error> {
        self.options.validate()?;
        check_length(limits::CONTACT_VALUE, self.contact_value)?;
        check_length(limits::AREA_CODE_SENT, self.area_code)
    }
}

/// A contact of which is asked whether it must be verified:
/// `GET /v2/servicerequest/verifycodes/need-verify`.
#[derive(Clone, Copy)]
pub struct NeedRequest<'a> {
    /// The phone number or e-mail address: 1 to 64 characters.
    pub contact_value: &'a str,
    /// What kind of contact it is.
    pub contact_way: ContactWay,
    /// The country or region code of a phone number: 0 to 16 characters.
    pub area_code: Option<&'a str>,
    /// Headers and deadline of this call.
    pub options: CallOptions<'a>,
}

impl<'a> NeedRequest<'a> {
    /// A request with what is mandatory.
    #[must_use]
    pub fn new(contact_value: &'a str, contact_way: ContactWay) -> Self {
        Self { contact_value, contact_way, area_code: None, options: CallOptions::default() }
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for the first
    /// parameter that is outside its limits.
    pub fn validate(&self) -> Result<(), Error> {
        self.options.validate()?;
        check_length(limits::CONTACT_VALUE_ASKED, self.contact_value)?;
        check_given(limits::AREA_CODE, self.area_code)
    }

    pub(crate) fn query(&self) -> String {
        Query::default()
            .add("contact_value", Some(self.contact_value))
            .add("contact_way", Some((self.contact_way as i32).to_string()))
            .add("area_code", self.area_code)
            .into_text()
    }
}

/// Which verified contacts are wanted: `GET /v2/servicerequest/verifycodes/has-verified`.
/// `None` is not sent; with nothing given, all are wanted.
#[derive(Clone, Copy, Default)]
pub struct ListRequest<'a> {
    /// The phone number or e-mail address: 0 to 256 characters.
    pub contact_value: Option<&'a str>,
    /// The country or region code of a phone number: 0 to 16 characters.
    pub area_code: Option<&'a str>,
    /// The customer ID: 0 to 64 characters.
    pub customer_id: Option<&'a str>,
    /// The sub-user ID: 0 to 64 characters.
    pub sub_customer_id: Option<&'a str>,
    /// The number of a verification: 0 to 64 characters.
    pub verified_id: Option<&'a str>,
    /// The end of a verification: 0 to 32 characters.
    pub expired_time: Option<&'a str>,
    /// The kind of contact.
    pub contact_way: Option<ContactWay>,
    /// Where in the list to begin: 0 to 65,535.
    pub offset: Option<i32>,
    /// How many contacts are wanted at most: 0 to 100. The service's default is 10.
    pub limit: Option<i32>,
    /// Headers and deadline of this call.
    pub options: CallOptions<'a>,
}

impl ListRequest<'_> {
    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for the first
    /// parameter that is outside its limits.
    pub fn validate(&self) -> Result<(), Error> {
        self.options.validate()?;
        check_given(limits::CONTACT_VALUE_LISTED, self.contact_value)?;
        check_given(limits::AREA_CODE, self.area_code)?;
        check_given(limits::CUSTOMER_ID, self.customer_id)?;
        check_given(limits::SUB_CUSTOMER_ID, self.sub_customer_id)?;
        check_given(limits::VERIFIED_ID, self.verified_id)?;
        check_given(limits::EXPIRED_TIME, self.expired_time)?;
        check_integer(limits::OFFSET, self.offset)?;
        check_integer(limits::LIMIT, self.limit)
    }

    pub(crate) fn query(&self) -> String {
        Query::default()
            .add("contact_value", self.contact_value)
            .add("area_code", self.area_code)
            .add("customer_id", self.customer_id)
            .add("sub_customer_id", self.sub_customer_id)
            .add("verified_id", self.verified_id)
            .add("expired_time", self.expired_time)
            .add("contact_way", self.contact_way.map(|way| (way as i32).to_string()))
            .add("offset", self.offset.map(|number| number.to_string()))
            .add("limit", self.limit.map(|number| number.to_string()))
            .into_text()
    }
}

/// Code, contact and whose it is are the person's own: of a request, they do not print.
macro_rules! discreet {
    ($($request:ident),*) => {$(
        impl fmt::Debug for $request<'_> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($request))
                    .field("contact_way", &self.contact_way)
                    .field("options", &self.options)
                    .finish_non_exhaustive()
            }
        }
    )*};
}

discreet!(Request, SendRequest, NeedRequest, ListRequest);

/// Checks a text's length in characters.
pub(crate) fn check_length(limit: Text, value: &str) -> Result<(), Error> {
    let Text { name, min, max, .. } = limit;
    let length = value.chars().count();
    if (min..=max).contains(&length) {
        return Ok(());
    }
    let range = if min == max {
        format!("exactly {min}")
    } else if min == 0 {
        format!("at most {max}")
    } else {
        format!("{min} to {max}")
    };
    Err(Error::invalid(name, format!("{name} must have {range} characters, but has {length}")))
}

/// Checks a text's length if it is given.
fn check_given(limit: Text, value: Option<&str>) -> Result<(), Error> {
    value.map_or(Ok(()), |value| check_length(limit, value))
}

fn check_integer(limit: Integer, value: Option<i32>) -> Result<(), Error> {
    value.map_or(Ok(()), |value| {
        config::check_number::<i32>(limit.name, value, limit.min, limit.max).map(drop)
    })
}

/// Checks the length of a text that becomes a header, and that it cannot end
/// the header early or be changed on the way.
pub(crate) fn check_header(limit: Text, value: Option<&str>) -> Result<(), Error> {
    let Some(value) = value else { return Ok(()) };
    check_header_characters(limit.name, value)?;
    check_length(limit, value)
}

/// RFC 9110, section 5.5: a field value is visible ASCII with blanks inside.
/// Line breaks would split the request; blanks at the ends would be cut off by
/// the receiver, so that another value would arrive than was given.
pub(crate) fn check_header_characters(name: &'static str, value: &str) -> Result<(), Error> {
    let problem = if value.contains(['\r', '\n']) {
        "contains a line break"
    } else if value.chars().any(|character| character.is_ascii_control()) {
        "contains a control character"
    } else if !value.is_ascii() {
        "contains a character outside ASCII"
    } else if value.starts_with(' ') || value.ends_with(' ') {
        "begins or ends with a blank"
    } else {
        return Ok(());
    };
    Err(Error::invalid(name, format!("{name} {problem}: remove it, a header cannot carry it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_the_limits() {
        for (limit, range) in [
            (limits::VERIFY_CODE, "exactly 6"),
            (limits::AREA_CODE, "at most 16"),
            (limits::LANGUAGE, "1 to 32"),
        ] {
            let sentence = check_length(limit, &"x".repeat(99)).unwrap_err().to_string();
            assert_eq!(
                sentence,
                format!("{} must have {range} characters, but has 99", limit.name)
            );
        }
    }

    #[test]
    fn options_print_without_the_token() {
        let options = CallOptions {
            auth_token: Some("a-token"),
            language: Some("en-us"),
            time_zone: None,
            timeout: Some(Duration::from_secs(1)),
        };
        assert_eq!(
            format!("{options:?}"),
            r#"CallOptions { auth_token: Some("[secret]"), language: Some("en-us"), time_zone: None, timeout: Some(1s) }"#
        );
    }
}
