//! One connection: requests in, the one answer out.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

/// As the service's gateway answers: with a number for the request.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Content-Type: application/json\r\n\
    X-Request-Id: 8d2f0a6b4c1e4f7c9a3b5d6e7f801234\r\n\
    Content-Length: 32\r\n\
    \r\n\
    {\"error_code\":\"\",\"error_msg\":\"\"}";

const HEAD_END: &[u8] = b"\r\n\r\n";
const LENGTH: &[u8] = b"content-length:";

/// Answers until the client closes the connection.
pub fn serve(mut stream: impl Read + Write, delay: Duration) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut filled = 0;
    loop {
        while let Some(length) = request_length(&buffer[..filled]) {
            buffer.copy_within(length..filled, 0);
            filled -= length;
            if !delay.is_zero() {
                thread::sleep(delay);
            }
            stream.write_all(ANSWER)?;
        }
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => return Ok(()),
            Ok(count) => filled += count,
            Err(error) if is_goodbye(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// A client may close however it likes.
fn is_goodbye(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
}

/// How many bytes the first request has, once all of it is there.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END)?;
    let body = bytes[..head]
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..LENGTH.len()).is_some_and(|name| name.eq_ignore_ascii_case(LENGTH)))
        .and_then(|line| str::from_utf8(&line[LENGTH.len()..]).ok()?.trim().parse().ok())
        .unwrap_or(0);
    let length = head + HEAD_END.len() + body;
    (bytes.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_once_all_of_it_is_there() {
        let request = b"POST / HTTP/1.1\r\nHost: a\r\ncontent-Length: 3\r\n\r\nabc";
        for cut in 0..request.len() {
            assert_eq!(request_length(&request[..cut]), None, "{cut}");
        }
        let two = [&request[..], b"POST"].concat();
        assert_eq!(request_length(&two), Some(request.len()));
    }

    #[test]
    fn the_answer_has_the_length_that_it_tells() {
        let head = ANSWER.windows(4).position(|window| window == HEAD_END).unwrap();
        let told = str::from_utf8(&ANSWER[..head]).unwrap().rsplit(' ').next().unwrap();
        assert_eq!(told.parse(), Ok(ANSWER.len() - head - 4));
    }
}
