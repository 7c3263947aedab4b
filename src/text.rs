//! The server's text, made fit to be shown: one line, short, and without what
//! the caller confided in us, should the server repeat it.

use std::borrow::Cow;

/// The longest `error_code` that is passed on, in bytes.
pub(crate) const CODE_BYTES: usize = 64;
/// The longest other text that is passed on, in bytes.
pub(crate) const TEXT_BYTES: usize = 1024;
/// How much of a page that is not JSON is quoted, in bytes.
pub(crate) const EXCERPT_BYTES: usize = 160;

/// What stands in place of a confidential text that came back.
const HIDDEN: &str = "[hidden]";
/// A shorter text is found in ordinary words and numbers, where hiding it only
/// makes the message unreadable.
const SHORTEST_HIDDEN: usize = 6;

/// What must not be repeated from a server's answer: token, code, contact.
#[derive(Clone, Copy)]
pub(crate) struct Confidential<'a>(pub &'a [&'a [u8]]);

impl Confidential<'_> {
    /// The text on one line, at most `limit` bytes long, cut at a character.
    pub(crate) fn line(&self, text: &str, limit: usize) -> String {
        // The usual text is short and plain and needs no second look.
        if text.len() <= limit && is_plain(text) && !self.secrets().any(|it| holds(text, it)) {
            return text.to_owned();
        }
        // Letter by letter, and only as far as the line goes: a megabyte of text costs no
        // more than a line. Where a secret begins, the whole of it is taken at once, so that
        // no part of one is left at the end.
        let mut line = String::new();
        let mut rest = text;
        while line.len() < limit
            && let Some(letter) = rest.chars().next()
        {
            let here = self.secrets().filter(|secret| rest.as_bytes().starts_with(secret));
            let secret = here.max_by_key(|secret| secret.len());
            let taken = secret.map_or(letter.len_utf8(), <[u8]>::len);
            match secret {
                Some(_) => line.push_str(HIDDEN),
                None => line.push(fit(letter)),
            }
            rest = &rest[taken..];
        }
        cut(&line, limit).to_owned()
    }

    fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().copied().filter(|secret| secret.len() >= SHORTEST_HIDDEN)
    }
}

fn holds(text: &str, secret: &[u8]) -> bool {
    let Some(first) = secret.first() else { return false };
    // The first letter alone tells most places apart without a call to compare the rest.
    text.as_bytes().windows(secret.len()).any(|part| part[0] == *first && part == secret)
}

/// Whether every letter is one that nobody minds.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Replaces what could end a line, move a terminal's cursor or end a C string.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain(text) { Cow::Borrowed(text) } else { text.chars().map(fit).collect() }
}

fn fit(letter: char) -> char {
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
