//! One connection as ureq uses it: collects the request, sends it in one
//! write, reads the answer, and tells whether it can serve again.

use std::{io, mem};

use ureq::unversioned::transport::{Buffers as UreqBuffers, NextTimeout, Transport};

use super::buffers::Buffers;
use super::deadline::Deadline;
use super::exchange;
use super::framing::MOST_HEADERS;
use super::socket::{Socket, State, Timed};
use super::tls::Session;
use crate::error::ErrorKind;

/// A socket, with TLS on it or without.
#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    session: Option<Session>,
    buffers: Buffers,
    /// The request could not be sent whole; an early answer may still arrive.
    cut_short: bool,
    /// An answer has been read since ureq last asked whether the connection is open.
    answered: bool,
}

impl Connection {
    pub(super) fn new(socket: Socket, session: Option<Session>) -> Self {
        Self { socket, session, buffers: Buffers::default(), cut_short: false, answered: false }
    }

    fn send(&mut self, deadline: Deadline) -> Result<(), ErrorKind> {
        // Noted before the write: one that fails may have sent a part.
        exchange::update(|exchange| exchange.departed = true);
        let mut wire = Timed { socket: &mut self.socket, deadline };
        let sent = match &mut self.session {
            Some(session) => session.write_all(&mut wire, self.buffers.collected()),
            None => io::Write::write_all(&mut wire, self.buffers.collected()),
        };
        self.buffers.request_left();
        match sent {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(deadline.passed("sending the request"))
            }
            // A server may answer and close before it has read everything
            // (RFC 9112, section 9.5), and its answer says why.
            Err(_) => {
                self.cut_short = true;
                Ok(())
            }
        }
    }

    fn receive(&mut self, deadline: Deadline) -> Result<(), ErrorKind> {
        let Self { socket, session, buffers, .. } = self;
        take_in(buffers, deadline, |room| {
            let mut wire = Timed { socket, deadline };
            match session {
                Some(session) => session.read(&mut wire, room),
                None => io::Read::read(&mut wire, room),
            }
        })
    }
}

/// Reads once into the buffers. What comes in place of bytes ends the answer.
pub(super) fn take_in(
    buffers: &mut Buffers,
    deadline: Deadline,
    read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> Result<(), ErrorKind> {
    if let Some(violation) = buffers.violation() {
        return Err(ErrorKind::BadResponse(format!("{violation}.")));
    }
    let room = buffers.input_append_buf();
    if room.is_empty() {
        let reason = "the answer's head or a chunk's line is too long.";
        return Err(ErrorKind::BadResponse(reason.into()));
    }
    match read(room) {
        Ok(0) => Err(lost("the service closed the connection")),
        Ok(count) => {
            buffers.input_appended(count);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(deadline.passed("waiting for the answer"))
        }
        Err(error) => Err(lost(&format!("the connection broke ({error})"))),
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        note_untaken(&self.buffers);
    }
}

/// ureq gives an answer up before anybody sees its status if the head contradicts itself on
/// where the body ends. A refusal stays a refusal even so: its status is kept for the verdict.
pub(super) fn note_untaken(buffers: &Buffers) {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let input = buffers.input();
    if !input.is_empty() && head.parse(input).is_ok_and(|parsed| parsed.is_complete()) {
        exchange::update(|exchange| exchange.untaken_status = head.code);
    }
}

fn lost(reason: &str) -> ErrorKind {
    ErrorKind::ConnectionLost(format!("No whole answer: {reason}."))
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn UreqBuffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.buffers.collect(amount);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let Some(exchange) = exchange::current() else { return Err(ureq::Error::ConnectionFailed) };
        let deadline = exchange.deadline;
        if !self.buffers.collected().is_empty() {
            self.send(deadline).map_err(pass)?;
        }
        self.receive(deadline).map_err(pass)?;
        self.answered = true;
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        let Some(exchange) = exchange::current() else { return false };
        if self.cut_short || exchange.unframed || !self.buffers.is_clean() {
            return false;
        }
        // ureq asks twice: when it puts the connection away, and when it takes it out again. Only
        // the second time matters, and a look at the socket is a system call.
        if mem::take(&mut self.answered) {
            return true;
        }
        match &mut self.session {
            Some(session) => session.is_quiet(&mut self.socket, exchange.deadline),
            None => self.socket.state() == State::Quiet,
        }
    }

    fn is_tls(&self) -> bool {
        self.session.is_some()
    }
}

/// Hands our own error through ureq, which passes it on as it is.
pub(super) fn pass(kind: ErrorKind) -> ureq::Error {
    ureq::Error::Other(Box::new(kind))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::super::exchange::{Exchange, begin};
    use super::*;

    /// A connection whose request cannot leave, and whose peer has answered all the same.
    fn unsendable() -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let patience = Deadline::total(Duration::from_secs(5));
        let socket = Socket::connect(&[address.ip()], address.port(), patience).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"HTTP/1.1 401 Early\r\n\r\n").unwrap();
        socket.close_for_writing();
        let mut connection = Connection::new(socket, None);
        connection.buffers.output()[0] = b'P';
        connection.buffers.collect(1);
        connection
    }

    fn call(span: Duration) -> Exchange {
        Exchange {
            deadline: Deadline::total(span),
            departed: false,
            chunked: false,
            violation: None,
            unframed: false,
            untaken_status: None,
        }
    }

    fn await_input(connection: &mut Connection) -> Result<bool, ureq::Error> {
        let timeout = NextTimeout {
            after: ureq::unversioned::transport::time::Duration::NotHappening,
            reason: ureq::Timeout::Global,
            per_read: None,
            per_write: None,
        };
        connection.await_input(timeout)
    }

    #[test]
    fn an_early_answer_is_read_although_the_request_could_not_leave() {
        let mut connection = unsendable();
        let _call = begin(call(Duration::from_secs(5)));
        assert!(await_input(&mut connection).unwrap());
        assert!(connection.buffers.input().starts_with(b"HTTP/1.1 401"));
        assert!(exchange::current().unwrap().departed);
        let read = connection.buffers.input().len();
        connection.buffers.input_consume(read);
        assert!(!connection.is_open(), "it cannot carry another request");
    }

    #[test]
    fn a_request_that_does_not_leave_in_time_has_timed_out() {
        let mut connection = unsendable();
        let _call = begin(call(Duration::ZERO));
        let ureq::Error::Other(error) = await_input(&mut connection).unwrap_err() else {
            panic!("not an error of ours")
        };
        let kind = error.downcast::<ErrorKind>().unwrap();
        assert!(matches!(*kind, ErrorKind::Timeout(_)), "{kind:?}");
        assert!(kind.to_string().contains("sending the request"), "{kind}");
    }
}
