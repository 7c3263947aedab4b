//! The client, and the call that everything is about.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

use super::boundary::{guard, internal};
use super::config::contactverify_config;
use super::request::{
    self, contactverify_list_request, contactverify_need_request, contactverify_request,
    contactverify_send_request,
};
use super::result::{self, Told, contactverify_result};
use super::status::{CONTACTVERIFY_OK, contactverify_status};
use crate::client::Client;
use crate::error::{Error, Sent};
use crate::status::Status;
use crate::success::Success;

/// The service with its credentials and connections.
///
/// Threads: it never changes, so any number of threads may use it at once, and after a
/// `fork` parent and child may both go on using it.
/// Ownership: yours, from `contactverify_client_new` to `contactverify_client_free`. It
/// must not be freed while a call uses it.
pub struct contactverify_client {
    client: Client,
}

/// Makes a client from what the config holds now; the config may be freed afterwards.
///
/// Does not block and connects nowhere. On success `*client` is the new client, which you
/// free with `contactverify_client_free`, and `*result` is NULL. On failure `*client` is
/// NULL and `*result` says why; free it with `contactverify_result_free`. `result` may be
/// NULL if you do not want to know; `client` may not.
///
/// Ends in `CONTACTVERIFY_OK`; `CONTACTVERIFY_INVALID_ARGUMENT` if a pointer is NULL (field
/// `config` or `client`), if an earlier setter failed (its name is the field), or if the
/// endpoint is not set; `CONTACTVERIFY_INTERNAL`.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_client_new(
    config: Option<&contactverify_config>,
    client: Option<&mut MaybeUninit<*mut contactverify_client>>,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    let Some(slot) = client else {
        return result::fail(
            &Error::invalid("client", "client is NULL: pass a place for it"),
            result,
        );
    };
    slot.write(ptr::null_mut());
    let made = guard(
        || Err(internal(Sent::No)),
        || match config {
            Some(config) => config.build().map(|client| contactverify_client { client }),
            None => Err(Error::invalid("config", "config is NULL: pass a config")),
        },
    );
    match made {
        Ok(made) => {
            slot.write(Box::into_raw(Box::new(made)));
            if let Some(result) = result {
                result.write(ptr::null_mut());
            }
            CONTACTVERIFY_OK
        }
        Err(error) => result::fail(&error, result),
    }
}

/// Frees a client and closes its connections. NULL is allowed and does nothing.
///
/// Does not block. No call on this client may be under way. A login, or the fetch of a key, that
/// is under way on a thread of the library ends by itself, within the timeout; it calls nothing
/// of yours.
#[unsafe(no_mangle)]
pub extern "C" fn contactverify_client_free(client: Option<Box<contactverify_client>>) {
    guard(|| (), || drop(client));
}

/// Asks the service whether a code is right: `POST /v2/servicerequest/verifycodes`.
///
/// Blocks until the service has answered, or until the deadline (the request's
/// `timeout_ms`, else the config's). Any thread, any number at once on one client.
///
/// `*result` becomes a new result whatever happens; what was there before is neither read
/// nor freed. Free it with `contactverify_result_free`. `result` may be NULL if the
/// status is all you want.
///
/// The request is sent once. Only if no connection came about and not a byte had left is
/// there one more attempt, inside the same deadline; and only if the service refuses a token
/// that this client fetched from IAM is the call repeated, once, with a new one
/// (`contactverify_config_set_retries` 0 turns both off).
///
/// Ends in `CONTACTVERIFY_OK` only if the service answered 200 with a JSON object whose
/// `error_code` is absent, null, empty, or the one of `contactverify_config_set_success_code`.
/// Else in any other status but `_BUSY` and `_CANCELLED`; a wrong, used or expired code is
/// `CONTACTVERIFY_REJECTED`. A NULL client or request is `CONTACTVERIFY_INVALID_ARGUMENT`
/// with field `client` or `request`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_codes(
    client: Option<&contactverify_client>,
    request: *const contactverify_request,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    call(client, result, c"verified", |client| {
        // SAFETY: the header asks for NULL or a request that stays as it is during the call.
        client.verify_codes(&unsafe { request::read(request) }?).map(|success| success.with(()))
    })
}

/// Has the service send a new code to a contact: `POST .../verifycodes/send`. The service sends
/// one a minute; it lives for five minutes.
///
/// Blocks until the service has answered, or until the deadline. Threads, `*result` and
/// repetition: as with `verify_codes`.
///
/// Ends in `CONTACTVERIFY_OK` if the service accepted it by the same rule as `verify_codes`;
/// else in any other status but `_BUSY` and `_CANCELLED`. A code that was asked for too often
/// is `CONTACTVERIFY_REJECTED` with the error code "OSM.01010024". With
/// `CONTACTVERIFY_SENT_MAYBE` a code may be on its way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_send_code(
    client: Option<&contactverify_client>,
    request: *const contactverify_send_request,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    call(client, result, c"a code was sent", |client| {
        // SAFETY: the header asks for NULL or a request that stays as it is during the call.
        client.send_code(&unsafe { request::read_send(request) }?).map(|success| success.with(()))
    })
}

/// Asks whether a contact must be verified: `GET .../verifycodes/need-verify`. The answer is
/// told by `contactverify_result_need_verify` and `contactverify_result_expire_time`.
///
/// Blocks until the service has answered, or until the deadline. Threads, `*result` and
/// repetition: as with `verify_codes`.
///
/// Ends in `CONTACTVERIFY_OK` if the service answered with the documented members; else in any
/// other status but `_BUSY` and `_CANCELLED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_need_verify(
    client: Option<&contactverify_client>,
    request: *const contactverify_need_request,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    call(client, result, c"answered", |client| {
        // SAFETY: the header asks for NULL or a request that stays as it is during the call.
        client.need_verify(&unsafe { request::read_need(request) }?)
    })
}

/// Lists the contacts that are verified: `GET .../verifycodes/has-verified`. The answer is told
/// by `contactverify_result_total`, `contactverify_result_contact_count` and the functions of
/// one contact. A long list comes in portions: ask again with a larger `offset`.
///
/// Blocks until the service has answered, or until the deadline. Threads, `*result` and
/// repetition: as with `verify_codes`.
///
/// Ends in `CONTACTVERIFY_OK` if the service answered with the documented members; else in any
/// other status but `_BUSY` and `_CANCELLED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn contactverify_list_verified(
    client: Option<&contactverify_client>,
    request: *const contactverify_list_request,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
) -> contactverify_status {
    call(client, result, c"answered", |client| {
        // SAFETY: the header asks for NULL or a request that stays as it is during the call.
        client.list_verified(&unsafe { request::read_list(request) }?)
    })
}

/// What all calls have in common.
fn call<T: Into<Told>>(
    client: Option<&contactverify_client>,
    result: Option<&mut MaybeUninit<*mut contactverify_result>>,
    message: &'static CStr,
    work: impl FnOnce(&Client) -> Result<Success<T>, Error>,
) -> contactverify_status {
    // What the bug broke off may have left already.
    let outcome = guard(
        || Err(internal(Sent::Maybe)),
        || {
            let client =
                client.ok_or_else(|| Error::invalid("client", "client is NULL: make one first"))?;
            work(&client.client)
        },
    );
    match outcome {
        Ok(success) => result::succeed(success, message, result),
        Err(error) => {
            if let (Status::Internal, Some(client)) = (error.status(), client) {
                guard(|| (), || client.client.tell_of_bug(&error));
            }
            result::fail(&error, result)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::capi::status::CONTACTVERIFY_INTERNAL;
    use crate::config::Config;
    use crate::logger::LogLevel;

    #[test]
    fn a_bug_that_is_caught_is_logged() {
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let collected = Arc::clone(&lines);
        let mut config = Config::new();
        config.set_endpoint(Some("https://osm.example.com")).unwrap();
        config.set_logger(LogLevel::Error, move |level, line| {
            collected.lock().unwrap().push(format!("{level:?} {line}"));
        });
        let client = contactverify_client { client: config.build().unwrap() };
        let work =
            |_: &Client| -> Result<Success<()>, Error> { panic!("as intended by this test") };
        assert_eq!(call(Some(&client), None, c"", work), CONTACTVERIFY_INTERNAL);
        let lines = lines.lock().unwrap();
        assert_eq!(*lines, ["Error A bug in contactverify was caught. Please report it."]);
    }
}
