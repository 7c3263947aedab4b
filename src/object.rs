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

/// A member's name, as far as the verdict needs it. Read without being copied.
enum Name {
    ErrorCode,
    ErrorMsg,
    RequestId,
    AnotherError,
    Other,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(match name {
                    "error_code" => Name::ErrorCode,
                    "error_msg" => Name::ErrorMsg,
                    "request_id" => Name::RequestId,
                    "errorCode" | "code" | "error" => Name::AnotherError,
                    _ => Name::Other,
                })
            }
        }

        deserializer.deserialize_str(NameVisitor)
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
                while let Some((name, field)) = map.next_entry::<Name, Field>()? {
                    match name {
                        // Two verdicts in one answer are none.
                        Name::ErrorCode if has_error_code => {
                            return Err(de::Error::duplicate_field("error_code"));
                        }
                        Name::ErrorCode => {
                            has_error_code = true;
                            object.error_code = field;
                        }
                        Name::ErrorMsg => object.error_msg = field,
                        Name::RequestId => object.request_id = field,
                        Name::AnotherError => {
                            object.names_another_error |= field.says_something();
                        }
                        Name::Other => {}
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
                while members.next_entry::<Name, Field>()?.is_some() {
                    field = Field::Other;
                }
                Ok(field)
            }
        }

        deserializer.deserialize_any(FieldVisitor)
    }
}
