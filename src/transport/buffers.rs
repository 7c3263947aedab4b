//! The bytes of one exchange: the request as it is put together, the answer as it arrives.

use ureq::unversioned::transport::Buffers as UreqBuffers;

use super::chunks::Chunks;
use super::exchange;

/// Room for the answer's head, and for its body piece by piece. A longer head is refused.
pub(super) const INPUT_BYTES: usize = 16 * 1024;
/// Room that ureq always finds for what it writes next. The longest header, a
/// token of 5,100 characters, must fit whole.
const OUTPUT_ROOM: usize = 8 * 1024;

/// Collects the request until the answer is awaited, so that head and body
/// leave in one write, and watches what ureq takes of the answer.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    output: Vec<u8>,
    written: usize,
    input: Vec<u8>,
    start: usize,
    end: usize,
    progress: bool,
    chunks: Chunks,
}

impl Buffers {
    /// The request so far.
    pub(super) fn collected(&self) -> &[u8] {
        &self.output[..self.written]
    }

    /// Keeps `count` more bytes that ureq wrote.
    pub(super) fn collect(&mut self, count: usize) {
        self.written += count;
    }

    /// The request has left. What follows is its answer.
    pub(super) fn request_left(&mut self) {
        self.written = 0;
        self.chunks = Chunks::default();
    }

    /// Whether nothing is left of the last exchange that could be taken for a
    /// part of the next one.
    pub(super) fn is_clean(&self) -> bool {
        self.written == 0 && self.start == self.end && self.chunks.violation().is_none()
    }

    /// The rule of chunked framing that the answer broke.
    pub(super) fn violation(&self) -> Option<&'static str> {
        self.chunks.violation()
    }
}

impl UreqBuffers for Buffers {
    fn output(&mut self) -> &mut [u8] {
        let wanted = self.written + OUTPUT_ROOM;
        if self.output.len() < wanted {
            self.output.resize(wanted, 0);
        }
        &mut self.output[self.written..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.start..self.end]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.input.is_empty() {
            self.input.resize(INPUT_BYTES, 0);
        }
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        &mut self.input[self.end..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.end += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        if exchange::current().is_some_and(|exchange| exchange.chunked) {
            self.chunks.feed(&self.input[self.start..self.start + amount]);
            let violation = self.chunks.violation();
            exchange::update(|exchange| exchange.violation = violation);
        }
        self.start += amount;
        self.progress = amount > 0;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        // The scratch space serves chunked requests only, which this library never sends.
        (&mut [], self.output())
    }

    fn can_use_input(&self) -> bool {
        self.start < self.end && self.progress
    }
}
