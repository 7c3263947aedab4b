//! The contacts that were verified, in memory.

use std::time::Duration;

use crate::clock::{self, Moment};
use crate::contact::{Contact, ContactWay};
use crate::parameters::Verification;
use crate::random;

/// A contact that needs no code for a while.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Stays the same until the verification ends.
    pub id: String,
    /// Whose it is.
    pub contact: Contact,
    customer_id: String,
    sub_customer_id: String,
    ends: Moment,
}

impl Verified {
    /// When a code is needed again.
    pub fn expire_time(&self) -> String {
        clock::iso_8601(self.ends.wall)
    }
}

/// Which verified contacts are asked for. What is empty or `None` does not restrict.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// How the contact is reached.
    pub way: Option<ContactWay>,
    /// The number or address.
    pub value: String,
    /// The country or region code.
    pub area_code: String,
    /// The customer of the verification.
    pub customer_id: String,
    /// The sub-user of the verification, which the call that verifies names `x_customer_id`.
    pub sub_customer_id: String,
    /// When the verification ends, as the call `need-verify` says it. The API page does not say
    /// what the parameter restricts to; this is the one reading that needs no format of its own.
    pub expired_time: String,
    /// The id of the verification.
    pub verified_id: String,
}

impl Filter {
    fn lets_through(&self, verified: &Verified) -> bool {
        let same = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        self.way.is_none_or(|way| way == verified.contact.way)
            && same(&self.value, &verified.contact.value)
            && same(&self.area_code, &verified.contact.area_code)
            && same(&self.customer_id, &verified.customer_id)
            && same(&self.sub_customer_id, &verified.sub_customer_id)
            && same(&self.expired_time, &verified.expire_time())
            && same(&self.verified_id, &verified.id)
    }
}

/// Every verified contact, the oldest first. The time comes from the caller, so that tests need
/// not wait.
#[derive(Debug)]
pub struct VerifiedContacts {
    lifetime: Duration,
    contacts: Vec<Verified>,
}

impl VerifiedContacts {
    /// Nothing is verified yet.
    pub fn new(lifetime: Duration) -> Self {
        Self { lifetime, contacts: Vec::new() }
    }

    /// Takes note of a verification. A contact stands here once; a second verification prolongs
    /// the first.
    pub fn add(&mut self, verification: Verification, now: Moment) {
        let mut verified = Verified {
            id: random::hexadecimal_id(),
            contact: verification.contact,
            customer_id: verification.customer_id,
            sub_customer_id: verification.sub_customer_id,
            ends: now + self.lifetime,
        };
        self.forget_ended(now);
        let earlier = self.contacts.iter_mut().find(|known| known.contact == verified.contact);
        match earlier {
            Some(earlier) => {
                verified.id = std::mem::take(&mut earlier.id);
                *earlier = verified;
            }
            None => self.contacts.push(verified),
        }
    }

    /// The verification of the contact that still counts.
    pub fn find(&mut self, contact: &Contact, now: Moment) -> Option<&Verified> {
        self.forget_ended(now);
        self.contacts.iter().find(|known| known.contact == *contact)
    }

    /// How many the filter lets through, and a page of them.
    pub fn list(
        &mut self,
        filter: &Filter,
        offset: usize,
        limit: usize,
        now: Moment,
    ) -> (usize, Vec<&Verified>) {
        self.forget_ended(now);
        let matching = || self.contacts.iter().filter(|known| filter.lets_through(known));
        (matching().count(), matching().skip(offset).take(limit).collect())
    }

    fn forget_ended(&mut self, now: Moment) {
        self.contacts.retain(|known| now.steady < known.ends.steady);
    }
}

#[cfg(test)]
mod tests;
