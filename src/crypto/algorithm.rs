//! The names a header's `alg` can have, and what each asks of a key.
//!
//! `none` is not among them: a token without a signature needs no key, so there is nothing here that could accept one.

use crate::crypto::hmac::HmacAlgorithm;

/// An algorithm of JSON Web Signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256 (RFC 7518 §3.2).
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// The polymorphic name of Ed25519 (RFC 8037 §3.1); no other curve is served under it.
    EdDsa,
    /// Ed25519 under a name of its own (RFC 9864 §2.2).
    Ed25519,
    /// ECDSA on secp256k1 with SHA-256 (RFC 8812 §3.2).
    Es256k,
    /// ML-DSA-44 (RFC 9964).
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

/// What an algorithm asks of a key: the family that carries it, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// A secret.
    Hmac(HmacAlgorithm),
    /// An RSA key.
    Rsa(RsaScheme, Hash),
    /// A key on one of the curves; each curve has one hash function.
    Ec(Curve),
    /// An Ed25519 key.
    Ed25519,
    /// A key of one parameter set.
    MlDsa(MlDsaSet),
}

/// How an RSA signature is padded (RFC 8017 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaScheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with MGF1 of the same hash function and a salt as long as the hash.
    Pss,
}

/// A hash function of SHA-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// An elliptic curve for ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// secp256k1.
    Secp256k1,
}

/// A parameter set of ML-DSA (FIPS 204 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlDsaSet {
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl Algorithm {
    /// All of them, in the order of their numbers at the wasm boundary; the first three agree with [`HmacAlgorithm::ALL`].
    pub const ALL: &'static [Self] = &[
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Ed25519,
        Self::Es256k,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The name in a header, case and all.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::Es256k => "ES256K",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// What the algorithm asks of a key.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Hs256 => Family::Hmac(HmacAlgorithm::Hs256),
            Self::Hs384 => Family::Hmac(HmacAlgorithm::Hs384),
            Self::Hs512 => Family::Hmac(HmacAlgorithm::Hs512),
            Self::Rs256 => Family::Rsa(RsaScheme::Pkcs1, Hash::Sha256),
            Self::Rs384 => Family::Rsa(RsaScheme::Pkcs1, Hash::Sha384),
            Self::Rs512 => Family::Rsa(RsaScheme::Pkcs1, Hash::Sha512),
            Self::Ps256 => Family::Rsa(RsaScheme::Pss, Hash::Sha256),
            Self::Ps384 => Family::Rsa(RsaScheme::Pss, Hash::Sha384),
            Self::Ps512 => Family::Rsa(RsaScheme::Pss, Hash::Sha512),
            Self::Es256 => Family::Ec(Curve::P256),
            Self::Es384 => Family::Ec(Curve::P384),
            Self::Es512 => Family::Ec(Curve::P521),
            Self::Es256k => Family::Ec(Curve::Secp256k1),
            Self::EdDsa | Self::Ed25519 => Family::Ed25519,
            Self::MlDsa44 => Family::MlDsa(MlDsaSet::MlDsa44),
            Self::MlDsa65 => Family::MlDsa(MlDsaSet::MlDsa65),
            Self::MlDsa87 => Family::MlDsa(MlDsaSet::MlDsa87),
        }
    }

    /// Whether signing draws random bytes: RSA for its blinding and salts, ML-DSA to hedge. The others derive theirs
    /// from the key and the message (RFC 6979, RFC 8032 §5.1.6).
    #[must_use]
    pub const fn is_randomized(self) -> bool {
        matches!(self.family(), Family::Rsa(..) | Family::MlDsa(_))
    }
}

impl From<HmacAlgorithm> for Algorithm {
    fn from(hmac: HmacAlgorithm) -> Self {
        match hmac {
            HmacAlgorithm::Hs256 => Self::Hs256,
            HmacAlgorithm::Hs384 => Self::Hs384,
            HmacAlgorithm::Hs512 => Self::Hs512,
        }
    }
}

impl Hash {
    /// The length of a hash in bytes.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

impl Curve {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn openssl_name(self) -> &'static str {
        match self {
            Self::P256 => "prime256v1",
            Self::P384 => "secp384r1",
            Self::P521 => "secp521r1",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// The `crv` of a JWK (RFC 7518 §6.2.1.1, RFC 8812 §3.1).
    #[must_use]
    pub const fn jwk_name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// The length in bytes of a coordinate and of a private scalar; a signature is twice as long.
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The size of the field in bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::P256 | Self::Secp256k1 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }
}

impl MlDsaSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// The one algorithm that a key of this set serves.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::MlDsa44 => Algorithm::MlDsa44,
            Self::MlDsa65 => Algorithm::MlDsa65,
            Self::MlDsa87 => Algorithm::MlDsa87,
        }
    }

    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn openssl_name(self) -> &'static str {
        match self {
            Self::MlDsa44 => "ml-dsa-44",
            Self::MlDsa65 => "ml-dsa-65",
            Self::MlDsa87 => "ml-dsa-87",
        }
    }

    /// The length of a public key in bytes (FIPS 204 §4, table 2).
    #[must_use]
    pub const fn public_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_nothing_else() {
        for &algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        }
        for other in ["", "none", "hs256", "ES521", "Ed448", "RS1", "HS256 "] {
            assert_eq!(Algorithm::from_name(other), None, "{other:?}");
        }
    }

    #[test]
    fn the_numbers_of_hmac_agree() {
        for (number, hmac) in HmacAlgorithm::ALL.into_iter().enumerate() {
            assert_eq!(Algorithm::ALL[number].family(), Family::Hmac(hmac));
            assert_eq!(Algorithm::from(hmac), Algorithm::ALL[number]);
            assert_eq!(Algorithm::ALL[number].name(), hmac.name());
        }
    }
}
