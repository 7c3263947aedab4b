//! Chunked framing, held to the letter of RFC 9112, section 7.1.
//!
//! ureq reads chunk sizes with the standard library's number parser, which
//! takes a sign, and trims blanks. Two readers that disagree on where a body
//! ends are how answers get swapped, so the same bytes are checked here too.

/// The most digits of a chunk size: more would not fit 64 bits.
const MOST_DIGITS: usize = 16;
/// The most bytes of trailers behind the last chunk.
const MOST_TRAILER_BYTES: usize = 4 * 1024;

/// Follows a chunked body byte by byte and remembers the first broken rule.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chunks {
    state: State,
    violation: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Size { digits: usize, value: u64 },
    Extension { size: u64 },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataEnd,
    DataEndLineFeed,
    Trailer { total: usize, line: usize },
    TrailerEnd { total: usize, line: usize },
    Done,
}

impl Default for State {
    fn default() -> Self {
        Self::Size { digits: 0, value: 0 }
    }
}

impl Chunks {
    /// The first rule that was broken.
    pub(super) fn violation(&self) -> Option<&'static str> {
        self.violation
    }

    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while self.violation.is_none() {
            // Data needs no look at each byte.
            if let State::Data { left } = self.state {
                let skipped =
                    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                bytes = &bytes[skipped..];
                let left = left - skipped as u64;
                self.state = if left == 0 { State::DataEnd } else { State::Data { left } };
            }
            let Some((&byte, rest)) = bytes.split_first() else { return };
            bytes = rest;
            match step(self.state, byte) {
                Ok(state) => self.state = state,
                Err(violation) => self.violation = Some(violation),
            }
        }
    }
}

fn step(state: State, byte: u8) -> Result<State, &'static str> {
    match (state, byte) {
        (State::Size { digits, value }, _) if byte.is_ascii_hexdigit() => {
            if digits == MOST_DIGITS {
                return Err("a chunk size has too many digits");
            }
            let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
            Ok(State::Size { digits: digits + 1, value: value << 4 | digit })
        }
        (State::Size { digits: 1.., value }, b';') => Ok(State::Extension { size: value }),
        (State::Size { digits: 1.., value }, b'\r') => Ok(State::SizeEnd { size: value }),
        (State::Size { .. }, _) => Err("a chunk size is not a hexadecimal number"),
        (State::Extension { size }, b'\r') => Ok(State::SizeEnd { size }),
        (State::Extension { .. }, b'\n') => Err("a chunk extension holds a bare line feed"),
        (State::Extension { size }, _) => Ok(State::Extension { size }),
        (State::SizeEnd { size: 0 }, b'\n') => Ok(State::Trailer { total: 0, line: 0 }),
        (State::SizeEnd { size }, b'\n') => Ok(State::Data { left: size }),
        (State::SizeEnd { .. }, _) => Err("a chunk size does not end in CRLF"),
        (State::DataEnd, b'\r') => Ok(State::DataEndLineFeed),
        (State::DataEndLineFeed, b'\n') => Ok(State::default()),
        (State::Trailer { total, line }, b'\r') => Ok(State::TrailerEnd { total, line }),
        (State::Trailer { .. }, b'\n') => Err("a trailer does not end in CRLF"),
        (State::Trailer { total: MOST_TRAILER_BYTES.., .. }, _) => Err("the trailers are too long"),
        (State::Trailer { total, line }, _) => {
            Ok(State::Trailer { total: total + 1, line: line + 1 })
        }
        (State::TrailerEnd { line: 0, .. }, b'\n') => Ok(State::Done),
        (State::TrailerEnd { total, .. }, b'\n') => Ok(State::Trailer { total, line: 0 }),
        (State::TrailerEnd { .. }, _) => Err("a trailer does not end in CRLF"),
        (State::Done, _) => Err("bytes follow the end of the chunks"),
        // `feed` skips data before it looks at a byte, so what comes here stands behind it.
        (State::Data { .. } | State::DataEnd | State::DataEndLineFeed, _) => {
            Err("a chunk is longer than its size")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(body: &str) -> Option<&'static str> {
        let mut whole = Chunks::default();
        whole.feed(body.as_bytes());
        let mut bytewise = Chunks::default();
        for byte in body.as_bytes() {
            bytewise.feed(&[*byte]);
        }
        assert_eq!(whole.violation(), bytewise.violation(), "pieces change the verdict: {body:?}");
        whole.violation()
    }

    /// The last chunk with one trailer of this many bytes.
    fn trailer(bytes: usize) -> String {
        format!("0\r\n{}\r\n\r\n", "x".repeat(bytes))
    }

    #[test]
    fn what_rfc_9112_allows_passes() {
        for body in [
            "0\r\n\r\n",
            "2\r\n{}\r\n0\r\n\r\n",
            "1\r\n{\r\n1\r\n}\r\n000\r\n\r\n",
            "2;name=value\r\n{}\r\n0;x\r\nTrailer: a\r\nOther: b\r\n\r\n",
            "A\r\n0123456789\r\n0\r\n\r\n",
            "a\r\n0123456789\r\n0\r\n\r\n",
            "12\r\n0123456789abcdefgh\r\n0\r\n\r\n",
        ] {
            assert_eq!(violation(body), None, "{body:?}");
        }
        assert_eq!(violation(&trailer(4096)), None);
    }

    #[test]
    fn what_it_does_not_allow_is_named() {
        for body in [
            "+2\r\n{}\r\n0\r\n\r\n",
            "-2\r\n{}\r\n0\r\n\r\n",
            " 2\r\n{}\r\n0\r\n\r\n",
            "2 \r\n{}\r\n0\r\n\r\n",
            "0x2\r\n{}\r\n0\r\n\r\n",
            "\r\n{}\r\n0\r\n\r\n",
            ";\r\n{}\r\n0\r\n\r\n",
            "2\n{}\r\n0\r\n\r\n",
            "00000000000000002\r\n{}\r\n0\r\n\r\n",
            "2\r\n{} \r\n0\r\n\r\n",
            "2\r\n{}\n0\r\n\r\n",
            "2;a\nb\r\n{}\r\n0\r\n\r\n",
            "0\r\nTrailer: a\n\r\n",
            "0\r\n\r\nx",
        ] {
            assert!(violation(body).is_some(), "{body:?}");
        }
        assert!(violation(&trailer(4097)).is_some());
        assert!(violation(&format!("0\r\n{}", "T: a\r\n".repeat(2000))).is_some());
    }
}
