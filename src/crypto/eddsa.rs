//! Ed25519, under both of its names: `EdDSA` (RFC 8037 §3.1) and `Ed25519` (RFC 9864 §2.2).

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Error;

/// The length of a private seed, and of a public key, in bytes.
pub const KEY_LEN: usize = 32;

/// An Ed25519 verification key.
#[derive(Clone, PartialEq, Eq)]
pub struct Ed25519PublicKey(VerifyingKey);

/// An Ed25519 signing key.
pub struct Ed25519PrivateKey(SigningKey);

impl Ed25519PublicKey {
    /// Takes the 32 bytes of a public key; [`Error::KeyInvalid`] unless they are the canonical encoding of a point (RFC
    /// 8032 §5.1.3).
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; KEY_LEN] = bytes.try_into().map_err(|_| Error::KeyInvalid)?;
        // The point is decompressed here, so that a bad key is reported as a key error rather than as a failure of each
        // token.
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| Error::KeyInvalid)?;
        // The decoder also accepts unreduced numbers and a negative zero. Implementations disagree about such keys.
        let canonical = key.to_edwards().compress();
        (canonical.as_bytes() == bytes)
            .then_some(Self(key))
            .ok_or(Error::KeyInvalid)
    }

    /// Whether `signature` is valid for `message` (RFC 8032 §5.1.7, cofactorless, as in OpenSSL and WebCrypto).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        Signature::from_slice(signature)
            .and_then(|signature| self.0.verify(message, &signature))
            .map_err(|_| Error::SignatureInvalid)
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }
}

impl Ed25519PrivateKey {
    /// Takes the 32 bytes of a seed; [`Error::KeyInvalid`] for any other length.
    pub fn new(seed: &[u8]) -> Result<Self, Error> {
        let seed: &[u8; KEY_LEN] = seed.try_into().map_err(|_| Error::KeyInvalid)?;
        Ok(Self(SigningKey::from_bytes(seed)))
    }

    /// Generates a key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; KEY_LEN]);
        rng.fill_bytes(seed.as_mut());
        Self(SigningKey::from_bytes(&seed))
    }

    /// Signs a message; the same message always gets the same signature.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        // Deterministic (RFC 8032 §5.1.6): a failing random source cannot leak the key.
        let signature = self.0.try_sign(message).map_err(|_| Error::KeyInvalid)?;
        Ok(signature.to_vec())
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> Ed25519PublicKey {
        Ed25519PublicKey(self.0.verifying_key())
    }

    /// The 32 bytes of the seed.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.as_bytes().to_vec())
    }
}

impl fmt::Debug for Ed25519PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PublicKey")
    }
}

impl fmt::Debug for Ed25519PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519PrivateKey([redacted])")
    }
}
