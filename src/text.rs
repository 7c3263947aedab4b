//! The server's text, made fit to be shown: one line, and short.

use std::borrow::Cow;

/// The longest `error_code` that is passed on, in bytes.
pub(crate) const CODE_BYTES: usize = 64;
/// The longest other text that is passed on, in bytes.
pub(crate) const TEXT_BYTES: usize = 1024;
/// How much of a page that is not JSON is quoted, in bytes.
pub(crate) const EXCERPT_BYTES: usize = 160;

/// Whether every letter is one that nobody minds.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Replaces what could end a line, move a terminal's cursor or end a C string.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain(text) { Cow::Borrowed(text) } else { text.chars().map(fit).collect() }
}

pub(crate) fn fit(letter: char) -> char {
    match letter {
        '\u{2028}' | '\u{2029}' => char::REPLACEMENT_CHARACTER,
        // This covers NUL, the escapes, DEL and U+0080 to U+009F.
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// The longest beginning of `text` that has at most `limit` bytes.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
