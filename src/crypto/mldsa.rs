//! ML-DSA, a post-quantum signature scheme: ML-DSA-44, ML-DSA-65 and ML-DSA-87 (RFC 9964, FIPS 204).
//!
//! Pure ML-DSA with an empty context, hedged: each signature uses fresh random bytes besides the key and the message.

use std::fmt;

use ml_dsa::signature::Keypair as _;
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, Signature, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Error;
use crate::crypto::algorithm::MlDsaSet;

/// The length of a private seed in bytes, the same for each set.
pub const SEED_LEN: usize = 32;

/// An ML-DSA verification key.
#[derive(Clone)]
pub enum MlDsaPublicKey {
    /// Of the set ML-DSA-44.
    MlDsa44(Box<VerifyingKey<MlDsa44>>),
    /// Of the set ML-DSA-65.
    MlDsa65(Box<VerifyingKey<MlDsa65>>),
    /// Of the set ML-DSA-87.
    MlDsa87(Box<VerifyingKey<MlDsa87>>),
}

/// An ML-DSA signing key, expanded from its seed.
pub enum MlDsaPrivateKey {
    /// Of the set ML-DSA-44.
    MlDsa44(Box<SigningKey<MlDsa44>>),
    /// Of the set ML-DSA-65.
    MlDsa65(Box<SigningKey<MlDsa65>>),
    /// Of the set ML-DSA-87.
    MlDsa87(Box<SigningKey<MlDsa87>>),
}

impl MlDsaPublicKey {
    /// Takes an encoded public key (FIPS 204 §7.2); [`Error::KeyInvalid`] for a wrong length.
    pub fn new(set: MlDsaSet, bytes: &[u8]) -> Result<Self, Error> {
        let made = match set {
            MlDsaSet::MlDsa44 => bytes
                .try_into()
                .map(|bytes| Self::MlDsa44(Box::new(VerifyingKey::decode(bytes)))),
            MlDsaSet::MlDsa65 => bytes
                .try_into()
                .map(|bytes| Self::MlDsa65(Box::new(VerifyingKey::decode(bytes)))),
            MlDsaSet::MlDsa87 => bytes
                .try_into()
                .map(|bytes| Self::MlDsa87(Box::new(VerifyingKey::decode(bytes)))),
        };
        made.map_err(|_| Error::KeyInvalid)
    }

    /// Whether `signature` is valid for `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let valid = match self {
            Self::MlDsa44(key) => {
                Signature::try_from(signature).map(|signature| key.verify_with_context(message, b"", &signature))
            }
            Self::MlDsa65(key) => {
                Signature::try_from(signature).map(|signature| key.verify_with_context(message, b"", &signature))
            }
            Self::MlDsa87(key) => {
                Signature::try_from(signature).map(|signature| key.verify_with_context(message, b"", &signature))
            }
        };
        match valid {
            // The caller cannot tell a signature of the wrong length from one that does not verify.
            Ok(true) => Ok(()),
            _ => Err(Error::SignatureInvalid),
        }
    }

    /// The parameter set.
    #[must_use]
    pub const fn set(&self) -> MlDsaSet {
        match self {
            Self::MlDsa44(_) => MlDsaSet::MlDsa44,
            Self::MlDsa65(_) => MlDsaSet::MlDsa65,
            Self::MlDsa87(_) => MlDsaSet::MlDsa87,
        }
    }

    /// The encoded key.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::MlDsa44(key) => key.encode().to_vec(),
            Self::MlDsa65(key) => key.encode().to_vec(),
            Self::MlDsa87(key) => key.encode().to_vec(),
        }
    }
}

impl MlDsaPrivateKey {
    /// Takes the 32 bytes of a seed, from which the key is expanded (FIPS 204 §6.1).
    pub fn new(set: MlDsaSet, seed: &[u8]) -> Result<Self, Error> {
        let seed: [u8; SEED_LEN] = seed.try_into().map_err(|_| Error::KeyInvalid)?;
        let seed = Zeroizing::new(ml_dsa::Seed::from(seed));
        Ok(match set {
            MlDsaSet::MlDsa44 => Self::MlDsa44(Box::new(SigningKey::from_seed(&seed))),
            MlDsaSet::MlDsa65 => Self::MlDsa65(Box::new(SigningKey::from_seed(&seed))),
            MlDsaSet::MlDsa87 => Self::MlDsa87(Box::new(SigningKey::from_seed(&seed))),
        })
    }

    /// Whether this is the encoding of the key that the seed expands to (FIPS 204 §7.2).
    #[must_use]
    #[expect(
        deprecated,
        reason = "files hold this form beside the seed, and it must not differ from it"
    )]
    pub fn has_expanded(&self, bytes: &[u8]) -> bool {
        // Not in constant time: both sides come from one file, and its owner is the caller.
        let same = |own: &[u8]| own == bytes;
        match self {
            Self::MlDsa44(key) => same(&Zeroizing::new(key.expanded_key().to_expanded())),
            Self::MlDsa65(key) => same(&Zeroizing::new(key.expanded_key().to_expanded())),
            Self::MlDsa87(key) => same(&Zeroizing::new(key.expanded_key().to_expanded())),
        }
    }

    /// Generates a key.
    pub fn generate(set: MlDsaSet, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        rng.fill_bytes(seed.as_mut());
        Self::new(set, seed.as_ref())
    }

    /// Signs a message.
    ///
    /// The random bytes protect against fault attacks: an error forced into a repeated signature could reveal the key
    /// (FIPS 204 §3.4).
    pub fn sign(&self, message: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Error> {
        match self {
            Self::MlDsa44(key) => key
                .expanded_key()
                .sign_randomized(message, b"", rng)
                .map(|made| made.encode().to_vec()),
            Self::MlDsa65(key) => key
                .expanded_key()
                .sign_randomized(message, b"", rng)
                .map(|made| made.encode().to_vec()),
            Self::MlDsa87(key) => key
                .expanded_key()
                .sign_randomized(message, b"", rng)
                .map(|made| made.encode().to_vec()),
        }
        .map_err(|_| Error::KeyInvalid)
    }

    /// The parameter set.
    #[must_use]
    pub const fn set(&self) -> MlDsaSet {
        match self {
            Self::MlDsa44(_) => MlDsaSet::MlDsa44,
            Self::MlDsa65(_) => MlDsaSet::MlDsa65,
            Self::MlDsa87(_) => MlDsaSet::MlDsa87,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> MlDsaPublicKey {
        match self {
            Self::MlDsa44(key) => MlDsaPublicKey::MlDsa44(Box::new(key.verifying_key())),
            Self::MlDsa65(key) => MlDsaPublicKey::MlDsa65(Box::new(key.verifying_key())),
            Self::MlDsa87(key) => MlDsaPublicKey::MlDsa87(Box::new(key.verifying_key())),
        }
    }

    /// The 32 bytes of the seed.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::MlDsa44(key) => key.as_seed().to_vec(),
            Self::MlDsa65(key) => key.as_seed().to_vec(),
            Self::MlDsa87(key) => key.as_seed().to_vec(),
        })
    }
}

impl fmt::Debug for MlDsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MlDsaPublicKey({})", self.set().openssl_name())
    }
}

impl fmt::Debug for MlDsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MlDsaPrivateKey([redacted])")
    }
}
