//! The query of a request: its parameters, and the form in which they are signed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// Everything but what RFC 3986 section 2.3 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters in the order of the request, decoded.
#[derive(Debug, Default)]
pub struct Query(Vec<(Vec<u8>, Vec<u8>)>);

impl Query {
    /// Reads what stands behind the question mark.
    pub fn read(raw: &str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self(pairs.collect())
    }

    /// Every value of a parameter.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .filter(move |(given, _)| given == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }

    /// Sorted by name and value, and encoded.
    pub fn canonical(&self) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort();
        let pairs: Vec<_> = sorted
            .into_iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        pairs.join("&")
    }
}

/// The path as it is signed: each part encoded anew, with a slash at the end.
pub fn canonical_path(raw: &str) -> String {
    let whole: Vec<u8> = percent_decode(raw.as_bytes()).collect();
    let mut parts: Vec<_> = whole.split(|byte| *byte == b'/').map(encoded).collect();
    if parts.last().is_some_and(|last| !last.is_empty()) {
        parts.push(String::new());
    }
    parts.join("/")
}

fn encoded(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

/// A bare `+` reads as a space, as servers read queries. A client that leaves a plus sign in an
/// e-mail address as it is therefore sees here what it would see there.
fn decoded(text: &str) -> Vec<u8> {
    let spaced: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query = Query::read("a=1&b=%E4%BE%8B+x%2By&a=2&c&&d=e=f&=g");
        let values = |name| query.values(name).map(String::from_utf8_lossy).collect::<Vec<_>>();
        assert_eq!(values("a"), ["1", "2"]);
        assert_eq!(values("b"), ["例 x+y"]);
        assert_eq!(values("c"), [""]);
        assert_eq!(values("d"), ["e=f"]);
        assert_eq!(values("e"), [""; 0]);
    }

    #[test]
    fn the_canonical_form_is_sorted_before_it_is_encoded() {
        // Encoded, `~` (7E) would stand before `é` (%C3) and behind `!` (%21) alike.
        let query = Query::read("%7e=1&b=2&b=10&a&%C3%A9=%20%2f&!=x");
        assert_eq!(query.canonical(), "%21=x&a=&b=10&b=2&~=1&%C3%A9=%20%2F");
        assert_eq!(Query::read("").canonical(), "");
    }

    #[test]
    fn the_canonical_path_ends_in_one_slash() {
        assert_eq!(canonical_path("/v2/codes"), "/v2/codes/");
        assert_eq!(canonical_path("/v2/codes/"), "/v2/codes/");
        assert_eq!(canonical_path("/"), "/");
        assert_eq!(canonical_path("/a%20b+c/%7e~"), "/a%20b%2Bc/~~/");
    }
}
