//! The sandbox as a whole: its state, and which path leads where.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post, put};

use crate::access_keys::AccessKeys;
use crate::account::Account;
use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::codes::{Codes, SentTooOften};
use crate::contact::Contact;
use crate::controls::{Counters, Route};
use crate::delivery::{self, Deliver};
use crate::metadata::MetadataTokens;
use crate::parameters::Verification;
use crate::shared::Shared;
use crate::tokens::Tokens;
use crate::verified::VerifiedContacts;
use crate::{authentication, controls, gateway, iam, metadata, service};

/// What all requests share.
pub struct Sandbox {
    /// By how much each answer is delayed.
    pub delay: Duration,
    /// Whether each request is written to standard error.
    pub log_requests: bool,
    /// Whether the metadata server of a cloud host answers.
    pub has_metadata: bool,
    /// How long a key of the metadata server lives.
    pub security_key_lifetime: Duration,
    /// Tells the time.
    pub clock: Clock,
    /// How often each route was asked.
    pub counters: Counters,
    /// Whether IAM works.
    pub iam_available: AtomicBool,
    /// Who may have tokens.
    pub account: Shared<Account>,
    /// The tokens that are accepted.
    pub tokens: Shared<Tokens>,
    /// The access keys that are accepted.
    pub access_keys: Shared<AccessKeys>,
    /// The tokens that the metadata server accepts.
    pub metadata_tokens: Shared<MetadataTokens>,
    /// The contacts that were verified.
    pub verified: Shared<VerifiedContacts>,
    codes: Shared<Codes>,
    deliver: Deliver,
}

impl Sandbox {
    /// A sandbox as the command line wants it, with the real clocks and codes on standard output.
    pub fn new(arguments: &Arguments) -> Self {
        let mut access_keys = AccessKeys::default();
        access_keys.add(
            arguments.access_key.clone(),
            arguments.secret_key.clone(),
            arguments.security_token.clone(),
        );
        Self {
            delay: arguments.delay(),
            log_requests: arguments.log_requests,
            has_metadata: arguments.metadata,
            security_key_lifetime: arguments.security_key_lifetime(),
            clock: Clock::new(arguments.clock_skew()),
            counters: Counters::default(),
            iam_available: AtomicBool::new(true),
            account: Shared::new(Account::new(arguments.names(), arguments.password.clone())),
            tokens: Shared::new(Tokens::new(arguments.token.clone(), arguments.token_lifetime())),
            access_keys: Shared::new(access_keys),
            metadata_tokens: Shared::default(),
            verified: Shared::new(VerifiedContacts::new(arguments.verification_lifetime())),
            codes: Shared::new(Codes::new(arguments.code_lifetime(), arguments.resend_interval())),
            deliver: Box::new(delivery::print_code),
        }
    }

    /// Makes a new code for the contact.
    pub fn new_code(&self, contact: &Contact) -> Result<String, SentTooOften> {
        self.codes.lock().send(contact.clone(), self.clock.now().steady)
    }

    /// Brings the code to the contact.
    pub fn deliver(&self, contact: &Contact, code: &str) -> io::Result<()> {
        (self.deliver)(contact, code)
    }

    /// Whether the code is the living one of its contact, which then counts as verified.
    pub fn verify(&self, verification: Verification) -> bool {
        let now = self.clock.now();
        let passed =
            self.codes.lock().verify(&verification.contact, &verification.code, now.steady);
        if passed {
            self.verified.lock().add(verification, now);
        }
        passed
    }
}

/// Every path of the sandbox. The order of the gateway's checks is: size of the body, path,
/// method, token or signature.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    let require = from_fn_with_state(Arc::clone(&sandbox), authentication::require);
    let front = from_fn_with_state(Arc::clone(&sandbox), gateway::front);
    let counted = |route, method: MethodRouter<Arc<Sandbox>>| {
        method.route_layer(from_fn_with_state((Arc::clone(&sandbox), route), controls::count))
    };
    let call = |route, method: MethodRouter<Arc<Sandbox>>| {
        counted(route, method.route_layer(require.clone()))
    };
    let mut router = Router::new()
        .route("/v2/servicerequest/verifycodes", call(Route::Verify, post(service::verify)))
        .route("/v2/servicerequest/verifycodes/send", call(Route::Send, post(service::send)))
        .route(
            "/v2/servicerequest/verifycodes/need-verify",
            call(Route::NeedVerify, get(service::need_verify)),
        )
        .route(
            "/v2/servicerequest/verifycodes/has-verified",
            call(Route::HasVerified, get(service::has_verified)),
        )
        .route("/v3/auth/tokens", counted(Route::IamTokens, post(iam::tokens)))
        .route("/sandbox/counters", get(controls::counters))
        .route("/sandbox/expire-tokens", post(controls::expire_tokens))
        .route("/sandbox/iam", post(controls::iam));
    if sandbox.has_metadata {
        router = router.route("/meta-data/latest/api/token", put(metadata::token)).route(
            "/openstack/latest/securitykey",
            counted(Route::SecurityKeys, get(metadata::security_key)),
        );
    }
    router
        .fallback(gateway::no_such_api)
        .method_not_allowed_fallback(gateway::no_such_method)
        .layer(from_fn(gateway::limit_body))
        .layer(front)
        .layer(DefaultBodyLimit::max(gateway::MOST_BYTES_READ))
        .with_state(sandbox)
}

#[cfg(test)]
mod tests;
