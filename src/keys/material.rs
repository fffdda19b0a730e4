//! The material of a key: how the formats of [`crate::keys`] hand keys to the families in [`crate::crypto`], and take
//! them back.

use zeroize::Zeroizing;

use crate::crypto::algorithm::{Curve, MlDsaSet};
use crate::crypto::rsa_key::{PssParameters, RsaNumbers, RsaUse};

/// The material of a public key, not yet checked.
///
/// The format has been read, the values have not: a point may lie off its curve, and a modulus may be even, until
/// `PublicKey::from_material` takes them.
#[derive(Debug)]
pub enum PublicMaterial {
    /// Modulus and exponent, big-endian.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
        /// The uses that the key allows. Only DER restricts them; the `alg` of a JWK is kept apart, among its
        /// restrictions.
        usage: RsaUse,
    },
    /// A point on a curve (SEC 1 §2.3.3).
    Ec {
        /// The curve.
        curve: Curve,
        /// The encoded point.
        point: Vec<u8>,
    },
    /// The bytes of an Ed25519 key (RFC 8032 §5.1.2), which should be 32.
    Ed25519(Vec<u8>),
    /// An encoded ML-DSA key.
    MlDsa {
        /// The parameter set.
        set: MlDsaSet,
        /// The encoded key.
        key: Vec<u8>,
    },
    /// A key that no algorithm here can use.
    Unsupported(Unsupported),
}

/// The material of a private key, not yet checked.
///
/// The secret parts are overwritten when they are dropped. The type has no `Debug`, so that a log cannot show them by
/// mistake.
pub enum PrivateMaterial {
    /// The numbers of an RSA key.
    /// The public numbers are among them. The box keeps the enum small beside them.
    Rsa(Box<RsaNumbers>, RsaUse),
    /// A private scalar of the curve's full width.
    Ec {
        /// The curve.
        curve: Curve,
        /// The scalar, big-endian.
        scalar: Zeroizing<Vec<u8>>,
    },
    /// The seed of an Ed25519 key (RFC 8032 §5.1.5), which should be 32 bytes. The scalar is derived from it.
    Ed25519(Zeroizing<Vec<u8>>),
    /// The seed of an ML-DSA key. The expanded key, which some files hold instead, cannot be turned back into it.
    MlDsa {
        /// The parameter set.
        set: MlDsaSet,
        /// The 32 bytes of the seed.
        seed: Zeroizing<Vec<u8>>,
    },
    /// A key that no algorithm here can use.
    Unsupported(Unsupported),
}

/// A key that no algorithm of this build can use. It is kept so that a refusal can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Node's name of its type: `dsa`, `x25519`, `ed448`, or `ec` on a curve that is not supported.
    pub type_name: &'static str,
    /// OpenSSL's name of its curve.
    /// `None` for types without curves, and for a curve that the table of identifiers lacks.
    pub curve: Option<&'static str>,
}

/// The public description of a key, in the terms of Node's `KeyObject`.
///
/// The sentences of npm jsonwebtoken quote these words (`"alg" parameter for "ec" key type must be one of …`), so that
/// they have to be Node's and not those of a JWK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The type: `rsa`, `rsa-pss`, `ec`, `ed25519`, `ml-dsa-44` …
    pub type_name: &'static str,
    /// The curve of an `ec` key: `prime256v1` …
    pub curve: Option<&'static str>,
    /// The size of an RSA modulus or of a curve.
    /// `None` for families whose types have one size each, and for unsupported keys.
    pub bits: Option<u32>,
    /// The parameters that an `rsa-pss` key restricts itself to, if any.
    pub pss: Option<PssParameters>,
}

impl PublicMaterial {
    /// The public description of the key.
    #[must_use]
    pub fn describe(&self) -> Description {
        let plain = |type_name| Description {
            type_name,
            curve: None,
            bits: None,
            pss: None,
        };
        match self {
            Self::Rsa { n, usage, .. } => Description {
                bits: Some(bit_len(n)),
                pss: match usage {
                    RsaUse::Any => None,
                    RsaUse::Pss(parameters) => *parameters,
                },
                ..plain(usage.type_name())
            },
            Self::Ec { curve, .. } => Description {
                curve: Some(curve.openssl_name()),
                bits: Some(curve.bits()),
                ..plain("ec")
            },
            Self::Ed25519(_) => plain("ed25519"),
            Self::MlDsa { set, .. } => plain(set.openssl_name()),
            Self::Unsupported(unsupported) => Description {
                curve: unsupported.curve,
                ..plain(unsupported.type_name)
            },
        }
    }
}

impl PrivateMaterial {
    /// The public description, as far as the private material alone gives it.
    ///
    /// The public halves that are left empty below play no part in a description.
    #[must_use]
    pub fn describe(&self) -> Description {
        match self {
            Self::Rsa(numbers, usage) => PublicMaterial::Rsa {
                n: numbers.n.clone(),
                e: Vec::new(),
                usage: *usage,
            },
            Self::Ec { curve, .. } => PublicMaterial::Ec {
                curve: *curve,
                point: Vec::new(),
            },
            Self::Ed25519(_) => PublicMaterial::Ed25519(Vec::new()),
            Self::MlDsa { set, .. } => PublicMaterial::MlDsa {
                set: *set,
                key: Vec::new(),
            },
            Self::Unsupported(unsupported) => PublicMaterial::Unsupported(*unsupported),
        }
        .describe()
    }
}

impl From<Description> for Unsupported {
    fn from(description: Description) -> Self {
        Self {
            type_name: description.type_name,
            curve: description.curve,
        }
    }
}

/// The bits of a big-endian number. Leading zeros do not count: a padded modulus must not pass for a longer one.
fn bit_len(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    match number.get(zeros..) {
        Some(digits @ [first, ..]) => {
            // The first digit is not zero here, so fewer than eight of its bits are taken off.
            u32::try_from(digits.len() * 8).map_or(u32::MAX, |bits| bits - first.leading_zeros())
        }
        _ => 0,
    }
}
