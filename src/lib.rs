//! Verifies a contact method (a phone number or an e-mail address) with a
//! one-time code, through Huawei Cloud's Service Tickets (OSM) API:
//! `POST /v2/servicerequest/verifycodes`.
//!
//! ```no_run
//! use contactverify::{Config, ContactWay, ErrorKind, Request};
//!
//! let mut config = Config::new();
//! config.set_endpoint(Some("https://osm.cn-south-1.myhuaweicloud.com"))?;
//! config.set_auth_token(Some("MIIF..."))?;
//! let client = config.build()?;
//!
//! match client.verify_codes(&Request::new("123456", "alice@example.com", ContactWay::Email)) {
//!     Ok(_) => println!("verified"),
//!     Err(error) => match error.kind() {
//!         ErrorKind::Rejected(reason) => println!("wrong code: {reason}"),
//!         _ => println!("not known: {error}"),
//!     },
//! }
//! # Ok::<(), contactverify::Error>(())
//! ```
//!
//! An [`Error`] says what happened ([`ErrorKind`], one variant per situation), and how far the
//! request came ([`Sent`]), which tells whether the same code can be tried again. What the API
//! page does not allow is refused before anything is sent:
//!
//! ```
//! use contactverify::{Config, ContactWay, ErrorKind, Request, Sent};
//!
//! let mut config = Config::new();
//! config.set_region(Some("cn-south-1"))?.set_auth_token(Some("MIIF..."))?;
//! let client = config.build()?;
//!
//! let request = Request::new("12345", "alice@example.com", ContactWay::Email);
//! let error = client.verify_codes(&request).unwrap_err();
//! assert!(matches!(error.kind(), ErrorKind::InvalidArgument { field: "verify_code", .. }));
//! assert_eq!(error.sent(), Sent::No);
//! # Ok::<(), contactverify::Error>(())
//! ```
//!
//! **Threads.** A [`Client`] may be used by any number of threads at once, and on
//! both sides of a `fork`. A [`Config`] belongs to one thread at a time. A call starts no
//! thread, except to look a name up for a new connection, and to fetch a token or a key that it
//! has not been given.
//!
//! **Time.** The four calls block, until the service has answered or until their deadline, 10
//! seconds by default. Nothing else waits for the network. An asynchronous program makes them
//! where it may block, as in `spawn_blocking` of Tokio.
//!
//! **Repetition.** A request is sent once. See [`Config::set_retries`] for what that leaves.
//!
//! **Secrets.** Tokens, codes and contacts stand in no message and no log line. In the
//! C library all freed memory is wiped. A Rust program that wants the same of the
//! copies that the HTTP library makes keeps the feature `capi` on.
//!
//! **Features.** `capi` (default): the C functions, and a global allocator that wipes
//! what it frees. Rust programs usually switch it off with `default-features = false`. Cargo
//! builds one `ureq` for a whole program, with the features of all who use it: its `gzip` and
//! `cookies` make it take from an answer what this crate would refuse or ignore.

// `unsafe` stands in `capi`, where C hands us pointers, and in `transport::per_process`,
// which may take no lock and must know of each fork.
#![deny(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")
)]

mod attempts;
#[cfg(feature = "capi")]
pub mod capi;
mod client;
mod confidential;
mod config;
mod credentials;
mod endpoint;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod incoming;
mod library_thread;
pub mod limits;
mod logger;
mod object;
mod purpose;
mod query;
mod region;
mod request;
mod response;
mod secret;
mod status;
mod success;
mod text;
mod transport;

pub use client::Client;
pub use config::Config;
pub use credentials::CredentialSources;
pub use error::{Error, ErrorKind, Sent};
pub use logger::LogLevel;
pub use request::{CallOptions, ContactWay, ListRequest, NeedRequest, Request, SendRequest};
pub use response::Answer;
pub use status::Status;
pub use success::{CodeSent, Contact, Contacts, Need, Success, Verified};
