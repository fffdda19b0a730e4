//! Public keys: they verify.

use crate::Error;
#[cfg(any(feature = "ecdsa", feature = "secp256k1"))]
use crate::crypto::algorithm::Curve;
use crate::crypto::algorithm::{Algorithm, Family};
#[cfg(feature = "ecdsa")]
use crate::crypto::ecdsa::EcPublicKey;
#[cfg(feature = "eddsa")]
use crate::crypto::eddsa::Ed25519PublicKey;
#[cfg(feature = "mldsa")]
use crate::crypto::mldsa::MlDsaPublicKey;
use crate::crypto::parts::{Description, Foreign, PublicParts};
#[cfg(feature = "rsa")]
use crate::crypto::rsa::RsaPublicKey;
#[cfg(feature = "secp256k1")]
use crate::crypto::secp256k1::Secp256k1PublicKey;

/// A public key, parsed and bound to its family.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PublicKey {
    /// For RS256 to PS512.
    #[cfg(feature = "rsa")]
    Rsa(RsaPublicKey),
    /// For ES256, ES384 or ES512.
    #[cfg(feature = "ecdsa")]
    Ec(EcPublicKey),
    /// For ES256K.
    #[cfg(feature = "secp256k1")]
    Secp256k1(Secp256k1PublicKey),
    /// For `EdDSA`.
    #[cfg(feature = "eddsa")]
    Ed25519(Ed25519PublicKey),
    /// For ML-DSA.
    #[cfg(feature = "mldsa")]
    MlDsa(MlDsaPublicKey),
    /// For nothing: recognised, so that a refusal can name it.
    Foreign(Foreign),
}

impl PublicKey {
    /// Checks the material of a key. What this build cannot use becomes [`PublicKey::Foreign`].
    pub fn from_parts(parts: PublicParts) -> Result<Self, Error> {
        Ok(match parts {
            #[cfg(feature = "rsa")]
            PublicParts::Rsa { n, e, usage } => Self::Rsa(RsaPublicKey::new(&n, &e, usage)?),
            #[cfg(feature = "secp256k1")]
            PublicParts::Ec {
                curve: Curve::Secp256k1,
                point,
            } => Self::Secp256k1(Secp256k1PublicKey::new(&point)?),
            #[cfg(feature = "ecdsa")]
            PublicParts::Ec { curve, point } if curve != Curve::Secp256k1 => Self::Ec(EcPublicKey::new(curve, &point)?),
            #[cfg(feature = "eddsa")]
            PublicParts::Ed25519(key) => Self::Ed25519(Ed25519PublicKey::new(&key)?),
            #[cfg(feature = "mldsa")]
            PublicParts::MlDsa { set, key } => Self::MlDsa(MlDsaPublicKey::new(set, &key)?),
            #[allow(unreachable_patterns, reason = "reachable where a family is not built in")]
            other => Self::Foreign(other.describe().into()),
        })
    }

    /// The material of the key.
    #[must_use]
    pub fn parts(&self) -> PublicParts {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => {
                let (n, e) = key.numbers();
                PublicParts::Rsa {
                    n,
                    e,
                    usage: key.usage(),
                }
            }
            #[cfg(feature = "ecdsa")]
            Self::Ec(key) => PublicParts::Ec {
                curve: key.curve(),
                point: key.point(),
            },
            #[cfg(feature = "secp256k1")]
            Self::Secp256k1(key) => PublicParts::Ec {
                curve: Curve::Secp256k1,
                point: key.point(),
            },
            #[cfg(feature = "eddsa")]
            Self::Ed25519(key) => PublicParts::Ed25519(key.bytes()),
            #[cfg(feature = "mldsa")]
            Self::MlDsa(key) => PublicParts::MlDsa {
                set: key.set(),
                key: key.bytes(),
            },
            Self::Foreign(foreign) => PublicParts::Foreign(*foreign),
        }
    }

    /// What can be said about the key to anyone.
    #[must_use]
    pub fn describe(&self) -> Description {
        self.parts().describe()
    }

    /// Whether the key is for an algorithm, and strong enough for it: 2048 bits of RSA (RFC 7518 §3.3).
    #[must_use]
    pub fn serves(&self, algorithm: Algorithm) -> bool {
        match (self.parts(), algorithm.family()) {
            (PublicParts::Rsa { usage, .. }, Family::Rsa(scheme, hash)) => {
                usage.check(scheme, hash).is_ok() && self.describe().bits >= Some(2048)
            }
            (PublicParts::Ec { curve, .. }, Family::Ec(own)) => curve == own,
            (PublicParts::Ed25519(_), Family::Ed25519) => true,
            (PublicParts::MlDsa { set, .. }, Family::MlDsa(own)) => set == own,
            _ => false,
        }
    }

    /// Whether `signature`, decoded, is one of `message` by this key and algorithm (RFC 7515 §5.2).
    ///
    /// [`Error::KeyInvalid`] if the key does not serve the algorithm, before anything else is looked at.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match (self, algorithm.family()) {
            #[cfg(feature = "rsa")]
            (Self::Rsa(key), Family::Rsa(scheme, hash)) => key.verify(scheme, hash, message, signature),
            #[cfg(feature = "ecdsa")]
            (Self::Ec(key), Family::Ec(curve)) if key.curve() == curve => key.verify(message, signature),
            #[cfg(feature = "secp256k1")]
            (Self::Secp256k1(key), Family::Ec(Curve::Secp256k1)) => key.verify(message, signature),
            #[cfg(feature = "eddsa")]
            (Self::Ed25519(key), Family::Ed25519) => key.verify(message, signature),
            #[cfg(feature = "mldsa")]
            (Self::MlDsa(key), Family::MlDsa(set)) if key.set() == set => key.verify(message, signature),
            _ => Err(Error::KeyInvalid),
        }
    }
}
