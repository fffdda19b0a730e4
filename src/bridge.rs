//! The bridge to the crate `jsonwebtoken`: a cryptography provider for it that uses this crate's algorithms, and
//! conversions between its key types and ours.
//!
//! In that crate a key is bytes with a family, and its provider is handed those bytes on every call: an RSA key would
//! be parsed and checked again for each token, which costs more than the signature. So [`Bound`] implements the crate's
//! [`JwtSigner`] and [`JwtVerifier`] over a key that is parsed once, and [`PROVIDER`] creates one wherever the crate
//! asks. Code written against `jsonwebtoken` can install [`PROVIDER`], and gets the formats of [`crate::keys`] through
//! [`encoding_key`] and [`decoding_key`]. The algorithms that the crate has no name for (ES512, ES256K, ML-DSA) are
//! available only through [`Key::sign`] and [`Key::verify`]. The wasm calls these two as well: a trait object in
//! between would add nothing. The crate's claim checks are not used, because they differ from those of npm
//! `jsonwebtoken`.
//!
//! ```
//! use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
//! use serde_json::{Value, json};
//!
//! tandem_jwt::bridge::PROVIDER.install_default().expect("no other provider yet");
//! let claims = json!({ "sub": "ada", "exp": 4_102_444_800_u64 });
//! let token = jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(b"secret"))?;
//! let key = DecodingKey::from_secret(b"secret");
//! let decoded = jsonwebtoken::decode::<Value>(&token, &key, &Validation::default())?;
//! assert_eq!(decoded.claims, claims);
//! # Ok::<(), jsonwebtoken::errors::Error>(())
//! ```

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{self, ErrorKind, new_error};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use signature_2 as signature;
use zeroize::Zeroizing;

use crate::Error;
use crate::crypto::algorithm::{Algorithm, Curve, Family};
use crate::crypto::hmac::HmacKey;
use crate::crypto::random;
use crate::crypto::rsa_key::RsaUse;
use crate::keys::material::{PrivateMaterial, PublicMaterial};
use crate::keys::{Jwk, Key, PrivateKey, PublicKey, der};

/// The provider to install: `PROVIDER.install_default()`.
pub static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Bound::for_signing(*algorithm, key)?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Bound::for_verifying(*algorithm, key)?)),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |der| {
            rsa_components(der::read_pkcs1_private(der).map(|key| key.public_key()))
        },
        rsa_pub_components_from_public_key: |der| rsa_components(der::read_pkcs1_public(der)),
        ec_pub_components_from_private_key: |der, _| ec_components(der),
        ed_pub_components_from_private_key: |der, _| match der::read_pkcs8(der).map(|key| key.public_key().material()) {
            Ok(PublicMaterial::Ed25519(key)) => Ok(key),
            _ => Err(new_error(ErrorKind::InvalidEddsaKey)),
        },
        compute_digest: |data, hash| {
            Ok(match hash {
                ThumbprintHash::SHA256 => Sha256::digest(data).to_vec(),
                ThumbprintHash::SHA384 => Sha384::digest(data).to_vec(),
                ThumbprintHash::SHA512 => Sha512::digest(data).to_vec(),
                _ => return Err(new_error(ErrorKind::UnsupportedAlgorithm)),
            })
        },
    },
};

/// A parsed key bound to one algorithm: a signer and a verifier as `jsonwebtoken` defines them.
#[derive(Debug)]
pub struct Bound {
    key: Key,
    algorithm: jsonwebtoken::Algorithm,
}

impl Bound {
    /// Binds a key to an algorithm. A key that does not fit the algorithm fails when it is used.
    #[must_use]
    pub const fn new(key: Key, algorithm: jsonwebtoken::Algorithm) -> Self {
        Self { key, algorithm }
    }

    /// The crate stores PKCS#1 for RSA, and PKCS#8 for the curves.
    fn for_signing(algorithm: jsonwebtoken::Algorithm, key: &EncodingKey) -> errors::Result<Self> {
        if key.family() != algorithm.family() {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let bytes = key.as_bytes();
        let key = match key.family() {
            AlgorithmFamily::Hmac => Ok(secret(bytes)),
            AlgorithmFamily::Rsa => der::read_pkcs1_private(bytes).map(Key::Private),
            AlgorithmFamily::Ec | AlgorithmFamily::Ed => der::read_pkcs8(bytes).map(Key::Private),
        };
        Ok(Self::new(
            key.map_err(|_| new_error(ErrorKind::InvalidKeyFormat))?,
            algorithm,
        ))
    }

    /// The crate stores PKCS#1 or the two numbers for RSA, a point for the curves, and 32 bytes for Ed25519.
    fn for_verifying(algorithm: jsonwebtoken::Algorithm, key: &DecodingKey) -> errors::Result<Self> {
        if key.family() != algorithm.family() {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let parts = match (key.kind(), ours(algorithm)?.family()) {
            (DecodingKeyKind::SecretOrDer(bytes), Family::Hmac(_)) => return Ok(Self::new(secret(bytes), algorithm)),
            (DecodingKeyKind::SecretOrDer(bytes), Family::Rsa(..)) => {
                let key = der::read_pkcs1_public(bytes).map_err(|_| new_error(ErrorKind::InvalidKeyFormat))?;
                return Ok(Self::new(Key::Public(key), algorithm));
            }
            (DecodingKeyKind::RsaModulusExponent { n, e }, _) => PublicMaterial::Rsa {
                n: n.clone(),
                e: e.clone(),
                usage: RsaUse::Any,
            },
            (DecodingKeyKind::SecretOrDer(bytes), Family::Ec(curve)) => PublicMaterial::Ec {
                curve,
                point: bytes.clone(),
            },
            (DecodingKeyKind::SecretOrDer(bytes), _) => PublicMaterial::Ed25519(bytes.clone()),
        };
        let key = PublicKey::from_material(parts).map_err(|_| new_error(ErrorKind::InvalidKeyFormat))?;
        Ok(Self::new(Key::Public(key), algorithm))
    }
}

impl JwtSigner for Bound {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm
    }
}

impl JwtVerifier for Bound {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm
    }
}

impl signature::Signer<Vec<u8>> for Bound {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let algorithm = ours(self.algorithm).map_err(signature::Error::from_source)?;
        // The trait passes no source of random bytes.
        let mut rng = random::rng().map_err(signature::Error::from_source)?;
        self.key
            .sign(algorithm, message, &mut rng)
            .map_err(signature::Error::from_source)
    }
}

impl signature::Verifier<Vec<u8>> for Bound {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let algorithm = ours(self.algorithm).map_err(signature::Error::from_source)?;
        self.key
            .verify(algorithm, message, signature)
            .map_err(signature::Error::from_source)
    }
}

/// A private key in the crate's own form; [`Error::KeyUnsupported`] for types it has no name for.
pub fn encoding_key(key: &PrivateKey) -> Result<EncodingKey, Error> {
    match key.material()? {
        PrivateMaterial::Rsa(numbers, _) => Ok(EncodingKey::from_rsa_der(&der::pkcs1_private(&numbers))),
        PrivateMaterial::Ec {
            curve: Curve::P256 | Curve::P384,
            ..
        } => Ok(EncodingKey::from_ec_der(&der::write_pkcs8(key)?)),
        PrivateMaterial::Ed25519(_) => Ok(EncodingKey::from_ed_der(&der::write_pkcs8(key)?)),
        _ => Err(Error::KeyUnsupported),
    }
}

/// A public key in the crate's own form; [`Error::KeyUnsupported`] for types it has no name for.
pub fn decoding_key(key: &PublicKey) -> Result<DecodingKey, Error> {
    match key.material() {
        PublicMaterial::Rsa { n, e, .. } => Ok(DecodingKey::from_rsa_raw_components(&n, &e)),
        PublicMaterial::Ec {
            curve: Curve::P256 | Curve::P384,
            point,
        } => Ok(DecodingKey::from_ec_der(&point)),
        PublicMaterial::Ed25519(key) => Ok(DecodingKey::from_ed_der(&key)),
        _ => Err(Error::KeyUnsupported),
    }
}

/// A public key as the crate's JWK. Types that it has no name for become its `Other`.
pub fn to_jwk(key: &PublicKey) -> Result<jsonwebtoken::jwk::Jwk, Error> {
    let json = Jwk::from_public(key).to_json()?;
    serde_json::from_str(&json).map_err(|_| Error::KeyInvalid)
}

/// The key in one of the crate's JWKs.
pub fn from_jwk(jwk: &jsonwebtoken::jwk::Jwk) -> Result<Key, Error> {
    let json = serde_json::to_vec(jwk)
        .map(Zeroizing::new)
        .map_err(|_| Error::KeyInvalid)?;
    Jwk::from_json(&json)?.to_key()
}

fn ours(algorithm: jsonwebtoken::Algorithm) -> errors::Result<Algorithm> {
    use jsonwebtoken::Algorithm as Their;
    Ok(match algorithm {
        Their::HS256 => Algorithm::Hs256,
        Their::HS384 => Algorithm::Hs384,
        Their::HS512 => Algorithm::Hs512,
        Their::RS256 => Algorithm::Rs256,
        Their::RS384 => Algorithm::Rs384,
        Their::RS512 => Algorithm::Rs512,
        Their::PS256 => Algorithm::Ps256,
        Their::PS384 => Algorithm::Ps384,
        Their::PS512 => Algorithm::Ps512,
        Their::ES256 => Algorithm::Es256,
        Their::ES384 => Algorithm::Es384,
        Their::EdDSA => Algorithm::EdDsa,
        _ => return Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    })
}

fn secret(bytes: &[u8]) -> Key {
    Key::Secret(Box::new(HmacKey::new(bytes)))
}

fn rsa_components(key: Result<PublicKey, Error>) -> errors::Result<(Vec<u8>, Vec<u8>)> {
    match key.map(|key| key.material()) {
        Ok(PublicMaterial::Rsa { n, e, .. }) => Ok((n, e)),
        _ => Err(new_error(ErrorKind::InvalidKeyFormat)),
    }
}

fn ec_components(der: &[u8]) -> errors::Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let Ok(PublicMaterial::Ec { curve, point }) = der::read_pkcs8(der).map(|key| key.public_key().material()) else {
        return Err(new_error(ErrorKind::InvalidEcdsaKey));
    };
    let curve = match curve {
        Curve::P256 => EllipticCurve::P256,
        Curve::P384 => EllipticCurve::P384,
        Curve::P521 => EllipticCurve::P521,
        Curve::Secp256k1 => return Err(new_error(ErrorKind::InvalidEcdsaKey)),
    };
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    Ok((curve, x.to_vec(), y.to_vec()))
}
