//! Who is known as verified, for how long, and who asks for whom.

use std::time::Instant;

use time::macros::utc_datetime;

use super::*;

const LIFETIME: Duration = Duration::from_hours(24);

fn contacts() -> (VerifiedContacts, Moment) {
    let wall = utc_datetime!(2024-01-02 03:04:05);
    (VerifiedContacts::new(LIFETIME), Moment { steady: Instant::now(), wall })
}

fn contact(value: &str) -> Contact {
    Contact { way: ContactWay::Email, area_code: String::new(), value: value.to_owned() }
}

fn verification(contact: Contact, customer_id: &str, sub_customer_id: &str) -> Verification {
    Verification {
        contact,
        code: "123456".to_owned(),
        customer_id: customer_id.to_owned(),
        sub_customer_id: sub_customer_id.to_owned(),
    }
}

fn add(contacts: &mut VerifiedContacts, value: &str, now: Moment) {
    contacts.add(verification(contact(value), "", ""), now);
}

/// How many there are, and the values of the page.
fn listed(
    contacts: &mut VerifiedContacts,
    filter: &Filter,
    (offset, limit): (usize, usize),
    now: Moment,
) -> (usize, Vec<String>) {
    let (count, page) = contacts.list(filter, offset, limit, now);
    (count, page.into_iter().map(|verified| verified.contact.value.clone()).collect())
}

#[test]
fn a_verification_ends() {
    let (mut contacts, now) = contacts();
    assert!(contacts.find(&contact("a"), now).is_none());
    add(&mut contacts, "a", now);
    let before = now + LIFETIME.saturating_sub(Duration::from_nanos(1));
    let found = contacts.find(&contact("a"), before).unwrap();
    assert_eq!(found.expire_time(), "2024-01-03T03:04:05.000000Z");
    assert!(contacts.find(&contact("a"), now + LIFETIME).is_none());
    assert_eq!(listed(&mut contacts, &Filter::default(), (0, 10), now), (0, vec![]));
}

#[test]
fn a_second_verification_prolongs_the_first_and_keeps_its_id() {
    let (mut contacts, now) = contacts();
    add(&mut contacts, "a", now);
    let id = contacts.find(&contact("a"), now).unwrap().id.clone();
    let later = now + LIFETIME / 2;
    contacts.add(verification(contact("a"), "c", ""), later);
    let found = contacts.find(&contact("a"), now + LIFETIME).unwrap();
    assert_eq!((&found.id, found.customer_id.as_str()), (&id, "c"));
    add(&mut contacts, "a", later + LIFETIME);
    assert_ne!(contacts.find(&contact("a"), later + LIFETIME).unwrap().id, id);
}

#[test]
fn each_part_of_a_contact_counts() {
    let (mut contacts, now) = contacts();
    add(&mut contacts, "a", now);
    for other in [
        Contact { way: ContactWay::Sms, ..contact("a") },
        Contact { area_code: "86".to_owned(), ..contact("a") },
        contact("A"),
    ] {
        assert!(contacts.find(&other, now).is_none(), "{other}");
    }
}

#[test]
fn a_page_is_cut_out_of_all_that_match() {
    let (mut contacts, now) = contacts();
    for number in 0..25 {
        add(&mut contacts, &format!("{number:02}"), now);
    }
    for (offset, limit, first, length) in [
        (0, 10, "00", 10),
        (10, 10, "10", 10),
        (20, 10, "20", 5),
        (24, 1, "24", 1),
        (5, 100, "05", 20),
    ] {
        let (count, page) = listed(&mut contacts, &Filter::default(), (offset, limit), now);
        assert_eq!((count, page.len(), page[0].as_str()), (25, length, first), "{offset} {limit}");
    }
    for offset in [25, usize::MAX] {
        let (count, page) = listed(&mut contacts, &Filter::default(), (offset, 10), now);
        assert_eq!((count, page.len()), (25, 0), "{offset}");
    }
}

#[test]
fn each_filter_restricts() {
    let (mut contacts, now) = contacts();
    let phone = Contact { way: ContactWay::Sms, area_code: "86".to_owned(), value: "1".to_owned() };
    contacts.add(verification(contact("a"), "c1", "s1"), now);
    contacts.add(verification(phone.clone(), "c2", "s2"), now + Duration::from_secs(1));
    let found = contacts.find(&phone, now).unwrap();
    let (verified_id, expired_time) = (found.id.clone(), found.expire_time());
    for filter in [
        Filter { way: Some(ContactWay::Sms), ..Filter::default() },
        Filter { value: "1".to_owned(), ..Filter::default() },
        Filter { area_code: "86".to_owned(), ..Filter::default() },
        Filter { customer_id: "c2".to_owned(), ..Filter::default() },
        Filter { sub_customer_id: "s2".to_owned(), ..Filter::default() },
        Filter { expired_time, ..Filter::default() },
        Filter { verified_id, ..Filter::default() },
    ] {
        let (count, page) = listed(&mut contacts, &filter, (0, 10), now);
        assert_eq!((count, page), (1, vec!["1".to_owned()]), "{filter:?}");
    }
    for filter in [
        Filter { verified_id: "unknown".to_owned(), ..Filter::default() },
        Filter { customer_id: "c1".to_owned(), area_code: "86".to_owned(), ..Filter::default() },
    ] {
        assert_eq!(listed(&mut contacts, &filter, (0, 10), now), (0, vec![]), "{filter:?}");
    }
}
