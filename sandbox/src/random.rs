//! Random values, from the operating system's generator alone.
//!
//! Should that generator fail, the request's task panics and its connection closes: there is no
//! honest answer without it.

use rand::RngExt;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// A one-time code: six digits, each of the million equally likely.
pub fn six_digits() -> String {
    format!("{:06}", UnwrapErr(SysRng).random_range(0..1_000_000_u32))
}

/// 128 random bits as 32 hexadecimal digits.
pub fn hexadecimal_id() -> String {
    format!("{:032x}", UnwrapErr(SysRng).random::<u128>())
}

/// Base64 with `-` in place of `/`, as tokens of the real service have it.
const BASE64_LIKE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/// A text for tokens and secrets, six random bits in each character.
pub fn base64_like(length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    UnwrapErr(SysRng).fill(&mut bytes[..]);
    bytes.iter().map(|byte| char::from(BASE64_LIKE[usize::from(byte % 64)])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_six_digits_and_differ() {
        let codes: HashSet<_> = (0..100).map(|_| six_digits()).collect();
        assert!(codes.iter().all(|code| code.len() == 6));
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_digit())));
        // The chance of ten or more doubles among a hundred is below 10^-20.
        assert!(codes.len() > 90, "{}", codes.len());
        // Leading zeros and leading nines occur: 100 draws miss a first digit's half with 2^-100.
        assert!(codes.iter().any(|code| code.as_str() < "500000"));
        assert!(codes.iter().any(|code| code.as_str() >= "500000"));
    }

    #[test]
    fn texts_use_the_whole_alphabet() {
        let text = base64_like(10_000);
        assert_eq!(text.len(), 10_000);
        // One character stays out of 10,000 draws with a chance below 10^-65.
        assert_eq!(text.bytes().collect::<HashSet<_>>(), BASE64_LIKE.iter().copied().collect());
        assert_ne!(base64_like(40), base64_like(40));
    }

    #[test]
    fn identifiers_are_32_hexadecimal_digits_and_differ() {
        let identifiers: HashSet<_> = (0..100).map(|_| hexadecimal_id()).collect();
        assert_eq!(identifiers.len(), 100);
        assert!(identifiers.iter().all(|id| id.len() == 32));
        assert!(identifiers.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
