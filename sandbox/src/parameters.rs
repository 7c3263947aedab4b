//! Requests, as the API page describes them.
//!
//! The page is read strictly, so that a client's mistake shows: lengths count characters (Unicode
//! scalar values), a parameter of another JSON type is a violation, and so is `null`, which is no
//! string. Fields that the page does not name are ignored. A parameter that may be missing and is
//! missing reads like an empty text.

use axum::http::HeaderMap;
use contactverify::limits::{self, Integer, Text};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::contact::{Contact, ContactWay};
use crate::query::Query;
use crate::verified::Filter;

/// The page "Querying Verified Lists" gives it as the default of `limit`.
const LISTED_BY_DEFAULT: usize = 10;

/// How a request differs from the API page. A text about a parameter of a body is at most 32
/// characters long, which is what the page allows for `error_msg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Violation {
    /// The body is not JSON, or it is JSON but not an object.
    #[error("The body is not a JSON object")]
    NotAnObject,
    /// A mandatory parameter is not there.
    #[error("{0}: is missing")]
    Missing(&'static str),
    /// Which of two values counts would be a matter of luck.
    #[error("{0}: is there twice")]
    Twice(&'static str),
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
    /// The header `X-Site` is neither 0 nor 1.
    #[error("X-Site: must be 0 or 1")]
    UnknownSite,
    /// The number is too small or too large.
    #[error("{name}: must be {min}..{max}")]
    Range {
        /// The parameter.
        name: &'static str,
        /// The smallest number that the page allows.
        min: i32,
        /// The largest number that the page allows.
        max: i32,
    },
}

/// The body of `POST /v2/servicerequest/verifycodes`. Its customer ids do not decide whether the
/// code is right; the verified contact can be found by them.
#[derive(Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whose code it is.
    pub contact: Contact,
    /// The code that the person typed in.
    pub code: String,
    /// The customer, or empty.
    pub customer_id: String,
    /// `x_customer_id`: the sub-user, or empty.
    pub sub_customer_id: String,
}

/// The query of `GET /v2/servicerequest/verifycodes/has-verified`.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which contacts.
    pub filter: Filter,
    /// How many of them to leave out at the start.
    pub offset: usize,
    /// How many to list.
    pub limit: usize,
}

/// Checks the optional headers of every call. The mandatory one is the gateway's business.
pub fn check_headers(headers: &HeaderMap) -> Result<(), Violation> {
    for (name, limit) in [("X-Language", limits::LANGUAGE), ("X-Time-Zone", limits::TIME_ZONE)] {
        for value in headers.get_all(name) {
            let text = str::from_utf8(value.as_bytes()).map_err(|_| Violation::NotText(name))?;
            check_length(name, text, limit)?;
        }
    }
    let known_site = headers.get_all("X-Site").iter().all(|site| site == "0" || site == "1");
    if known_site { Ok(()) } else { Err(Violation::UnknownSite) }
}

/// Reads the body of the call that verifies a code.
pub fn verification(body: &[u8]) -> Result<Verification, Violation> {
    let fields = Fields::read(body)?;
    let code = fields.text(limits::VERIFY_CODE)?;
    let contact = fields.contact(limits::AREA_CODE)?;
    let sub_customer_id = fields.text(limits::X_CUSTOMER_ID)?;
    let customer_id = fields.text(limits::CUSTOMER_ID)?;
    Ok(Verification { contact, code, customer_id, sub_customer_id })
}

/// Reads the body of the call that sends a code: the contact to send it to.
pub fn sending(body: &[u8]) -> Result<Contact, Violation> {
    Fields::read(body)?.contact(limits::AREA_CODE_SENT)
}

/// Reads the query of the call that tells whether a contact needs a code.
pub fn need_verify(query: &Query) -> Result<Contact, Violation> {
    Ok(Contact {
        value: query_text(query, limits::CONTACT_VALUE_ASKED)?,
        way: query_way(query)?.ok_or(Violation::Missing(limits::CONTACT_WAY.name))?,
        area_code: query_text(query, limits::AREA_CODE)?,
    })
}

/// Reads the query of the call that lists verified contacts.
pub fn has_verified(query: &Query) -> Result<Listing, Violation> {
    let filter = Filter {
        way: query_way(query)?,
        customer_id: query_text(query, limits::CUSTOMER_ID)?,
        sub_customer_id: query_text(query, limits::SUB_CUSTOMER_ID)?,
        expired_time: query_text(query, limits::EXPIRED_TIME)?,
        verified_id: query_text(query, limits::VERIFIED_ID)?,
        value: query_text(query, limits::CONTACT_VALUE_LISTED)?,
        area_code: query_text(query, limits::AREA_CODE)?,
    };
    let offset = query_number(query, limits::OFFSET)?.unwrap_or(0);
    let limit = query_number(query, limits::LIMIT)?.unwrap_or(LISTED_BY_DEFAULT);
    Ok(Listing { filter, offset, limit })
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
        let given = match self.0.get(limit.name) {
            Some(Value::String(text)) => Some(text.as_str()),
            Some(_) => return Err(Violation::NotText(limit.name)),
            None => None,
        };
        text_within(limit, given)
    }

    fn contact_way(&self) -> Result<ContactWay, Violation> {
        let name = limits::CONTACT_WAY.name;
        let value = self.0.get(name).ok_or(Violation::Missing(name))?;
        match value {
            Value::Number(number) if number.is_i64() || number.is_u64() => way_of(number.as_i64()),
            _ => Err(Violation::NotInteger(name)),
        }
    }
}

fn query_value<'a>(query: &'a Query, name: &'static str) -> Result<Option<&'a str>, Violation> {
    let mut values = query.values(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Violation::Twice(name));
    }
    first.map(str::from_utf8).transpose().map_err(|_| Violation::NotText(name))
}

fn query_text(query: &Query, limit: Text) -> Result<String, Violation> {
    text_within(limit, query_value(query, limit.name)?)
}

fn query_way(query: &Query) -> Result<Option<ContactWay>, Violation> {
    let name = limits::CONTACT_WAY.name;
    let Some(text) = query_value(query, name)? else {
        return Ok(None);
    };
    // A number that is too large for the type is an integer all the same.
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !is_digits(digits) {
        return Err(Violation::NotInteger(name));
    }
    way_of(text.parse().ok()).map(Some)
}

/// A number from zero. One that is too large for the type is beyond every list, too.
fn query_number(query: &Query, limit: Integer) -> Result<Option<usize>, Violation> {
    let Integer { name, min, max, .. } = limit;
    let read = |text: &str| {
        let number = is_digits(text).then(|| text.parse().unwrap_or(i32::MAX));
        let number = number.ok_or(Violation::NotInteger(name))?;
        let in_range = (min..=max).contains(&number).then(|| usize::try_from(number).ok());
        in_range.flatten().ok_or(Violation::Range { name, min, max })
    };
    query_value(query, name)?.map(read).transpose()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn way_of(number: Option<i64>) -> Result<ContactWay, Violation> {
    match number {
        Some(0) => Ok(ContactWay::Sms),
        Some(1) => Ok(ContactWay::Email),
        _ => Err(Violation::UnknownContactWay),
    }
}

fn text_within(limit: Text, given: Option<&str>) -> Result<String, Violation> {
    if given.is_none() && limit.mandatory {
        return Err(Violation::Missing(limit.name));
    }
    let text = given.unwrap_or_default();
    if given.is_some() {
        check_length(limit.name, text, limit)?;
    }
    Ok(text.to_owned())
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
