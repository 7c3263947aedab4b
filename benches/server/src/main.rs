//! The server of `make bench`: it answers every request with the same verdict, as fast as a
//! program can.
//!
//!     contactverify-bench-server AUTHORITY [DELAY_MS]
//!
//! It writes the certificate of the authority that signed its own to the file AUTHORITY, prints
//! its plain endpoint and its TLS endpoint, and ends when its standard input closes.
//!
//! Each connection has a thread that reads and writes, and nothing else: no event loop needs a
//! system call in between, and a delay holds up nobody else.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics is a test that fails"))]

mod connection;
mod tls;

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::{env, fs};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Hundreds of connections must not need gigabytes of address space.
const STACK_BYTES: usize = 256 * 1024;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("contactverify-bench-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let authority = arguments.next().ok_or("usage: AUTHORITY [DELAY_MS]")?;
    let delay = Duration::from_millis(arguments.next().map_or(Ok(0), |text| text.parse())?);

    let (pem, settings) = tls::settings()?;
    fs::write(authority, pem)?;
    let plain = TcpListener::bind("127.0.0.1:0")?;
    let secure = TcpListener::bind("127.0.0.1:0")?;
    let endpoints = format!("http://{}\nhttps://{}\n", plain.local_addr()?, secure.local_addr()?);

    thread::spawn(move || accept(&plain, move |stream| connection::serve(stream, delay)));
    thread::spawn(move || {
        accept(&secure, move |stream| connection::serve(secured(stream, &settings)?, delay));
    });
    io::stdout().write_all(endpoints.as_bytes())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn secured(
    stream: TcpStream,
    settings: &Arc<ServerConfig>,
) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let connection = ServerConnection::new(Arc::clone(settings)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Gives each connection a thread of its own.
fn accept(
    listener: &TcpListener,
    serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static,
) {
    for stream in listener.incoming().flatten() {
        let serve = serve.clone();
        let run = move || {
            let served = stream.set_nodelay(true).and_then(|()| serve(stream));
            // A client that ends between two requests is no failure.
            if let Err(error) = served {
                eprintln!("contactverify-bench-server: {error}");
            }
        };
        if let Err(error) = thread::Builder::new().stack_size(STACK_BYTES).spawn(run) {
            eprintln!("contactverify-bench-server: no thread: {error}");
        }
    }
}
