//! Sign and verify, with integers in and out.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{buffers, keys, length};
use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, MAX_MAC_LEN};
use crate::jose::compact::Compact;
use crate::jose::{base64url, header};
use crate::keys::Purpose;
use crate::token::{Header, sign_into, verify_default_into, verify_signature};

/// Set beside the length of a payload that is pure ASCII.
///
/// JavaScript decodes such a payload faster. The bit is far above any length, as buffers end at 8 MiB.
const ASCII: i32 = 1 << 30;

/// The algorithm of a number. JavaScript has the same order, which a test compares.
fn algorithm(number: u32) -> Result<HmacAlgorithm, Error> {
    let index = usize::try_from(number).map_err(|_| Error::AlgorithmNotAllowed)?;
    HmacAlgorithm::ALL.get(index).copied().ok_or(Error::AlgorithmNotAllowed)
}

/// Signs the payload in the input and returns the length of the token in the output.
///
/// `header_len` bytes of header JSON precede the payload; 0 means the default header.
#[wasm_bindgen]
pub fn hmac_sign(key: u32, algorithm_number: u32, header_len: u32, payload_len: u32) -> i32 {
    length((|| {
        let algorithm = algorithm(algorithm_number)?;
        // Both lengths come from JavaScript, so their sum may overflow.
        let len = header_len.checked_add(payload_len).ok_or(Error::TokenTooLarge)?;
        let header_len = usize::try_from(header_len).map_err(|_| Error::TokenTooLarge)?;
        keys::with_secret(key, |key, held| {
            held.check(algorithm, Purpose::Sign)?;
            buffers::with(len, output_len(len), |input, output| {
                let (header, payload) = input.split_at_checked(header_len).ok_or(Error::TokenTooLarge)?;
                // The default header is kept encoded, which saves most calls a JSON text and its base64.
                let header = if header.is_empty() {
                    Header::Default
                } else {
                    Header::Json(header)
                };
                sign_into(header, payload, key, algorithm, output)
            })
        })
    })())
}

/// Enough output for a token whose header and payload together have this length, by any HMAC algorithm.
///
/// The four bytes at the end are room for the two dots and for the second rounding of base64.
pub(super) fn output_len(len: u32) -> usize {
    let parts = usize::try_from(len).unwrap_or(usize::MAX / 2);
    base64url::encoded_len(parts)
        + base64url::encoded_len(MAX_MAC_LEN)
        + header::default_header(HmacAlgorithm::Hs512).len()
        + 4
}

/// Verifies the token in the input and returns the length of its payload, decoded in the output, with a flag beside it
/// when the payload is ASCII.
///
/// Only a token with the default header of an algorithm in `allowed` (bit 0: HS256, 1: HS384, 2: HS512) passes here;
/// for any other the caller reads the header and asks [`hmac_matches`].
/// The header is compared as text, so JSON is not parsed here at all.
#[wasm_bindgen]
pub fn hmac_verify(key: u32, allowed: u32, token_len: u32) -> i32 {
    length(keys::with_secret(key, |key, held| {
        let allowed = |algorithm: HmacAlgorithm| {
            // The caller's list and the key's own restrictions both have to allow it (RFC 8725 §3.1).
            allowed >> (algorithm as u32) & 1 == 1 && held.check(algorithm, Purpose::Verify).is_ok()
        };
        // Decoding only shrinks, so the length of the token is enough for its payload.
        let out_len = usize::try_from(token_len).map_err(|_| Error::TokenTooLarge)?;
        buffers::with(token_len, out_len, |token, output| {
            let verified = verify_default_into(token, key, allowed, output)?;
            Ok(verified.payload_len | if verified.ascii { ASCII as usize } else { 0 })
        })
    }))
}

/// Whether the signature of the token in the input is right for this algorithm: 1, or a negative error.
///
/// The algorithm comes from the caller, who has read the header and has compared it with what is allowed.
#[wasm_bindgen]
pub fn hmac_matches(key: u32, algorithm_number: u32, token_len: u32) -> i32 {
    length((|| {
        let algorithm = algorithm(algorithm_number)?;
        keys::with_secret(key, |key, held| {
            held.check(algorithm, Purpose::Verify)?;
            buffers::with_input(token_len, |token| {
                verify_signature(&Compact::split(token)?, key, algorithm).map(|()| 1)
            })
        })
    })())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_allowed_are_the_places_of_the_algorithms() {
        for (index, &algorithm) in HmacAlgorithm::ALL.iter().enumerate() {
            assert_eq!(algorithm as usize, index);
        }
    }
}
