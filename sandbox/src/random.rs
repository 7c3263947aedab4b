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
    fn identifiers_are_32_hexadecimal_digits_and_differ() {
        let identifiers: HashSet<_> = (0..100).map(|_| hexadecimal_id()).collect();
        assert_eq!(identifiers.len(), 100);
        assert!(identifiers.iter().all(|id| id.len() == 32));
        assert!(identifiers.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
