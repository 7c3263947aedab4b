//! Two clocks. One only runs forward and measures lifetimes; the other shows the time of day,
//! which the service writes into its answers and compares with signatures.

use std::ops::Add;
use std::time::{Duration, Instant};

use time::UtcDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// As IAM writes times: UTC, six fraction digits.
const ISO_8601: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// As `X-Sdk-Date` has it.
const SDK_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// As the header `Date` has it (RFC 9110, section 5.6.7).
const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Tells both times. Tests put their own clocks in place of the real ones.
pub struct Clock {
    /// Runs forward, whatever happens to the time of day.
    pub steady: Box<dyn Fn() -> Instant + Send + Sync>,
    /// The time of day in UTC.
    pub wall: Box<dyn Fn() -> UtcDateTime + Send + Sync>,
}

impl Clock {
    /// The real clocks. The time of day is wrong by so much.
    pub fn new(skew: time::Duration) -> Self {
        Self { steady: Box::new(Instant::now), wall: Box::new(move || UtcDateTime::now() + skew) }
    }

    /// What both clocks show.
    pub fn now(&self) -> Moment {
        Moment { steady: (self.steady)(), wall: (self.wall)() }
    }
}

/// A moment as both clocks show it.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For comparisons with other moments of this program.
    pub steady: Instant,
    /// For texts.
    pub wall: UtcDateTime,
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self { steady: self.steady + duration, wall: self.wall + duration }
    }
}

/// As in `2024-01-02T03:04:05.678901Z`.
pub fn iso_8601(time: UtcDateTime) -> String {
    written(time, ISO_8601)
}

/// As in `20240102T030405Z`.
pub fn sdk_date(time: UtcDateTime) -> String {
    written(time, SDK_DATE)
}

/// As in `Tue, 02 Jan 2024 03:04:05 GMT`.
pub fn http_date(time: UtcDateTime) -> String {
    written(time, HTTP_DATE)
}

/// Reads what [`sdk_date`] writes, and nothing else.
pub fn parse_sdk_date(text: &str) -> Option<UtcDateTime> {
    // The parser also takes a sign in front of the year.
    UtcDateTime::parse(text, SDK_DATE).ok().filter(|time| sdk_date(*time) == text)
}

/// A time with all its parts can be written in each of the formats above, so the empty text is
/// never seen; it only keeps a panic out.
fn written(time: UtcDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    time.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn times_are_written_as_each_reader_expects() {
        let time = utc_datetime!(2024-01-02 03:04:05.678_901_9);
        assert_eq!(iso_8601(time), "2024-01-02T03:04:05.678901Z");
        assert_eq!(sdk_date(time), "20240102T030405Z");
        assert_eq!(http_date(time), "Tue, 02 Jan 2024 03:04:05 GMT");
    }

    #[test]
    fn only_the_signing_format_is_read() {
        let time = utc_datetime!(2024-01-02 03:04:05);
        assert_eq!(parse_sdk_date("20240102T030405Z"), Some(time));
        for text in [
            "",
            "20240102T030405",
            "20240102T030405Z ",
            "2024-01-02T03:04:05Z",
            "20240102T030460Z",
            "20241302T030405Z",
            "20240102t030405z",
            "+20240102T030405Z",
        ] {
            assert_eq!(parse_sdk_date(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_skew_moves_the_time_of_day_only() {
        let skew = time::Duration::hours(-2);
        let (before, real) = (Instant::now(), UtcDateTime::now());
        let moment = Clock::new(skew).now();
        assert!(moment.steady - before < Duration::from_mins(1));
        assert!((moment.wall - real - skew).abs() < time::Duration::MINUTE);
    }
}
