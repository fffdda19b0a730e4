//! Private keys: they sign.

use std::fmt;

use rand_core::CryptoRng;

use crate::Error;
use crate::crypto::algorithm::Curve;
use crate::crypto::algorithm::{Algorithm, Family};
use crate::crypto::ecdsa::EcPrivateKey;
use crate::crypto::eddsa::Ed25519PrivateKey;
use crate::crypto::mldsa::MlDsaPrivateKey;
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::secp256k1::Secp256k1PrivateKey;
use crate::keys::PublicKey;
use crate::keys::material::{Description, PrivateMaterial, PublicMaterial, Unsupported};

/// A private key, parsed and bound to its family. It is overwritten when dropped, and shows nothing in `Debug`.
#[non_exhaustive]
pub enum PrivateKey {
    /// For RS256 to PS512.
    Rsa(Box<RsaPrivateKey>),
    /// For ES256, ES384 or ES512.
    Ec(EcPrivateKey),
    /// For ES256K.
    Secp256k1(Secp256k1PrivateKey),
    /// For `EdDSA`.
    Ed25519(Ed25519PrivateKey),
    /// For ML-DSA.
    MlDsa(MlDsaPrivateKey),
    /// For no algorithm; recognised so that a refusal can name it.
    Unsupported(Unsupported),
}

impl PrivateKey {
    /// Checks the material of a key, and that the public half that came with it, if any, is its own.
    ///
    /// A key that this build cannot use becomes [`PrivateKey::Unsupported`]. `public` is a point or an encoded public key;
    /// RSA numbers hold theirs already.
    ///
    /// A file whose halves disagree is damaged or forged. Nobody could verify what it signs by the key that it
    /// publishes, and some signers give their scalar away when they mix a foreign public key into an Ed25519 signature.
    pub fn from_material(parts: PrivateMaterial, public: Option<&[u8]>) -> Result<Self, Error> {
        let key = match parts {
            PrivateMaterial::Rsa(numbers, usage) => Self::Rsa(Box::new(RsaPrivateKey::new(&numbers, usage)?)),
            PrivateMaterial::Ec {
                curve: Curve::Secp256k1,
                scalar,
            } => Self::Secp256k1(Secp256k1PrivateKey::new(&scalar)?),
            PrivateMaterial::Ec { curve, scalar } if curve != Curve::Secp256k1 => {
                Self::Ec(EcPrivateKey::new(curve, &scalar)?)
            }
            PrivateMaterial::Ed25519(seed) => Self::Ed25519(Ed25519PrivateKey::new(&seed)?),
            PrivateMaterial::MlDsa { set, seed } => Self::MlDsa(MlDsaPrivateKey::new(set, &seed)?),
            // The public half of an unsupported key is not compared, because nothing here can derive it.
            other => return Ok(Self::Unsupported(other.describe().into())),
        };
        let Some(public) = public else {
            return Ok(key);
        };
        let own = key.public_key();
        let same = match own.material() {
            // The point may have come compressed.
            PublicMaterial::Ec { curve, point } => {
                let given = PublicKey::from_material(PublicMaterial::Ec {
                    curve,
                    point: public.to_vec(),
                })?;
                matches!(given.material(), PublicMaterial::Ec { point: given, .. } if given == point)
            }
            PublicMaterial::Ed25519(bytes) | PublicMaterial::MlDsa { key: bytes, .. } => bytes == public,
            // The numbers of RSA bring modulus and exponent, which were checked against the private exponent above.
            PublicMaterial::Rsa { .. } | PublicMaterial::Unsupported(_) => true,
        };
        if same { Ok(key) } else { Err(Error::KeyInvalid) }
    }

    /// Makes a key for an algorithm; [`Error::KeyUnsupported`] for HMAC and for families that this build lacks.
    ///
    /// `rsa_bits` is the size of an RSA modulus, at least 2048.
    pub fn generate(algorithm: Algorithm, rsa_bits: usize, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        match algorithm.family() {
            Family::Rsa(..) => RsaPrivateKey::generate(rsa_bits, rng).map(|key| Self::Rsa(Box::new(key))),
            Family::Ec(Curve::Secp256k1) => Ok(Self::Secp256k1(Secp256k1PrivateKey::generate(rng))),
            Family::Ec(curve) => EcPrivateKey::generate(curve, rng).map(Self::Ec),
            Family::Ed25519 => Ok(Self::Ed25519(Ed25519PrivateKey::generate(rng))),
            Family::MlDsa(set) => MlDsaPrivateKey::generate(set, rng).map(Self::MlDsa),
            // `Key::generate` makes secrets.
            Family::Hmac(_) => {
                let _ = (rsa_bits, rng);
                Err(Error::KeyUnsupported)
            }
        }
    }

    /// The material of the key, from which every format can be written.
    pub fn material(&self) -> Result<PrivateMaterial, Error> {
        Ok(match self {
            Self::Rsa(key) => PrivateMaterial::Rsa(Box::new(key.numbers()?), key.usage()),
            Self::Ec(key) => PrivateMaterial::Ec {
                curve: key.curve(),
                scalar: key.scalar(),
            },
            Self::Secp256k1(key) => PrivateMaterial::Ec {
                curve: Curve::Secp256k1,
                scalar: key.scalar(),
            },
            Self::Ed25519(key) => PrivateMaterial::Ed25519(key.seed()),
            Self::MlDsa(key) => PrivateMaterial::MlDsa {
                set: key.set(),
                seed: key.seed(),
            },
            Self::Unsupported(unsupported) => PrivateMaterial::Unsupported(*unsupported),
        })
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa(key.public_key()),
            Self::Ec(key) => PublicKey::Ec(key.public_key()),
            Self::Secp256k1(key) => PublicKey::Secp256k1(key.public_key()),
            Self::Ed25519(key) => PublicKey::Ed25519(key.public_key()),
            Self::MlDsa(key) => PublicKey::MlDsa(key.public_key()),
            Self::Unsupported(unsupported) => PublicKey::Unsupported(*unsupported),
        }
    }

    /// The public description of the key.
    #[must_use]
    pub fn describe(&self) -> Description {
        self.public_key().describe()
    }

    /// Signs a message (RFC 7515 §5.1); [`Error::KeyInvalid`] if the key does not serve the algorithm.
    ///
    /// `rng` is used only where [`Algorithm::is_randomized`].
    /// ECDSA takes its nonce from key and message (RFC 6979): a repeated or biased one would give the private key away.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Error> {
        match (self, algorithm.family()) {
            (Self::Rsa(key), Family::Rsa(scheme, hash)) => key.sign(scheme, hash, message, rng),
            (Self::Ec(key), Family::Ec(curve)) if key.curve() == curve => key.sign(message),
            (Self::Secp256k1(key), Family::Ec(Curve::Secp256k1)) => key.sign(message),
            (Self::Ed25519(key), Family::Ed25519) => key.sign(message),
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
        // The type alone, which tells two misplaced keys apart in a log and gives nothing away.
        write!(f, "PrivateKey({}, [redacted])", self.describe().type_name)
    }
}
