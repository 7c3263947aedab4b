//! The API page's limits, written down a second time.

use std::time::Duration;

use crate::request::Request;

/// Whether the API page allows the request.
pub(crate) fn accepts(request: &Request<'_>) -> bool {
    let options = &request.options;
    length(request.verify_code, 6, 6)
        && length(request.contact_value, 0, 64)
        && request.area_code.is_none_or(|text| length(text, 0, 16))
        && request.x_customer_id.is_none_or(|text| length(text, 0, 64))
        && request.customer_id.is_none_or(|text| length(text, 0, 64))
        && options.auth_token.is_none_or(|text| header(text, 5000))
        && options.language.is_none_or(|text| header(text, 32))
        && options.time_zone.is_none_or(|text| header(text, 32))
        && options.timeout.is_none_or(|timeout| {
            (Duration::from_millis(1)..=Duration::from_hours(1)).contains(&timeout)
        })
}

pub(super) fn length(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}

/// Whether the text arrives as it is when it is sent as a header: visible ASCII with blanks
/// inside.
pub(super) fn header(text: &str, max: usize) -> bool {
    length(text, 1, max)
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && text.trim_matches(' ') == text
}
