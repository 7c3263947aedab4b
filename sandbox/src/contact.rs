//! Whom a code is sent to.

use std::fmt::{self, Display, Formatter, Write};

/// How a code reaches the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContactWay {
    /// `contact_way` 0: an SMS message.
    Sms,
    /// `contact_way` 1: an e-mail.
    Email,
}

impl ContactWay {
    /// `contact_way` as the API has it.
    pub fn number(self) -> u8 {
        match self {
            Self::Sms => 0,
            Self::Email => 1,
        }
    }
}

impl Display for ContactWay {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sms => "sms",
            Self::Email => "email",
        })
    }
}

/// A phone number or e-mail address. Two contacts are the same if all three parts are equal,
/// character by character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    /// SMS message or e-mail.
    pub way: ContactWay,
    /// The country or region code. Empty where the request has none: sending a code requires
    /// the parameter, verifying does not, so an e-mail sent with an empty one has to match.
    pub area_code: String,
    /// The number or address.
    pub value: String,
}

/// Reads as in `alice@example.com (email)` or `13800000000 (sms, area code 86)`, always on one
/// line: a caller could otherwise forge the line of another contact's code.
impl Display for Contact {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write_on_one_line(formatter, &self.value)?;
        write!(formatter, " ({}", self.way)?;
        if !self.area_code.is_empty() {
            formatter.write_str(", area code ")?;
            write_on_one_line(formatter, &self.area_code)?;
        }
        formatter.write_char(')')
    }
}

fn write_on_one_line(formatter: &mut Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        // The two separators end a line for some readers, such as Python's `splitlines`.
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            write!(formatter, "{}", character.escape_default())?;
        } else {
            formatter.write_char(character)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(way: ContactWay, area_code: &str, value: &str) -> String {
        Contact { way, area_code: area_code.to_owned(), value: value.to_owned() }.to_string()
    }

    #[test]
    fn a_contact_is_shown_with_its_way_and_area_code() {
        assert_eq!(shown(ContactWay::Email, "", "alice@example.com"), "alice@example.com (email)");
        assert_eq!(shown(ContactWay::Sms, "86", "13800000000"), "13800000000 (sms, area code 86)");
        assert_eq!(shown(ContactWay::Email, "", "李@例子.cn"), "李@例子.cn (email)");
    }

    #[test]
    fn a_contact_stays_on_one_line() {
        assert_eq!(
            shown(ContactWay::Sms, "8\r6", "1\ncode 2\u{2028}\u{85}"),
            r"1\ncode 2\u{2028}\u{85} (sms, area code 8\r6)"
        );
    }
}
