//! How long something lives that its peer gave, from the peer's own times: a wrong clock of
//! this machine then costs nothing.

use std::time::{Duration, SystemTime};

/// What is assumed where the peer does not tell. If it is too long, the service says so.
const UNTOLD: Duration = Duration::from_hours(1);

/// From `now`, the peer's time, to `ends`, as its body writes it (ISO 8601, UTC).
pub(super) fn lifetime(ends: Option<&str>, now: Option<SystemTime>) -> Duration {
    let ends = ends.and_then(|text| humantime::parse_rfc3339(text).ok());
    match (ends, now) {
        (Some(ends), Some(now)) => ends.duration_since(now).unwrap_or_default(),
        _ => UNTOLD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_clock_counts() {
        let now = humantime::parse_rfc3339("2026-11-25T01:00:00Z").ok();
        assert_eq!(lifetime(Some("2026-11-26T01:00:00.000000Z"), now), Duration::from_hours(24));
        assert_eq!(lifetime(Some("2026-11-25T01:00:01.500000Z"), now), Duration::from_millis(1500));
        assert_eq!(lifetime(Some("2026-11-25T00:00:00.000000Z"), now), Duration::ZERO);
        for untold in [None, Some(""), Some("tomorrow"), Some("2026-13-45T99:00:00Z")] {
            assert_eq!(lifetime(untold, now), UNTOLD);
        }
        assert_eq!(lifetime(Some("2026-11-26T01:00:00.000000Z"), None), UNTOLD);
    }
}
