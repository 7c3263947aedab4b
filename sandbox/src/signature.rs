//! Signatures of requests with an access key: `SDK-HMAC-SHA256`.
//!
//! What is computed here is compared with what the client computed. A header
//! `X-Sdk-Content-Sha256`, with which a client can leave its body out of the signature, means
//! nothing here: the calls of this service have JSON bodies, which are signed.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::query::{self, Query};

/// The name of the method, at the start of the header and of what is signed.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// The header `Authorization` of a signed request.
#[derive(Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// The access key.
    pub access: &'a str,
    /// The names of the signed headers, joined by semicolons.
    pub signed_headers: &'a str,
    /// 64 hexadecimal digits.
    pub signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Whether a header of this name asks for this method at all.
    pub fn is_meant(value: &str) -> bool {
        value.starts_with(ALGORITHM)
    }

    /// Reads `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`.
    pub fn read(value: &'a str) -> Option<Self> {
        let mut fields = value.strip_prefix(ALGORITHM)?.strip_prefix(' ')?.split(',');
        let mut field = |name| fields.next()?.trim().strip_prefix(name)?.strip_prefix('=');
        let access = field("Access")?;
        let signed_headers = field("SignedHeaders")?;
        let signature = field("Signature")?;
        let complete = fields.next().is_none() && !access.is_empty();
        complete.then_some(Self { access, signed_headers, signature })
    }

    /// The names of the signed headers: lower case, sorted, each once, without those that contain
    /// an underscore.
    pub fn header_names(&self) -> Option<Vec<&'a str>> {
        let names: Vec<_> = self.signed_headers.split(';').collect();
        let well_formed = names.iter().all(|name| {
            !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        (well_formed && names.is_sorted_by(|one, next| one < next)).then_some(names)
    }
}

/// What is signed of a request.
///
/// `None` if a signed header is not there, or there twice: which of the two was signed would be a
/// matter of luck.
pub fn canonical_request(request: &Parts, names: &[&str], body: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut line = |bytes: &[u8]| {
        text.extend_from_slice(bytes);
        text.push(b'\n');
    };
    line(request.method.as_str().as_bytes());
    line(query::canonical_path(request.uri.path()).as_bytes());
    line(Query::read(request.uri.query().unwrap_or_default()).canonical().as_bytes());
    for name in names {
        let value = only(&request.headers, name)?;
        line(&[name.as_bytes(), b":", value.trim_ascii()].concat());
    }
    line(b"");
    line(names.join(";").as_bytes());
    text.extend_from_slice(hexadecimal(&Sha256::digest(body)).as_bytes());
    Some(text)
}

/// The value of a header that is there exactly once.
pub fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.as_bytes();
    values.next().is_none().then_some(value)
}

/// What the secret key is applied to.
pub fn string_to_sign(date: &str, canonical_request: &[u8]) -> String {
    format!("{ALGORITHM}\n{date}\n{}", hexadecimal(&Sha256::digest(canonical_request)))
}

/// The signature: 64 hexadecimal digits.
pub fn sign(secret: &str, string_to_sign: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(string_to_sign.as_bytes());
    hexadecimal(&mac.finalize().into_bytes())
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
pub mod tests;
