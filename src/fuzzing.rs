//! What the fuzz targets in `fuzz` and their replay in `tests/corpus.rs` both run.
//!
//! Each function takes a fuzzer's bytes and panics where a promise is broken. It returns
//! whether the bytes came all the way, to a verification or an accepted request, so that
//! the replay can see that its corpus reaches both ends.

#![allow(missing_docs, reason = "no part of the interface")]

mod answer;
mod framing;
mod page;
mod request;
mod verdict;

pub use answer::run as answer;
pub(crate) use page::accepts;
pub use request::run as request;
pub use verdict::run as verdict;

pub use crate::capi::fuzzing::run as c_request;
