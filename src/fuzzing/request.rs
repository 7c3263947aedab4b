//! Parameters and settings against the API page's limits.
//!
//! Bytes 0 and 1: which of the twelve texts are given. Byte 2: the contact way. Bytes 3 to
//! 6: the timeout in milliseconds, 0 for none. The rest: the texts, with the byte FF, which
//! UTF-8 does not know, between them.

use std::net::Ipv6Addr;
use std::time::Duration;

use http::HeaderValue;
use serde_json::{Map, Value};

use super::page::{accepts, header, length};
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::request::{CallOptions, ContactWay, Request};
use crate::status::Status;

const PATH: &str = "/v2/servicerequest/verifycodes";

#[must_use]
pub fn run(data: &[u8]) -> bool {
    let Some(([high, low, way, timeout @ ..], texts)) = data.split_first_chunk::<7>() else {
        return false;
    };
    let given = u16::from_be_bytes([*high, *low]);
    let mut texts = texts.split(|byte| *byte == 0xff).map(str::from_utf8);
    let mut all = [None; 12];
    for (index, text) in all.iter_mut().enumerate() {
        if given >> index & 1 != 0 {
            match texts.next() {
                Some(Ok(next)) => *text = Some(next),
                Some(Err(_)) => return false,
                None => *text = Some(""),
            }
        }
    }
    let [code, contact, area, x_customer, customer, token, language, zone, rest @ ..] = all;
    let [endpoint, application, success, proxy] = rest;

    let number = i32::from(way.cast_signed());
    let way = ContactWay::try_from(number);
    assert_eq!(way.is_ok(), number == 0 || number == 1);
    let timeout = match u32::from_be_bytes(*timeout) {
        0 => None,
        milliseconds => Some(Duration::from_millis(milliseconds.into())),
    };
    let request = Request {
        verify_code: code.unwrap_or_default(),
        contact_value: contact.unwrap_or_default(),
        contact_way: way.unwrap_or(ContactWay::Email),
        area_code: area,
        x_customer_id: x_customer,
        customer_id: customer,
        options: CallOptions { auth_token: token, language, time_zone: zone, timeout },
    };
    let valid = check(request.validate(), accepts(&request));
    if valid {
        check_body(&request);
        for value in [token, language, zone].into_iter().flatten() {
            assert!(HeaderValue::from_str(value).is_ok(), "{value:?}");
        }
    }

    let mut config = Config::new();
    let fits = |text: Option<&str>, max| text.is_none_or(|text| header(text, max));
    let short = success.is_none_or(|code| length(code, 1, 32));
    check(config.set_auth_token(token), fits(token, 5000));
    check(config.set_language(language), fits(language, 32));
    check(config.set_time_zone(zone), fits(zone, 32));
    check(config.set_application_id(application), fits(application, 64));
    check(config.set_success_code(success), short);
    if let Some(Err(error)) = proxy.map(|proxy| config.set_proxy(Some(proxy)).map(drop)) {
        assert_eq!(error.field(), "proxy");
    }
    if let Some(text) = endpoint {
        check_endpoint(text);
        if config.set_endpoint(Some(text)).is_ok()
            && let Err(error) = config.build()
        {
            assert_eq!(error.field(), "endpoint", "{error}");
        }
    }
    valid
}

/// A refusal must come where the page refuses, nowhere else, and be fit to be read.
fn check<T>(outcome: Result<T, Error>, allowed: bool) -> bool {
    match outcome {
        Ok(_) => assert!(allowed, "accepted what the page refuses"),
        Err(error) => {
            assert!(!allowed, "refused what the page allows: {error}");
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.to_string().starts_with(error.field()) && !error.field().is_empty());
        }
    }
    allowed
}

/// What is sent holds each parameter that is given, as it was given, and nothing else.
fn check_body(request: &Request<'_>) {
    let mut members = Map::new();
    members.insert("verify_code".into(), request.verify_code.into());
    members.insert("contact_value".into(), request.contact_value.into());
    members.insert("contact_way".into(), (request.contact_way as i32).into());
    for (name, value) in [
        ("area_code", request.area_code),
        ("x_customer_id", request.x_customer_id),
        ("customer_id", request.customer_id),
    ] {
        members.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    let body = serde_json::to_vec(request);
    let read = body.and_then(|body| serde_json::from_slice::<Value>(&body));
    assert_eq!(read.ok(), Some(Value::Object(members)));
}

/// The host that was checked is the host that is called.
fn check_endpoint(text: &str) {
    let Ok(endpoint) = Endpoint::parse("endpoint", text) else { return };
    let (scheme, behind) = text.split_once("://").unwrap_or_else(|| panic!("{text:?}"));
    let secure = scheme.eq_ignore_ascii_case("https");
    assert!(secure || scheme.eq_ignore_ascii_case("http"));
    assert_eq!(endpoint.secure, secure);
    assert!(!text.contains(['@', '?', '#']) && text.is_ascii() && endpoint.port > 0);
    if !secure {
        let host = endpoint.host.as_str();
        // The address ::1 can be written in many ways.
        let is_six = host.parse() == Ok(Ipv6Addr::LOCALHOST);
        assert!(is_six || host == "localhost" || host.starts_with("127."), "{host}");
    }
    let authority = behind.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let host = authority.strip_prefix(endpoint.host.as_str()).or_else(|| {
        authority.strip_prefix('[')?.strip_prefix(endpoint.host.as_str())?.strip_prefix(']')
    });
    let port = host.unwrap_or_else(|| panic!("{text:?} became {endpoint:?}"));
    match port.strip_prefix(':') {
        Some(port) => assert_eq!(port.parse(), Ok(endpoint.port)),
        None => assert!(port.is_empty() && endpoint.port == if secure { 443 } else { 80 }),
    }

    let Ok(uri) = endpoint.uri(PATH) else { return };
    let called = uri.host().unwrap_or_default().to_ascii_lowercase();
    assert_eq!(called.trim_matches(['[', ']']), endpoint.host);
    assert_eq!(uri.port_u16().unwrap_or(if secure { 443 } else { 80 }), endpoint.port);
    assert!(uri.path().ends_with(PATH) && uri.query().is_none(), "{uri}");
}
