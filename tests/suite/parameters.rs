//! Every row of the API page's tables: at, below and above its limits, and with no byte sent
//! when it is refused.

use contactverify::capi::*;

use crate::support::c::{Call, Config, Outcome, Request};
use crate::support::peer::Peer;
use crate::support::{answer, success};

/// Name, least and most characters, whether any character may stand in it. Written out from
/// the API page, not taken from the library.
const TEXTS: [(&str, usize, usize, bool); 8] = [
    ("verify_code", 6, 6, true),
    ("contact_value", 0, 64, true),
    ("area_code", 0, 16, true),
    ("x_customer_id", 0, 64, true),
    ("customer_id", 0, 64, true),
    ("auth_token", 1, 5000, false),
    ("language", 1, 32, false),
    ("time_zone", 1, 32, false),
];

fn assert_refused(outcome: &Outcome, field: &str) {
    assert_eq!(outcome.status, CONTACTVERIFY_INVALID_ARGUMENT, "{field}: {outcome:?}");
    assert_eq!(outcome.field, field, "{outcome:?}");
    assert!(outcome.message.contains(field), "{outcome:?}");
    assert_eq!((outcome.sent, outcome.attempts, outcome.http_status), (0, 0, 0));
}

#[test]
fn each_length_of_each_text_is_judged_by_the_page() {
    let peer = Peer::answering(success());
    let client = Config::new(&peer.endpoint()).build();
    let mut accepted = 0;
    for (name, least, most, any_character) in TEXTS {
        let alphabets = if any_character { &["x", "é", "字", "🦀"][..] } else { &["x"] };
        for character in alphabets {
            let mut lengths = vec![least, most, most + 1, most + 100];
            lengths.extend(least.checked_sub(1));
            for length in lengths {
                let connections = peer.seen.connections();
                let requests = peer.seen.requests().len();
                let outcome = client.verify(&Request::new().with(name, character.repeat(length)));
                if (least..=most).contains(&length) {
                    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{name} {length}: {outcome:?}");
                    accepted += 1;
                    assert_eq!(peer.seen.requests().len(), requests + 1);
                } else {
                    assert_refused(&outcome, name);
                    assert_eq!(peer.seen.requests().len(), requests, "{name} was sent");
                    assert_eq!(peer.seen.connections(), connections, "{name} connected");
                }
            }
        }
    }
    assert_eq!(accepted, peer.seen.requests().len());
}

#[test]
fn refused_arguments_open_no_connection() {
    let peer = Peer::answering(success());
    let client = Config::new(&peer.endpoint()).build();
    for (name, _, _, any_character) in TEXTS {
        assert_refused(&client.verify(&Request::new().with(name, b"12345\xff")), name);
        if any_character {
            continue;
        }
        for text in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\tb", "a\x01b", "a\x7fb", "é", " a", "a "]
        {
            assert_refused(&client.verify(&Request::new().with(name, text)), name);
        }
    }
    for name in ["verify_code", "contact_value"] {
        assert_refused(&client.verify(&Request::new().without(name)), name);
    }
    for contact_way in [-1, 2, 3, i32::MIN, i32::MAX, 256] {
        assert_refused(&client.verify(&Request::new().contact_way(contact_way)), "contact_way");
    }
    for timeout_ms in [-1, 3_600_001, i32::MIN, i32::MAX] {
        assert_refused(&client.verify(&Request::new().timeout_ms(timeout_ms)), "timeout_ms");
    }
    let without_token = Config::new(&peer.endpoint()).text("auth_token", None).build();
    assert_refused(&without_token.verify(&Request::new()), "auth_token");
    assert_eq!(peer.seen.connections(), 0);
}

#[test]
fn a_token_in_the_request_is_enough() {
    let peer = Peer::answering(success());
    let client = Config::empty().text("endpoint", Some(&peer.endpoint())).build();
    let outcome = client.verify(&Request::new().with("auth_token", "of-this-call"));
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
}

#[test]
fn a_struct_of_another_size_is_accepted_only_if_it_asks_for_nothing_more() {
    #[repr(C)]
    struct Newer {
        known: contactverify_request,
        unknown: [u64; 4],
    }
    let peer = Peer::answering(success());
    let client = Config::new(&peer.endpoint()).build();
    let request = Request::new();
    let mut newer = Newer { known: request.raw(), unknown: [0; 4] };
    let ours = size_of::<contactverify_request>();

    for size in [0, 1, 8, ours - 1, 4097, usize::MAX] {
        newer.known.size = size;
        assert_refused(&client.verify_raw(&raw const newer.known), "size");
    }
    newer.known.size = size_of::<Newer>();
    assert_eq!(client.verify_raw((&raw const newer).cast()).status, CONTACTVERIFY_OK);
    newer.unknown[3] = 1 << 56;
    assert_refused(&client.verify_raw((&raw const newer).cast()), "size");
    assert_eq!(ours, 80, "what C programs were compiled with on this machine");
}

#[test]
fn each_setting_is_checked_when_it_is_set_and_a_failure_stays() {
    let token = "t".repeat(5001);
    let language = "l".repeat(33);
    let endpoint = format!("https://osm.example.com/{}", "a".repeat(1001));
    let texts: [(&str, &[u8]); 36] = [
        ("endpoint", b""),
        ("endpoint", b"osm.example.com"),
        ("endpoint", b"ftp://osm.example.com"),
        ("endpoint", b"https://"),
        ("endpoint", b"https://user:password@osm.example.com"),
        ("endpoint", b"https://osm.example.com?query"),
        ("endpoint", b"https://osm.example.com/#fragment"),
        ("endpoint", b"https://osm.example.com[]"),
        ("endpoint", b"https://123456[]"),
        ("endpoint", b"https://[osm.example.com]"),
        ("endpoint", b"https://osm.exa%6dple.com"),
        ("endpoint", b"https://osm.example.com:0"),
        ("endpoint", b"https://osm.example.com:65536"),
        ("endpoint", b"https://osm.example.com:"),
        ("endpoint", b"https://osm.example.com:+443"),
        ("endpoint", b"https://osm.example.com/a b"),
        ("endpoint", b"http://osm.example.com"),
        ("endpoint", b"http://128.0.0.1"),
        ("endpoint", b"http://localhost.example.com"),
        ("endpoint", "https://ösm.example.com".as_bytes()),
        ("auth_token", b""),
        ("auth_token", token.as_bytes()),
        ("auth_token", b"a\r\nb"),
        ("language", language.as_bytes()),
        ("time_zone", b"GMT+8\n"),
        ("application_id", "ü".as_bytes()),
        ("success_code", b""),
        ("proxy", b"socks5://127.0.0.1:1"),
        ("proxy", b"not a proxy"),
        ("proxy", b"http://127.0.0.1:99999"),
        ("proxy", b"http://user:password@proxy.example.com:3l28"),
        ("proxy", b"http://proxy.example.com:"),
        ("proxy", b"http://proxy.example.com:0"),
        ("endpoint", endpoint.as_bytes()),
        ("iam_endpoint", endpoint.as_bytes()),
        ("ca_file", b"/does/not/exist"),
    ];
    for (name, value) in texts {
        let mut config = Config::new("https://osm.example.com");
        assert_eq!(config.try_text(name, Some(value)), CONTACTVERIFY_INVALID_ARGUMENT, "{name}");
        // A later success does not forget the failure.
        config.try_text("language", Some(b"en-us"));
        assert_refused(&config.try_build().unwrap_err(), name);
        for value in [&b"\xff"[..], b"a\xc3"] {
            assert_eq!(config.try_text(name, Some(value)), CONTACTVERIFY_INVALID_ARGUMENT);
        }
    }
    let numbers = [
        ("timeout_ms", 1, 3_600_000),
        ("connect_timeout_ms", 1, 3_600_000),
        ("idle_timeout_ms", 1, 3_600_000),
        ("max_idle_connections", 0, 65_535),
        ("retries", 0, 1),
        ("site", 0, 1),
        ("proxy_from_environment", 0, 1),
    ];
    for (name, least, most) in numbers {
        for value in [least, most] {
            Config::new("https://osm.example.com").number(name, value).build();
        }
        for value in [least - 1, most + 1, i32::MIN, i32::MAX] {
            let mut config = Config::new("https://osm.example.com");
            assert_eq!(config.try_number(name, value), CONTACTVERIFY_INVALID_ARGUMENT, "{name}");
            assert_refused(&config.try_build().unwrap_err(), name);
        }
    }
}

#[test]
fn endpoints_in_all_their_forms_are_accepted() {
    for endpoint in [
        "https://osm.cn-south-1.myhuaweicloud.com",
        "https://osm.cn-south-1.myhuaweicloud.com/",
        "https://osm.example.com:8443/prefix",
        "https://[2001:db8::1]:8443",
        "HTTPS://OSM.EXAMPLE.COM",
        "http://127.0.0.1:8080",
        "http://127.255.255.254",
        "http://[::1]:8080",
        "http://localhost:8080",
    ] {
        Config::new(endpoint).build();
    }
    for proxy in ["http://proxy.example.com", "proxy.example.com:3128", "http://u:p@[::1]:3128"] {
        Config::new("https://osm.example.com").text("proxy", Some(proxy)).build();
    }
    let missing = Config::empty().try_build().unwrap_err();
    assert_refused(&missing, "endpoint");
}

#[test]
fn the_longest_call_fits_into_a_request() {
    let peer = Peer::answering(answer(200, r#"{"count":0,"contact_list":[]}"#));
    let endpoint = peer.endpoint();
    let prefix = "a".repeat(1024 - endpoint.len() - 1);
    let client = Config::empty().text("endpoint", Some(&format!("{endpoint}/{prefix}"))).build();
    let mut request = Request::empty()
        .with("auth_token", "t".repeat(5000))
        .with("language", "l".repeat(32))
        .with("time_zone", "z".repeat(32));
    for (name, most) in [
        ("contact_value", 256),
        ("area_code", 16),
        ("customer_id", 64),
        ("sub_customer_id", 64),
        ("verified_id", 64),
        ("expired_time", 32),
    ] {
        request = request.with(name, "🦀".repeat(most));
    }
    let request = request.contact_way(CONTACTVERIFY_EMAIL).offset(65_535).limit(100);
    let outcome = client.call(Call::List, &request);
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
}

#[test]
fn a_message_is_one_line_of_1024_bytes_whatever_it_quotes() {
    let mut config = Config::new("https://osm.example.com");
    let file = format!("/{}", "\x01".repeat(1000));
    assert_eq!(config.try_text("ca_file", Some(file.as_bytes())), CONTACTVERIFY_INVALID_ARGUMENT);
    let refused = config.try_build().unwrap_err();
    assert_refused(&refused, "ca_file");
    assert!(refused.message.len() <= 1024, "{}", refused.message.len());
}

#[test]
fn a_ca_file_that_is_broken_anywhere_gives_nothing() {
    use crate::support::certificates::AUTHORITY;
    let good = &AUTHORITY.pem;
    let directory = AUTHORITY.file.parent().unwrap();
    let broken_section = good.replacen("MII", "!!!", 1);
    let not_a_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = &good[..good.len() / 2];
    for (name, content) in [
        ("empty", String::new()),
        ("garbage", "\u{1}\u{2}garbage".to_owned()),
        ("cut", cut.to_owned()),
        ("good-and-cut", format!("{good}{cut}")),
        ("good-and-broken", format!("{good}{broken_section}")),
        ("good-and-no-certificate", format!("{good}{not_a_certificate}")),
    ] {
        let path = directory.join(format!("{name}.pem"));
        std::fs::write(&path, content).unwrap();
        let mut config = Config::new("https://127.0.0.1");
        let path = path.to_str().unwrap().as_bytes();
        let status = config.try_text("ca_file", Some(path));
        assert_eq!(status, CONTACTVERIFY_INVALID_ARGUMENT, "{name}");
        assert_refused(&config.try_build().unwrap_err(), "ca_file");
    }
}

#[test]
fn a_message_stays_within_its_length_however_long_a_path_is() {
    let mut config = Config::new("https://127.0.0.1");
    let path = format!("/{}", "ü".repeat(2000));
    config.try_text("ca_file", Some(path.as_bytes()));
    let outcome = config.try_build().unwrap_err();
    assert_refused(&outcome, "ca_file");
    assert!((1000..=1024).contains(&outcome.message.len()), "{outcome:?}");
}
