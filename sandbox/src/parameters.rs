//! Requests, as the API page describes them.
//!
//! The page is read strictly, so that a client's mistake shows: lengths count characters (Unicode
//! scalar values), a parameter of another JSON type is a violation, and so is `null`, which is no
//! string. Fields that the page does not name are ignored. A parameter that may be missing and is
//! missing reads like an empty text.

use axum::http::HeaderMap;
use contactverify::limits::{self, Text};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::contact::{Contact, ContactWay};

/// The page "Verifying Contact Methods" has `area_code` as optional. The reference of the call
/// that sends a code has the same range, but as mandatory.
const AREA_CODE_TO_SEND_TO: Text = Text { mandatory: true, ..limits::AREA_CODE };

/// How a request differs from the API page. Each text is at most 32 characters long, which is
/// what the page allows for `error_msg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Violation {
    /// The body is not JSON, or it is JSON but not an object.
    #[error("The body is not a JSON object")]
    NotAnObject,
    /// A mandatory parameter is not there.
    #[error("{0}: is missing")]
    Missing(&'static str),
    /// The parameter is of another JSON type, or a header that is not UTF-8.
    #[error("{0}: must be a string")]
    NotText(&'static str),
    /// The parameter is of another JSON type, or a number with a fraction.
    #[error("{0}: must be an integer")]
    NotInteger(&'static str),
    /// The text is too short or too long.
    #[error("{name}: {min}..{max} characters")]
    Length {
        /// The parameter.
        name: &'static str,
        /// The shortest text that the page allows.
        min: usize,
        /// The longest text that the page allows.
        max: usize,
    },
    /// `contact_way` is an integer, but neither 0 nor 1.
    #[error("contact_way: must be 0 or 1")]
    UnknownContactWay,
}

/// The body of `POST /v2/servicerequest/verifycodes`. Its customer ids are checked, but do not
/// decide anything here.
#[derive(Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whose code it is.
    pub contact: Contact,
    /// The code that the person typed in.
    pub code: String,
}

/// Checks the optional headers of every call. The mandatory one is the gateway's business.
pub fn check_headers(headers: &HeaderMap) -> Result<(), Violation> {
    for (name, limit) in [("X-Language", limits::LANGUAGE), ("X-Time-Zone", limits::TIME_ZONE)] {
        for value in headers.get_all(name) {
            let text = str::from_utf8(value.as_bytes()).map_err(|_| Violation::NotText(name))?;
            check_length(name, text, limit)?;
        }
    }
    Ok(())
}

/// Reads the body of the call that verifies a code.
pub fn verification(body: &[u8]) -> Result<Verification, Violation> {
    let fields = Fields::read(body)?;
    let code = fields.text(limits::VERIFY_CODE)?;
    let contact = fields.contact(limits::AREA_CODE)?;
    fields.text(limits::X_CUSTOMER_ID)?;
    fields.text(limits::CUSTOMER_ID)?;
    Ok(Verification { contact, code })
}

/// Reads the body of the call that sends a code: the contact to send it to.
pub fn sending(body: &[u8]) -> Result<Contact, Violation> {
    Fields::read(body)?.contact(AREA_CODE_TO_SEND_TO)
}

struct Fields(Map<String, Value>);

impl Fields {
    fn read(body: &[u8]) -> Result<Self, Violation> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(Violation::NotAnObject),
        }
    }

    fn contact(&self, area_code: Text) -> Result<Contact, Violation> {
        Ok(Contact {
            value: self.text(limits::CONTACT_VALUE)?,
            way: self.contact_way()?,
            area_code: self.text(area_code)?,
        })
    }

    fn text(&self, limit: Text) -> Result<String, Violation> {
        let text = match self.0.get(limit.name) {
            Some(Value::String(text)) => text.as_str(),
            Some(_) => return Err(Violation::NotText(limit.name)),
            None if limit.mandatory => return Err(Violation::Missing(limit.name)),
            None => "",
        };
        check_length(limit.name, text, limit)?;
        Ok(text.to_owned())
    }

    fn contact_way(&self) -> Result<ContactWay, Violation> {
        let name = limits::CONTACT_WAY.name;
        let value = self.0.get(name).ok_or(Violation::Missing(name))?;
        match value {
            Value::Number(number) if number.is_i64() || number.is_u64() => match number.as_i64() {
                Some(0) => Ok(ContactWay::Sms),
                Some(1) => Ok(ContactWay::Email),
                _ => Err(Violation::UnknownContactWay),
            },
            _ => Err(Violation::NotInteger(name)),
        }
    }
}

fn check_length(name: &'static str, text: &str, limit: Text) -> Result<(), Violation> {
    if (limit.min..=limit.max).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(Violation::Length { name, min: limit.min, max: limit.max })
    }
}

#[cfg(test)]
mod tests;
