//! The codes that were sent, in memory.
//!
//! A code dies of the first of three: a success, the end of its lifetime, or five wrong guesses.
//! The API page names no limit for guesses. Without one, a million codes can be tried in the five
//! minutes for which a code lives, and a program that retries a refused code would pass here.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::contact::Contact;
use crate::random;

/// How many wrong guesses make a code void.
pub const GUESSES: u32 = 5;

/// Another code was sent to the contact within the resend interval.
#[derive(Debug, PartialEq, Eq)]
pub struct SentTooOften;

/// The latest code of each contact. The time comes from the caller, so that tests need not wait.
#[derive(Debug)]
pub struct Codes {
    lifetime: Duration,
    resend_interval: Duration,
    sent: HashMap<Contact, SentCode>,
}

#[derive(Debug)]
struct SentCode {
    code: String,
    sent_at: Instant,
    /// Zero once the code is used or void.
    guesses_left: u32,
}

impl Codes {
    /// No codes yet.
    pub fn new(lifetime: Duration, resend_interval: Duration) -> Self {
        Self { lifetime, resend_interval, sent: HashMap::new() }
    }

    /// Makes a new code for the contact; an earlier one no longer counts.
    pub fn send(&mut self, contact: Contact, now: Instant) -> Result<String, SentTooOften> {
        self.forget_what_no_longer_matters(now);
        if let Some(earlier) = self.sent.get(&contact)
            && now.saturating_duration_since(earlier.sent_at) < self.resend_interval
        {
            return Err(SentTooOften);
        }
        let code = random::six_digits();
        self.sent
            .insert(contact, SentCode { code: code.clone(), sent_at: now, guesses_left: GUESSES });
        Ok(code)
    }

    /// Whether the guess is the contact's living code. A success uses the code up.
    pub fn verify(&mut self, contact: &Contact, guess: &str, now: Instant) -> bool {
        let Some(sent) = self.sent.get_mut(contact) else {
            return false;
        };
        let expired = now.saturating_duration_since(sent.sent_at) >= self.lifetime;
        if expired || sent.guesses_left == 0 {
            return false;
        }
        let passed = sent.code == guess;
        sent.guesses_left = if passed { 0 } else { sent.guesses_left - 1 };
        passed
    }

    /// A dead code still counts for the resend limit, so it is kept until both times are over.
    fn forget_what_no_longer_matters(&mut self, now: Instant) {
        let memory = self.lifetime.max(self.resend_interval);
        self.sent.retain(|_, sent| now.saturating_duration_since(sent.sent_at) < memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::ContactWay;

    const LIFETIME: Duration = Duration::from_mins(5);
    const RESEND_INTERVAL: Duration = Duration::from_mins(1);
    const MOMENT: Duration = Duration::from_nanos(1);
    const BEFORE_EXPIRY: Duration = LIFETIME.saturating_sub(MOMENT);
    const BEFORE_RESEND: Duration = RESEND_INTERVAL.saturating_sub(MOMENT);

    fn codes() -> (Codes, Instant) {
        (Codes::new(LIFETIME, RESEND_INTERVAL), Instant::now())
    }

    fn alice() -> Contact {
        Contact {
            way: ContactWay::Email,
            area_code: String::new(),
            value: "alice@example.com".to_owned(),
        }
    }

    /// A guess that is certainly wrong.
    fn other_than(code: &str) -> String {
        let last = if code.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &code[..5])
    }

    #[test]
    fn the_right_code_passes_once() {
        let (mut codes, now) = codes();
        let code = codes.send(alice(), now).unwrap();
        assert!(codes.verify(&alice(), &code, now));
        assert!(!codes.verify(&alice(), &code, now));
    }

    #[test]
    fn nothing_passes_before_a_code_is_sent() {
        let (mut codes, now) = codes();
        assert!(!codes.verify(&alice(), "000000", now));
        assert!(!codes.verify(&alice(), "", now));
    }

    #[test]
    fn a_code_lives_until_its_lifetime_is_over() {
        for (age, passes) in [(BEFORE_EXPIRY, true), (LIFETIME, false)] {
            let (mut codes, now) = codes();
            let code = codes.send(alice(), now).unwrap();
            assert_eq!(codes.verify(&alice(), &code, now + age), passes, "{age:?}");
        }
    }

    #[test]
    fn another_code_is_sent_after_the_resend_interval() {
        let (mut codes, now) = codes();
        codes.send(alice(), now).unwrap();
        assert_eq!(codes.send(alice(), now + BEFORE_RESEND), Err(SentTooOften));
        assert!(codes.send(alice(), now + RESEND_INTERVAL).is_ok());
    }

    #[test]
    fn a_refused_resend_does_not_start_the_interval_again() {
        let (mut codes, now) = codes();
        codes.send(alice(), now).unwrap();
        assert_eq!(codes.send(alice(), now + RESEND_INTERVAL / 2), Err(SentTooOften));
        assert!(codes.send(alice(), now + RESEND_INTERVAL).is_ok());
    }

    #[test]
    fn a_refused_resend_leaves_the_code_alive() {
        let (mut codes, now) = codes();
        let code = codes.send(alice(), now).unwrap();
        assert_eq!(codes.send(alice(), now), Err(SentTooOften));
        assert!(codes.verify(&alice(), &code, now));
    }

    #[test]
    fn the_resend_limit_outlives_a_used_code() {
        let (mut codes, now) = codes();
        let code = codes.send(alice(), now).unwrap();
        assert!(codes.verify(&alice(), &code, now));
        assert_eq!(codes.send(alice(), now), Err(SentTooOften));
    }

    #[test]
    fn the_resend_limit_outlives_an_expired_code() {
        let mut codes = Codes::new(RESEND_INTERVAL / 2, RESEND_INTERVAL);
        let now = Instant::now();
        codes.send(alice(), now).unwrap();
        assert_eq!(codes.send(alice(), now + BEFORE_RESEND), Err(SentTooOften));
    }

    #[test]
    fn a_new_code_replaces_the_old_one() {
        let (mut codes, now) = codes();
        let later = now + RESEND_INTERVAL;
        let old = codes.send(alice(), now).unwrap();
        let new = codes.send(alice(), later).unwrap();
        if old != new {
            assert!(!codes.verify(&alice(), &old, later));
        }
        assert!(codes.verify(&alice(), &new, later));
    }

    #[test]
    fn the_fifth_wrong_guess_makes_a_code_void() {
        for (wrong_guesses, passes) in [(4, true), (5, false), (6, false)] {
            let (mut codes, now) = codes();
            let code = codes.send(alice(), now).unwrap();
            for _ in 0..wrong_guesses {
                assert!(!codes.verify(&alice(), &other_than(&code), now));
            }
            assert_eq!(codes.verify(&alice(), &code, now), passes, "{wrong_guesses}");
        }
    }

    #[test]
    fn a_new_code_can_be_guessed_anew() {
        let (mut codes, now) = codes();
        let later = now + RESEND_INTERVAL;
        let code = codes.send(alice(), now).unwrap();
        for _ in 0..GUESSES {
            codes.verify(&alice(), &other_than(&code), now);
        }
        let code = codes.send(alice(), later).unwrap();
        assert!(codes.verify(&alice(), &code, later));
    }

    #[test]
    fn each_part_of_a_contact_counts() {
        let sms = Contact { way: ContactWay::Sms, ..alice() };
        let area = Contact { area_code: "86".to_owned(), ..alice() };
        let value = Contact { value: "Alice@example.com".to_owned(), ..alice() };
        let (mut codes, now) = codes();
        let code = codes.send(alice(), now).unwrap();
        for other in [sms, area, value] {
            assert!(!codes.verify(&other, &code, now), "{other}");
            assert!(codes.send(other, now).is_ok());
        }
        assert!(codes.verify(&alice(), &code, now));
    }

    #[test]
    fn old_codes_are_forgotten() {
        let (mut codes, now) = codes();
        codes.send(alice(), now).unwrap();
        let bob = Contact { value: "bob@example.com".to_owned(), ..alice() };
        codes.send(bob.clone(), now + BEFORE_EXPIRY).unwrap();
        assert_eq!(codes.sent.len(), 2);
        codes.send(bob, now + LIFETIME + RESEND_INTERVAL).unwrap();
        assert_eq!(codes.sent.len(), 1);
    }
}
