//! The settings that say who is asking, one C function per setting.

use std::ffi::c_char;

use super::super::status::contactverify_status;
use super::super::text;
use super::{contactverify_config, set, set_text};
use crate::config::{Config, check_number};
use crate::credentials::CredentialSources;
use crate::error::Error;

/// `contactverify_config_set_credential_sources`: the environment.
pub const CONTACTVERIFY_SOURCE_ENVIRONMENT: i32 = 1;
/// `contactverify_config_set_credential_sources`: the credentials file.
pub const CONTACTVERIFY_SOURCE_FILE: i32 = 2;
/// `contactverify_config_set_credential_sources`: the metadata server of a cloud host.
pub const CONTACTVERIFY_SOURCE_SERVER: i32 = 4;

/// The user token, which goes into `X-Auth-Token`: 1 to 5000 characters of visible ASCII.
/// Default: none; a request may bring its own. A client without credentials can be made, but
/// a call without any is refused. Of all credentials, the ones that were set last are used.
/// NULL unsets a token. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
/// Source: API page "Verifying Contact Methods", `X-Auth-Token`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_auth_token(
    config: Option<&mut contactverify_config>,
    auth_token: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_auth_token(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "auth_token", auth_token, setter) }
}

/// An account's name (its domain), a user of it and the password: each 1 to 1024 characters.
/// The client fetches tokens from IAM, once for all threads, on a thread of the library: the
/// first one when a call needs it, later ones before the held one ends. A call waits for it
/// until its own deadline; the login itself has the time of `contactverify_config_set_timeout_ms`
/// and may outlast the call. When the service refuses a fetched token, another is fetched and
/// the call is repeated once (not with `contactverify_config_set_retries` 0). A login that
/// IAM refuses is not repeated for five minutes, because IAM locks accounts. Default: none.
/// NULL for all three unsets them. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL, or
/// if some but not all texts are NULL), field `iam_password`.
/// Source: IAM API, "Obtaining a User Token Through Password Authentication". Accounts
/// without a password of their own, such as federated ones, cannot use it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_iam_password(
    config: Option<&mut contactverify_config>,
    domain: *const c_char,
    user: *const c_char,
    password: *const c_char,
) -> contactverify_status {
    const FIELD: &str = "iam_password";
    set(config, |config| {
        // SAFETY: the header asks for NULL or NUL-terminated texts.
        let texts = unsafe {
            (text::read(FIELD, domain)?, text::read(FIELD, user)?, text::read(FIELD, password)?)
        };
        let login = match texts {
            (Some(domain), Some(user), Some(password)) => Some((domain, user, password)),
            (None, None, None) => None,
            _ => return Err(half(FIELD, "domain, user and password")),
        };
        config.set_iam_password(login).map(drop)
    })
}

/// An access key and its secret key, 1 to 256 characters each, and for temporary keys the
/// security token, at most 7900, or NULL: each request is signed (SDK-HMAC-SHA256), and no
/// token is needed. The secret key goes nowhere. The service accepts a quarter of an hour of
/// difference between its clock and this machine's. A refused signature is never tried again,
/// because that locks the key. Default: none. NULL for all three unsets them. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL, or
/// if only one of the keys is NULL), field `access_key`.
/// Source: API signing guide, "AK/SK Signing and Authentication".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_access_key(
    config: Option<&mut contactverify_config>,
    access_key: *const c_char,
    secret_key: *const c_char,
    security_token: *const c_char,
) -> contactverify_status {
    const FIELD: &str = "access_key";
    set(config, |config| {
        // SAFETY: the header asks for NULL or NUL-terminated texts.
        let (access_key, secret_key, security_token) = unsafe {
            (
                text::read(FIELD, access_key)?,
                text::read(FIELD, secret_key)?,
                text::read(FIELD, security_token)?,
            )
        };
        let key = match (access_key, secret_key, security_token) {
            (Some(access_key), Some(secret_key), token) => Some((access_key, secret_key, token)),
            (None, None, None) => None,
            _ => return Err(half(FIELD, "access key and secret key")),
        };
        config.set_access_key(key).map(drop)
    })
}

fn half(field: &'static str, all: &str) -> Error {
    Error::invalid(field, format!("{field} needs {all}, or NULL for all to unset them"))
}

/// Looks for an access key where the vendor's SDKs look, in this order: the environment
/// (HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, and, if they are set, HUAWEICLOUD_SDK_SECURITY_TOKEN,
/// _DOMAIN_ID and _PROJECT_ID; _IAM_ENDPOINT is not read, since an access key needs no IAM); the
/// file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names, else ~/.huaweicloud/credentials, in its
/// section `[global]`, else `[basic]`; the metadata server of a cloud host. Environment and file
/// are read now, once. The server is asked at the first call, and again before its temporary key
/// ends. The log says what was found where, never the key. Blocks on the file system only.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` with field
/// `credentials_from_environment`: half a key was found, or one that no request could carry; a
/// file cannot be read; or nothing was found and the server is switched off. Also if config is
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_credentials_from_environment(
    config: Option<&mut contactverify_config>,
) -> contactverify_status {
    set(config, |config| config.set_credentials_from_environment().map(drop))
}

/// Where `contactverify_config_set_credentials_from_environment`, called after this, looks: a
/// sum of `CONTACTVERIFY_SOURCE_...`, at least one. Default: all three. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_config_set_credential_sources(
    config: Option<&mut contactverify_config>,
    sources: i32,
) -> contactverify_status {
    set(config, |config| {
        let sources: i32 = check_number("credential_sources", sources, 1, 7)?;
        config.set_credential_sources(CredentialSources {
            environment: sources & CONTACTVERIFY_SOURCE_ENVIRONMENT != 0,
            file: sources & CONTACTVERIFY_SOURCE_FILE != 0,
            server: sources & CONTACTVERIFY_SOURCE_SERVER != 0,
        });
        Ok(())
    })
}

/// IAM's address, in the form of `contactverify_config_set_endpoint`. Default: the region's, else
/// that of the endpoint's site if its host ends in .myhuaweicloud.com or .myhuaweicloud.eu. For
/// another host there is none: with an account's password, `contactverify_client_new` then ends in
/// `CONTACTVERIFY_INVALID_ARGUMENT` with field `iam_endpoint`. NULL goes back to the default.
/// Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_iam_endpoint(
    config: Option<&mut contactverify_config>,
    iam_endpoint: *const c_char,
) -> contactverify_status {
    let setter =
        |config: &mut Config, value: Option<&str>| config.set_iam_endpoint(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "iam_endpoint", iam_endpoint, setter) }
}

/// The project, by name (usually a region's), that IAM's tokens shall be good for: 1 to 256
/// characters. Default: the project of `contactverify_config_set_project_id`, else the whole
/// account. NULL unsets it. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_iam_project(
    config: Option<&mut contactverify_config>,
    iam_project: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_iam_project(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "iam_project", iam_project, setter) }
}

/// The account's ID, which signed requests tell (`X-Domain-Id`): 1 to 128 characters of visible
/// ASCII. Default: not sent. NULL unsets it. Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_domain_id(
    config: Option<&mut contactverify_config>,
    domain_id: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_domain_id(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "domain_id", domain_id, setter) }
}

/// The project's ID, which signed requests tell (`X-Project-Id`) and which IAM's tokens shall be
/// good for: 1 to 128 characters of visible ASCII. Default: not sent. NULL unsets it.
/// Does not block.
///
/// Ends in `CONTACTVERIFY_OK`, or `CONTACTVERIFY_INVALID_ARGUMENT` (also if config is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_config_set_project_id(
    config: Option<&mut contactverify_config>,
    project_id: *const c_char,
) -> contactverify_status {
    let setter = |config: &mut Config, value: Option<&str>| config.set_project_id(value).map(drop);
    // SAFETY: the header asks for NULL or a NUL-terminated text.
    unsafe { set_text(config, "project_id", project_id, setter) }
}
