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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::time::Instant;

    use socket2::{Domain, Socket as Raw, Type};

    use super::*;

    fn within(milliseconds: u64) -> Deadline {
        Deadline::total(Duration::from_millis(milliseconds))
    }

    #[test]
    fn a_dead_first_address_leaves_half_of_the_time_to_the_second() {
        // Nobody accepts, and the queue is full: the next connection is not answered.
        let dead = Raw::new(Domain::IPV4, Type::STREAM, None).unwrap();
        dead.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        dead.listen(0).unwrap();
        let address = dead.local_addr().unwrap().as_socket().unwrap();
        let patience = Duration::from_millis(200);
        let waiting = || TcpStream::connect_timeout(&address, patience).ok();
        let queued: Vec<_> = std::iter::from_fn(waiting).collect();
        assert!(!queued.is_empty());

        let second = IpAddr::from([127, 0, 0, 2]);
        let _alive = TcpListener::bind((second, address.port())).unwrap();
        let started = Instant::now();
        let both = [address.ip(), second];
        let socket = Socket::connect(&both, address.port(), within(600)).unwrap();
        assert_eq!(socket.stream.peer_addr().unwrap().ip(), second);
        assert!(started.elapsed() >= Duration::from_millis(250));
    }

    #[test]
    fn an_idle_connection_is_quiet_speaking_or_closed() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || {
            let socket = Socket::connect(&[address.ip()], address.port(), within(5000)).unwrap();
            (socket, listener.accept().unwrap().0)
        };
        let (socket, mut peer) = connect();
        assert_eq!(socket.state(), State::Quiet);
        peer.write_all(b"x").unwrap();
        socket.stream.peek(&mut [0]).unwrap();
        assert_eq!(socket.state(), State::Speaking);

        let (socket, peer) = connect();
        drop(peer);
        socket.stream.peek(&mut [0]).unwrap();
        assert_eq!(socket.state(), State::Closed);

        let (socket, peer) = connect();
        SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
        drop(peer);
        // A reset goes over loopback before `close` returns.
        assert_eq!(socket.state(), State::Closed);
    }

    #[test]
    fn the_kernels_timer_is_set_anew_only_where_it_would_run_too_long() {
        let set_at = |current: Option<u64>, left: u64| {
            let mut current = current.map(Duration::from_millis);
            let mut asked = None;
            set_timer(&mut current, Duration::from_millis(left), |timer| {
                asked = timer;
                Ok(())
            })
            .unwrap();
            (current.map(|timer| timer.as_millis()), asked.is_some())
        };
        assert_eq!(set_at(None, 500), (Some(500), true));
        assert_eq!(set_at(Some(500), 500), (Some(500), false));
        assert_eq!(set_at(Some(500), 480), (Some(500), false));
        assert_eq!(set_at(Some(500), 479), (Some(479), true));
        assert_eq!(set_at(Some(100), 500), (Some(100), false));
    }
}
