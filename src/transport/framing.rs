//! Which answers have an end that can be checked (RFC 9112, section 6).

use http::Version;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

/// The largest answer that is read. The documented one has less than 1 KiB.
pub(super) const BODY_BYTES: usize = 256 * 1024;

/// The most headers of an answer's head.
pub(super) const MOST_HEADERS: usize = 128;

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By one `Content-Length`.
    Length(usize),
    /// By chunks.
    Chunked,
}

/// Accepts one `Content-Length`, or exactly `chunked`, and nothing else: a body
/// that runs until the connection closes may have been cut anywhere, and where
/// two headers contradict each other, any reading of them is a guess.
pub(super) fn check(version: Version, headers: &HeaderMap) -> Result<Framing, &'static str> {
    if headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err("the answer is compressed, which was not asked for");
    }
    let (mut lengths, mut transfers) =
        (headers.get_all(CONTENT_LENGTH).iter(), headers.get_all(TRANSFER_ENCODING).iter());
    match (lengths.next(), transfers.next()) {
        (Some(_), Some(_)) => Err("the answer has both Content-Length and Transfer-Encoding"),
        (None, None) => Err("the answer does not tell where it ends"),
        (Some(_), None) if lengths.next().is_some() => {
            Err("the answer has more than one Content-Length")
        }
        (Some(length), None) => {
            let digits = length.as_bytes();
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return Err("the answer's Content-Length is not a number");
            }
            match length.to_str().ok().and_then(|digits| digits.parse::<usize>().ok()) {
                Some(length @ 0..=BODY_BYTES) => Ok(Framing::Length(length)),
                _ => Err("the answer is too long"),
            }
        }
        (None, Some(transfer))
            if transfer.as_bytes().eq_ignore_ascii_case(b"chunked")
                && transfers.next().is_none() =>
        {
            if version == Version::HTTP_11 {
                Ok(Framing::Chunked)
            } else {
                Err("the answer is chunked, which HTTP/1.0 does not know")
            }
        }
        (None, Some(_)) => Err("the answer's Transfer-Encoding is not plain chunked"),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn one_length_or_exactly_chunked() {
        let framing = |lines: &[_]| check(Version::HTTP_11, &headers(lines));
        assert_eq!(framing(&[(CONTENT_LENGTH, "2")]), Ok(Framing::Length(2)));
        assert_eq!(framing(&[(CONTENT_LENGTH, "262144")]), Ok(Framing::Length(262_144)));
        assert_eq!(framing(&[(TRANSFER_ENCODING, "Chunked")]), Ok(Framing::Chunked));
        assert_eq!(
            framing(&[(CONTENT_LENGTH, "2"), (CONTENT_ENCODING, "identity")]),
            Ok(Framing::Length(2))
        );
        for broken in [
            &[][..],
            &[(CONTENT_LENGTH, "2"), (CONTENT_LENGTH, "2")],
            &[(CONTENT_LENGTH, "2, 2")],
            &[(CONTENT_LENGTH, "-1")],
            &[(CONTENT_LENGTH, "+2")],
            &[(CONTENT_LENGTH, "0x2")],
            &[(CONTENT_LENGTH, "")],
            &[(CONTENT_LENGTH, "262145")],
            &[(CONTENT_LENGTH, "100000000000000000000000")],
            &[(CONTENT_LENGTH, "2"), (TRANSFER_ENCODING, "chunked")],
            &[(TRANSFER_ENCODING, "chunked, gzip")],
            &[(TRANSFER_ENCODING, "xchunked")],
            &[(TRANSFER_ENCODING, "chunked"), (TRANSFER_ENCODING, "chunked")],
            &[(CONTENT_LENGTH, "2"), (CONTENT_ENCODING, "gzip")],
        ] {
            assert!(framing(broken).is_err(), "{broken:?}");
        }
        let chunked = headers(&[(TRANSFER_ENCODING, "chunked")]);
        assert!(check(Version::HTTP_10, &chunked).is_err());
    }
}
