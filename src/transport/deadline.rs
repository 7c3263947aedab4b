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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn the_earlier_of_two_deadlines_holds_and_is_named() {
        let total = Deadline::total(MINUTE);
        let connecting = total.for_connecting(Duration::from_secs(1));
        assert!(connecting.at < total.at);
        assert!(connecting.passed("connecting").to_string().contains("connect_timeout_ms is 1000"));
        let whole = total.for_connecting(HOUR);
        assert_eq!(whole.at, total.at);
        assert!(whole.passed("connecting").to_string().contains(": timeout_ms is 60000"));
    }

    #[test]
    fn a_step_gets_its_share_and_never_more_than_is_left() {
        let total = Deadline::total(HOUR);
        let step = total.at_most(MINUTE).remaining().unwrap();
        assert!(step <= MINUTE && step > MINUTE / 2, "{step:?}");
        assert!(Deadline::total(MINUTE).at_most(HOUR).remaining().unwrap() <= MINUTE);
    }
}
