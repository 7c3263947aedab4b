//! A peer's whole answer, through ureq and the framing down to the verdict.
//!
//! Byte 0: bits 0 to 4 are the size of the pieces in which the answer arrives, 0 for one
//! piece; bits 5 and 6 say how it ends (close, reset, silence, or, in one piece, a flood of
//! its last bytes); bit 7 asks for a second call, which the peer answers honestly. The rest
//! is the answer.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Uri};

use super::{framing, verdict};
use crate::error::{ErrorKind, Sent};
use crate::incoming::{BodyProblem, Incoming};
use crate::purpose::Purpose;
use crate::transport::fuzzing::{End, Peer};
use crate::transport::{Deadline, Outgoing, Transport};

/// More than the library may take of any answer.
const FLOOD_BYTES: usize = 300 * 1024;
/// The last bytes of an answer, which a flood repeats.
const FLOOD_PERIOD: usize = 16;
const MOST_BODY_BYTES: usize = 256 * 1024 + 1;
const HONEST: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"error_code\":\"HONEST\"}";

#[must_use]
pub fn run(data: &[u8]) -> bool {
    let Some((flags, answer)) = data.split_first() else { return false };
    let mut answer = answer.to_vec();
    let piece = match flags & 0x1f {
        0 => usize::MAX,
        size => size.into(),
    };
    let end = match flags >> 5 & 3 {
        0 => End::Close,
        1 => End::Reset,
        2 => End::Silence,
        // In small pieces, a flood takes the fuzzer's time and shows nothing else.
        _ if piece < usize::MAX => End::Close,
        _ => {
            let period = answer[answer.len().saturating_sub(FLOOD_PERIOD)..].to_vec();
            let times = if period.is_empty() { 0 } else { FLOOD_BYTES / period.len() };
            answer.extend(period.repeat(times));
            End::Close
        }
    };
    let peer = Arc::new(Peer::new([answer, HONEST.to_vec()], piece, end));
    let transport = Transport::to(Arc::clone(&peer));

    let exchanged = ask(&transport);
    assert_eq!(peer.requests(), 1, "the request was not sent exactly once");
    let verified = match &exchanged {
        Ok(incoming) => judge(incoming, &peer.answers[0]),
        Err((kind, sent)) => {
            assert_eq!(*sent, Sent::Maybe);
            let is_silence = matches!(end, End::Silence);
            match kind {
                ErrorKind::Timeout(_) if is_silence => {}
                ErrorKind::ConnectionLost(_) | ErrorKind::BadResponse(_) => {}
                other => panic!("an answer of no kind ended in {other:?}"),
            }
            false
        }
    };

    if flags & 0x80 != 0 {
        match ask(&transport) {
            Ok(incoming) => assert_eq!(incoming.body, &HONEST[HONEST.len() - 23..]),
            Err(error) => panic!("the honest answer did not arrive: {error:?}"),
        }
        assert_eq!(peer.requests(), 2);
    }
    verified
}

fn judge(incoming: &Incoming, answer: &[u8]) -> bool {
    assert!(incoming.body.len() <= MOST_BODY_BYTES, "{} bytes", incoming.body.len());
    if let Some(BodyProblem::Lost(text) | BodyProblem::Late(text) | BodyProblem::Bad(text)) =
        &incoming.problem
    {
        assert!(!text.is_empty() && text.len() <= 256 && text.is_ascii(), "{text:?}");
    }
    if incoming.http_status == 200 && incoming.problem.is_none() {
        let certain = framing::success(answer);
        assert_eq!(certain.as_ref(), Some(&incoming.body), "the body is not the peer's");
    }
    verdict::judge(incoming, None)
}

fn ask(transport: &Transport) -> Result<Incoming, (ErrorKind, Sent)> {
    let outgoing = Outgoing {
        method: Method::POST,
        uri: Uri::from_static("http://127.0.0.1:1/v2/servicerequest/verifycodes"),
        headers: HeaderMap::new(),
        body: b"{}",
        success: 200,
        purpose: Purpose::VERIFY,
    };
    transport.exchange(outgoing, Deadline::total(Duration::from_hours(1)))
}
