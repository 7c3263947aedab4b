//! Where an answer's body ends, read a second time, from the RFCs alone and with the whole
//! answer at hand.
//!
//! Two freedoms that RFC 9112, section 2.2, gives are taken: a line of the head may end in
//! a bare line feed, and empty lines may stand before the status line.

/// The body of an answer with status 200 whose end is certain: one length, or chunks to
/// the letter of RFC 9112, section 7.1.
pub(super) fn success(answer: &[u8]) -> Option<Vec<u8>> {
    let mut rest = answer;
    loop {
        let head = Head::read(&mut rest)?;
        match head.status {
            // RFC 9110, section 15.2: any number of these may stand before the answer.
            100 | 102..=199 => {}
            200 => return head.body(rest),
            _ => return None,
        }
    }
}

struct Head {
    version: u8,
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut line = head_line(rest)?;
        while line.is_empty() {
            line = head_line(rest)?;
        }
        let (version, line) = line.strip_prefix(b"HTTP/1.")?.split_first()?;
        let version = version.checked_sub(b'0').filter(|version| *version <= 1)?;
        let (digits, reason) = line.strip_prefix(b" ")?.split_at_checked(3)?;
        if !digits.iter().all(u8::is_ascii_digit) || !matches!(reason, [] | [b' ', ..]) {
            return None;
        }
        let status = str::from_utf8(digits).ok()?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = head_line(rest)?;
            if line.is_empty() {
                return Some(Self { version, status, headers });
            }
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            // RFC 9110, section 5.6.2: a name is a token.
            let is_token =
                |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
            if name.is_empty() || !name.iter().all(is_token) {
                return None;
            }
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            headers.push((name, value.to_vec()));
        }
    }

    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| &**value).collect()
    }

    fn body(&self, rest: &[u8]) -> Option<Vec<u8>> {
        let plain = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"identity");
        if !self.values("content-encoding").iter().all(plain) {
            return None;
        }
        match (&*self.values("content-length"), &*self.values("transfer-encoding")) {
            ([digits], []) if digits.iter().all(u8::is_ascii_digit) => {
                let length = str::from_utf8(digits).ok()?.parse::<usize>().ok()?;
                rest.get(..length).map(<[u8]>::to_vec)
            }
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") && self.version == 1 => {
                chunks(rest)
            }
            _ => None,
        }
    }
}

/// A line of a head, without its end. What is no text (RFC 9110, section 5.5) has no place.
fn head_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control()).then_some(line)
}

/// A line of chunked framing, without its end, which is CRLF and nothing else.
fn chunk_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let line = &rest[..end];
    *rest = rest[end..].strip_prefix(b"\r\n")?;
    Some(line)
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = chunk_line(&mut rest)?;
        let digits = line.split(|byte| *byte == b';').next()?;
        if !(1..=16).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let size = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        if size == 0 {
            while !chunk_line(&mut rest)?.is_empty() {}
            return Some(body);
        }
        let (data, behind) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        body.extend_from_slice(data);
        rest = behind.strip_prefix(b"\r\n")?;
    }
}
