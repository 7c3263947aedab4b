//! The sandbox as a whole: its state, and which path leads where.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::post;

use crate::arguments::Arguments;
use crate::codes::{Codes, SentTooOften};
use crate::contact::Contact;
use crate::delivery::{self, Deliver};
use crate::parameters::Verification;
use crate::{gateway, service};

/// Tells the time. Tests put their own clock in place of `Instant::now`.
type Clock = Box<dyn Fn() -> Instant + Send + Sync>;

/// What all requests share.
pub struct Sandbox {
    /// The one token that is accepted.
    pub token: String,
    /// By how much each answer is delayed.
    pub delay: Duration,
    /// Whether each request is written to standard error.
    pub log_requests: bool,
    codes: Mutex<Codes>,
    clock: Clock,
    deliver: Deliver,
}

impl Sandbox {
    /// A sandbox as the command line wants it, with the real clock and codes on standard output.
    pub fn new(arguments: &Arguments) -> Self {
        Self {
            token: arguments.token.clone(),
            delay: arguments.delay(),
            log_requests: arguments.log_requests,
            codes: Mutex::new(Codes::new(arguments.code_lifetime(), arguments.resend_interval())),
            clock: Box::new(Instant::now),
            deliver: Box::new(delivery::print_code),
        }
    }

    /// Makes a new code for the contact.
    pub fn new_code(&self, contact: &Contact) -> Result<String, SentTooOften> {
        self.codes().send(contact.clone(), (self.clock)())
    }

    /// Brings the code to the contact.
    pub fn deliver(&self, contact: &Contact, code: &str) -> io::Result<()> {
        (self.deliver)(contact, code)
    }

    /// Whether the code is the living one of its contact.
    pub fn verify(&self, verification: &Verification) -> bool {
        self.codes().verify(&verification.contact, &verification.code, (self.clock)())
    }

    fn codes(&self) -> MutexGuard<'_, Codes> {
        // A panic while the lock is held leaves the map whole: the random code, the only thing
        // that can fail, is made before the map changes.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every path of the sandbox. The order of the gateway's checks is: size of the body, path,
/// method, token.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    let token = from_fn_with_state(Arc::clone(&sandbox), gateway::require_token);
    let front = from_fn_with_state(Arc::clone(&sandbox), gateway::front);
    Router::new()
        .route("/v2/servicerequest/verifycodes", post(service::verify).route_layer(token.clone()))
        .route("/v2/servicerequest/verifycodes/send", post(service::send).route_layer(token))
        .fallback(gateway::no_such_api)
        .method_not_allowed_fallback(gateway::no_such_method)
        .layer(from_fn(gateway::limit_body))
        .layer(front)
        .layer(DefaultBodyLimit::max(gateway::MOST_BYTES_READ))
        .with_state(sandbox)
}

#[cfg(test)]
mod tests;
