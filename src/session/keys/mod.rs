//! The keys of sessions: access tokens use a key as it is given, refresh tokens use keys derived from a secret.

mod access;
mod refresh;

pub use access::{AccessKey, AccessKeys};
pub use refresh::{Jti, JtiKey, RefreshKey, RefreshKeys};

use hkdf::Hkdf;
use sha2::Sha256;

use crate::Error;
use crate::jose::base64url;
use crate::keys::secret::looks_asymmetric;

/// The longest name of a key, in bytes.
pub const MAX_KID: usize = 64;

/// The longest `kid` of a refresh token, in bytes: a name, a dot and a fingerprint.
pub const MAX_REFRESH_KID: usize = MAX_KID + 1 + FINGERPRINT;

/// Characters of a fingerprint.
/// Six bytes in base64url, which only have to tell the few keys of one operator apart.
const FINGERPRINT: usize = 8;

/// The shortest secret, in bytes: as long as the hash (RFC 7518 §3.2).
pub const MIN_SECRET: usize = 32;

/// [`Error::SecretTooShort`] for fewer than 32 bytes, [`Error::KeyInvalid`] for a key of a pair.
fn check_secret(secret: &[u8]) -> Result<(), Error> {
    if secret.len() < MIN_SECRET {
        Err(Error::SecretTooShort)
    } else if secret.len() > usize::from(u16::MAX) || looks_asymmetric(secret) {
        // A public key is known to everyone, so everyone could sign with it as a secret.
        Err(Error::KeyInvalid)
    } else {
        Ok(())
    }
}

/// If two keys had one name, their order would decide which of them verifies a token.
fn check_kid<'a>(kid: &str, mut others: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    if kid.is_empty() || kid.len() > MAX_KID || others.any(|other| other == kid) {
        Err(Error::KidInvalid)
    } else {
        Ok(())
    }
}

/// A name that does not change when other keys come and go.
fn fingerprint(secret: &[u8]) -> Result<String, Error> {
    let mut bytes = [0; 6];
    // Derived for this purpose alone: 48 bits of it are public, and say nothing about the other keys.
    derive(secret, b"kid", &mut bytes)?;
    Ok(base64url::encode(&bytes))
}

/// Derives key material for one purpose (RFC 5869).
fn derive(secret: &[u8], purpose: &[u8], out: &mut [u8]) -> Result<(), Error> {
    // The salt separates these keys from those that another program derives from the same secret (RFC 5869 §3.1).
    Hkdf::<Sha256>::new(Some(b"tandem-jwt/1"), secret)
        .expand(purpose, out)
        .map_err(|_| Error::KeyInvalid)
}
