//! At most one more attempt, and only when not a byte had left.
//!
//! Checking a one-time code is not repeatable: a second try may burn an attempt or find the
//! code used up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Sent};
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

    /// Sends the request that `make` puts together, with what it has to remember of it. Once
    /// more, if no connection came about the first time.
    pub(crate) fn send<'a, T>(
        &mut self,
        transport: &Transport,
        deadline: Deadline,
        logger: &Logger,
        make: impl Fn() -> Result<(T, Outgoing<'a>), Error>,
    ) -> Result<(T, Incoming), Error> {
        loop {
            let (kept, outgoing) = make()?;
            self.made += 1;
            match transport.exchange(outgoing, deadline) {
                Ok(incoming) => return Ok((kept, incoming)),
                Err(failure) if self.may_repeat(&failure, deadline, logger) => {}
                Err((kind, sent)) => return Err(Error::on_the_way(kind, sent)),
            }
        }
    }

    /// Whether no connection came about, for the first time. Waits a little then.
    fn may_repeat(
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
