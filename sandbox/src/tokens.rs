//! The tokens that are accepted as `X-Auth-Token`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::clock::Moment;
use crate::random;

/// Real tokens are of about this length for a user with few rights.
const LENGTH: usize = 1500;

/// How long a token that has ended is still known as such.
const REMEMBERED_FOR: Duration = Duration::from_hours(24);

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It lets its bearer in.
    Accepted,
    /// It did so once.
    Ended,
    /// It was never issued here.
    Unknown,
}

/// The one token that never ends, and those that were issued. The time comes from the caller, so
/// that tests need not wait.
#[derive(Debug)]
pub struct Tokens {
    fixed: String,
    lifetime: Duration,
    /// When each token ends.
    issued: HashMap<String, Instant>,
}

impl Tokens {
    /// Only the fixed token yet.
    pub fn new(fixed: String, lifetime: Duration) -> Self {
        Self { fixed, lifetime, issued: HashMap::new() }
    }

    /// A new token and when it ends. Those that were issued before go on to count.
    pub fn issue(&mut self, now: Moment) -> (String, Moment) {
        self.issued.retain(|_, ends| now.steady.saturating_duration_since(*ends) < REMEMBERED_FOR);
        let ends = now + self.lifetime;
        // The start that the real ones have: a DER sequence with a length of two bytes.
        let token = format!("MII{}", random::base64_like(LENGTH - 3));
        self.issued.insert(token.clone(), ends.steady);
        (token, ends)
    }

    /// What the token is worth now.
    pub fn judge(&self, token: &[u8], now: Instant) -> Judgement {
        if token == self.fixed.as_bytes() {
            return Judgement::Accepted;
        }
        match str::from_utf8(token).ok().and_then(|token| self.issued.get(token)) {
            Some(ends) if now < *ends => Judgement::Accepted,
            Some(_) => Judgement::Ended,
            None => Judgement::Unknown,
        }
    }

    /// Ends every token that was issued so far, and tells how many of them still counted.
    pub fn end_all(&mut self, now: Instant) -> usize {
        let mut ended = 0;
        for ends in self.issued.values_mut().filter(|ends| now < **ends) {
            *ends = now;
            ended += 1;
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use time::UtcDateTime;

    use super::*;

    const LIFETIME: Duration = Duration::from_hours(24);

    fn tokens() -> (Tokens, Moment) {
        let now = Moment { steady: Instant::now(), wall: UtcDateTime::now() };
        (Tokens::new("fixed".to_owned(), LIFETIME), now)
    }

    #[test]
    fn a_token_counts_until_its_lifetime_is_over() {
        let (mut tokens, now) = tokens();
        let (token, ends) = tokens.issue(now);
        assert_eq!(ends.wall - now.wall, LIFETIME);
        let judge = |at: Instant| tokens.judge(token.as_bytes(), at);
        assert_eq!(judge(now.steady), Judgement::Accepted);
        assert_eq!(
            judge(now.steady + LIFETIME.saturating_sub(Duration::from_nanos(1))),
            Judgement::Accepted
        );
        assert_eq!(judge(ends.steady), Judgement::Ended);
    }

    #[test]
    fn a_second_token_does_not_end_the_first() {
        let (mut tokens, now) = tokens();
        let (first, second) = (tokens.issue(now).0, tokens.issue(now).0);
        assert_ne!(first, second);
        for token in [first, second] {
            assert_eq!(tokens.judge(token.as_bytes(), now.steady), Judgement::Accepted);
            assert_eq!(token.len(), LENGTH);
        }
    }

    #[test]
    fn all_can_be_ended_but_the_fixed_one() {
        let (mut tokens, now) = tokens();
        let earlier = [tokens.issue(now).0, tokens.issue(now).0];
        assert_eq!(tokens.end_all(now.steady), 2);
        assert_eq!(tokens.end_all(now.steady), 0);
        for token in earlier {
            assert_eq!(tokens.judge(token.as_bytes(), now.steady), Judgement::Ended);
        }
        assert_eq!(tokens.judge(b"fixed", now.steady), Judgement::Accepted);
        let (later, _) = tokens.issue(now);
        assert_eq!(tokens.judge(later.as_bytes(), now.steady), Judgement::Accepted);
    }

    #[test]
    fn other_tokens_are_unknown() {
        let (mut tokens, now) = tokens();
        let (token, _) = tokens.issue(now);
        for other in ["", "fixe", "fixed2", "FIXED", &token[1..]] {
            assert_eq!(tokens.judge(other.as_bytes(), now.steady), Judgement::Unknown, "{other}");
        }
        assert_eq!(tokens.judge(b"\xff", now.steady), Judgement::Unknown);
    }

    #[test]
    fn ended_tokens_are_forgotten_after_a_day() {
        let (mut tokens, now) = tokens();
        tokens.issue(now);
        tokens.issue(now + LIFETIME + REMEMBERED_FOR);
        assert_eq!(tokens.issued.len(), 1);
    }
}
