//! Requests at, below and above each limit of the API page.

use axum::http::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;

fn verification_body() -> Value {
    json!({
        "verify_code": "123456",
        "contact_value": "alice@example.com",
        "contact_way": 1,
        "area_code": "86",
        "x_customer_id": "x",
        "customer_id": "c",
    })
}

fn sending_body() -> Value {
    json!({ "contact_value": "13800000000", "contact_way": 0, "area_code": "86" })
}

/// The body with one field set, or without it.
fn with(mut body: Value, name: &str, value: Option<Value>) -> Vec<u8> {
    let fields = body.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
    body.to_string().into_bytes()
}

fn verify_with(name: &str, value: Value) -> Result<Verification, Violation> {
    verification(&with(verification_body(), name, Some(value)))
}

fn send_with(name: &str, value: Value) -> Result<Contact, Violation> {
    sending(&with(sending_body(), name, Some(value)))
}

/// Characters of one, two, three and four bytes in UTF-8; each counts as one.
const CHARACTERS: [&str; 4] = ["a", "é", "中", "😀"];

#[test]
fn a_whole_verification_is_read() {
    let read = verification(&verification_body().to_string().into_bytes()).unwrap();
    let contact = Contact {
        way: ContactWay::Email,
        area_code: "86".to_owned(),
        value: "alice@example.com".to_owned(),
    };
    let [code, customer_id, sub_customer_id] = ["123456", "c", "x"].map(str::to_owned);
    assert_eq!(read, Verification { contact, code, customer_id, sub_customer_id });
}

#[test]
fn a_whole_sending_is_read() {
    let read = sending(&sending_body().to_string().into_bytes()).unwrap();
    let contact = Contact {
        way: ContactWay::Sms,
        area_code: "86".to_owned(),
        value: "13800000000".to_owned(),
    };
    assert_eq!(read, contact);
}

/// The numbers are those of the API page once more, not taken from `contactverify::limits`.
#[test]
fn lengths_of_a_verification_end_where_the_page_says() {
    for (name, min, max) in [
        ("verify_code", 6, 6),
        ("contact_value", 0, 64),
        ("area_code", 0, 16),
        ("x_customer_id", 0, 64),
        ("customer_id", 0, 64),
    ] {
        let violation = Violation::Length { name, min, max };
        for character in CHARACTERS {
            for length in [min, max] {
                let text = character.repeat(length);
                assert!(verify_with(name, json!(text)).is_ok(), "{name}: {text}");
            }
            let above = character.repeat(max + 1);
            assert_eq!(verify_with(name, json!(above)), Err(violation), "{above}");
            if min > 0 {
                let below = character.repeat(min - 1);
                assert_eq!(verify_with(name, json!(below)), Err(violation), "{below}");
            }
        }
    }
}

#[test]
fn lengths_of_a_sending_end_where_the_page_says() {
    for (name, max) in [("contact_value", 64), ("area_code", 16)] {
        for character in CHARACTERS {
            assert!(send_with(name, json!("")).is_ok(), "{name}");
            assert!(send_with(name, json!(character.repeat(max))).is_ok(), "{name}");
            assert_eq!(
                send_with(name, json!(character.repeat(max + 1))),
                Err(Violation::Length { name, min: 0, max })
            );
        }
    }
}

#[test]
fn combining_characters_count_each() {
    let text = "e\u{301}".repeat(32);
    assert!(verify_with("contact_value", json!(text)).is_ok());
    assert!(verify_with("contact_value", json!(format!("{text}\u{301}"))).is_err());
}

#[test]
fn what_is_mandatory_must_be_there() {
    for name in ["verify_code", "contact_value", "contact_way"] {
        let read = verification(&with(verification_body(), name, None));
        assert_eq!(read, Err(Violation::Missing(name)));
    }
    for name in ["contact_value", "contact_way", "area_code"] {
        let read = sending(&with(sending_body(), name, None));
        assert_eq!(read, Err(Violation::Missing(name)));
    }
}

#[test]
fn what_is_optional_may_be_missing() {
    for name in ["x_customer_id", "customer_id"] {
        assert!(verification(&with(verification_body(), name, None)).is_ok(), "{name}");
    }
    let missing = verification(&with(verification_body(), "area_code", None));
    assert_eq!(missing, verify_with("area_code", json!("")));
}

#[test]
fn a_text_of_another_type_is_a_violation() {
    for value in [json!(null), json!(123_456), json!(true), json!(["123456"]), json!({})] {
        for name in ["verify_code", "contact_value", "area_code", "x_customer_id", "customer_id"] {
            assert_eq!(verify_with(name, value.clone()), Err(Violation::NotText(name)), "{value}");
        }
        for name in ["contact_value", "area_code"] {
            assert_eq!(send_with(name, value.clone()), Err(Violation::NotText(name)), "{value}");
        }
    }
}

#[test]
fn the_contact_way_is_0_or_1() {
    let way = |value| send_with("contact_way", value).map(|contact| contact.way);
    assert_eq!(way(json!(0)), Ok(ContactWay::Sms));
    assert_eq!(way(json!(1)), Ok(ContactWay::Email));
    for value in [json!(2), json!(-1), json!(i64::MIN), json!(i64::MAX), json!(u64::MAX)] {
        assert_eq!(way(value.clone()), Err(Violation::UnknownContactWay), "{value}");
    }
}

#[test]
fn a_contact_way_of_another_type_is_a_violation() {
    let not_integer = Err(Violation::NotInteger("contact_way"));
    for value in [json!("1"), json!(null), json!(true), json!(1.0), json!(0.5), json!([1])] {
        assert_eq!(verify_with("contact_way", value.clone()).map(|_| ()), not_integer, "{value}");
    }
}

#[test]
fn unknown_fields_are_ignored() {
    assert!(verify_with("unknown", json!({ "deep": [1, { "er": null }] })).is_ok());
    assert!(send_with("verify_code", json!(7)).is_ok());
}

#[test]
fn only_a_json_object_is_read() {
    for body in [
        &b""[..],
        b" ",
        b"verify_code=123456",
        b"null",
        b"[]",
        b"\"text\"",
        b"{",
        b"{}{}",
        b"{} trailing",
        b"{\"contact_value\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
    ] {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(verification(body), Err(Violation::NotAnObject), "{shown}");
        assert_eq!(sending(body), Err(Violation::NotAnObject), "{shown}");
    }
}

#[test]
fn optional_headers_are_checked_when_present() {
    assert_eq!(check_headers(&HeaderMap::new()), Ok(()));
    for (lower_case, name) in [("x-language", "X-Language"), ("x-time-zone", "X-Time-Zone")] {
        let check = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(
                    HeaderName::from_static(lower_case),
                    HeaderValue::from_bytes(value).unwrap(),
                );
            }
            check_headers(&headers)
        };
        let violation = Err(Violation::Length { name, min: 1, max: 32 });
        for character in CHARACTERS {
            assert_eq!(check(&[character.as_bytes()]), Ok(()));
            assert_eq!(check(&[character.repeat(32).as_bytes()]), Ok(()));
            assert_eq!(check(&[character.repeat(33).as_bytes()]), violation);
        }
        assert_eq!(check(&[b""]), violation);
        assert_eq!(check(&[b"zh-cn", b""]), violation);
        assert_eq!(check(&[b"\xff"]), Err(Violation::NotText(name)));
    }
}

fn asked(query: &str) -> Result<Contact, Violation> {
    need_verify(&Query::read(query))
}

fn listed(query: &str) -> Result<Listing, Violation> {
    has_verified(&Query::read(query))
}

#[test]
fn a_whole_query_is_read() {
    let contact =
        Contact { way: ContactWay::Sms, area_code: "86".to_owned(), value: "+1 例".to_owned() };
    let query = "contact_value=%2B1+%E4%BE%8B&contact_way=0&area_code=86&unknown=1&unknown=2";
    assert_eq!(asked(query), Ok(contact));
    let filter = Filter {
        way: Some(ContactWay::Email),
        value: "a@b".to_owned(),
        area_code: "1".to_owned(),
        customer_id: "c".to_owned(),
        sub_customer_id: "s".to_owned(),
        expired_time: "e".to_owned(),
        verified_id: "v".to_owned(),
    };
    let query = "contact_way=1&contact_value=a%40b&area_code=1&customer_id=c&sub_customer_id=s&\
                 expired_time=e&verified_id=v&offset=3&limit=7";
    assert_eq!(listed(query), Ok(Listing { filter, offset: 3, limit: 7 }));
    let nothing = Listing { filter: Filter::default(), offset: 0, limit: 10 };
    assert_eq!(listed(""), Ok(nothing));
}

/// The numbers are those of the API page once more.
#[test]
fn lengths_of_a_query_end_where_the_page_says() {
    let read_contact = |query: &str| asked(query).map(|_| ());
    let read_listing = |query: &str| listed(query).map(|_| ());
    for (read, rest, name, min, max) in [
        (
            &read_contact as &dyn Fn(&str) -> Result<(), Violation>,
            "contact_way=1&",
            "contact_value",
            1,
            64,
        ),
        (&read_contact, "contact_way=1&contact_value=a&", "area_code", 0, 16),
        (&read_listing, "", "customer_id", 0, 64),
        (&read_listing, "", "sub_customer_id", 0, 64),
        (&read_listing, "", "expired_time", 0, 32),
        (&read_listing, "", "verified_id", 0, 64),
        (&read_listing, "", "contact_value", 0, 256),
        (&read_listing, "", "area_code", 0, 16),
    ] {
        let violation = Err(Violation::Length { name, min, max });
        for character in CHARACTERS {
            let with = |length| read(&format!("{rest}{name}={}", character.repeat(length)));
            assert_eq!(with(min), Ok(()), "{name}");
            assert_eq!(with(max), Ok(()), "{name}");
            assert_eq!(with(max + 1), violation, "{name}");
            if min > 0 {
                assert_eq!(with(min - 1), violation, "{name}");
            }
        }
        assert_eq!(read(&format!("{rest}{name}=a&{name}=a")), Err(Violation::Twice(name)));
        assert_eq!(read(&format!("{rest}{name}=%FF")), Err(Violation::NotText(name)));
    }
}

#[test]
fn what_is_mandatory_must_be_in_the_query() {
    assert_eq!(asked("contact_way=1"), Err(Violation::Missing("contact_value")));
    assert_eq!(asked("contact_value=a"), Err(Violation::Missing("contact_way")));
    assert_eq!(asked("contact_value=a&contact_way=1").unwrap().area_code, "");
}

#[test]
fn numbers_of_a_query_end_where_the_page_says() {
    let way = |text: &str| listed(&format!("contact_way={text}")).map(|read| read.filter.way);
    assert_eq!(way("0"), Ok(Some(ContactWay::Sms)));
    assert_eq!(way("1"), Ok(Some(ContactWay::Email)));
    for unknown in ["2", "-1", "99999999999999999999"] {
        assert_eq!(way(unknown), Err(Violation::UnknownContactWay), "{unknown}");
    }
    for text in ["", "-", "+1", "1.0", "a", "true", "0x1"] {
        assert_eq!(way(text), Err(Violation::NotInteger("contact_way")), "{text}");
        for name in ["offset", "limit"] {
            let read = listed(&format!("{name}={text}").replace('+', "%2B"));
            assert_eq!(read, Err(Violation::NotInteger(name)), "{text}");
        }
    }
    let page = |query| listed(query).map(|read| (read.offset, read.limit));
    assert_eq!(page("offset=0&limit=0"), Ok((0, 0)));
    assert_eq!(page("offset=65535&limit=100"), Ok((65535, 100)));
    assert_eq!(page("offset=7"), Ok((7, 10)));
    for (query, name, max) in [
        ("limit=101", "limit", 100),
        ("limit=99999999999999999999", "limit", 100),
        ("offset=65536", "offset", 65_535),
    ] {
        assert_eq!(page(query), Err(Violation::Range { name, min: 0, max }), "{query}");
    }
    for name in ["contact_way", "offset", "limit"] {
        let read = listed(&format!("{name}=1&{name}=1"));
        assert_eq!(read, Err(Violation::Twice(name)));
    }
}

#[test]
fn the_site_is_0_or_1() {
    let check = |sites: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for site in sites {
            headers.append("X-Site", HeaderValue::from_static(site));
        }
        check_headers(&headers)
    };
    assert_eq!(check(&["0"]), Ok(()));
    assert_eq!(check(&["1"]), Ok(()));
    for sites in [&[""][..], &["2"], &["-1"], &["00"], &["0", "2"]] {
        assert_eq!(check(sites), Err(Violation::UnknownSite), "{sites:?}");
    }
}

#[test]
fn each_text_names_its_parameter_and_fits_into_error_msg() {
    let mut violations =
        vec![Violation::NotAnObject, Violation::UnknownContactWay, Violation::UnknownSite];
    for limit in [
        limits::VERIFY_CODE,
        limits::CONTACT_VALUE,
        limits::AREA_CODE,
        limits::X_CUSTOMER_ID,
        limits::CUSTOMER_ID,
        Text { name: "X-Language", ..limits::LANGUAGE },
        Text { name: "X-Time-Zone", ..limits::TIME_ZONE },
    ] {
        let (name, min, max) = (limit.name, limit.min, limit.max);
        let of_this_parameter = [
            Violation::Missing(name),
            Violation::Twice(name),
            Violation::NotText(name),
            Violation::Length { name, min, max },
        ];
        for violation in of_this_parameter {
            assert!(violation.to_string().starts_with(name), "{violation}");
        }
        violations.extend(of_this_parameter);
    }
    violations.push(Violation::NotInteger(limits::CONTACT_WAY.name));
    for violation in violations {
        assert!(violation.to_string().chars().count() <= 32, "{violation}");
    }
}
