//! Strict base64url without padding (RFC 7515 §2): one spelling for every byte string.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Error;

/// The number of characters that `bytes` bytes take.
/// Without padding: two characters for one byte more than a multiple of three, three for two.
#[must_use]
pub const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 8).div_ceil(6)
}

/// Encodes into the front of `out` and returns the number of characters, or [`Error::TokenTooLarge`] if they do not fit.
pub fn encode_into(bytes: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    URL_SAFE_NO_PAD
        .encode_slice(bytes, out)
        .map_err(|_| Error::TokenTooLarge)
}

/// Decodes into the front of `out`, which must be at least three quarters as long as `text`, and returns the number of
/// bytes.
///
/// Padding, white space, the other alphabet and non-canonical last characters are [`Error::Base64Invalid`]. A second
/// spelling of a signature would be a second token, which evades a list of revoked ones.
pub fn decode_into(text: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    URL_SAFE_NO_PAD
        .decode_slice(text, out)
        .map_err(|_| Error::Base64Invalid)
}

/// Encodes to a string.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes to bytes; the rules are those of [`decode_into`].
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Base64Invalid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert_eq!(decode(b"AQ"), Ok(vec![1]));
        for other in ["AQ==", "AR", "A", "A Q", "AQ\n", "+/8", "=", "A="] {
            assert_eq!(decode(other.as_bytes()), Err(Error::Base64Invalid), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            prop_assert_eq!(decode(text.as_bytes()), Ok(bytes));
        }

        #[test]
        fn what_is_read_is_canonical(text: Vec<u8>) {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes).into_bytes(), text);
            }
        }
    }
}
