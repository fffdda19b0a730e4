//! The headers nearly every token has, kept encoded: `{"alg":"HS256","typ":"JWT"}` and its siblings (RFC 7519 §5).

use crate::crypto::hmac::HmacAlgorithm;

/// The encoded default header of an algorithm.
///
/// npm jsonwebtoken writes these bytes, and many other libraries do, so most tokens are recognised without reading
/// JSON.
#[must_use]
pub const fn default_header(algorithm: HmacAlgorithm) -> &'static [u8] {
    match algorithm {
        HmacAlgorithm::Hs256 => b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        HmacAlgorithm::Hs384 => b"eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9",
        HmacAlgorithm::Hs512 => b"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
    }
}

/// The algorithm whose default header this encoded one is, compared byte by byte.
///
/// A header in another spelling is not wrong. It only goes the slower way, which parses JSON.
#[must_use]
pub fn algorithm_of_default(encoded: &[u8]) -> Option<HmacAlgorithm> {
    HmacAlgorithm::ALL
        .iter()
        .copied()
        .find(|&algorithm| default_header(algorithm) == encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    #[test]
    fn the_constants_are_the_encoded_headers() {
        for &algorithm in HmacAlgorithm::ALL {
            let json = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, algorithm.name());
            assert_eq!(default_header(algorithm), base64url::encode(json.as_bytes()).as_bytes());
            assert_eq!(algorithm_of_default(default_header(algorithm)), Some(algorithm));
        }
        assert_eq!(algorithm_of_default(b"eyJhbGciOiJub25lIn0"), None);
    }
}
