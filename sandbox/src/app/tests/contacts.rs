//! The two calls that ask about verified contacts.

use axum::http::StatusCode;

use super::*;

#[tokio::test]
async fn a_verified_contact_needs_no_code_until_its_verification_ends() {
    let bench = Bench::with(&["--verification-lifetime-seconds", "100"], |_| {});
    let path = format!("{NEED_VERIFY}?contact_value=alice%40example.com&contact_way=1&area_code=");
    let needed = json!({ "need_verify_code": 1 });
    assert_eq!(bench.get(&path).await.body, needed);
    bench.code_for("alice@example.com").await;
    assert_eq!(bench.get(&path).await.body, needed);
    bench.pass(60);
    bench.verified("alice@example.com").await;
    bench.pass(99);
    let answer = bench.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.assert_usual_headers();
    let body = json!({ "need_verify_code": 0, "expire_time": "2024-01-02T03:06:45.678901Z" });
    assert_eq!(answer.body, body);
    bench.pass(1);
    assert_eq!(bench.get(&path).await.body, needed);
}

#[tokio::test]
async fn verified_contacts_are_listed() {
    let bench = Bench::new();
    assert_eq!(bench.get(HAS_VERIFIED).await.body, json!({ "count": 0, "contact_list": [] }));
    for number in 0..12 {
        bench.verified(&format!("{number:02}@example.com")).await;
    }
    let answer = bench.get(HAS_VERIFIED).await;
    answer.assert_usual_headers();
    let listed = answer.body["contact_list"].as_array().unwrap();
    assert_eq!((&answer.body["count"], listed.len()), (&json!(12), 10));
    let verified_id = listed[3]["verified_id"].as_str().unwrap();
    let contact = json!({
        "contact_way": 1,
        "contact_value": "03@example.com",
        "area_code": "",
        "verified_id": verified_id,
    });
    assert_eq!(listed[3], contact);
    let ids: HashSet<_> = listed.iter().map(|contact| contact["verified_id"].to_string()).collect();
    assert_eq!(ids.len(), 10);

    let answer = bench.get(&format!("{HAS_VERIFIED}?verified_id={verified_id}")).await;
    assert_eq!(answer.body, json!({ "count": 1, "contact_list": [contact] }));
    let answer = bench.get(&format!("{HAS_VERIFIED}?offset=11&limit=100")).await;
    assert_eq!(answer.body["count"], 12);
    assert_eq!(answer.body["contact_list"][0]["contact_value"], "11@example.com");
    assert_eq!(answer.body["contact_list"].as_array().unwrap().len(), 1);
    let answer = bench.get(&format!("{HAS_VERIFIED}?verified_id=unknown")).await;
    assert_eq!(answer.body, json!({ "count": 0, "contact_list": [] }));
}

#[tokio::test]
async fn customers_of_the_verification_find_its_contact() {
    let bench = Bench::new();
    let code = bench.code_for("alice@example.com").await;
    let mut body = guess("alice@example.com", &code);
    body["customer_id"] = json!("customer");
    body["x_customer_id"] = json!("sub-user");
    bench.post(VERIFY, body).await.assert_success();
    for (query, count) in [
        ("customer_id=customer", 1),
        ("sub_customer_id=sub-user", 1),
        ("customer_id=customer&sub_customer_id=sub-user&contact_way=1", 1),
        ("customer_id=sub-user", 0),
        ("contact_way=0", 0),
        ("contact_value=alice%40example.com", 1),
        ("contact_value=&area_code=&customer_id=", 1),
        ("area_code=86", 0),
        ("expired_time=2024-01-03T03:04:05.678901Z", 1),
        ("expired_time=2024-01-03T03:04:05Z", 0),
    ] {
        let answer = bench.get(&format!("{HAS_VERIFIED}?{query}")).await;
        assert_eq!(answer.body["count"], count, "{query}");
    }
}

#[tokio::test]
async fn violations_of_a_query_name_the_parameter() {
    let bench = Bench::new();
    for (path, error_code, error_msg) in [
        (NEED_VERIFY, "OSM.01010001", "contact_value: is missing"),
        ("?contact_value=a", "OSM.01010001", "contact_way: is missing"),
        ("?contact_value=a&contact_way=x", "OSM.01010001", "contact_way: must be an integer"),
        ("?contact_value=a&contact_way=2", "OSM.01010012", "contact_way: must be 0 or 1"),
        ("?contact_value=a&contact_value=a", "OSM.01010001", "contact_value: is there twice"),
    ] {
        let path = if path == NEED_VERIFY { path } else { &format!("{NEED_VERIFY}{path}") };
        bench.get(path).await.assert_service(error_code, error_msg);
    }
    for (query, error_msg) in [
        ("limit=101", "limit: must be 0..100"),
        ("limit=1&limit=1", "limit: is there twice"),
        ("offset=-1", "offset: must be an integer"),
    ] {
        let answer = bench.get(&format!("{HAS_VERIFIED}?{query}")).await;
        answer.assert_service("OSM.01010001", error_msg);
    }
}

#[tokio::test]
async fn the_site_is_0_or_1_on_all_calls() {
    let bench = Bench::new();
    for (method, path) in
        [("POST", VERIFY), ("POST", SEND), ("GET", NEED_VERIFY), ("GET", HAS_VERIFIED)]
    {
        let with_site = |site: &str| {
            let request = request(method, path).header("X-Site", site);
            bench.answer(request.body(Body::empty()).unwrap())
        };
        for site in ["0", "1"] {
            let answer = with_site(site).await;
            assert!(!answer.text.contains("X-Site"), "{}", answer.text);
        }
        for site in ["2", "", "01", "china"] {
            with_site(site).await.assert_service("OSM.01010001", "X-Site: must be 0 or 1");
        }
    }
}
