//! Public keys: they verify.

use crate::Error;
use crate::crypto::algorithm::Curve;
use crate::crypto::algorithm::{Algorithm, Family};
use crate::crypto::ecdsa::EcPublicKey;
use crate::crypto::eddsa::Ed25519PublicKey;
use crate::crypto::mldsa::MlDsaPublicKey;
use crate::crypto::rsa::RsaPublicKey;
use crate::crypto::secp256k1::Secp256k1PublicKey;
use crate::keys::material::{Description, PublicMaterial, Unsupported};

/// A public key, parsed and bound to its family.
///
/// Each point and each number was checked when the key was made, so that verifying never checks them again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PublicKey {
    /// For RS256 to PS512.
    Rsa(RsaPublicKey),
    /// For ES256, ES384 or ES512.
    Ec(EcPublicKey),
    /// For ES256K.
    Secp256k1(Secp256k1PublicKey),
    /// For `EdDSA`.
    Ed25519(Ed25519PublicKey),
    /// For ML-DSA.
    MlDsa(MlDsaPublicKey),
    /// For no algorithm; recognised so that a refusal can name it.
    Unsupported(Unsupported),
}

impl PublicKey {
    /// Checks the material of a key. A key that this build cannot use becomes [`PublicKey::Unsupported`].
    ///
    /// [`Error::KeyInvalid`] for a point off its curve, wrong lengths and impossible numbers, [`Error::KeyWeak`] for an
    /// RSA modulus that can be factored.
    pub fn from_material(parts: PublicMaterial) -> Result<Self, Error> {
        Ok(match parts {
            PublicMaterial::Rsa { n, e, usage } => Self::Rsa(RsaPublicKey::new(&n, &e, usage)?),
            // A kind of its own: the arithmetic of secp256k1 comes from another crate than that of NIST's curves.
            PublicMaterial::Ec {
                curve: Curve::Secp256k1,
                point,
            } => Self::Secp256k1(Secp256k1PublicKey::new(&point)?),
            PublicMaterial::Ec { curve, point } if curve != Curve::Secp256k1 => {
                Self::Ec(EcPublicKey::new(curve, &point)?)
            }
            PublicMaterial::Ed25519(key) => Self::Ed25519(Ed25519PublicKey::new(&key)?),
            PublicMaterial::MlDsa { set, key } => Self::MlDsa(MlDsaPublicKey::new(set, &key)?),
            other => Self::Unsupported(other.describe().into()),
        })
    }

    /// The material of the key.
    /// Points come out uncompressed and numbers without leading zeros, whatever the file had.
    #[must_use]
    pub fn material(&self) -> PublicMaterial {
        match self {
            Self::Rsa(key) => {
                let (n, e) = key.numbers();
                PublicMaterial::Rsa {
                    n,
                    e,
                    usage: key.usage(),
                }
            }
            Self::Ec(key) => PublicMaterial::Ec {
                curve: key.curve(),
                point: key.point(),
            },
            Self::Secp256k1(key) => PublicMaterial::Ec {
                curve: Curve::Secp256k1,
                point: key.point(),
            },
            Self::Ed25519(key) => PublicMaterial::Ed25519(key.bytes()),
            Self::MlDsa(key) => PublicMaterial::MlDsa {
                set: key.set(),
                key: key.bytes(),
            },
            Self::Unsupported(unsupported) => PublicMaterial::Unsupported(*unsupported),
        }
    }

    /// The public description of the key.
    #[must_use]
    pub fn describe(&self) -> Description {
        self.material().describe()
    }

    /// Whether the key is for an algorithm, and strong enough for it: 2048 bits of RSA (RFC 7518 §3.3).
    ///
    /// [`PublicKey::verify`] does not ask for the size: npm jsonwebtoken verifies by shorter keys, and so does the
    /// drop-in.
    #[must_use]
    pub fn serves(&self, algorithm: Algorithm) -> bool {
        match (self.material(), algorithm.family()) {
            (PublicMaterial::Rsa { usage, .. }, Family::Rsa(scheme, hash)) => {
                usage.check(scheme, hash).is_ok() && self.describe().bits >= Some(2048)
            }
            (PublicMaterial::Ec { curve, .. }, Family::Ec(own)) => curve == own,
            (PublicMaterial::Ed25519(_), Family::Ed25519) => true,
            (PublicMaterial::MlDsa { set, .. }, Family::MlDsa(own)) => set == own,
            _ => false,
        }
    }

    /// Whether `signature`, decoded, is one of `message` by this key and algorithm (RFC 7515 §5.2).
    ///
    /// [`Error::KeyInvalid`] if the key does not serve the algorithm, before anything else is looked at.
    /// [`Error::SignatureInvalid`] for everything that is wrong with the signature, its length too: a caller learns
    /// nothing else from a forgery.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match (self, algorithm.family()) {
            (Self::Rsa(key), Family::Rsa(scheme, hash)) => key.verify(scheme, hash, message, signature),
            (Self::Ec(key), Family::Ec(curve)) if key.curve() == curve => key.verify(message, signature),
            (Self::Secp256k1(key), Family::Ec(Curve::Secp256k1)) => key.verify(message, signature),
            (Self::Ed25519(key), Family::Ed25519) => key.verify(message, signature),
            (Self::MlDsa(key), Family::MlDsa(set)) if key.set() == set => key.verify(message, signature),
            // A key and an algorithm of different families or curves, which an attacker's header may well combine.
            _ => Err(Error::KeyInvalid),
        }
    }
}
