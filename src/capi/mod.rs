//! The C functions: pointers become Rust values here, and panics stop here.
//!
//! One file per noun, the same nouns as in the crate itself. What the header says
//! of each function is its doc comment in these files.
//!
//! Pointers that may be NULL arrive as `Option<&T>`, and results leave through
//! `Option<&mut MaybeUninit<*mut T>>`: the same as plain pointers in C, and no
//! `unsafe` here. The caller's part is to pass what the header asks for.

#![allow(unsafe_code, reason = "this is the boundary to C")]
#![allow(
    non_camel_case_types,
    reason = "the types carry their C names, which cbindgen cannot change"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header's comments are written for C programmers"
)]

mod allocator;
mod boundary;
mod client;
mod config;
mod constructor;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod request;
mod result;
mod sized;
mod status;
mod text;

#[cfg(debug_assertions)]
#[doc(hidden)]
pub use allocator::BYTES_IN_USE;
pub use client::*;
pub use config::credentials::*;
pub use config::*;
pub use request::*;
pub use result::*;
pub use status::*;
