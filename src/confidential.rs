//! What the caller confided in us, kept out of the texts that a server sends back.

use std::cell::Cell;

use memchr::memchr2_iter;

use crate::text::{cut, fit, is_plain};

/// What stands in place of a confidential text that came back.
const HIDDEN: &str = "[hidden]";
/// A shorter text is found in ordinary words and numbers, where hiding it only
/// makes the message unreadable.
pub(crate) const SHORTEST_HIDDEN: usize = 6;
/// Of a longer text, so many bytes in a row are hidden wherever they stand in it: servers quote
/// the beginning of a token, or what they made of it.
const RUN: usize = 12;
/// Cut into blocks of this length, a text that holds a run holds a whole block of it.
const BLOCK: usize = RUN.div_ceil(2);

/// How many bytes are compared for one line; what follows is hidden unseen. A usual line takes a
/// tenth. A secret that repeats itself, against a text that repeats the secret, would take
/// minutes, behind the deadline of the call.
const MOST_STEPS: usize = 1 << 20;

/// What must not be repeated from a server's answer: token, key, password, code, contact.
#[derive(Clone, Copy)]
pub(crate) struct Confidential<'a>(pub &'a [&'a [u8]]);

impl Confidential<'_> {
    /// The text on one line, at most `limit` bytes long, cut at a character.
    ///
    /// A secret is hidden in capitals or small letters, and in the forms in which servers quote
    /// a request: percent-encoded, as in JSON, and as in HTML.
    pub(crate) fn line(&self, text: &str, limit: usize) -> String {
        // The usual text is short and plain and needs no second look.
        if text.len() <= limit && !self.may_stand_in(text) {
            return text.to_owned();
        }
        self.written(text, limit, |line, letter| line.push(fit(letter)))
    }

    /// As `line`, with one blank for all that stands between two words.
    pub(crate) fn words(&self, text: &str, limit: usize) -> String {
        let mut words = self.written(text, limit, |line, letter| {
            if !letter.is_whitespace() {
                line.push(fit(letter));
            } else if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        });
        words.truncate(words.trim_end().len());
        words
    }

    fn written(&self, text: &str, limit: usize, write: impl Fn(&mut String, char)) -> String {
        let is_quoted = is_quoted(text);
        // Letter by letter, and only as far as the line goes: a megabyte of text costs no
        // more than a line. Where a secret begins, the whole of it is taken at once, so that
        // no part of one is left at the end.
        let mut line = String::new();
        let mut rest = text;
        let steps = Cell::new(0);
        while line.len() < limit
            && let Some(letter) = rest.chars().next()
        {
            let raw = self.begins(rest, &steps, |rest| (rest[0], 1));
            let hidden = if is_quoted { raw.max(self.begins(rest, &steps, unquoted)) } else { raw };
            if steps.get() > MOST_STEPS {
                line.push_str(HIDDEN);
                break;
            }
            let taken = if hidden == 0 {
                write(&mut line, letter);
                letter.len_utf8()
            } else {
                line.push_str(HIDDEN);
                // A run may end inside a letter.
                rest.ceil_char_boundary(hidden)
            };
            rest = &rest[taken..];
        }
        cut(&line, limit).to_owned()
    }

    /// Whether a text may hold a secret, a run of one, or what cannot stand in a line.
    fn may_stand_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        // A service's number for a request, in the form that services make, holds a part of a
        // secret only by chance.
        let is_id = bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        (!is_id && (is_quoted(text) || !is_plain(text)))
            || self.secrets().any(|secret| {
                places(bytes, secret).next().is_some()
                    || (!is_id && secret.len() >= RUN)
                        && bytes
                            .chunks_exact(BLOCK)
                            .any(|block| places(secret, block).next().is_some())
            })
    }

    /// How much of `text`, from its beginning, is a secret or a run of one. `next` reads one
    /// byte of what the text stands for, and tells how many bytes of the text that took. The
    /// answer counts only while the steps do not exceed `MOST_STEPS`.
    fn begins(
        &self,
        text: &str,
        steps: &Cell<usize>,
        next: impl Fn(&[u8]) -> (u8, usize),
    ) -> usize {
        let bytes = text.as_bytes();
        // Reads on as long as the text goes on like `secret`.
        let follow = |secret: &[u8]| {
            let (mut alike, mut taken) = (0, 0);
            while alike < secret.len() && taken < bytes.len() {
                let (byte, length) = next(&bytes[taken..]);
                if fold(byte) != fold(secret[alike]) {
                    break;
                }
                (alike, taken) = (alike + 1, taken + length);
            }
            steps.set(steps.get() + 1 + alike);
            (alike, taken)
        };
        let Some((first, _)) = (!bytes.is_empty()).then(|| next(bytes)) else { return 0 };
        let from = |secret: &[u8]| {
            let shortest = secret.len().min(RUN);
            let places =
                memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), secret);
            // A plus may stand for a space, which no token or key holds.
            let places = places.chain((first == b'+').then_some(0));
            let runs = places
                .filter(|place| place + shortest <= secret.len())
                .take_while(|_| steps.get() <= MOST_STEPS);
            let long = runs.map(|place| follow(&secret[place..]));
            long.filter(|(alike, _)| *alike >= shortest).map(|(_, taken)| taken).max().unwrap_or(0)
        };
        self.secrets().map(from).max().unwrap_or(0)
    }

    fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().copied().filter(|secret| secret.len() >= SHORTEST_HIDDEN)
    }
}

/// Whether a text may hold something in another form than its own.
fn is_quoted(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'%' | b'\\' | b'&' | b'+'))
}

/// Where `part` stands in `whole`, in capitals or small letters.
fn places<'a>(whole: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let (first, most) = (part[0], (whole.len() + 1).saturating_sub(part.len()));
    memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), &whole[..most])
        .filter(move |place| whole[*place..place + part.len()].eq_ignore_ascii_case(part))
}

/// What is taken for the same byte.
fn fold(byte: u8) -> u8 {
    if byte == b' ' { b'+' } else { byte.to_ascii_lowercase() }
}

/// How HTML writes what it keeps for itself.
const NAMED: [(&[u8], u8); 8] = [
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&#34;", b'"'),
    (b"&apos;", b'\''),
    (b"&#39;", b'\''),
    (b"&#x27;", b'\''),
];

/// Reads one byte as it was before it was quoted.
fn unquoted(text: &[u8]) -> (u8, usize) {
    let hexadecimal = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let read = match text {
        [b'%', high, low, ..] => hexadecimal(&[*high, *low]).map(|byte| (byte, 3)),
        [b'\\', b'u', b'0', b'0', high, low, ..] => {
            hexadecimal(&[*high, *low]).map(|byte| (byte, 6))
        }
        [b'\\', b'n', ..] => Some((b'\n', 2)),
        [b'\\', b'r', ..] => Some((b'\r', 2)),
        [b'\\', b't', ..] => Some((b'\t', 2)),
        [b'\\', letter, ..] if letter.is_ascii_punctuation() => Some((*letter, 2)),
        [b'&', ..] => NAMED
            .iter()
            .find(|(name, _)| text.starts_with(name))
            .map(|(name, byte)| (*byte, name.len())),
        _ => None,
    };
    read.unwrap_or((text[0], 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "MIIFdgYJKoZIhvcNAQcCoIIFZzCCBWMCAQExDTALBglghkgBZQMEAgEw";
    const PASSWORD: &str = "pa\"ss\\wo/rd <ü> &+%'";

    fn line(text: &str) -> String {
        let secrets =
            [TOKEN.as_bytes(), PASSWORD.as_bytes(), b"alice@example.com", b"654321", b"abc"];
        Confidential(&secrets).line(text, 200)
    }

    #[test]
    fn a_secret_is_hidden_whole_in_part_and_in_every_form() {
        let json = serde_json::to_string(PASSWORD).unwrap();
        let json = json.trim_matches('"');
        let percent = crate::query::encode(PASSWORD).to_string();
        for said in [
            TOKEN,
            &TOKEN[..12],
            &TOKEN[20..40],
            &TOKEN[TOKEN.len() - 12..],
            &TOKEN.to_lowercase(),
            PASSWORD,
            json,
            &json.replace('/', "\\/").replace('<', "\\u003c").replace('&', "\\u0026"),
            &percent,
            &percent.to_lowercase(),
            &percent.replace("%20", "+"),
            "pa&quot;ss\\wo/rd &lt;ü&gt; &amp;+%&#39;",
            "654321",
            "%36%35%34%33%32%31",
            "alice@example.com",
            "ALICE@Example.com",
            "alice%40example.com",
            "alice\\u0040example.com",
        ] {
            for around in ["", " ", "\u{e4}", "x\"", "%", "\\", "&"] {
                let text = format!("{around}{said}{around}");
                let shown = line(&text);
                assert_eq!(shown, format!("{around}[hidden]{around}"), "of {text}");
            }
        }
    }

    #[test]
    fn a_password_may_begin_with_a_blank_and_hold_line_breaks() {
        let secrets = [&b" \tpass\r\nword"[..]];
        for said in [r" \tpass\r\nword", "+%09pass%0D%0Aword", "%20\tpass\r\nword"] {
            assert_eq!(Confidential(&secrets).line(said, 200), "[hidden]", "of {said:?}");
        }
    }

    #[test]
    fn a_secret_that_repeats_itself_costs_no_more_than_another() {
        let secret = "A".repeat(5000);
        let text = format!("{}%", "A".repeat(2500)).repeat(100);
        let begun = std::time::Instant::now();
        let shown = Confidential(&[secret.as_bytes()]).line(&text, 1024);
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
        assert!(!shown.contains("AA"), "{shown}");
    }

    #[test]
    fn between_words_stands_one_blank_but_a_secret_is_found_as_it_is() {
        let secrets = [&b"correct  horse"[..], "12345\u{a0}\t67890".as_bytes()];
        let words = |text: &str| Confidential(&secrets).words(text, 60);
        assert_eq!(words("  <p>\n  no\u{a0}\r\n such page\t"), "<p> no such page");
        assert_eq!(words("wrong:  correct  horse"), "wrong: [hidden]");
        assert_eq!(words("12345\u{a0}\t67890\n"), "[hidden]");
        assert_eq!(words(&format!("{}correct  horse", " x".repeat(29))).len(), 60);
    }

    #[test]
    fn other_words_stay() {
        for text in [
            "",
            "The token MIIFdgYJKoZ is short",
            "65432 and 54321",
            "bob@example.org",
            "bob%40example.org",
            "100 % sure & \\ + abc",
            "abcabcabc",
            "5f3759df5f3759df5f3759df5f3759df",
        ] {
            assert_eq!(line(text), text);
        }
        assert_eq!(line("a\nb\u{2028}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn a_line_is_cut_behind_what_is_hidden() {
        let text = format!("{}{TOKEN}", "x".repeat(195));
        assert_eq!(line(&text), format!("{}[hidd", "x".repeat(195)));
        assert_eq!(line(&TOKEN.repeat(1000)), "[hidden]".repeat(25));
        assert_eq!(line(&"ü".repeat(200)), "ü".repeat(100));
    }
}
