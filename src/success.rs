//! What a call that succeeded tells.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::text;

/// A call that the service confirmed, with what it told. Only the verdict rule makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success<T> {
    value: T,
    request_id: String,
    attempts: u32,
}

impl Success<()> {
    /// For the verdict rule alone.
    pub(crate) fn new(request_id: String) -> Self {
        Self { value: (), request_id, attempts: 1 }
    }
}

impl<T> Success<T> {
    /// What the service told.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The service's own number for this request; empty if it gave none.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// How many times the request was tried: 1, or more as
    /// [`Config::set_retries`](crate::Config::set_retries) says.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What the service told, without the rest.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    pub(crate) fn with<U>(self, value: U) -> Success<U> {
        Success { value, request_id: self.request_id, attempts: self.attempts }
    }

    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }
}

/// The code was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified;

/// A code is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeSent;

/// Whether a contact must be verified.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Need {
    /// The service's own number: as far as is known, 1 if a code is needed, 0 if not.
    pub need_verify_code: i32,
    /// The time that the service tells with it, as it wrote it; empty if it wrote none.
    #[serde(default, deserialize_with = "line")]
    pub expire_time: String,
}

/// The contacts that are verified.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Contacts {
    /// How many there are in all, of which the list may hold a part.
    #[serde(rename = "count", deserialize_with = "count")]
    pub total: i64,
    /// The part that was asked for.
    #[serde(rename = "contact_list", deserialize_with = "contacts")]
    pub list: Vec<Contact>,
}

/// One verified contact. A text that the service left out is empty.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// 0 for a phone number, 1 for an e-mail address; -1 if the service left it out.
    pub contact_way: i32,
    /// The phone number or e-mail address.
    pub contact_value: String,
    /// The country or region code of a phone number.
    pub area_code: String,
    /// The number of the verification.
    pub verified_id: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The contact is the person's own: it does not print.
        let mut debug = formatter.debug_struct("Contact");
        debug.field("contact_way", &self.contact_way).field("verified_id", &self.verified_id);
        debug.finish_non_exhaustive()
    }
}

impl Contact {
    /// Reads an item of the list; `None` if a member is of another type than documented.
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text = |name| match members.get(name) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(shown(text)),
            Some(_) => None,
        };
        Some(Self {
            contact_way: match members.get("contact_way") {
                None | Some(Value::Null) => -1,
                Some(way) => i32::try_from(way.as_i64()?).ok()?,
            },
            contact_value: text("contact_value")?,
            area_code: text("area_code")?,
            verified_id: text("verified_id")?,
        })
    }
}

fn shown(line: &str) -> String {
    text::cut(&text::one_line(line), text::TEXT_BYTES).to_owned()
}

fn line<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(|line| shown(&line)).unwrap_or_default())
}

fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    u32::deserialize(deserializer).map(i64::from)
}

fn contacts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Contact>, D::Error> {
    // The derived reader of a struct would take an array for it; a map takes objects only.
    let items = Vec::<Map<String, Value>>::deserialize(deserializer)?;
    let read = items.iter().map(Contact::read).collect::<Option<_>>();
    read.ok_or_else(|| serde::de::Error::custom("a contact has a member of another type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_prints_without_the_person() {
        let answer = r#"{"count":1,"contact_list":[{"contact_way":1,"area_code":"86",
            "contact_value":"canary@example.com","verified_id":"id"}]}"#;
        let contacts: Contacts = serde_json::from_str(answer).unwrap();
        assert_eq!(contacts.list[0].contact_value, "canary@example.com");
        assert_eq!(
            format!("{contacts:?}"),
            r#"Contacts { total: 1, list: [Contact { contact_way: 1, verified_id: "id", .. }] }"#
        );
    }
}
