//! The documented answer: one JSON object, read more strictly than JSON itself asks.
//!
//! serde's derived reader would take an array for the object, and its skipping
//! would pass over broken text inside unknown members. Both could make an
//! answer that the service never gave look like a success.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// One member's value, as far as the verdict needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Field {
    /// The member is absent or null.
    #[default]
    Null,
    /// A text, possibly empty.
    Text(String),
    /// An object or array without members.
    Hollow,
    /// Anything else.
    Other,
}

impl Field {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn says_something(&self) -> bool {
        match self {
            Self::Null | Self::Hollow => false,
            Self::Text(text) => !text.is_empty(),
            Self::Other => true,
        }
    }
}

/// The members of an answer that the verdict looks at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) error_code: Field,
    pub(crate) error_msg: Field,
    pub(crate) request_id: Field,
    /// `errorCode`, `code` or `error` is there and is neither null nor empty.
    pub(crate) names_another_error: bool,
}

impl Object {
    /// Reads the whole body as one object, or says what it is instead.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        if body.trim_ascii().is_empty() {
            return Err("the answer is empty, where a JSON object should be");
        }
        // JSON is UTF-8 (RFC 8259, section 8.1). The reader checks only the
        // texts that it looks into, so the whole is checked here.
        let body = str::from_utf8(body).map_err(|_| "the answer is not UTF-8 text")?;
        serde_json::from_str(body).map_err(|error| {
            if error.is_data() {
                "the answer is JSON, but not the documented object"
            } else {
                "the answer is not JSON"
            }
        })
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                let mut has_error_code = false;
                while let Some(name) = map.next_key::<String>()? {
                    let field = map.next_value::<Field>()?;
                    match name.as_str() {
                        // Two verdicts in one answer are none.
                        "error_code" if has_error_code => {
                            return Err(de::Error::duplicate_field("error_code"));
                        }
                        "error_code" => {
                            has_error_code = true;
                            object.error_code = field;
                        }
                        "error_msg" => object.error_msg = field,
                        "request_id" => object.request_id = field,
                        "errorCode" | "code" | "error" => {
                            object.names_another_error |= field.says_something();
                        }
                        _ => {}
                    }
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor;

        impl<'de> Visitor<'de> for FieldVisitor {
            type Value = Field;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any JSON value")
            }

            fn visit_unit<E>(self) -> Result<Field, E> {
                Ok(Field::Null)
            }

            fn visit_str<E>(self, text: &str) -> Result<Field, E> {
                Ok(Field::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
                Ok(Field::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
                Ok(Field::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
                Ok(Field::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
                Ok(Field::Other)
            }

            // What is inside is read with this same reader, not skipped, so that
            // a lone surrogate anywhere is found; serde_json bounds the depth.
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
                let mut field = Field::Hollow;
                while items.next_element::<Field>()?.is_some() {
                    field = Field::Other;
                }
                Ok(field)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Field, A::Error> {
                let mut field = Field::Hollow;
                while members.next_entry::<String, Field>()?.is_some() {
                    field = Field::Other;
                }
                Ok(field)
            }
        }

        deserializer.deserialize_any(FieldVisitor)
    }
}
