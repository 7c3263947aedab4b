//! Credentials that are there without being passed: in the environment, in a file, and on a
//! cloud host, in this order, under the names of the vendor's SDKs.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::signer::{AccessKey, Owner};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::request::check_header_characters;
use crate::secret::Secret;

const FIELD: &str = "credentials_from_environment";
const PREFIX: &str = "HUAWEICLOUD_SDK_";
/// The sections of the file, the better one first: the service belongs to an account, not
/// to a project.
const SECTIONS: [&str; 2] = ["global", "basic"];
/// A credentials file has some lines; what is larger is another file.
const FILE_BYTES: u64 = 64 * 1024;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each source is switched by itself")]
pub struct CredentialSources {
    /// The variables `HUAWEICLOUD_SDK_AK`, `…_SK` and so on.
    pub environment: bool,
    /// The file that `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names, else
    /// `~/.huaweicloud/credentials`.
    pub file: bool,
    /// The metadata server of a cloud host, which is asked at the first call.
    pub server: bool,
}

impl Default for CredentialSources {
    fn default() -> Self {
        Self { environment: true, file: true, server: true }
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// None: the metadata server is to be asked.
    pub(crate) key: Option<AccessKey>,
    pub(crate) owner: Owner,
    pub(crate) iam_endpoint: Option<Endpoint>,
    /// Where, for the log; or where it was looked for in vain.
    pub(crate) place: String,
}

/// Looks now, once.
pub(crate) fn discover(sources: CredentialSources) -> Result<Found, Error> {
    let mut looked = Vec::new();
    if sources.environment {
        let variables = |name: &str| {
            let name = format!("{PREFIX}{}", name.to_ascii_uppercase());
            env::var(&name).ok().filter(|value| !value.is_empty())
        };
        match found("the environment", &format!("{PREFIX}AK and {PREFIX}SK"), variables)? {
            Some(found) => return Ok(found),
            None => looked.push(format!("environment ({PREFIX}AK and {PREFIX}SK are not set)")),
        }
    }
    if sources.file {
        match file()? {
            Ok(found) => return Ok(found),
            Err(why) => looked.push(why),
        }
    }
    let looked = looked.join("; ");
    if !sources.server {
        return Err(Error::invalid(FIELD, format!("{FIELD}: no credentials were found: {looked}")));
    }
    Ok(Found { key: None, owner: Owner::default(), iam_endpoint: None, place: looked })
}

/// Looks into the file. The inner error says why there is nothing.
fn file() -> Result<Result<Found, String>, Error> {
    let named = env::var_os(format!("{PREFIX}CREDENTIALS_FILE")).filter(|path| !path.is_empty());
    let is_named = named.is_some();
    let home = || env::var_os("HOME").filter(|path| !path.is_empty());
    let path = match named.map(PathBuf::from) {
        Some(path) => path,
        None => match home() {
            Some(home) => PathBuf::from(home).join(".huaweicloud/credentials"),
            None => return Ok(Err("file (HOME is not set)".to_owned())),
        },
    };
    let shown = path.display();
    let refuse = |problem: String| Err(Error::invalid(FIELD, format!("{FIELD}: {problem}")));
    let text = match read(&path) {
        Ok(text) => text,
        // A file that was asked for by name must be there: another identity than the one that
        // was meant would be worse than none.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            return Ok(Err(format!("file ({shown} does not exist)")));
        }
        Err(error) => return refuse(format!("{shown} cannot be read: {error}")),
    };
    for section in SECTIONS {
        let values = |name: &str| value(&text, section, name);
        let names = format!("ak and sk of [{section}]");
        if let Some(found) = found(&format!("{shown} [{section}]"), &names, values)? {
            return Ok(Ok(found));
        }
    }
    Ok(Err(format!("file ({shown} has no ak and sk in [global] or [basic])")))
}

fn read(path: &PathBuf) -> io::Result<Zeroizing<String>> {
    if fs::metadata(path)?.len() > FILE_BYTES {
        return Err(io::Error::other("it is too large for a credentials file"));
    }
    fs::read_to_string(path).map(Zeroizing::new)
}

/// A value of an INI file, as Python's `configparser` reads it, which the vendor's SDK uses:
/// names in any case, `=` or `:` behind them, and comments on lines of their own only, because
/// `#` and `;` may stand in a key. The last of two equal names counts.
fn value(text: &str, section: &str, name: &str) -> Option<String> {
    let mut inside = false;
    let mut found = None;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(title) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = title.trim() == section;
        } else if inside
            && let Some((key, value)) = line.split_once(['=', ':'])
            && key.trim().eq_ignore_ascii_case(name)
        {
            found = Some(value.trim().to_owned());
        }
    }
    found.filter(|value| !value.is_empty())
}

/// Takes what one place holds. One half of a key is a mistake that must not be passed over.
fn found(
    place: &str,
    names: &str,
    get: impl Fn(&str) -> Option<String>,
) -> Result<Option<Found>, Error> {
    let refuse = |problem: String| Err(Error::invalid(FIELD, format!("{FIELD}: {problem}")));
    let (access_key, secret_key) = match (get("ak"), get("sk")) {
        (Some(access_key), Some(secret_key)) => (access_key, secret_key),
        (None, None) => return Ok(None),
        _ => return refuse(format!("only one of {names} is set in {place}: set both or none")),
    };
    let security_token = get("security_token");
    let owner = Owner { domain_id: get("domain_id"), project_id: get("project_id") };
    for text in [Some(&access_key), security_token.as_ref()]
        .into_iter()
        .chain([owner.domain_id.as_ref(), owner.project_id.as_ref()])
        .flatten()
    {
        check_header_characters(FIELD, text)?;
    }
    let iam_endpoint = match get("iam_endpoint") {
        Some(text) => Some(Endpoint::parse(FIELD, &text)?),
        None => None,
    };
    let key = AccessKey {
        id: Secret::new(&access_key),
        secret_key: Secret::new(&secret_key),
        security_token: security_token.as_deref().map(Secret::new),
    };
    Ok(Some(Found { key: Some(key), owner, iam_endpoint, place: place.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_the_vendors_sdk_reads_it() {
        let text = "# comment\nak = outside\n[basic]\nak=of-basic\n[global]\n; comment\nAK : one\n\
                    ak = tw#o;\nsk=a=b:c\nsecurity_token =\nnonsense\n[ other ]\nsk = else";
        let of = |section, name| value(text, section, name);
        assert_eq!(of("global", "ak").as_deref(), Some("tw#o;"));
        assert_eq!(of("global", "sk").as_deref(), Some("a=b:c"));
        assert_eq!(of("global", "security_token"), None);
        assert_eq!(of("basic", "ak").as_deref(), Some("of-basic"));
        assert_eq!(of("basic", "sk"), None);
        assert_eq!(of("other", "sk").as_deref(), Some("else"));
        assert_eq!(of("missing", "ak"), None);
    }

    #[test]
    fn a_key_is_whole_or_not_there() {
        let take = |pairs: &'static [(&str, &str)]| {
            found("here", "ak and sk", move |name| {
                let pair = pairs.iter().find(|(found, _)| *found == name);
                pair.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(take(&[]).unwrap().is_none());
        let key = take(&[("ak", "a"), ("sk", "s"), ("domain_id", "d")]).unwrap().unwrap();
        assert_eq!(key.owner.domain_id.as_deref(), Some("d"));
        for half in [&[("ak", "a")][..], &[("sk", "s")]] {
            let error = take(half).unwrap_err();
            assert_eq!(error.field(), FIELD);
            assert!(error.to_string().contains("only one of ak and sk"), "{error}");
        }
        for broken in [
            &[("ak", "a\nb"), ("sk", "s")][..],
            &[("ak", "a"), ("sk", "s"), ("security_token", "ü")],
            &[("ak", "a"), ("sk", "s"), ("iam_endpoint", "http://example.com")],
        ] {
            assert_eq!(take(broken).unwrap_err().field(), FIELD);
        }
    }
}
