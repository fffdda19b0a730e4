//! ECDSA on the NIST curves: ES256, ES384 and ES512 (RFC 7518 §3.4).
//!
//! Signatures are `r || s` of fixed width. Both the low and the high `s` verify; nonces follow RFC 6979.
//! `tandem-vartime` verifies signatures, in variable time over public inputs.

use std::fmt;

use p256::ecdsa::signature::Signer as _;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use tandem_vartime::ecdsa::{P256, P384, P521, PublicKey};
use zeroize::Zeroizing;

use crate::Error;
use crate::crypto::algorithm::Curve;

/// A verification key on one of the three curves.
#[derive(Clone, PartialEq, Eq)]
pub enum EcPublicKey {
    /// For ES256.
    P256(PublicKey<P256>),
    /// For ES384.
    P384(PublicKey<P384>),
    /// For ES512.
    P521(PublicKey<P521>),
}

/// A signing key on one of the three curves.
pub enum EcPrivateKey {
    /// For ES256.
    P256(p256::ecdsa::SigningKey),
    /// For ES384.
    P384(p384::ecdsa::SigningKey),
    /// For ES512.
    P521(p521::ecdsa::SigningKey),
}

impl EcPublicKey {
    /// Takes a point, compressed or uncompressed (SEC 1 §2.3.4); [`Error::KeyInvalid`] unless it is on the curve.
    pub fn new(curve: Curve, point: &[u8]) -> Result<Self, Error> {
        match curve {
            Curve::P256 => PublicKey::from_sec1(point).map(Self::P256),
            Curve::P384 => PublicKey::from_sec1(point).map(Self::P384),
            Curve::P521 => PublicKey::from_sec1(point).map(Self::P521),
            Curve::Secp256k1 => return Err(Error::KeyUnsupported),
        }
        .ok_or(Error::KeyInvalid)
    }

    /// Whether `signature` is valid for `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let verified = match self {
            Self::P256(key) => key.verify_vartime(&Sha256::digest(message), signature),
            Self::P384(key) => key.verify_vartime(&Sha384::digest(message), signature),
            Self::P521(key) => key.verify_vartime(&Sha512::digest(message), signature),
        };
        if verified { Ok(()) } else { Err(Error::SignatureInvalid) }
    }

    /// The curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    /// The uncompressed point: `04 || x || y`.
    #[must_use]
    pub fn point(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_sec1(),
            Self::P384(key) => key.to_sec1(),
            Self::P521(key) => key.to_sec1(),
        }
    }
}

impl EcPrivateKey {
    /// Takes a private scalar, big-endian and of the curve's full width; [`Error::KeyInvalid`] if it is out of range.
    pub fn new(curve: Curve, scalar: &[u8]) -> Result<Self, Error> {
        // Only one length is accepted, so that each key has one encoding.
        if scalar.len() != curve.field_len() {
            return Err(Error::KeyInvalid);
        }
        match curve {
            Curve::P256 => p256::ecdsa::SigningKey::from_slice(scalar).map(Self::P256),
            Curve::P384 => p384::ecdsa::SigningKey::from_slice(scalar).map(Self::P384),
            Curve::P521 => p521::ecdsa::SigningKey::from_slice(scalar).map(Self::P521),
            Curve::Secp256k1 => return Err(Error::KeyUnsupported),
        }
        .map_err(|_| Error::KeyInvalid)
    }

    /// Generates a key.
    pub fn generate(curve: Curve, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        let mut scalar = Zeroizing::new(vec![0; curve.field_len()]);
        loop {
            // Redrawn if out of range, never reduced: reducing would favour small scalars.
            rng.fill_bytes(&mut scalar);
            if let (Curve::P521, Some(first)) = (curve, scalar.first_mut()) {
                // 521 bits are drawn as 528; without this mask nearly every draw would be out of range.
                *first &= 1;
            }
            match Self::new(curve, &scalar) {
                Err(Error::KeyInvalid) => {}
                made => return made,
            }
        }
    }

    /// Signs a message with a nonce derived from it and the key (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::P256(key) => key.try_sign(message).map(|made: p256::ecdsa::Signature| made.to_vec()),
            Self::P384(key) => key.try_sign(message).map(|made: p384::ecdsa::Signature| made.to_vec()),
            Self::P521(key) => key.try_sign(message).map(|made: p521::ecdsa::Signature| made.to_vec()),
        }
        .map_err(|_| Error::KeyInvalid)
    }

    /// The curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> EcPublicKey {
        match self {
            Self::P256(key) => EcPublicKey::P256(p256::PublicKey::from(key.verifying_key()).into()),
            Self::P384(key) => EcPublicKey::P384(p384::PublicKey::from(key.verifying_key()).into()),
            Self::P521(key) => EcPublicKey::P521(p521::PublicKey::from(key.verifying_key()).into()),
        }
    }

    /// The private scalar, big-endian and of the curve's full width.
    #[must_use]
    pub fn scalar(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::P256(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::P384(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::P521(key) => Zeroizing::new(key.to_bytes()).to_vec(),
        })
    }
}

impl fmt::Debug for EcPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPublicKey({})", self.curve().openssl_name())
    }
}

impl fmt::Debug for EcPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcPrivateKey([redacted])")
    }
}
