//! A TCP connection whose every operation ends by a deadline.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use super::deadline::Deadline;

/// A kernel timer may run this much past the deadline before it is set anew.
/// Setting it costs a system call per operation; with the slack, a kept
/// connection needs none, and the call still ends well within 100 ms of its
/// deadline.
const SLACK: Duration = Duration::from_millis(20);

/// A connected socket, with the kernel timers that are set on it.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    read_timer: Option<Duration>,
    write_timer: Option<Duration>,
}

impl Socket {
    /// Connects to the first address that answers. All but the last get half of
    /// the time that is left, so that a dead first address does not use it up.
    pub(super) fn connect(addresses: &[IpAddr], port: u16, deadline: Deadline) -> io::Result<Self> {
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (index, address) in addresses.iter().enumerate() {
            let left = deadline.remaining()?;
            let budget = if index + 1 == addresses.len() { left } else { left / 2 };
            match TcpStream::connect_timeout(&SocketAddr::new(*address, port), budget) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(Self { stream, read_timer: None, write_timer: None });
                }
                Err(error) => failure = error,
            }
        }
        deadline.remaining()?;
        Err(failure)
    }

    /// Reads what is there, waiting for it until the deadline. 0 is the end.
    pub(super) fn read(&mut self, buffer: &mut [u8], deadline: Deadline) -> io::Result<usize> {
        loop {
            let left = deadline.remaining()?;
            set_timer(&mut self.read_timer, left, |timer| self.stream.set_read_timeout(timer))?;
            match (&self.stream).read(buffer) {
                Err(error) if is_passing(&error) => self.read_timer = None,
                other => return other,
            }
        }
    }

    /// Writes at least a part, waiting until the deadline.
    pub(super) fn write(&mut self, bytes: &[u8], deadline: Deadline) -> io::Result<usize> {
        loop {
            let left = deadline.remaining()?;
            set_timer(&mut self.write_timer, left, |timer| self.stream.set_write_timeout(timer))?;
            match (&self.stream).write(bytes) {
                Err(error) if is_passing(&error) => self.write_timer = None,
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                other => return other,
            }
        }
    }

    /// Makes every later write fail.
    #[cfg(test)]
    pub(super) fn close_for_writing(&self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Whether the peer has said nothing since the last answer and still listens.
    /// One system call, which neither waits nor takes anything.
    pub(super) fn state(&self) -> State {
        let mut byte = [MaybeUninit::uninit()];
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        match SockRef::from(&self.stream).recv_with_flags(&mut byte, flags) {
            Ok(0) => State::Closed,
            Ok(_) => State::Speaking,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => State::Quiet,
            Err(_) => State::Closed,
        }
    }
}

/// What a connection that should be idle does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing: it can carry the next request.
    Quiet,
    /// Bytes arrived that no request asked for.
    Speaking,
    /// The peer closed it, or it broke.
    Closed,
}

/// Sets the kernel's timer unless the one that is set serves as well. An early
/// one only wakes the loop, which looks at the deadline again.
fn set_timer(
    current: &mut Option<Duration>,
    left: Duration,
    set: impl FnOnce(Option<Duration>) -> io::Result<()>,
) -> io::Result<()> {
    if current.is_some_and(|timer| timer <= left + SLACK) {
        return Ok(());
    }
    set(Some(left))?;
    *current = Some(left);
    Ok(())
}

/// A timer or a signal ended the wait; the deadline decides whether to go on.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

/// A socket with a deadline, for code that speaks `Read` and `Write`.
pub(super) struct Timed<'a> {
    pub(super) socket: &'a mut Socket,
    pub(super) deadline: Deadline,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buffer, self.deadline)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes, self.deadline)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
