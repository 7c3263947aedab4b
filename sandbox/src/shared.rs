//! A value that all requests share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Changed by one request at a time.
#[derive(Debug, Default)]
pub struct Shared<T>(Mutex<T>);

impl<T> Shared<T> {
    /// Shares the value.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Waits until no other request has it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        // A panic while the lock is held leaves the value whole: random values, the only thing
        // that can fail, are made before anything changes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
