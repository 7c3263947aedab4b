//! At most one more attempt, and only when not a byte had left.
//!
//! Checking a one-time code is not repeatable: a second try may burn an attempt or find the
//! code used up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use crate::error::{ErrorKind, Sent};
use crate::incoming::Incoming;
use crate::logger::{LogLevel, Logger};
use crate::transport::{Deadline, Outgoing, Transport};

/// The attempts of one call.
pub(crate) struct Attempts {
    made: u32,
    /// How many more there may be after a connection that did not come about.
    spare: u32,
}

impl Attempts {
    pub(crate) fn new(retries: u32) -> Self {
        Self { made: 0, spare: retries }
    }

    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Sends the request.
    pub(crate) fn send(
        &mut self,
        transport: &Transport,
        outgoing: Outgoing<'_>,
        deadline: Deadline,
    ) -> Result<Incoming, (ErrorKind, Sent)> {
        self.made += 1;
        transport.exchange(outgoing, deadline)
    }

    /// Whether the request may be sent once more: no connection came about, and it is the first
    /// time. Waits a little then.
    pub(crate) fn may_repeat(
        &mut self,
        failure: &(ErrorKind, Sent),
        deadline: Deadline,
        logger: &Logger,
    ) -> bool {
        let (ErrorKind::ConnectFailed(reason), Sent::No) = failure else { return false };
        if self.spare == 0 || !pause(deadline) {
            return false;
        }
        self.spare -= 1;
        logger.log(LogLevel::Warn, || format!("trying once more: {reason}"));
        true
    }
}

/// Waits a little before the second attempt, a different time in each process, so
/// that many clients do not come back at once. False if there is no time left for it.
fn pause(deadline: Deadline) -> bool {
    let random = RandomState::new().build_hasher().finish();
    let pause = Duration::from_millis(20 + random % 60);
    if deadline.remaining().is_ok_and(|left| left > pause) {
        thread::sleep(pause);
        return true;
    }
    false
}
