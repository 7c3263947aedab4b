//! What guessing leads to: a user or an access key is locked for a while.

use std::time::{Duration, Instant};

/// How many failures in a row lock.
pub const FAILURES: u32 = 5;

/// Counts failures in a row. The time comes from the caller, so that tests need not wait.
#[derive(Debug)]
pub struct Lockout {
    lasts: Duration,
    failures: u32,
    locked_at: Option<Instant>,
}

impl Lockout {
    /// No failures yet; a lock will last this long.
    pub fn new(lasts: Duration) -> Self {
        Self { lasts, failures: 0, locked_at: None }
    }

    /// Whether nothing is accepted now, not even what is right.
    pub fn is_locked(&self, now: Instant) -> bool {
        self.locked_at.is_some_and(|since| now.saturating_duration_since(since) < self.lasts)
    }

    /// Takes note of how an attempt ended that was not locked out.
    pub fn record(&mut self, success: bool, now: Instant) {
        self.failures = if success { 0 } else { self.failures + 1 };
        self.locked_at = None;
        if self.failures == FAILURES {
            self.failures = 0;
            self.locked_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_mins(5);

    fn failed(times: u32, now: Instant) -> Lockout {
        let mut lockout = Lockout::new(LASTS);
        for _ in 0..times {
            lockout.record(false, now);
        }
        lockout
    }

    #[test]
    fn the_fifth_failure_locks() {
        let now = Instant::now();
        assert!(!failed(4, now).is_locked(now));
        assert!(failed(5, now).is_locked(now));
    }

    #[test]
    fn a_lock_ends_and_five_more_failures_lock_again() {
        let now = Instant::now();
        let mut lockout = failed(5, now);
        assert!(lockout.is_locked(now + LASTS.saturating_sub(Duration::from_nanos(1))));
        let later = now + LASTS;
        for _ in 0..4 {
            assert!(!lockout.is_locked(later));
            lockout.record(false, later);
        }
        assert!(!lockout.is_locked(later));
        lockout.record(false, later);
        assert!(lockout.is_locked(later));
    }

    #[test]
    fn a_success_starts_the_count_again() {
        let now = Instant::now();
        let mut lockout = failed(4, now);
        lockout.record(true, now);
        for _ in 0..4 {
            lockout.record(false, now);
        }
        assert!(!lockout.is_locked(now));
    }
}
