//! What ends the program.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::thread;

use tokio::sync::oneshot;

/// The events that end the program: a signal and, where wanted, the end of standard input.
pub struct Shutdown {
    signal: Pin<Box<dyn Future<Output = ()> + Send>>,
    stdin_closed: Option<oneshot::Receiver<()>>,
}

impl Shutdown {
    /// Starts to watch. From here on, a signal no longer ends the program by itself.
    pub fn prepare(until_stdin_closes: bool) -> io::Result<Self> {
        Ok(Self { signal: Box::pin(signal()?), stdin_closed: until_stdin_closes.then(watch_stdin) })
    }

    /// Waits for the first of the events.
    pub async fn requested(self) {
        match self.stdin_closed {
            None => self.signal.await,
            Some(stdin_closed) => tokio::select! {
                () = self.signal => {}
                _ = stdin_closed => {}
            },
        }
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(windows)]
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        ctrl_c.recv().await;
    })
}

/// A thread of its own reads standard input: a read that never ends would keep tokio's threads,
/// and with them the program, from ending.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // An input that cannot be read has no parent behind it either.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = sender.send(());
    });
    receiver
}
