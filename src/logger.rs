//! Log lines, handed to the client's own callback and to nobody else.

use std::fmt;
use std::sync::Arc;

/// How much is told. A line's level is never `Off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum LogLevel {
    /// Nothing.
    Off = 0,
    /// A bug in this library.
    Error = 1,
    /// Something went wrong and was mended, such as a second attempt.
    Warn = 2,
    /// One line per request: method, path without query, status, time, request id.
    Info = 3,
    /// Connections and name lookups too.
    Debug = 4,
}

type Callback = dyn Fn(LogLevel, &str) + Send + Sync;

/// The callback with the level up to which it wants to hear. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Logger {
    level: LogLevel,
    callback: Option<Arc<Callback>>,
}

impl Logger {
    pub(crate) fn off() -> Self {
        Self { level: LogLevel::Off, callback: None }
    }

    pub(crate) fn new(level: LogLevel, callback: Arc<Callback>) -> Self {
        Self { level, callback: Some(callback) }
    }

    /// Hands a line over. The line is made only if somebody listens.
    pub(crate) fn log(&self, level: LogLevel, line: impl FnOnce() -> String) {
        if let Some(callback) = self.callback.as_ref().filter(|_| level <= self.level) {
            callback(level, &line());
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Logger").field("level", &self.level).finish_non_exhaustive()
    }
}
