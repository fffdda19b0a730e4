//! The restrictions that a JWK sets to its key: `alg`, `use` and `key_ops` (RFC 7517 §4.2 to §4.4).

use crate::Error;
use crate::crypto::algorithm::{Algorithm, Family};
use crate::keys::{Jwk, Purpose};

/// The restrictions that came with a key; keys of other formats have none.
///
/// They are kept apart from the key: they say what its owner allows, not what it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restrictions {
    algorithm: Only,
    /// Whether `use` and `key_ops` allow signing.
    signs: bool,
    /// Whether they allow verifying.
    verifies: bool,
    /// The length of the secret of an `oct` key, in bytes.
    /// Other formats have no lower bound, as npm jsonwebtoken has none for secrets.
    secret_len: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Any,
    One(Algorithm),
    /// The JWK names an algorithm that signs nothing here, such as `RSA-OAEP`. The key then serves no algorithm,
    /// whereas a JWK without `alg` serves its whole family.
    None,
}

impl Restrictions {
    /// No restrictions.
    pub const NONE: Self = Self {
        algorithm: Only::Any,
        signs: true,
        verifies: true,
        secret_len: None,
    };

    /// The restrictions of a JWK.
    #[must_use]
    pub fn of(jwk: &Jwk) -> Self {
        let algorithm = match jwk.alg.as_deref() {
            None => Only::Any,
            Some(name) => Algorithm::from_name(name).map_or(Only::None, Only::One),
        };
        // Any `use` other than `sig` forbids both purposes, including values that are not registered (RFC 7517 §4.2).
        let usage = jwk.usage.as_deref().is_none_or(|usage| usage == "sig");
        let operation = |wanted: &str| match &jwk.key_ops {
            None => true,
            Some(operations) => operations.iter().any(|own| own == wanted),
        };
        // `use` and `key_ops` should agree where both are there (RFC 7517 §4.3). Here both have to allow the purpose.
        // A private key that may sign may also verify.
        let signs = operation("sign") && (jwk.k.is_some() || jwk.d.is_some() || jwk.private.is_some());
        Self {
            algorithm,
            signs: usage && operation("sign"),
            verifies: usage && (operation("verify") || signs),
            // Four characters of base64url are three bytes.
            secret_len: jwk.k.as_ref().map(|k| k.len() * 3 / 4),
        }
    }

    /// Whether the key may serve an algorithm for this purpose.
    #[must_use]
    pub fn allow(self, algorithm: Algorithm, purpose: Purpose) -> bool {
        self.check(algorithm, purpose).is_ok()
    }

    /// [`Error::KeyInvalid`] for a purpose or algorithm that they exclude, [`Error::KeyTooShort`] for a secret that is
    /// shorter than the algorithm's hash.
    pub fn check(self, algorithm: Algorithm, purpose: Purpose) -> Result<(), Error> {
        if !self.are_for(algorithm, purpose) {
            return Err(Error::KeyInvalid);
        }
        // A shorter key is easier to guess than the hash is to break (RFC 7518 §3.2).
        match (algorithm.family(), self.secret_len) {
            (Family::Hmac(hmac), Some(len)) if len < hmac.mac_len() => Err(Error::KeyTooShort),
            _ => Ok(()),
        }
    }

    fn are_for(self, algorithm: Algorithm, purpose: Purpose) -> bool {
        let named = match self.algorithm {
            Only::Any => true,
            Only::None => false,
            // `EdDSA` and `Ed25519` (RFC 9864 §2.2) mean the same key and the same signature.
            Only::One(own) => {
                own == algorithm || own.family() == Family::Ed25519 && algorithm.family() == Family::Ed25519
            }
        };
        named
            && match purpose {
                Purpose::Sign => self.signs,
                Purpose::Verify => self.verifies,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Purpose::{Sign, Verify};

    #[test]
    fn a_jwk_says_what_it_is_for() {
        let of = |json: &str| Restrictions::of(&Jwk::from_json(json.as_bytes()).unwrap());
        for (json, algorithm, signs, verifies) in [
            (r#"{"kty":"RSA"}"#, Algorithm::Rs256, true, true),
            (r#"{"kty":"RSA","alg":"RS256"}"#, Algorithm::Rs256, true, true),
            (r#"{"kty":"RSA","alg":"RS256"}"#, Algorithm::Ps256, false, false),
            (r#"{"kty":"RSA","alg":"RSA-OAEP"}"#, Algorithm::Rs256, false, false),
            (r#"{"kty":"RSA","use":"sig"}"#, Algorithm::Rs256, true, true),
            (r#"{"kty":"RSA","use":"enc"}"#, Algorithm::Rs256, false, false),
            (r#"{"kty":"RSA","key_ops":["verify"]}"#, Algorithm::Rs256, false, true),
            (r#"{"kty":"RSA","key_ops":["sign"]}"#, Algorithm::Rs256, true, false),
            (r#"{"d":"","key_ops":["sign"]}"#, Algorithm::Rs256, true, true),
            (
                r#"{"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","key_ops":["sign"]}"#,
                Algorithm::Hs256,
                true,
                true,
            ),
            (
                r#"{"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","key_ops":["verify"]}"#,
                Algorithm::Hs256,
                false,
                true,
            ),
            (
                r#"{"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
                Algorithm::Hs384,
                false,
                false,
            ),
            (r#"{"kty":"RSA","key_ops":["encrypt"]}"#, Algorithm::Rs256, false, false),
            (r#"{"kty":"OKP","alg":"EdDSA"}"#, Algorithm::Ed25519, true, true),
            (r#"{"kty":"OKP","alg":"Ed25519"}"#, Algorithm::EdDsa, true, true),
        ] {
            let restrictions = of(json);
            assert_eq!(
                (
                    restrictions.allow(algorithm, Sign),
                    restrictions.allow(algorithm, Verify)
                ),
                (signs, verifies),
                "{json}"
            );
        }
        assert_eq!(of(r#"{"kty":"RSA"}"#), Restrictions::NONE);
    }
}
