//! The query of an address, in the one form that is both sent and signed.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986, section 2.3, calls unreserved stands for itself; all else is encoded, as
/// the signature asks for it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters in the order in which the signature wants them: by name, then by value, before
/// they are encoded.
#[derive(Default)]
pub(crate) struct Query<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Adds a parameter if it is given. An empty text is given.
    pub(crate) fn add(
        mut self,
        name: &'static str,
        value: Option<impl Into<Cow<'a, str>>>,
    ) -> Self {
        self.0.extend(value.map(|value| (name, value.into())));
        self
    }

    /// The text behind the question mark; empty without parameters.
    pub(crate) fn into_text(mut self) -> String {
        self.0.sort();
        let pairs =
            self.0.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// One segment of a path, or one side of a parameter.
pub(crate) fn encode(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_sorted_and_encoded() {
        let query = Query::default()
            .add("b", Some("ü +/?&=%~*"))
            .add("a", None::<&str>)
            .add("a-", Some("2"))
            .add("a", Some("2"))
            .add("a", Some(""));
        assert_eq!(query.into_text(), "a=&a=2&a-=2&b=%C3%BC%20%2B%2F%3F%26%3D%25~%2A");
        assert_eq!(Query::default().into_text(), "");
    }
}
