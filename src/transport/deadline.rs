//! The time a call has, measured on the monotonic clock: setting the wall clock changes nothing.

use std::io;
use std::time::{Duration, Instant};

use crate::error::ErrorKind;

/// A moment until which something must be done, with the setting that it comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    begun: Instant,
    at: Instant,
    span: Duration,
    setting: &'static str,
}

impl Deadline {
    /// The total deadline of a call that begins now.
    pub(crate) fn total(span: Duration) -> Self {
        let begun = Instant::now();
        Self { begun, at: begun + span, span, setting: "timeout_ms" }
    }

    /// When the call began.
    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// The connect timeout that begins now, which never outlives `self`.
    pub(crate) fn for_connecting(self, span: Duration) -> Self {
        let begun = Instant::now();
        let connecting = Self { begun, at: begun + span, span, setting: "connect_timeout_ms" };
        if connecting.at < self.at { connecting } else { self }
    }

    /// An earlier moment, for a step that must leave time for the next one.
    pub(crate) fn at_most(self, span: Duration) -> Self {
        Self { at: self.at.min(Instant::now() + span), ..self }
    }

    /// The time that is left, or the error that there is none.
    pub(crate) fn remaining(&self) -> io::Result<Duration> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    /// The error that a person reads when the time is up.
    pub(crate) fn passed(&self, doing: &str) -> ErrorKind {
        let (setting, span) = (self.setting, self.span.as_millis());
        ErrorKind::Timeout(format!("Timed out {doing}: {setting} is {span} ms."))
    }
}
