//! The headers nearly every token has, kept encoded: `{"alg":"HS256","typ":"JWT"}` and its siblings (RFC 7519 §5).

use crate::crypto::hmac::HmacAlgorithm;

/// The encoded usual header of an algorithm.
#[must_use]
pub const fn usual(algorithm: HmacAlgorithm) -> &'static [u8] {
    match algorithm {
        HmacAlgorithm::Hs256 => b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        HmacAlgorithm::Hs384 => b"eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9",
        HmacAlgorithm::Hs512 => b"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
    }
}

/// The algorithm whose usual header this encoded one is, compared byte by byte.
#[must_use]
pub fn algorithm_of_usual(encoded: &[u8]) -> Option<HmacAlgorithm> {
    HmacAlgorithm::ALL
        .iter()
        .copied()
        .find(|&algorithm| usual(algorithm) == encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    #[test]
    fn the_constants_are_the_encoded_headers() {
        for &algorithm in HmacAlgorithm::ALL {
            let json = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, algorithm.name());
            assert_eq!(usual(algorithm), base64url::encode(json.as_bytes()).as_bytes());
            assert_eq!(algorithm_of_usual(usual(algorithm)), Some(algorithm));
        }
        assert_eq!(algorithm_of_usual(b"eyJhbGciOiJub25lIn0"), None);
    }
}
