//! What one call may use and what became of it, for the code that ureq calls back.
//!
//! ureq runs a call wholly on the caller's thread, and its connector and
//! transport get no value of the call's own. So the values stand in a cell of
//! the thread for as long as the call lasts. They own nothing, so they work in
//! a thread's destructors too.

use std::cell::Cell;

use super::deadline::Deadline;

/// The call that this thread is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange {
    /// The end of the whole call.
    pub(super) deadline: Deadline,
    /// A byte of the request has been given to the connection.
    pub(super) departed: bool,
    /// The body that is being read is chunked, and its framing must be watched.
    pub(super) chunked: bool,
    /// The rule of chunked framing that the body broke.
    pub(super) violation: Option<&'static str>,
    /// The head does not tell beyond doubt where the body ends, so what follows may be a part
    /// of it.
    pub(super) unframed: bool,
    /// The status of an answer whose head ureq would not take.
    pub(super) untaken_status: Option<u16>,
}

thread_local! {
    static CURRENT: Cell<Option<Exchange>> = const { Cell::new(None) };
}

/// Puts back what stood before when the call ends, however it ends: a log
/// callback may use the client inside a call.
pub(super) struct Guard {
    before: Option<Exchange>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// Begins a call on this thread.
pub(super) fn begin(exchange: Exchange) -> Guard {
    Guard { before: CURRENT.replace(Some(exchange)) }
}

/// The call that this thread is in. There is one whenever ureq runs.
pub(super) fn current() -> Option<Exchange> {
    CURRENT.get()
}

/// Changes the call that this thread is in.
pub(super) fn update(change: impl FnOnce(&mut Exchange)) {
    if let Some(mut exchange) = CURRENT.get() {
        change(&mut exchange);
        CURRENT.set(Some(exchange));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_call_inside_a_call_gives_the_outer_one_back() {
        let call = |milliseconds| Exchange {
            deadline: Deadline::total(Duration::from_millis(milliseconds)),
            departed: milliseconds == 1,
            chunked: false,
            violation: None,
            unframed: false,
            untaken_status: None,
        };
        let outer = begin(call(1));
        let inner = begin(call(2));
        update(|exchange| exchange.chunked = true);
        assert_eq!(current().map(|call| (call.departed, call.chunked)), Some((false, true)));
        drop(inner);
        assert_eq!(current().map(|call| (call.departed, call.chunked)), Some((true, false)));
        drop(outer);
        assert!(current().is_none());
    }
}
