//! The server's text, made fit to be shown: one line, short, and without what
//! the caller confided in us, should the server repeat it.

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
pub(crate) struct Confidential<'a>(pub &'a [&'a str]);

impl Confidential<'_> {
    /// The text on one line, at most `limit` bytes long, cut at a character.
    pub(crate) fn line(&self, text: &str, limit: usize) -> String {
        // Letter by letter, and only as far as the line goes: a megabyte of text costs no
        // more than a line. Where a secret begins, the whole of it is taken at once, so that
        // no part of one is left at the end.
        let mut line = String::new();
        let mut rest = text;
        while line.len() < limit
            && let Some(letter) = rest.chars().next()
        {
            let here = self.0.iter().filter(|secret| secret.len() >= SHORTEST_HIDDEN);
            let secret = here.filter(|secret| rest.starts_with(**secret)).max_by_key(|it| it.len());
            let taken = secret.map_or(letter.len_utf8(), |secret| secret.len());
            match secret {
                Some(_) => line.push_str(HIDDEN),
                None => line.push(fit(letter)),
            }
            rest = &rest[taken..];
        }
        cut(&line, limit).to_owned()
    }
}

/// Replaces what could end a line, move a terminal's cursor or end a C string.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(fit).collect()
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
