//! Sets of JSON Web Keys, and which key of a set is meant (RFC 7517 §5).

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::keys::{Jwk, Purpose, Restrictions};

/// The longest set that is read, in bytes.
///
/// It is far longer than a key, because sets often carry certificates beside their keys (`x5c`, RFC 7517 §4.7).
pub const MAX_SET_LEN: usize = 1 << 20;

/// A set of keys, not yet checked.
///
/// Each key has been read as a JWK; whether its members make a key shows when it is selected or used.
#[derive(Debug, Default)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
// The text of each key is kept as it is, so that a key that cannot be read is passed over and not an error of the set.
struct Json<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl Jwks {
    /// Reads JSON text. Members that are not keys are ignored, as the RFC asks, so that one new type in a set does not
    /// make the others unusable.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_SET_LEN {
            return Err(Error::KeyTooLarge);
        }
        // A set without `keys` is an error all the same (RFC 7517 §5.1): it would find no key for any token.
        let set: Json<'_> = serde_json::from_slice(json).map_err(|_| Error::KeyInvalid)?;
        let keys = set.keys.iter();
        Ok(Self {
            keys: keys
                .filter_map(|key| Jwk::from_json(key.get().as_bytes()).ok())
                .collect(),
        })
    }

    /// All keys of the set.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Whether the set holds secrets beside key pairs.
    ///
    /// From such a set the token's own header would choose between a secret and a public key, so its caller has to say
    /// which algorithms are meant (RFC 8725 §3.1).
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let is_secret = |key: &Jwk| key.kty == "oct";
        self.keys.iter().any(is_secret) && !self.keys.iter().all(is_secret)
    }

    /// The one key that serves an algorithm and, where the token names one, has its `kid`.
    ///
    /// [`Error::KeyNotFound`] if none fits, and [`Error::KeyAmbiguous`] if several do: to guess would let an attacker
    /// choose among them.
    ///
    /// A token without `kid` is matched by type, curve and restrictions alone.
    pub fn select(&self, kid: Option<&str>, algorithm: Algorithm, purpose: Purpose) -> Result<&Jwk, Error> {
        let fitting = || {
            let named = |key: &&Jwk| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
            self.keys
                .iter()
                .filter(named)
                .filter(|key| serves(key, algorithm, purpose))
        };
        only(fitting()).or_else(|error| match error {
            // Keys with missing or wrong members are ignored too (RFC 7517 §5), but only looked at where that decides.
            Error::KeyAmbiguous => only(fitting().filter(|key| key.to_key().is_ok())),
            // No key fitted, so the reason is looked for among the keys that were passed over.
            _ => Err(self.why_none(kid, algorithm, purpose)),
        })
    }

    /// Why no key fits: the one that is meant may be too short.
    ///
    /// A secret that is too short has an error of its own, because its owner can replace it by a longer one (RFC 7518
    /// §3.2).
    fn why_none(&self, kid: Option<&str>, algorithm: Algorithm, purpose: Purpose) -> Error {
        let is_short = |key: &Jwk| {
            key.kty == "oct"
                && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
                && Restrictions::of(key).check(algorithm, purpose) == Err(Error::KeyTooShort)
        };
        if self.keys.iter().any(is_short) {
            Error::KeyTooShort
        } else {
            Error::KeyNotFound
        }
    }
}

/// The only key. No key and several keys are two different errors.
fn only<'a>(mut keys: impl Iterator<Item = &'a Jwk>) -> Result<&'a Jwk, Error> {
    let first = keys.next().ok_or(Error::KeyNotFound)?;
    keys.next().map_or(Ok(first), |_| Err(Error::KeyAmbiguous))
}

/// Whether the type, the curve and the restrictions of a key allow an algorithm.
fn serves(key: &Jwk, algorithm: Algorithm, purpose: Purpose) -> bool {
    // A `kid` is chosen by whoever writes the token, so it never makes up for a type that does not fit.
    let (kty, crv) = algorithm.family().jwk_type();
    key.kty == kty
        && crv.is_none_or(|crv| key.crv.as_deref() == Some(crv))
        && Restrictions::of(key).allow(algorithm, purpose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Purpose::{Sign, Verify};

    const SET: &str = r#"{"keys":[
        {"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB","alg":"RS256"},
        {"kty":"RSA","kid":"2","n":"AQAB","e":"AQAB","use":"enc"},
        {"kty":"EC","kid":"3","crv":"P-256","x":"","y":""},
        {"kty":"EC","kid":"3","crv":"P-384","x":"","y":""},
        {"kty":"OKP","kid":"4","crv":"Ed25519","alg":"EdDSA","key_ops":["verify"],"x":""},
        {"kty":"RSA","kid":"1","kid":"5","n":"AQAB","e":"AQAB"},
        {"kty":"Klingon","kid":"6","secret":[1]},
        7
    ]}"#;

    #[test]
    fn exactly_one_key_is_meant() {
        let set = Jwks::from_json(SET.as_bytes()).unwrap();
        assert_eq!(set.keys().len(), 6);
        let select = |kid, algorithm, purpose| {
            set.select(kid, algorithm, purpose)
                .map(|key| key.kid.as_deref().unwrap())
        };
        assert_eq!(select(Some("1"), Algorithm::Rs256, Verify), Ok("1"));
        assert_eq!(select(None, Algorithm::Rs256, Verify), Ok("1"));
        assert_eq!(select(Some("3"), Algorithm::Es384, Verify), Ok("3"));
        assert_eq!(select(Some("4"), Algorithm::Ed25519, Verify), Ok("4"));
        for (kid, algorithm, purpose) in [
            (Some("1"), Algorithm::Ps256, Verify),
            (Some("2"), Algorithm::Rs256, Verify),
            (Some("3"), Algorithm::Es512, Verify),
            (Some("4"), Algorithm::EdDsa, Sign),
            (Some("5"), Algorithm::Rs256, Verify),
            (Some("1"), Algorithm::Hs256, Verify),
            (None, Algorithm::MlDsa44, Verify),
        ] {
            assert_eq!(
                select(kid, algorithm, purpose),
                Err(Error::KeyNotFound),
                "{kid:?} {algorithm:?}"
            );
        }
    }

    #[test]
    fn two_that_fit_are_ambiguous() {
        let secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let set = format!(r#"{{"keys":[{{"kty":"oct","k":"{secret}"}},{{"kty":"oct","k":"{secret}"}}]}}"#);
        let set = Jwks::from_json(set.as_bytes()).unwrap();
        assert_eq!(
            set.select(None, Algorithm::Hs256, Verify).unwrap_err(),
            Error::KeyAmbiguous
        );
        assert_eq!(
            set.select(None, Algorithm::Hs512, Verify).unwrap_err(),
            Error::KeyTooShort
        );
    }

    #[test]
    fn secrets_beside_public_keys_are_told() {
        let is_mixed = |json: &str| Jwks::from_json(json.as_bytes()).unwrap().is_mixed();
        assert!(is_mixed(
            r#"{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#
        ));
        assert!(!is_mixed(r#"{"keys":[{"kty":"oct","k":"AA"},{"kty":"oct","k":"AQ"}]}"#));
        assert!(!is_mixed(
            r#"{"keys":[{"kty":"EC"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#
        ));
        assert!(!is_mixed(r#"{"keys":[]}"#));
    }
}
