//! Private keys: they sign.

use std::fmt;

use rand_core::CryptoRng;

use crate::Error;
#[cfg(any(feature = "ecdsa", feature = "secp256k1"))]
use crate::crypto::algorithm::Curve;
use crate::crypto::algorithm::{Algorithm, Family};
#[cfg(feature = "ecdsa")]
use crate::crypto::ecdsa::EcPrivateKey;
#[cfg(feature = "eddsa")]
use crate::crypto::eddsa::Ed25519PrivateKey;
#[cfg(feature = "mldsa")]
use crate::crypto::mldsa::MlDsaPrivateKey;
use crate::crypto::parts::{Description, Foreign, PrivateParts, PublicParts};
#[cfg(feature = "rsa")]
use crate::crypto::rsa::RsaPrivateKey;
#[cfg(feature = "secp256k1")]
use crate::crypto::secp256k1::Secp256k1PrivateKey;
use crate::keys::PublicKey;

/// A private key, parsed and bound to its family. It is overwritten when dropped, and shows nothing in `Debug`.
#[non_exhaustive]
pub enum PrivateKey {
    /// For RS256 to PS512.
    #[cfg(feature = "rsa")]
    Rsa(Box<RsaPrivateKey>),
    /// For ES256, ES384 or ES512.
    #[cfg(feature = "ecdsa")]
    Ec(EcPrivateKey),
    /// For ES256K.
    #[cfg(feature = "secp256k1")]
    Secp256k1(Secp256k1PrivateKey),
    /// For `EdDSA`.
    #[cfg(feature = "eddsa")]
    Ed25519(Ed25519PrivateKey),
    /// For ML-DSA.
    #[cfg(feature = "mldsa")]
    MlDsa(MlDsaPrivateKey),
    /// For nothing: recognised, so that a refusal can name it.
    Foreign(Foreign),
}

impl PrivateKey {
    /// Checks the material of a key, and that the public half that came with it, if any, is its own.
    ///
    /// What this build cannot use becomes [`PrivateKey::Foreign`]. `public` is a point or an encoded public key; RSA numbers
    /// hold theirs already.
    pub fn from_parts(parts: PrivateParts, public: Option<&[u8]>) -> Result<Self, Error> {
        let key = match parts {
            #[cfg(feature = "rsa")]
            PrivateParts::Rsa(numbers, usage) => Self::Rsa(Box::new(RsaPrivateKey::new(&numbers, usage)?)),
            #[cfg(feature = "secp256k1")]
            PrivateParts::Ec {
                curve: Curve::Secp256k1,
                scalar,
            } => Self::Secp256k1(Secp256k1PrivateKey::new(&scalar)?),
            #[cfg(feature = "ecdsa")]
            PrivateParts::Ec { curve, scalar } if curve != Curve::Secp256k1 => {
                Self::Ec(EcPrivateKey::new(curve, &scalar)?)
            }
            #[cfg(feature = "eddsa")]
            PrivateParts::Ed25519(seed) => Self::Ed25519(Ed25519PrivateKey::new(&seed)?),
            #[cfg(feature = "mldsa")]
            PrivateParts::MlDsa { set, seed } => Self::MlDsa(MlDsaPrivateKey::new(set, &seed)?),
            #[allow(unreachable_patterns, reason = "reachable where a family is not built in")]
            other => return Ok(Self::Foreign(other.describe().into())),
        };
        let Some(public) = public else {
            return Ok(key);
        };
        let own = key.public_key();
        let same = match own.parts() {
            // The point may have come compressed.
            PublicParts::Ec { curve, point } => {
                let given = PublicKey::from_parts(PublicParts::Ec {
                    curve,
                    point: public.to_vec(),
                })?;
                matches!(given.parts(), PublicParts::Ec { point: given, .. } if given == point)
            }
            PublicParts::Ed25519(bytes) | PublicParts::MlDsa { key: bytes, .. } => bytes == public,
            PublicParts::Rsa { .. } | PublicParts::Foreign(_) => true,
        };
        if same { Ok(key) } else { Err(Error::KeyInvalid) }
    }

    /// Makes a key for an algorithm; [`Error::KeyUnsupported`] for HMAC and for families that this build lacks.
    ///
    /// `rsa_bits` is the size of an RSA modulus, at least 2048.
    pub fn generate(algorithm: Algorithm, rsa_bits: usize, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        match algorithm.family() {
            #[cfg(feature = "rsa")]
            Family::Rsa(..) => RsaPrivateKey::generate(rsa_bits, rng).map(|key| Self::Rsa(Box::new(key))),
            #[cfg(feature = "secp256k1")]
            Family::Ec(Curve::Secp256k1) => Ok(Self::Secp256k1(Secp256k1PrivateKey::generate(rng))),
            #[cfg(feature = "ecdsa")]
            Family::Ec(curve) => EcPrivateKey::generate(curve, rng).map(Self::Ec),
            #[cfg(feature = "eddsa")]
            Family::Ed25519 => Ok(Self::Ed25519(Ed25519PrivateKey::generate(rng))),
            #[cfg(feature = "mldsa")]
            Family::MlDsa(set) => MlDsaPrivateKey::generate(set, rng).map(Self::MlDsa),
            _ => {
                let _ = (rsa_bits, rng);
                Err(Error::KeyUnsupported)
            }
        }
    }

    /// The material of the key.
    pub fn parts(&self) -> Result<PrivateParts, Error> {
        Ok(match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => PrivateParts::Rsa(Box::new(key.numbers()?), key.usage()),
            #[cfg(feature = "ecdsa")]
            Self::Ec(key) => PrivateParts::Ec {
                curve: key.curve(),
                scalar: key.scalar(),
            },
            #[cfg(feature = "secp256k1")]
            Self::Secp256k1(key) => PrivateParts::Ec {
                curve: Curve::Secp256k1,
                scalar: key.scalar(),
            },
            #[cfg(feature = "eddsa")]
            Self::Ed25519(key) => PrivateParts::Ed25519(key.seed()),
            #[cfg(feature = "mldsa")]
            Self::MlDsa(key) => PrivateParts::MlDsa {
                set: key.set(),
                seed: key.seed(),
            },
            Self::Foreign(foreign) => PrivateParts::Foreign(*foreign),
        })
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => PublicKey::Rsa(key.public_key()),
            #[cfg(feature = "ecdsa")]
            Self::Ec(key) => PublicKey::Ec(key.public_key()),
            #[cfg(feature = "secp256k1")]
            Self::Secp256k1(key) => PublicKey::Secp256k1(key.public_key()),
            #[cfg(feature = "eddsa")]
            Self::Ed25519(key) => PublicKey::Ed25519(key.public_key()),
            #[cfg(feature = "mldsa")]
            Self::MlDsa(key) => PublicKey::MlDsa(key.public_key()),
            Self::Foreign(foreign) => PublicKey::Foreign(*foreign),
        }
    }

    /// What can be said about the key to anyone.
    #[must_use]
    pub fn describe(&self) -> Description {
        self.public_key().describe()
    }

    /// Signs a message (RFC 7515 §5.1); [`Error::KeyInvalid`] if the key does not serve the algorithm.
    ///
    /// `rng` is drawn from only where [`Algorithm::is_randomized`] says so.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Error> {
        match (self, algorithm.family()) {
            #[cfg(feature = "rsa")]
            (Self::Rsa(key), Family::Rsa(scheme, hash)) => key.sign(scheme, hash, message, rng),
            #[cfg(feature = "ecdsa")]
            (Self::Ec(key), Family::Ec(curve)) if key.curve() == curve => key.sign(message),
            #[cfg(feature = "secp256k1")]
            (Self::Secp256k1(key), Family::Ec(Curve::Secp256k1)) => key.sign(message),
            #[cfg(feature = "eddsa")]
            (Self::Ed25519(key), Family::Ed25519) => key.sign(message),
            #[cfg(feature = "mldsa")]
            (Self::MlDsa(key), Family::MlDsa(set)) if key.set() == set => key.sign(message, rng),
            _ => {
                let _ = (message, rng);
                Err(Error::KeyInvalid)
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [redacted])", self.describe().type_name)
    }
}
