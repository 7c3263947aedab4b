//! The calls beside the verification: as they stand on the wire, their limits, their answers.

use contactverify::capi::*;

use crate::support::answer;
use crate::support::c::{Call, Config, Outcome, Request};
use crate::support::peer::Peer;

const LIST: &str = r#"{"count":12,"contact_list":[{"contact_way":1,"contact_value":"a@b.c",
    "area_code":"","verified_id":"v-1"},{"contact_way":0,"contact_value":"138","area_code":"86"}]}"#;

/// The request line and the body of a call.
fn sent(call: Call, request: &Request, told: &str) -> (String, String, Outcome) {
    let peer = Peer::answering(answer(200, told));
    let outcome = Config::new(&peer.endpoint()).number("site", 1).build().call(call, request);
    assert_eq!(outcome.status, CONTACTVERIFY_OK, "{outcome:?}");
    let request = String::from_utf8(peer.seen.requests().pop().unwrap()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    for line in ["x-auth-token: token-of-the-tests", "x-site: 1", "content-type: application/json"]
    {
        assert_eq!(head.lines().filter(|sent| *sent == line).count(), 1, "{line} in {head}");
    }
    let has_length = head.contains("content-length") || head.contains("transfer-encoding");
    assert_eq!(has_length, !body.is_empty(), "{head}");
    (head.lines().next().unwrap().to_owned(), body.to_owned(), outcome)
}

#[test]
fn a_code_is_sent() {
    let (line, body, outcome) =
        sent(Call::Send, &Request::contact("alice@example.com"), r#"{"error_code":""}"#);
    assert_eq!(line, "POST /v2/servicerequest/verifycodes/send HTTP/1.1");
    assert_eq!(body, r#"{"contact_value":"alice@example.com","contact_way":1,"area_code":""}"#);
    assert_eq!(outcome.message, "a code was sent");
    assert_eq!(outcome.request_id, "id-of-the-answer");
    assert_eq!((outcome.sent, outcome.attempts, outcome.http_status), (2, 1, 200));
    assert_eq!((outcome.need_verify, outcome.total), (-1, -1));
}

#[test]
fn whether_a_contact_must_be_verified_is_told() {
    let request = Request::contact("用户 a+b/c?d&e=f%~*@例.com").contact_way(CONTACTVERIFY_SMS);
    let told = r#"{"need_verify_code":1,"expire_time":"2026-11-25T00:00:00Z"}"#;
    let (line, body, outcome) = sent(Call::Need, &request, told);
    assert_eq!(
        line,
        "GET /v2/servicerequest/verifycodes/need-verify?area_code=&contact_value=\
         %E7%94%A8%E6%88%B7%20a%2Bb%2Fc%3Fd%26e%3Df%25~%2A%40%E4%BE%8B.com&contact_way=0 HTTP/1.1"
    );
    assert_eq!(body, "");
    assert_eq!((outcome.need_verify, outcome.expire_time.as_str()), (1, "2026-11-25T00:00:00Z"));
    assert_eq!((outcome.total, outcome.contacts.len()), (-1, 0));
}

#[test]
fn verified_contacts_are_listed() {
    let (line, _, outcome) = sent(Call::List, &Request::empty(), LIST);
    assert_eq!(line, "GET /v2/servicerequest/verifycodes/has-verified HTTP/1.1");
    let contact = |way, value: &str, area: &str, id: &str| {
        (way, value.to_owned(), area.to_owned(), id.to_owned())
    };
    assert_eq!(outcome.total, 12);
    assert_eq!(outcome.contacts, [contact(1, "a@b.c", "", "v-1"), contact(0, "138", "86", "")]);
    assert_eq!((outcome.need_verify, outcome.expire_time.as_str()), (-1, ""));

    let all = Request::empty()
        .with("contact_value", "")
        .with("area_code", "86")
        .with("customer_id", "c")
        .with("sub_customer_id", "s")
        .with("verified_id", "v")
        .with("expired_time", "2026-11-25 00:00")
        .contact_way(CONTACTVERIFY_SMS)
        .offset(0)
        .limit(100);
    let (line, _, _) = sent(Call::List, &all, LIST);
    assert_eq!(
        line,
        "GET /v2/servicerequest/verifycodes/has-verified?area_code=86&contact_value=&\
         contact_way=0&customer_id=c&expired_time=2026-11-25%2000%3A00&limit=100&\
         offset=0&sub_customer_id=s&verified_id=v HTTP/1.1"
    );
}

#[test]
fn each_parameter_has_its_limits() {
    let peer = Peer::answering(answer(
        200,
        r#"{"error_code":"","need_verify_code":0,"count":0,"contact_list":[]}"#,
    ));
    let client = Config::new(&peer.endpoint()).build();
    // Call, name, least and most characters. Written out from the service's reference.
    let texts = [
        (Call::Send, "contact_value", 0, 64),
        (Call::Send, "area_code", 0, 16),
        (Call::Need, "contact_value", 1, 64),
        (Call::Need, "area_code", 0, 16),
        (Call::List, "contact_value", 0, 256),
        (Call::List, "area_code", 0, 16),
        (Call::List, "customer_id", 0, 64),
        (Call::List, "sub_customer_id", 0, 64),
        (Call::List, "verified_id", 0, 64),
        (Call::List, "expired_time", 0, 32),
        (Call::Send, "auth_token", 1, 5000),
        (Call::Need, "language", 1, 32),
        (Call::List, "time_zone", 1, 32),
    ];
    let refused = |outcome: Outcome, field: &str| {
        assert_eq!(outcome.status, CONTACTVERIFY_INVALID_ARGUMENT, "{field}: {outcome:?}");
        assert_eq!(outcome.field, field, "{outcome:?}");
        assert!(outcome.message.contains(field), "{outcome:?}");
        assert_eq!((outcome.sent, outcome.attempts), (0, 0));
    };
    let mut accepted = 0;
    for (call, name, least, most) in texts {
        let base = Request::contact("a@b.c");
        let letters = if [5000, 32].contains(&most) { &["x"][..] } else { &["x", "字"] };
        for letter in letters {
            for length in [least, most] {
                let outcome = client.call(call, &base.clone().with(name, letter.repeat(length)));
                assert_eq!(
                    outcome.status, CONTACTVERIFY_OK,
                    "{call:?} {name} {length}: {outcome:?}"
                );
                accepted += 1;
            }
            let too_long = base.clone().with(name, letter.repeat(most + 1));
            refused(client.call(call, &too_long), name);
        }
        if least > 0 {
            refused(client.call(call, &base.clone().with(name, "")), name);
        }
        refused(client.call(call, &base.with(name, b"\xff")), name);
    }
    for call in [Call::Send, Call::Need] {
        for way in [-1, 2, i32::MIN, i32::MAX] {
            refused(client.call(call, &Request::contact("a@b.c").contact_way(way)), "contact_way");
        }
        refused(
            client.call(call, &Request::contact("a@b.c").without("contact_value")),
            "contact_value",
        );
    }
    refused(client.call(Call::Send, &Request::contact("a@b.c").without("area_code")), "area_code");
    for number in [-2, i32::MIN, 65_536, i32::MAX] {
        refused(client.call(Call::List, &Request::empty().offset(number)), "offset");
    }
    for number in [-2, i32::MIN, 101, i32::MAX] {
        refused(client.call(Call::List, &Request::empty().limit(number)), "limit");
        refused(client.call(Call::List, &Request::empty().contact_way(number)), "contact_way");
    }
    refused(client.call(Call::List, &Request::empty().timeout_ms(-1)), "timeout_ms");
    assert_eq!(peer.seen.requests().len(), accepted);
}

#[test]
fn the_structs_may_grow() {
    #[repr(C)]
    struct Newer<R> {
        known: R,
        unknown: [u64; 4],
    }
    let peer =
        Peer::answering(answer(200, r#"{"need_verify_code":0,"count":0,"contact_list":[]}"#));
    let client = Config::new(&peer.endpoint()).build();
    let request = Request::contact("a@b.c");
    macro_rules! grows {
        ($function:ident, $raw:ident) => {
            let mut newer = Newer { known: request.$raw(), unknown: [0; 4] };
            let ours = newer.known.size;
            for size in [0, ours - 1, 4097, usize::MAX] {
                newer.known.size = size;
                assert_eq!(client.ask($function, &raw const newer.known).field, "size");
            }
            newer.known.size = size_of_val(&newer);
            let place = &raw const newer;
            assert_eq!(client.ask($function, place.cast()).status, CONTACTVERIFY_OK);
            newer.unknown[0] = 1;
            assert_eq!(client.ask($function, (&raw const newer).cast()).field, "size");
        };
    }
    grows!(contactverify_send_code, raw_send);
    grows!(contactverify_need_verify, raw_need);
    grows!(contactverify_list_verified, raw_list);
}

#[test]
fn a_refusal_or_a_strange_answer_is_no_answer() {
    for (call, bad) in [
        (Call::Need, r#"{"expire_time":"x"}"#),
        (Call::Need, r#"{"need_verify_code":"1"}"#),
        (Call::List, r#"{"count":1}"#),
        (Call::List, r#"{"count":1,"contact_list":[["a"]]}"#),
        (Call::Send, "[]"),
    ] {
        let peer = Peer::answering(answer(200, bad));
        let outcome = Config::new(&peer.endpoint()).build().call(call, &Request::contact("a@b.c"));
        assert_eq!(outcome.status, CONTACTVERIFY_BAD_RESPONSE, "{outcome:?}");
        assert_eq!((outcome.need_verify, outcome.total, outcome.contacts.len()), (-1, -1, 0));
        assert!(!outcome.message.contains("erified"), "{outcome:?}");
    }
    let peer = Peer::answering(answer(
        200,
        r#"{"error_code":"OSM.01010024","error_msg":"x","need_verify_code":1,"count":0,"contact_list":[]}"#,
    ));
    for call in [Call::Send, Call::Need, Call::List] {
        let outcome = Config::new(&peer.endpoint()).build().call(call, &Request::contact("a@b.c"));
        assert_eq!(outcome.status, CONTACTVERIFY_REJECTED, "{outcome:?}");
        assert_eq!(outcome.error_code, "OSM.01010024");
        assert!(outcome.message.contains("too often"), "{outcome:?}");
        assert!(!outcome.message.contains("erified"), "{outcome:?}");
        assert_eq!((outcome.need_verify, outcome.total), (-1, -1));
    }
}
