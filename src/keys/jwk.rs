//! JSON Web Keys (RFC 7517), of the types `RSA`, `EC`, `oct` (RFC 7518 §6), `OKP` (RFC 8037 §2) and `AKP` (RFC 9964
//! §3).
//!
//! The type of the crate `jsonwebtoken` is not used for reading: it has no private members, and turns the names of
//! algorithms it does not serve into one "unknown". [`crate::bridge`] converts where both know the key.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;
use crate::crypto::algorithm::{Algorithm, Curve, Family};
use crate::crypto::hmac::HmacKey;
use crate::crypto::rsa_key::{RsaNumbers, RsaUse};
use crate::jose::base64url;
use crate::keys::material::{PrivateMaterial, PublicMaterial};
use crate::keys::secret::looks_asymmetric;
use crate::keys::{Key, PrivateKey, PublicKey};

/// A secret member: base64url text that is overwritten when dropped.
/// The decoded bytes are kept apart, in containers that are overwritten as well.
type Secret = Option<Zeroizing<String>>;

/// A JSON Web Key as read from JSON, with the members of all types side by side; nothing is checked yet.
///
/// A member that is there twice is an error. Members with other names are ignored (RFC 7517 §4). JSON parsers disagree
/// about which of two members counts, so a key that passed a check elsewhere could be another key here.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Jwk {
    /// The key type; the only member that each key has.
    pub kty: String,
    /// The name of the key in a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The algorithm that the key is for. `AKP` needs it, because it alone names the parameter set (RFC 9964 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig` or `enc`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The operations that the key may be used for: `sign`, `verify` (RFC 7517 §4.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// `EC` and `OKP`: the curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// `EC`: the first coordinate, as long as the field (RFC 7518 §6.2.1.2). `OKP`: the public key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// `EC`: the second coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// `RSA`: the modulus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// `RSA`: the public exponent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// `AKP`: the public key.
    #[serde(rename = "pub", skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// `AKP`: the private seed.
    #[serde(rename = "priv", skip_serializing_if = "Option::is_none")]
    pub private: Secret,
    /// `RSA`, `EC` and `OKP`: the private exponent, scalar or seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub d: Secret,
    /// `RSA`: the first prime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Secret,
    /// `RSA`: the second prime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Secret,
    /// `RSA`: `d mod (p - 1)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dp: Secret,
    /// `RSA`: `d mod (q - 1)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dq: Secret,
    /// `RSA`: `q⁻¹ mod p`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qi: Secret,
    /// `RSA`: more primes, which are not supported.
    ///
    /// Only its presence counts: a reader without support for more primes must not use such a key at all (RFC 7518
    /// §6.3.2.7).
    #[serde(skip_serializing)]
    pub oth: Option<serde::de::IgnoredAny>,
    /// `oct`: the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Secret,
}

impl Jwk {
    /// Reads JSON text.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        if json.len() > super::MAX_KEY_LEN {
            return Err(Error::KeyTooLarge);
        }
        // serde would also read an array of the members in their order.
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(Error::KeyInvalid);
        }
        serde_json::from_slice(json).map_err(|_| Error::KeyInvalid)
    }

    /// Whether there is a member that only private keys and secrets have.
    ///
    /// A proof of possession that holds one is refused (RFC 9449 §4.3): its sender would be publishing the key.
    #[must_use]
    pub fn has_private_members(&self) -> bool {
        // Destructured, so that renaming a member breaks this function instead of its result.
        let Self {
            d,
            p,
            q,
            dp,
            dq,
            qi,
            k,
            private,
            ..
        } = self;
        self.oth.is_some() || [d, p, q, dp, dq, qi, k, private].into_iter().any(Option::is_some)
    }

    /// Writes JSON text.
    pub fn to_json(&self) -> Result<Zeroizing<String>, Error> {
        serde_json::to_string(self)
            .map(Zeroizing::new)
            .map_err(|_| Error::KeyInvalid)
    }

    /// The public half as a JWK.
    ///
    /// Without `kid`, `use` and the like, which are the caller's to add. The `kty` of an unsupported key is empty.
    #[must_use]
    pub fn from_public(key: &PublicKey) -> Self {
        let text = |bytes: &[u8]| Some(base64url::encode(bytes));
        let empty = Self::default();
        match key.material() {
            PublicMaterial::Rsa { n, e, .. } => Self {
                kty: "RSA".into(),
                n: text(&n),
                e: text(&e),
                ..empty
            },
            PublicMaterial::Ec { curve, point } => {
                // The first byte says that the point is not compressed; both coordinates follow at full length.
                let coordinates = point.get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                Self {
                    kty: "EC".into(),
                    crv: Some(curve.jwk_name().into()),
                    x: text(x),
                    y: text(y),
                    ..empty
                }
            }
            PublicMaterial::Ed25519(key) => Self {
                kty: "OKP".into(),
                crv: Some("Ed25519".into()),
                x: text(&key),
                ..empty
            },
            PublicMaterial::MlDsa { set, key } => Self {
                kty: "AKP".into(),
                alg: Some(set.algorithm().name().into()),
                public: text(&key),
                ..empty
            },
            PublicMaterial::Unsupported(_) => empty,
        }
    }

    /// Both halves as a JWK.
    ///
    /// An RSA key has all of its numbers, because many readers cannot find the primes again from `d` alone.
    pub fn from_private(key: &PrivateKey) -> Result<Self, Error> {
        let text = |bytes: &[u8]| Some(Zeroizing::new(base64url::encode(bytes)));
        let public = Self::from_public(&key.public_key());
        Ok(match key.material()? {
            PrivateMaterial::Rsa(numbers, _) => Self {
                d: text(&numbers.d),
                p: text(&numbers.p),
                q: text(&numbers.q),
                dp: text(&numbers.dp),
                dq: text(&numbers.dq),
                qi: text(&numbers.qi),
                ..public
            },
            PrivateMaterial::Ec { scalar, .. } => Self {
                d: text(&scalar),
                ..public
            },
            PrivateMaterial::Ed25519(seed) => Self {
                d: text(&seed),
                ..public
            },
            PrivateMaterial::MlDsa { seed, .. } => Self {
                private: text(&seed),
                ..public
            },
            PrivateMaterial::Unsupported(_) => return Err(Error::KeyUnsupported),
        })
    }

    /// A key of any kind as a JWK; [`Error::KeyUnsupported`] for one that no algorithm uses, [`Error::KeyInvalid`] for
    /// an empty secret, which would not be read again.
    pub fn from_key(key: &Key) -> Result<Self, Error> {
        let jwk = match key {
            Key::Secret(secret) if secret.secret().is_empty() => return Err(Error::KeyInvalid),
            Key::Secret(secret) => Self {
                kty: "oct".into(),
                k: Some(Zeroizing::new(base64url::encode(secret.secret()))),
                ..Self::default()
            },
            Key::Public(key) => Self::from_public(key),
            Key::Private(key) => Self::from_private(key)?,
        };
        // `from_public` marks an unsupported key by an empty `kty`.
        if jwk.kty.is_empty() {
            return Err(Error::KeyUnsupported);
        }
        Ok(jwk)
    }

    /// Checks the members that the type needs and makes a key of them, a private one if the private member is there.
    ///
    /// Where a private member stands beside the public ones, both halves must belong together.
    /// [`Error::KeyUnsupported`] is for types and curves of RFCs that no algorithm here uses, [`Error::KeyInvalid`] for
    /// everything that is missing or wrong.
    pub fn to_key(&self) -> Result<Key, Error> {
        match self.kty.as_str() {
            "oct" => {
                let secret = secret(self.k.as_ref())?;
                // Refuses an `oct` key that wraps a key of a pair, and an empty one.
                if secret.is_empty() || looks_asymmetric(&secret) {
                    return Err(Error::KeyInvalid);
                }
                Ok(Key::Secret(Box::new(HmacKey::new(&secret))))
            }
            "RSA" => self.rsa(),
            "EC" => self.ec(),
            "OKP" => match self.crv.as_deref() {
                Some("Ed25519") => {
                    let public = bytes(self.x.as_ref())?;
                    match &self.d {
                        None => public_key(PublicMaterial::Ed25519(public)),
                        seed => private_key(PrivateMaterial::Ed25519(secret(seed.as_ref())?), Some(&public)),
                    }
                }
                // X25519 and X448 cannot sign, and Ed448 is not implemented.
                Some(_) => Err(Error::KeyUnsupported),
                None => Err(Error::KeyInvalid),
            },
            "AKP" => {
                let named = self.alg.as_deref().ok_or(Error::KeyInvalid)?;
                let Some(Family::MlDsa(set)) = Algorithm::from_name(named).map(Algorithm::family) else {
                    return Err(Error::KeyUnsupported);
                };
                let key = bytes(self.public.as_ref())?;
                match &self.private {
                    None => public_key(PublicMaterial::MlDsa { set, key }),
                    seed => {
                        let seed = secret(seed.as_ref())?;
                        private_key(PrivateMaterial::MlDsa { set, seed }, Some(&key))
                    }
                }
            }
            // `kty` is required (RFC 7517 §4.1), and is empty where it was missing.
            "" => Err(Error::KeyInvalid),
            _ => Err(Error::KeyUnsupported),
        }
    }

    fn rsa(&self) -> Result<Key, Error> {
        let (n, e) = (bytes(self.n.as_ref())?, bytes(self.e.as_ref())?);
        if self.d.is_none() {
            let usage = RsaUse::Any;
            return public_key(PublicMaterial::Rsa { n, e, usage });
        }
        if self.oth.is_some() {
            return Err(Error::KeyUnsupported);
        }
        // All five or none of them (RFC 7518 §6.3.2). Without them the primes are found again from `d`.
        let factors = [&self.p, &self.q, &self.dp, &self.dq, &self.qi].map(|member| member.as_ref());
        let factor = |member: Option<&Zeroizing<String>>| match member {
            Some(_) => secret(member),
            None if factors.iter().all(Option::is_none) => Ok(Zeroizing::default()),
            None => Err(Error::KeyInvalid),
        };
        let [p, q, dp, dq, qi] = factors.map(factor);
        let numbers = RsaNumbers {
            n,
            e,
            d: secret(self.d.as_ref())?,
            p: p?,
            q: q?,
            dp: dp?,
            dq: dq?,
            qi: qi?,
        };
        private_key(PrivateMaterial::Rsa(Box::new(numbers), RsaUse::Any), None)
    }

    fn ec(&self) -> Result<Key, Error> {
        let named = self.crv.as_deref().ok_or(Error::KeyInvalid)?;
        let curve = Curve::ALL
            .iter()
            .copied()
            .find(|curve| curve.jwk_name() == named)
            .ok_or(Error::KeyUnsupported)?;
        let (x, y) = (bytes(self.x.as_ref())?, bytes(self.y.as_ref())?);
        // Coordinates keep their leading zeros (RFC 7518 §6.2.1.2). Joined at another length they would make another
        // point.
        if x.len() != curve.field_len() || y.len() != curve.field_len() {
            return Err(Error::KeyInvalid);
        }
        // The uncompressed form (SEC 1 §2.3.3). Whether the point lies on the curve is checked when the key is made.
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        match &self.d {
            None => public_key(PublicMaterial::Ec { curve, point }),
            scalar => {
                let scalar = secret(scalar.as_ref())?;
                private_key(PrivateMaterial::Ec { curve, scalar }, Some(&point))
            }
        }
    }
}

/// Shows names alone. The same member is public in one type and secret in another, and a log must not depend on the
/// difference.
impl std::fmt::Debug for Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty)
            .field("kid", &self.kid)
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

fn public_key(parts: PublicMaterial) -> Result<Key, Error> {
    PublicKey::from_material(parts).map(Key::Public)
}

fn private_key(parts: PrivateMaterial, public: Option<&[u8]>) -> Result<Key, Error> {
    PrivateKey::from_material(parts, public).map(Key::Private)
}

/// The bytes of a public member, which must be there. Padding, white space and the other alphabet are refused, so that
/// a key has one spelling.
fn bytes(member: Option<&String>) -> Result<Vec<u8>, Error> {
    let text = member.ok_or(Error::KeyInvalid)?;
    base64url::decode(text.as_bytes()).map_err(|_| Error::KeyInvalid)
}

/// The bytes of a secret member, by the same rules.
fn secret(member: Option<&Zeroizing<String>>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let text = member.ok_or(Error::KeyInvalid)?;
    base64url::decode(text.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| Error::KeyInvalid)
}
