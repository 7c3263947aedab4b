//! A peer without a socket: the same exchange, the same buffers, and answers from memory.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ureq::unversioned::transport::{
    Buffers as UreqBuffers, ConnectionDetails, Connector, NextTimeout, Transport as UreqTransport,
};

use super::buffers::{Buffers, INPUT_BYTES};
use super::connection::{note_untaken, pass, take_in};
use super::{Settings, Transport, agent, exchange};
use crate::endpoint::Endpoint;
use crate::logger::Logger;

/// What comes behind an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Close,
    Reset,
    Silence,
}

/// Gives an answer to each of two requests, in pieces.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) answers: [Vec<u8>; 2],
    piece: usize,
    end: End,
    requests: AtomicUsize,
}

impl Peer {
    pub(crate) fn new(answers: [Vec<u8>; 2], piece: usize, end: End) -> Self {
        Self { answers, piece, end, requests: AtomicUsize::new(0) }
    }

    /// How many requests have arrived.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Transport {
    /// A transport whose only peer is this one.
    pub(crate) fn to(peer: Arc<Peer>) -> Self {
        let endpoint = Endpoint::parse("endpoint", "http://127.0.0.1:1");
        let transport = Self::new(Settings {
            endpoint: endpoint.unwrap_or_else(|error| panic!("{error}")),
            connect_timeout: Duration::from_hours(1),
            max_idle_connections: 1,
            idle_timeout: Duration::from_hours(1),
            ca_file: None,
            proxy: None,
            logger: Logger::off(),
        });
        transport.agent.get(|| agent(&transport.settings, Dialer(peer)));
        transport
    }
}

#[derive(Debug)]
struct Dialer(Arc<Peer>);

impl Connector<()> for Dialer {
    type Out = Wire;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Wire>, ureq::Error> {
        let peer = Arc::clone(&self.0);
        Ok(Some(Wire { peer, said: Vec::new(), taken: 0, buffers: Buffers::default() }))
    }
}

/// A connection to the peer.
#[derive(Debug)]
struct Wire {
    peer: Arc<Peer>,
    said: Vec<u8>,
    taken: usize,
    buffers: Buffers,
}

impl Drop for Wire {
    fn drop(&mut self) {
        note_untaken(&self.buffers);
    }
}

impl UreqTransport for Wire {
    fn buffers(&mut self) -> &mut dyn UreqBuffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.buffers.collect(amount);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let Some(exchange) = exchange::current() else { return Err(ureq::Error::ConnectionFailed) };
        if !self.buffers.collected().is_empty() {
            exchange::update(|exchange| exchange.departed = true);
            self.buffers.request_left();
            let turn = self.peer.requests.fetch_add(1, Ordering::Relaxed);
            self.said.extend_from_slice(&self.peer.answers[turn]);
        }
        let Self { peer, said, taken, buffers } = self;
        take_in(buffers, exchange.deadline, |room| {
            let left = &said[*taken..];
            let count = left.len().min(peer.piece).min(room.len());
            room[..count].copy_from_slice(&left[..count]);
            *taken += count;
            match peer.end {
                _ if count > 0 => Ok(count),
                End::Close => Ok(0),
                End::Reset => Err(io::ErrorKind::ConnectionReset.into()),
                End::Silence => Err(io::ErrorKind::TimedOut.into()),
            }
        })
        .map_err(pass)?;
        assert!(self.buffers.input().len() <= INPUT_BYTES, "the input grows without bound");
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        self.buffers.is_clean() && self.taken == self.said.len()
    }

    fn is_tls(&self) -> bool {
        false
    }
}
