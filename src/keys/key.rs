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
#[derive(Debug)]
pub enum Key {
    /// For HS256, HS384 and HS512; boxed, because its states take more room than the other kinds.
    Secret(Box<HmacKey>),
    /// Verifies.
    #[cfg(feature = "keys")]
    Public(PublicKey),
    /// Signs.
    #[cfg(feature = "keys")]
    Private(PrivateKey),
}

impl Key {
    /// Takes bytes as a secret; [`Error::KeyInvalid`] if they are a key of a pair, [`Error::KeyTooLarge`] over 1 MiB.
    pub fn read_secret(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_SECRET_LEN {
            return Err(Error::KeyTooLarge);
        }
        if looks_asymmetric(bytes) {
            return Err(Error::KeyInvalid);
        }
        Ok(Self::Secret(Box::new(HmacKey::new(bytes))))
    }

    /// The secret, if it is one; else [`Error::KeyInvalid`].
    pub const fn as_secret(&self) -> Result<&HmacKey, Error> {
        match self {
            Self::Secret(key) => Ok(key),
            #[cfg(feature = "keys")]
            Self::Public(_) | Self::Private(_) => Err(Error::KeyInvalid),
        }
    }
}

/// The longest secret, in bytes. There is a limit because each secret is searched for keys in disguise.
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
    /// Bytes that look like a key file but cannot be read are an error, never a secret. The passphrase is for encrypted files.
    /// The restrictions that a JWK sets to its key are not part of it: [`Key::read_with_restrictions`] gives both.
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

    /// Reads DER of any of the forms in [`der`], told apart by their structure.
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
            let mut secret = Zeroizing::new(vec![0; hmac.mac_len()]);
            // Shorter than the hash would be weaker than the algorithm promises; longer adds nothing.
            rng.fill_bytes(&mut secret);
            return Ok(Self::Secret(Box::new(HmacKey::new(&secret))));
        }
        PrivateKey::generate(algorithm, rsa_bits, rng).map(Self::Private)
    }

    /// The same key reduced to what the purpose needs: nothing that verifies keeps a private key alive.
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
                if key.mac(hmac, message).matches(signature) {
                    Ok(())
                } else {
                    Err(Error::SignatureInvalid)
                }
            }
            (Self::Public(key), _) => key.verify(algorithm, message, signature),
            (Self::Private(key), _) => key.public_key().verify(algorithm, message, signature),
            _ => Err(Error::KeyInvalid),
        }
    }
}

/// The bytes without the byte order mark and white space that editors leave in front.
#[cfg(feature = "keys")]
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes
        .trim_ascii()
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii()
}
