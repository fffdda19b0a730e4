//! A key of any kind, recognised by its bytes.

#[cfg(feature = "keys")]
use rand_core::CryptoRng;
#[cfg(feature = "keys")]
use zeroize::Zeroizing;

use crate::Error;
#[cfg(feature = "keys")]
use crate::crypto::algorithm::{Algorithm, Family};
use crate::crypto::hmac::HmacKey;
#[cfg(feature = "keys")]
use crate::keys::encrypted::Passphrase;
use crate::keys::secret::looks_asymmetric;
#[cfg(feature = "keys")]
use crate::keys::{Jwk, MAX_KEY_LEN, PrivateKey, PublicKey, Restrictions, der, pem};

/// A key, bound to its family. `Debug` shows no material.
///
/// The kind decides which algorithms a key can serve, whatever a token's header says. That a public key never takes
/// part in an HMAC is a matter of types here, not of a check (RFC 8725 §3.1).
#[derive(Debug)]
pub enum Key {
    /// For HS256, HS384 and HS512; boxed, because its states take more room than the other kinds.
    Secret(Box<HmacKey>),
    /// Verifies, for any family but HMAC.
    #[cfg(feature = "keys")]
    Public(PublicKey),
    /// Signs, and verifies by its public half.
    #[cfg(feature = "keys")]
    Private(PrivateKey),
}

impl Key {
    /// Takes bytes as a secret; [`Error::KeyInvalid`] if they are an asymmetric key, [`Error::KeyTooLarge`] over 1 MiB.
    pub fn read_secret(bytes: &[u8]) -> Result<Self, Error> {
        // First, because the time of the search below grows with the length.
        if bytes.len() > MAX_SECRET_LEN {
            return Err(Error::KeyTooLarge);
        }
        if looks_asymmetric(bytes) {
            return Err(Error::KeyInvalid);
        }
        Ok(Self::Secret(Box::new(HmacKey::new(bytes))))
    }

    /// The secret, if the key is one; else [`Error::KeyInvalid`].
    ///
    /// Everything that takes secrets alone asks here, so that an asymmetric key never reaches HMAC.
    pub const fn as_secret(&self) -> Result<&HmacKey, Error> {
        match self {
            Self::Secret(key) => Ok(key),
            #[cfg(feature = "keys")]
            Self::Public(_) | Self::Private(_) => Err(Error::KeyInvalid),
        }
    }
}

/// The longest secret, in bytes. There is a limit because each secret is searched for keys in disguise.
///
/// It is far above what a secret needs: one that is longer than the block of the hash is hashed first (RFC 2104 §3).
const MAX_SECRET_LEN: usize = 1 << 20;

/// The purpose of a key, which decides where a file holds several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A private key before a public one.
    Sign,
    /// A public key before a private one, whose public half is taken.
    Verify,
}

#[cfg(feature = "keys")]
impl Key {
    /// Reads PEM, a JWK or DER, and takes all other bytes as a secret.
    ///
    /// Bytes that look like a key file but cannot be read are an error, never a secret. The passphrase is for encrypted
    /// files. The purpose chooses among the blocks of a PEM, and reduces a private key to its public half where it is
    /// only to verify.
    /// The restrictions that a JWK sets to its key are not part of it: [`Key::read_with_restrictions`] gives both.
    ///
    /// [`Error::KeyTooLarge`] over 64 KiB, [`Error::KeyPassphrase`] for a passphrase that is missing or wrong,
    /// [`Error::KeyUnsupported`] for a key in a form that is known but not used here.
    ///
    /// ```
    /// use tandem_jwt::keys::{Key, Purpose};
    ///
    /// let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert!(matches!(Key::read(jwk, None, Purpose::Verify)?, Key::Public(_)));
    /// assert!(matches!(Key::read(b"a secret", None, Purpose::Verify)?, Key::Secret(_)));
    /// # Ok::<(), tandem_jwt::Error>(())
    /// ```
    pub fn read(bytes: &[u8], passphrase: Option<Passphrase<'_>>, purpose: Purpose) -> Result<Self, Error> {
        Self::read_with_restrictions(bytes, passphrase, purpose).map(|(key, _)| key)
    }

    /// Reads as [`Key::read`] does, and gives the restrictions that a JWK sets to its key.
    pub fn read_with_restrictions(
        bytes: &[u8],
        passphrase: Option<Passphrase<'_>>,
        purpose: Purpose,
    ) -> Result<(Self, Restrictions), Error> {
        if bytes.len() > MAX_KEY_LEN {
            return Err(Error::KeyTooLarge);
        }
        // Only these bytes become a secret. Bytes that look like a key go to a reader, whose error is returned if they
        // are damaged: everyone knows the bytes of a public key, so they must never be a secret.
        if !looks_asymmetric(bytes) {
            return Ok((Self::Secret(Box::new(HmacKey::new(bytes))), Restrictions::NONE));
        }
        let text = trimmed(bytes);
        // A JWK is tried first: a member of it may hold anything, PEM too.
        let (key, restrictions) = if text.starts_with(b"{") {
            let jwk = Jwk::from_json(text)?;
            (jwk.to_key()?, Restrictions::of(&jwk))
        } else if pem::is_armoured(text) {
            (pem::read(text, passphrase, purpose)?, Restrictions::NONE)
        } else {
            // The bytes as they came: the last byte of DER may look like white space.
            (Self::read_der(bytes, passphrase)?, Restrictions::NONE)
        };
        Ok((key.for_purpose(purpose), restrictions))
    }

    /// Reads DER of any of the forms in [`der`], told apart by their structure. Bytes that are not a key are an error
    /// and never a secret, because the caller has said that they are DER.
    pub fn read_der(bytes: &[u8], passphrase: Option<Passphrase<'_>>) -> Result<Self, Error> {
        if bytes.len() > MAX_KEY_LEN {
            return Err(Error::KeyTooLarge);
        }
        der::read_any(bytes, passphrase)
    }

    /// Makes a key for an algorithm: a secret as long as its hash (RFC 7518 §3.2), or a pair.
    ///
    /// `rsa_bits` is the size of an RSA modulus, at least 2048.
    pub fn generate(algorithm: Algorithm, rsa_bits: usize, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        if let Family::Hmac(hmac) = algorithm.family() {
            // Overwritten when dropped; the key keeps a copy of its own, which it overwrites too.
            let mut secret = Zeroizing::new(vec![0; hmac.mac_len()]);
            // Shorter than the hash would be weaker than the algorithm promises; longer adds nothing.
            rng.fill_bytes(&mut secret);
            return Ok(Self::Secret(Box::new(HmacKey::new(&secret))));
        }
        PrivateKey::generate(algorithm, rsa_bits, rng).map(Self::Private)
    }

    /// The same key reduced to what the purpose needs: nothing that verifies keeps a private key alive.
    /// A public key stays one even for signing, which then fails with [`Error::KeyInvalid`].
    #[must_use]
    pub fn for_purpose(self, purpose: Purpose) -> Self {
        match (self, purpose) {
            (Self::Private(key), Purpose::Verify) => Self::Public(key.public_key()),
            (key, _) => key,
        }
    }

    /// Signs a message; [`Error::KeyInvalid`] if the key does not serve the algorithm or is public.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Error> {
        match (self, algorithm.family()) {
            (Self::Secret(key), Family::Hmac(hmac)) => Ok(key.mac(hmac, message).as_bytes().to_vec()),
            (Self::Private(key), _) => key.sign(algorithm, message, rng),
            _ => Err(Error::KeyInvalid),
        }
    }

    /// Whether `signature`, decoded, is one of `message`; [`Error::KeyInvalid`] if the key does not serve the
    /// algorithm.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match (self, algorithm.family()) {
            (Self::Secret(key), Family::Hmac(hmac)) => {
                // In constant time: a comparison that stopped at the first difference would let an attacker find a
                // valid code byte by byte.
                if key.mac(hmac, message).matches(signature) {
                    Ok(())
                } else {
                    Err(Error::SignatureInvalid)
                }
            }
            (Self::Public(key), _) => key.verify(algorithm, message, signature),
            // npm jsonwebtoken also verifies with a private key: Node derives its public half.
            (Self::Private(key), _) => key.public_key().verify(algorithm, message, signature),
            _ => Err(Error::KeyInvalid),
        }
    }
}

/// The bytes without the byte order mark and white space that editors leave in front.
/// The mark is EF BB BF, UTF-8's (RFC 3629 §6). It may stand after white space as well as before it.
#[cfg(feature = "keys")]
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes
        .trim_ascii()
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii()
}
