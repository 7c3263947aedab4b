//! The parameter tables of the API page "Verifying Contact Methods" and of its sibling calls,
//! as data.
//!
//! This is the only place where a limit is written. Lengths count characters
//! (Unicode scalar values), not bytes, and both ends are inside the range.

/// One text parameter of the API page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// The name in C, in Python and, for parameters of the body, on the wire.
    pub name: &'static str,
    /// The shortest text that the page allows.
    pub min: usize,
    /// The longest text that the page allows.
    pub max: usize,
    /// Whether the page's column "Mandatory" says "Yes".
    pub mandatory: bool,
}

/// One integer parameter of the API page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// The name in C, in Python and on the wire.
    pub name: &'static str,
    /// The smallest number that the page allows.
    pub min: i32,
    /// The largest number that the page allows.
    pub max: i32,
    /// Whether the page's column "Mandatory" says "Yes".
    pub mandatory: bool,
}

const fn text(name: &'static str, min: usize, max: usize, mandatory: bool) -> Text {
    Text { name, min, max, mandatory }
}

const fn integer(name: &'static str, min: i32, max: i32) -> Integer {
    Integer { name, min, max, mandatory: false }
}

/// The header `X-Auth-Token`: the user token.
pub const AUTH_TOKEN: Text = text("auth_token", 1, 5000, true);
/// The header `X-Language`: the language environment, `zh-cn` where it is absent.
pub const LANGUAGE: Text = text("language", 1, 32, false);
/// The header `X-Time-Zone`: the time zone, `GMT+8` where it is absent.
pub const TIME_ZONE: Text = text("time_zone", 1, 32, false);

/// The one-time code that the person received.
pub const VERIFY_CODE: Text = text("verify_code", 6, 6, true);
/// The phone number or e-mail address.
pub const CONTACT_VALUE: Text = text("contact_value", 0, 64, true);
/// 0 for an SMS message, 1 for an e-mail.
pub const CONTACT_WAY: Integer = Integer { name: "contact_way", min: 0, max: 1, mandatory: true };
/// The country or region code of a phone number.
pub const AREA_CODE: Text = text("area_code", 0, 16, false);
/// The sub-user ID.
pub const X_CUSTOMER_ID: Text = text("x_customer_id", 0, 64, false);
/// The customer ID.
pub const CUSTOMER_ID: Text = text("customer_id", 0, 64, false);

// The pages of the sibling calls: "Sending Verification Codes", "Checking Whether to Verify
// Contact Methods" and "Querying Verified Lists".

/// The contact that is asked about: here, an empty one names nobody.
pub const CONTACT_VALUE_ASKED: Text = text("contact_value", 1, 64, true);
/// The country or region code where a code is to be sent: mandatory, but it may be empty.
pub const AREA_CODE_SENT: Text = text("area_code", 0, 16, true);
/// The contact that is looked for in the list, which may be longer than elsewhere.
pub const CONTACT_VALUE_LISTED: Text = text("contact_value", 0, 256, false);
/// The sub-user ID, as the list calls it.
pub const SUB_CUSTOMER_ID: Text = text("sub_customer_id", 0, 64, false);
/// The number of a verification.
pub const VERIFIED_ID: Text = text("verified_id", 0, 64, false);
/// The end of a verification.
pub const EXPIRED_TIME: Text = text("expired_time", 0, 32, false);
/// Where in the list to begin.
pub const OFFSET: Integer = integer("offset", 0, 65_535);
/// How many verified contacts are wanted at most.
pub const LIMIT: Integer = integer("limit", 0, 100);
