//! A local stand-in of the contact verification service, for demonstrations and tests.
//!
//! It judges requests by its own reading of the API page "Verifying Contact Methods" and shares
//! with the library only the page's parameter tables (`contactverify::limits`). A mistake in the
//! library's reading therefore shows here, and the other way round.
//!
//! This file starts the program. A request then walks through `gateway` (request id, size, path),
//! `authentication` (token or signature), `service` (the four calls), `parameters` (the API
//! page), `codes` (what was sent to whom) and `verified` (who needs no code). Beside the service
//! stand `iam`, which gives out tokens, `metadata`, which gives out access keys, and `controls`
//! for tests.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test that panics is a test that fails, which is what it is for"
    )
)]

mod access_keys;
mod account;
mod answer;
mod app;
mod arguments;
mod authentication;
mod clock;
mod codes;
mod contact;
mod controls;
mod delivery;
mod error;
mod gateway;
mod iam;
mod lockout;
mod metadata;
mod parameters;
mod query;
mod random;
mod server;
mod service;
mod shared;
mod shutdown;
mod signature;
mod tls;
mod tokens;
mod verified;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::app::Sandbox;
use crate::arguments::Arguments;
use crate::error::StartError;
use crate::server::Server;
use crate::shutdown::Shutdown;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("contactverify-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), StartError> {
    let tls =
        arguments.tls_files().map(|(certificate, key)| tls::read(certificate, key)).transpose()?;
    let server = Server::bind(arguments.address(), tls)?;
    // The handlers stand before the address is printed: whoever reads it may end the program at once.
    let shutdown = Shutdown::prepare(arguments.until_stdin_closes).map_err(StartError::Signals)?;
    delivery::print_line(&server.url()).map_err(StartError::Output)?;
    let router = app::router(Arc::new(Sandbox::new(arguments)));
    server.serve(router, shutdown).await.map_err(StartError::Serve)
}
