//! Signatures with an access key: SDK-HMAC-SHA256.

use std::fmt::{self, Write as _};
use std::time::SystemTime;

use http::header::{AUTHORIZATION, HeaderMap};
use http::{HeaderName, HeaderValue, Uri};
use ring::digest::{SHA256, digest};
use ring::hmac;

use crate::error::{Error, ErrorKind};
use crate::query::encode;
use crate::secret::Secret;
use crate::transport::Outgoing;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
const X_DOMAIN_ID: HeaderName = HeaderName::from_static("x-domain-id");
const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

/// An access key as it is given: by the caller, the environment, a file or a server.
#[derive(Debug, Clone)]
pub(crate) struct AccessKey {
    pub(crate) id: Secret,
    pub(crate) secret_key: Secret,
    /// Temporary keys come with one.
    pub(crate) security_token: Option<Secret>,
}

/// Whose the signed requests are, where the key alone does not tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Owner {
    pub(crate) domain_id: Option<String>,
    pub(crate) project_id: Option<String>,
}

/// Signs requests with one access key.
pub(crate) struct Signer {
    access_key: Secret,
    key: hmac::Key,
    /// `X-Security-Token`, `X-Domain-Id` and `X-Project-Id`, as far as they are known.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Signer {
    /// Prepares what is the same in every signature.
    pub(super) fn new(key: &AccessKey, owner: &Owner) -> Result<Self, Error> {
        let mut headers = Vec::new();
        let token = key.security_token.as_ref().map(Secret::expose);
        for (name, value) in [
            (X_SECURITY_TOKEN, token),
            (X_DOMAIN_ID, owner.domain_id.as_deref()),
            (X_PROJECT_ID, owner.project_id.as_deref()),
        ] {
            if let Some(value) = value {
                let mut header = header(value)?;
                header.set_sensitive(name == X_SECURITY_TOKEN);
                headers.push((name, header));
            }
        }
        Ok(Self {
            access_key: key.id.clone(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key.secret_key.expose().as_bytes()),
            headers,
        })
    }

    /// The access key and the security token.
    pub(super) fn confidential(&self) -> [&[u8]; 2] {
        let token = self.headers.iter().find(|(name, _)| *name == X_SECURITY_TOKEN);
        [self.access_key.bytes(), token.map_or(b"", |(_, token)| token.as_bytes())]
    }

    /// Puts date, owner and signature on a request, whose `Host` is there. `now` is this machine's clock; the service
    /// accepts a quarter of an hour of difference.
    pub(super) fn sign(&self, outgoing: &mut Outgoing<'_>, now: SystemTime) -> Result<(), Error> {
        let date = humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
        let headers = &mut outgoing.headers;
        headers.insert(X_SDK_DATE, header(&date)?);
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }

        let (names, lines) = signed_headers(headers);
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            outgoing.method,
            canonical_path(&outgoing.uri),
            outgoing.uri.query().unwrap_or_default(),
            hex(digest(&SHA256, outgoing.body).as_ref()),
        );
        let hashed = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{date}\n{hashed}");
        let signature = hex(hmac::sign(&self.key, text.as_bytes()).as_ref());
        let mut authorization = header(&format!(
            "{ALGORITHM} Access={}, SignedHeaders={names}, Signature={signature}",
            self.access_key.expose(),
        ))?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// The names that are signed, and a line for each: sorted; without names that hold a `_`,
/// which gateways drop, and without the two that the vendor's SDK adds after it has signed.
fn signed_headers(headers: &HeaderMap) -> (String, String) {
    let mut signed: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default().trim()))
        .filter(|(name, _)| !name.contains('_') && !["accept", "content-length"].contains(name))
        .collect();
    signed.sort_unstable();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let mut lines = String::new();
    for (name, value) in &signed {
        let _ = writeln!(lines, "{name}:{value}");
    }
    (names, lines)
}

/// The path decoded, encoded anew segment by segment, and with a slash at its end, which the
/// path on the wire does not have. A slash that was encoded parts segments like any other.
fn canonical_path(uri: &Uri) -> String {
    let decoded = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
    let segments: Vec<_> = decoded.split('/').map(|segment| encode(segment).to_string()).collect();
    let mut path = segments.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Validation has let the parts through, so this does not fail.
fn header(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value).map_err(|_| {
        Error::unsent(ErrorKind::Internal("the signature cannot stand in a header".into()))
    })
}

#[cfg(test)]
mod tests;
