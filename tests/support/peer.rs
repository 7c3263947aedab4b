//! A server on loopback that does what its script says and remembers what it saw.

use std::io::{self, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the peer saw, for assertions.
#[derive(Debug, Default)]
pub struct Seen {
    pub connections: AtomicUsize,
    pub handshakes: AtomicUsize,
    /// Every request, whole, in the order in which they ended.
    pub requests: Mutex<Vec<Vec<u8>>>,
}

impl Seen {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

/// One connection, seen from the peer's side.
pub struct Conversation {
    stream: Stream,
    seen: Arc<Seen>,
    stop: Arc<AtomicBool>,
    /// The number of this connection, from 0.
    pub number: usize,
    /// Every byte is sent in a write of its own.
    pub bytewise: bool,
    reset: bool,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Conversation {
    /// Reads one request; `None` if the client ends the connection instead.
    pub fn request(&mut self) -> Option<Vec<u8>> {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            match self.read(&mut byte) {
                Ok(1) => request.push(byte[0]),
                _ => return None,
            }
        }
        let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.read_exact(&mut body).ok()?;
        request.extend(body);
        self.seen.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Sends bytes in one write, or bytewise; false if the client has gone, which is its own affair.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        let piece = if self.bytewise { 1 } else { bytes.len().max(1) };
        bytes.chunks(piece).all(|piece| self.write_all(piece).and_then(|()| self.flush()).is_ok())
    }

    /// Answers every request in the same way until the client leaves.
    pub fn answer_all(&mut self, bytes: &[u8]) {
        while self.request().is_some() {
            self.send(bytes);
        }
    }

    /// Says nothing more, until the client leaves or the test ends.
    pub fn stay_silent(&mut self) {
        let mut byte = [0];
        while self.read(&mut byte).is_ok_and(|count| count > 0) {}
    }

    /// Waits as long as the test goes on; false when it has ended.
    pub fn wait(&self, time: Duration) -> bool {
        thread::sleep(time);
        !self.stop.load(Ordering::SeqCst)
    }

    /// Ends the connection at once, losing what is on its way.
    pub fn reset(&mut self) {
        self.reset = true;
    }

    /// Changes the keys of its side, as TLS 1.3 allows at any time, and says so to the client.
    pub fn change_keys(&mut self) {
        let Stream::Tls(stream) = &mut self.stream else { panic!("there are no keys") };
        stream.conn.refresh_traffic_keys().unwrap();
        stream.flush().unwrap();
    }

    /// The TLS of this conversation, which ends for the script; and the socket below.
    pub fn take_tls(&mut self) -> (ServerConnection, TcpStream) {
        let socket = Stream::Plain(self.socket());
        let Stream::Tls(stream) = mem::replace(&mut self.stream, socket) else {
            panic!("there is no TLS")
        };
        (stream.conn, stream.sock)
    }

    /// The socket below.
    pub fn socket(&self) -> TcpStream {
        let socket = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
        };
        socket.try_clone().unwrap()
    }
}

impl Read for Conversation {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Conversation {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

/// A listening peer. It stops when it is dropped.
pub struct Peer {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    secure: bool,
    stop: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    listener: Option<JoinHandle<()>>,
}

impl Peer {
    pub fn plain(script: impl Fn(&mut Conversation) + Send + Sync + 'static) -> Self {
        Self::start(None, script)
    }

    pub fn tls(
        config: Arc<ServerConfig>,
        script: impl Fn(&mut Conversation) + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(config), script)
    }

    /// Answers every request of every connection in the same way.
    pub fn answering(bytes: Vec<u8>) -> Self {
        Self::plain(move |conversation| conversation.answer_all(&bytes))
    }

    fn start(
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&mut Conversation) + Send + Sync + 'static,
    ) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let (seen, stop) = (Arc::<Seen>::default(), Arc::<AtomicBool>::default());
        let open = Arc::<Mutex<Vec<TcpStream>>>::default();
        let secure = tls.is_some();
        let listener = thread::spawn({
            let (seen, stop, open) = (Arc::clone(&seen), Arc::clone(&stop), Arc::clone(&open));
            let script = Arc::new(script);
            move || {
                let mut conversations = Vec::new();
                for stream in socket.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let stream = stream.unwrap();
                    stream.set_nodelay(true).unwrap();
                    open.lock().unwrap().push(stream.try_clone().unwrap());
                    let number = seen.connections.fetch_add(1, Ordering::SeqCst);
                    let (seen, stop) = (Arc::clone(&seen), Arc::clone(&stop));
                    let (script, tls) = (Arc::clone(&script), tls.clone());
                    conversations.push(thread::spawn(move || {
                        let closer = stream.try_clone().unwrap();
                        let mut reset = false;
                        if let Some(stream) = greet(stream, tls, &seen) {
                            let mut conversation = Conversation {
                                stream,
                                seen,
                                stop,
                                number,
                                bytewise: false,
                                reset: false,
                            };
                            script(&mut conversation);
                            reset = conversation.reset;
                        }
                        end(&closer, reset);
                    }));
                }
                for conversation in conversations {
                    conversation.join().unwrap();
                }
            }
        });
        Self { address, seen, secure, stop, open, listener: Some(listener) }
    }

    pub fn endpoint(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }
}

/// Closes a connection, or breaks it. The peer keeps another handle until it ends itself, so
/// closing this one would tell the client nothing.
fn end(socket: &TcpStream, reset: bool) {
    if reset {
        // Connecting a socket to nowhere (AF_UNSPEC) breaks the connection with a reset.
        let nowhere = libc::sockaddr { sa_family: 0, sa_data: [0; 14] };
        let length = libc::socklen_t::try_from(size_of_val(&nowhere)).unwrap();
        // SAFETY: the address is valid for the call, and the socket is open.
        unsafe { libc::connect(socket.as_raw_fd(), &raw const nowhere, length) };
    } else {
        let _ = socket.shutdown(Shutdown::Both);
    }
}

fn greet(mut stream: TcpStream, tls: Option<Arc<ServerConfig>>, seen: &Seen) -> Option<Stream> {
    let Some(config) = tls else { return Some(Stream::Plain(stream)) };
    let mut connection = ServerConnection::new(config).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).ok()?;
    }
    seen.handshakes.fetch_add(1, Ordering::SeqCst);
    Some(Stream::Tls(Box::new(StreamOwned::new(connection, stream))))
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, and every script that reads.
        let _ = TcpStream::connect(self.address);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let finished = self.listener.take().unwrap().join();
        if !thread::panicking() {
            finished.unwrap();
        }
    }
}
