//! Thumbprints: a name for a key that anyone can compute (RFC 7638).

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Error;
use crate::jose::base64url;
use crate::keys::{Jwk, Key};

/// The SHA-256 thumbprint of a key in base64url, the same for both halves of a pair.
///
/// For `AKP` keys the members are those of RFC 9964 §6. The thumbprint of a secret is as guessable as the secret.
/// Only members that every key of the type has go in, so that `kid`, `alg` or `use` do not change the name.
pub fn thumbprint(key: &Key) -> Result<String, Error> {
    let jwk = match key {
        Key::Private(key) => Jwk::from_public(&key.public_key()),
        key => Jwk::from_key(key)?,
    };
    // Members in alphabetical order, without white space (RFC 7638 §3.3); none of their values needs escapes.
    // Overwritten when dropped, because the text of an `oct` key holds the secret.
    let json = Zeroizing::new(match &jwk {
        // The types are told apart by their members. `EC` must come before `OKP`, because it has the members of `OKP`
        // too.
        Jwk {
            n: Some(n), e: Some(e), ..
        } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        Jwk {
            crv: Some(crv),
            x: Some(x),
            y: Some(y),
            ..
        } => {
            format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
        Jwk {
            crv: Some(crv),
            x: Some(x),
            ..
        } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        Jwk {
            alg: Some(alg),
            public: Some(public),
            ..
        } => {
            format!(r#"{{"alg":"{alg}","kty":"AKP","pub":"{public}"}}"#)
        }
        Jwk { k: Some(k), .. } => format!(r#"{{"k":"{}","kty":"oct"}}"#, k.as_str()),
        _ => return Err(Error::KeyUnsupported),
    });
    Ok(base64url::encode(&Sha256::digest(json.as_bytes())))
}
