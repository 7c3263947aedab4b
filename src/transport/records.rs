//! Where one TLS record ends and the next begins.
//!
//! The TLS library does not tell whether it holds the beginning of a record.
//! A connection that is kept in that state would give the rest of an old
//! answer to the next request.

/// The bytes before a record's own: type, version and length (RFC 8446, section 5.1).
const HEADER_BYTES: usize = 5;

/// Follows a stream of TLS records.
#[derive(Debug, Default)]
pub(super) struct Records {
    header_seen: usize,
    length: usize,
    body_left: usize,
}

impl Records {
    /// Takes the next bytes of the stream.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.body_left > 0 {
                let skipped = self.body_left.min(bytes.len());
                self.body_left -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            if self.header_seen >= HEADER_BYTES - 2 {
                self.length = self.length << 8 | usize::from(byte);
            }
            self.header_seen += 1;
            if self.header_seen == HEADER_BYTES {
                self.body_left = self.length;
                self.header_seen = 0;
                self.length = 0;
            }
            bytes = rest;
        }
    }

    /// Whether the last record is whole.
    pub(super) fn between(&self) -> bool {
        self.header_seen == 0 && self.body_left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_record_is_between_records() {
        let stream = [&[23, 3, 3, 0, 2, 7, 7][..], &[22, 3, 3, 1, 4], &[0; 260]].concat();
        let ends = [0, 7, stream.len()];
        for cut in 0..=stream.len() {
            let mut whole = Records::default();
            whole.feed(&stream[..cut]);
            let mut bytewise = Records::default();
            stream[..cut].iter().for_each(|byte| bytewise.feed(&[*byte]));
            assert_eq!(whole.between(), ends.contains(&cut), "cut at {cut}");
            assert_eq!(bytewise.between(), ends.contains(&cut), "cut at {cut}, bytewise");
        }
    }
}
