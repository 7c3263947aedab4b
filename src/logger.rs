//! Log lines, handed to the client's own callback and to nobody else.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::{Method, Uri};

use crate::text::one_line;

/// How much is told. A line's level is never `Off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum LogLevel {
    /// Nothing.
    Off = 0,
    /// A bug in this library that a C function caught.
    Error = 1,
    /// Something went wrong and was mended, such as a second attempt.
    Warn = 2,
    /// One line per request: method, path without query, status, time, request id. Also where
    /// credentials were found.
    Info = 3,
    /// Connections too.
    Debug = 4,
}

type Callback = dyn Fn(LogLevel, &str) + Send + Sync;

/// The callback with the level up to which it wants to hear. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Logger {
    level: LogLevel,
    callback: Option<Arc<Callback>>,
}

thread_local! {
    /// On a thread of the library's own: the lines that wait for a calling thread.
    static COLLECTED: RefCell<Option<Vec<(LogLevel, String)>>> = const { RefCell::new(None) };
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
        let Some(callback) = self.callback.as_ref().filter(|_| level <= self.level) else { return };
        // What the line quotes, such as a file's name, may hold line ends.
        let line = line();
        let line = one_line(&line);
        // In a thread's last moments the lines are gone already, and nothing is collected.
        let collected = COLLECTED.try_with(|collected| match &mut *collected.borrow_mut() {
            Some(lines) => {
                lines.push((level, line.to_string()));
                true
            }
            None => false,
        });
        if !collected.unwrap_or(false) {
            callback(level, &line);
        }
    }

    /// Tells of a request that ended.
    pub(crate) fn request(
        &self,
        method: &Method,
        uri: &Uri,
        status: &str,
        started: Instant,
        request_id: &str,
    ) {
        self.log(LogLevel::Info, || {
            let (path, took) = (uri.path(), started.elapsed().as_millis());
            let id = if request_id.is_empty() { "-" } else { request_id };
            format!("{method} {path} {status} {took} ms request_id={id}")
        });
    }

    /// Does work of which nothing is told yet; the lines are returned instead.
    pub(crate) fn collect<T>(work: impl FnOnce() -> T) -> (T, Vec<(LogLevel, String)>) {
        let _ = COLLECTED.try_with(|collected| collected.replace(Some(Vec::new())));
        let outcome = work();
        let lines = COLLECTED.try_with(RefCell::take).ok().flatten();
        (outcome, lines.unwrap_or_default())
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Logger").field("level", &self.level).finish_non_exhaustive()
    }
}
