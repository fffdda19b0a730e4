//! ECDSA on secp256k1: ES256K (RFC 8812 §3.2).
//!
//! As with the other curves, signatures are `r || s`, both the low and the high `s` verify, and nonces follow RFC 6979.
//! `tandem-vartime` verifies signatures, in variable time over public inputs.

use std::fmt;

use k256::ecdsa::signature::Signer as _;
use k256::ecdsa::{Signature, SigningKey};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use tandem_vartime::ecdsa::{PublicKey, Secp256k1};
use zeroize::Zeroizing;

use crate::Error;

/// The length in bytes of a private scalar.
const SCALAR_LEN: usize = 32;

/// A verification key on secp256k1.
#[derive(Clone, PartialEq, Eq)]
pub struct Secp256k1PublicKey(PublicKey<Secp256k1>);

/// A signing key on secp256k1.
pub struct Secp256k1PrivateKey(SigningKey);

impl Secp256k1PublicKey {
    /// Takes a point, compressed or uncompressed (SEC 1 §2.3.4); [`Error::KeyInvalid`] unless it is on the curve.
    pub fn new(point: &[u8]) -> Result<Self, Error> {
        PublicKey::from_sec1(point).map(Self).ok_or(Error::KeyInvalid)
    }

    /// Whether `signature` is valid for `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        if self.0.verify_vartime(&Sha256::digest(message), signature) {
            Ok(())
        } else {
            Err(Error::SignatureInvalid)
        }
    }

    /// The uncompressed point: `04 || x || y`.
    #[must_use]
    pub fn point(&self) -> Vec<u8> {
        self.0.to_sec1()
    }
}

impl Secp256k1PrivateKey {
    /// Takes a private scalar of 32 bytes, big-endian; [`Error::KeyInvalid`] if it is out of range.
    pub fn new(scalar: &[u8]) -> Result<Self, Error> {
        if scalar.len() != SCALAR_LEN {
            return Err(Error::KeyInvalid);
        }
        SigningKey::from_slice(scalar).map(Self).map_err(|_| Error::KeyInvalid)
    }

    /// Generates a key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut scalar = Zeroizing::new([0; SCALAR_LEN]);
        // Redrawn if it is zero or not below the order, which happens about once in 2^128 draws.
        loop {
            rng.fill_bytes(scalar.as_mut());
            if let Ok(key) = Self::new(scalar.as_ref()) {
                return key;
            }
        }
    }

    /// Signs a message with a nonce derived from it and the key (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| Error::KeyInvalid)?;
        Ok(signature.to_vec())
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> Secp256k1PublicKey {
        Secp256k1PublicKey(k256::PublicKey::from(self.0.verifying_key()).into())
    }

    /// The private scalar, 32 bytes, big-endian.
    #[must_use]
    pub fn scalar(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(Zeroizing::new(self.0.to_bytes()).to_vec())
    }
}

impl fmt::Debug for Secp256k1PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secp256k1PublicKey")
    }
}

impl fmt::Debug for Secp256k1PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secp256k1PrivateKey([redacted])")
    }
}
