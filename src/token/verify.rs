//! Verifies the signature and decodes the payload (RFC 7515 §5.2). The caller checks the claims.

use subtle::ConstantTimeEq as _;

use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey, MAX_MAC_LEN};
use crate::jose::compact::Compact;
use crate::jose::{base64url, header};

/// A payload with a valid signature, decoded to the start of the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The length of the payload in bytes.
    pub payload_len: usize,
    /// Whether the payload is pure ASCII, which hosts convert to strings faster.
    pub ascii: bool,
}

/// Whether `token.signature` is the code for `token.signing_input`.
///
/// The expected code is encoded and compared in constant time as text, so that only the canonical encoding passes.
pub fn verify_signature(token: &Compact<'_>, key: &HmacKey, algorithm: HmacAlgorithm) -> Result<(), Error> {
    let mut expected = [0; base64url::encoded_len(MAX_MAC_LEN)];
    let len = base64url::encode_into(key.mac(algorithm, token.signing_input).as_bytes(), &mut expected)?;
    let expected = expected.get(..len).ok_or(Error::SignatureInvalid)?;
    // All characters are compared before anything is decided. `subtle` keeps this from being optimised away once for
    // the whole text; its comparison of slices would do so for each character.
    let differences = expected
        .iter()
        .zip(token.signature)
        .fold(0, |all, (a, b)| all | (a ^ b));
    if expected.len() == token.signature.len() && bool::from(differences.ct_eq(&0)) {
        Ok(())
    } else {
        Err(Error::SignatureInvalid)
    }
}

/// Verifies a token with the default header of one of the `allowed` algorithms, and decodes its payload into `out`.
///
/// Nearly every token takes this path. Any other header is [`Error::AlgorithmNotAllowed`]; the token may still be
/// valid, and a caller that parses headers can check that.
pub fn verify_default_into(
    token: &[u8],
    key: &HmacKey,
    allowed: impl Fn(HmacAlgorithm) -> bool,
    out: &mut [u8],
) -> Result<Verified, Error> {
    let token = Compact::split(token)?;
    let algorithm = header::algorithm_of_default(token.header)
        .filter(|&algorithm| allowed(algorithm))
        .ok_or(Error::AlgorithmNotAllowed)?;
    verify_signature(&token, key, algorithm)?;
    let payload_len = base64url::decode_into(token.payload, out)?;
    let ascii = out.get(..payload_len).is_some_and(<[u8]>::is_ascii);
    Ok(Verified { payload_len, ascii })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::token::{Header, sign};

    fn verify(token: &[u8], key: &HmacKey) -> Result<Vec<u8>, Error> {
        let mut out = vec![0; token.len()];
        let verified = verify_default_into(token, key, |_| true, &mut out)?;
        out.truncate(verified.payload_len);
        Ok(out)
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies(payload: Vec<u8>, secret: Vec<u8>, which in 0..3_usize) {
            let key = HmacKey::new(&secret);
            let token = sign(Header::Default, &payload, &key, HmacAlgorithm::ALL[which]).unwrap();
            prop_assert_eq!(verify(token.as_bytes(), &key), Ok(payload));
        }

        #[test]
        fn one_bit_flipped_anywhere_fails(payload: Vec<u8>, which in 0..3_usize, at: prop::sample::Index, bit in 0..8_u32) {
            let key = HmacKey::new(b"secret");
            let mut token = sign(Header::Default, &payload, &key, HmacAlgorithm::ALL[which]).unwrap().into_bytes();
            *at.get_mut(&mut token) ^= 1_u8 << bit;
            prop_assert!(verify(&token, &key).is_err());
        }

        #[test]
        fn any_bytes_are_answered(token: Vec<u8>) {
            prop_assert!(verify(&token, &HmacKey::new(b"secret")).is_err());
        }
    }

    #[test]
    fn only_allowed_algorithms_verify() {
        let key = HmacKey::new(b"secret");
        let token = sign(Header::Default, b"{}", &key, HmacAlgorithm::Hs384).unwrap();
        let none = verify_default_into(token.as_bytes(), &key, |_| false, &mut [0; 16]);
        let only = |wanted| {
            verify_default_into(
                token.as_bytes(),
                &key,
                move |algorithm| algorithm == wanted,
                &mut [0; 16],
            )
        };
        assert_eq!(only(HmacAlgorithm::Hs256), Err(Error::AlgorithmNotAllowed));
        assert_eq!(
            only(HmacAlgorithm::Hs384),
            Ok(Verified {
                payload_len: 2,
                ascii: true
            })
        );
        assert_eq!(none, Err(Error::AlgorithmNotAllowed));
    }
}
