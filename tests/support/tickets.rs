//! A server that speaks TLS without end and says nothing in it.

use std::io::Write;
use std::net::TcpStream;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rustls::{ConnectionTrafficSecrets, ServerConnection};

/// The shortest session ticket (RFC 8446, section 4.6.1): a handshake message of type 4 with a
/// lifetime, an addition to its age, an empty nonce, a ticket of one byte and no extensions.
const TICKET: [u8; 18] = [4, 0, 0, 14, 0, 0, 28, 32, 0, 0, 0, 1, 0, 0, 1, 9, 0, 0];
/// As many as one record holds (2^14 bytes, section 5.1).
const TICKETS: usize = (1 << 14) / TICKET.len();

/// Sends session tickets until the client has gone. rustls sends some after a handshake only, so
/// the records are made here, with the connection's keys. Calls `begun` behind each record.
pub fn flood(connection: ServerConnection, mut socket: TcpStream, begun: impl Fn()) {
    let (first, secrets) = connection.dangerous_extract_secrets().unwrap().tx;
    let ConnectionTrafficSecrets::Aes256Gcm { key, iv } = secrets else {
        panic!("another cipher was chosen")
    };
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).unwrap());
    for number in first.. {
        // Behind the messages stands the type of the record, handshake.
        let mut record = [&TICKET.repeat(TICKETS)[..], &[22]].concat();
        let length = u16::try_from(record.len() + AES_256_GCM.tag_len()).unwrap();
        let head = [&[23, 3, 3], &length.to_be_bytes()[..]].concat();
        // Each record's nonce is the fixed one, of which the number changes the end (section 5.3).
        let mut nonce: [u8; NONCE_LEN] = iv.as_ref().try_into().unwrap();
        for (byte, of_number) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= of_number;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(&head), &mut record).unwrap();
        if socket.write_all(&[head, record].concat()).is_err() {
            return;
        }
        begun();
    }
}
