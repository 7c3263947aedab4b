//! Credentials that are there without being passed: in the environment, in a file, and on a
//! cloud host, in this order, under the names of the vendor's SDKs.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::signer::{AccessKey, Owner};
use crate::config::credentials::{ACCESS_KEY, DOMAIN_ID, PROJECT_ID, SECURITY_TOKEN};
use crate::error::Error;
use crate::limits::Text;
use crate::request::{check_header, check_length};
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
    /// Where, for the log; or where it was looked for in vain.
    pub(crate) place: String,
}

/// Looks now, once.
pub(crate) fn discover(sources: CredentialSources) -> Result<Found, Error> {
    let mut looked = Vec::new();
    if sources.environment {
        let variable = |name: &str| format!("{PREFIX}{}", name.to_ascii_uppercase());
        let value = |name: &str| {
            let value = env::var_os(variable(name)).filter(|value| !value.is_empty())?;
            Some(value.to_string_lossy().into_owned())
        };
        match found("the environment", variable, value)? {
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
    Ok(Found { key: None, owner: Owner::default(), place: looked })
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
        if let Some(found) = found(&format!("{shown} [{section}]"), str::to_owned, values)? {
            return Ok(Ok(found));
        }
    }
    Ok(Err(format!("file ({shown} has no ak and sk in [global] or [basic])")))
}

fn read(path: &PathBuf) -> io::Result<Zeroizing<String>> {
    // Of what is no file, such as a pipe, a read may not end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES {
        return Err(io::Error::other("it is too large for a credentials file"));
    }
    Ok(text)
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

/// Takes what one place holds, whose names for it `named` tells. One half of a key is a mistake
/// that must not be passed over.
fn found(
    place: &str,
    named: impl Fn(&str) -> String,
    get: impl Fn(&str) -> Option<String>,
) -> Result<Option<Found>, Error> {
    let refuse = |problem: String| Error::invalid(FIELD, format!("{FIELD}: {problem}"));
    let (access_key, secret_key) = match (get("ak"), get("sk")) {
        (Some(access_key), Some(secret_key)) => (access_key, secret_key),
        (None, None) => return Ok(None),
        _ => {
            let (ak, sk) = (named("ak"), named("sk"));
            let problem = format!("only one of {ak} and {sk} is set in {place}: set both or none");
            return Err(refuse(problem));
        }
    };
    let security_token = get("security_token");
    let owner = Owner { domain_id: get("domain_id"), project_id: get("project_id") };
    let told = |name: &str, limit: Text, error: &Error| {
        let sentence = error.to_string();
        let problem = sentence.strip_prefix(limit.name).unwrap_or(&sentence);
        refuse(format!("{} in {place}{problem}", named(name)))
    };
    check_length(ACCESS_KEY, &secret_key).map_err(|error| told("sk", ACCESS_KEY, &error))?;
    if secret_key.contains(char::REPLACEMENT_CHARACTER) {
        return Err(refuse(format!("{} in {place} is not valid UTF-8", named("sk"))));
    }
    for (name, limit, text) in [
        ("ak", ACCESS_KEY, Some(&access_key)),
        ("security_token", SECURITY_TOKEN, security_token.as_ref()),
        ("domain_id", DOMAIN_ID, owner.domain_id.as_ref()),
        ("project_id", PROJECT_ID, owner.project_id.as_ref()),
    ] {
        check_header(limit, text.map(String::as_str)).map_err(|error| told(name, limit, &error))?;
    }
    let key = AccessKey {
        id: Secret::new(&access_key),
        secret_key: Secret::new(&secret_key),
        security_token: security_token.as_deref().map(Secret::new),
    };
    Ok(Some(Found { key: Some(key), owner, place: place.to_owned() }))
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
            found("here", str::to_uppercase, move |name| {
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
            assert!(error.to_string().contains("only one of AK and SK"), "{error}");
        }
        let long: &'static str = "x".repeat(9000).leak();
        for (name, value, problem) in [
            ("ak", "a\nb", "AK in here contains a line break"),
            ("sk", long, "SK in here must have 1 to 256 characters, but has 9000"),
            ("security_token", "ü", "SECURITY_TOKEN in here contains a character outside ASCII"),
            ("security_token", long, "SECURITY_TOKEN in here must have 1 to 7900 characters"),
            ("domain_id", long, "DOMAIN_ID in here must have 1 to 128 characters"),
            ("project_id", " p", "PROJECT_ID in here begins or ends with a blank"),
        ] {
            let pairs = [(name, value), ("ak", "a"), ("sk", "s")];
            let error = take(pairs.to_vec().leak()).unwrap_err();
            assert_eq!(error.field(), FIELD);
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}
