//! The values of a header's `alg`, and what each requires of a key.
//!
//! `none` is not among them, so nothing that takes an [`Algorithm`] can accept an unsigned token.

use crate::crypto::hmac::HmacAlgorithm;
use crate::listed::listed;

/// The longest signature in bytes, that of ML-DSA-87; a signature by the largest RSA key is shorter.
pub const MAX_SIGNATURE_LEN: usize = 4627;

listed! {
    /// An algorithm of JSON Web Signatures. The order defines the numbers at the wasm boundary, so it must match
    /// pkg/src/jwt/algorithms.ts; the first three agree with [`HmacAlgorithm::ALL`].
    pub enum Algorithm: (&'static str, Family) {
        /// HMAC with SHA-256 (RFC 7518 §3.2).
        Hs256 = ("HS256", Family::Hmac(HmacAlgorithm::Hs256)),
        /// HMAC with SHA-384.
        Hs384 = ("HS384", Family::Hmac(HmacAlgorithm::Hs384)),
        /// HMAC with SHA-512.
        Hs512 = ("HS512", Family::Hmac(HmacAlgorithm::Hs512)),
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
        Rs256 = ("RS256", Family::Rsa(RsaScheme::Pkcs1, Hash::Sha256)),
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        Rs384 = ("RS384", Family::Rsa(RsaScheme::Pkcs1, Hash::Sha384)),
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        Rs512 = ("RS512", Family::Rsa(RsaScheme::Pkcs1, Hash::Sha512)),
        /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
        Ps256 = ("PS256", Family::Rsa(RsaScheme::Pss, Hash::Sha256)),
        /// RSASSA-PSS with SHA-384.
        Ps384 = ("PS384", Family::Rsa(RsaScheme::Pss, Hash::Sha384)),
        /// RSASSA-PSS with SHA-512.
        Ps512 = ("PS512", Family::Rsa(RsaScheme::Pss, Hash::Sha512)),
        /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
        Es256 = ("ES256", Family::Ec(Curve::P256)),
        /// ECDSA on P-384 with SHA-384.
        Es384 = ("ES384", Family::Ec(Curve::P384)),
        /// ECDSA on P-521 with SHA-512.
        Es512 = ("ES512", Family::Ec(Curve::P521)),
        /// The polymorphic name of Ed25519 (RFC 8037 §3.1). No other curve is supported under this name.
        EdDsa = ("EdDSA", Family::Ed25519),
        /// Ed25519 under a name of its own (RFC 9864 §2.2).
        Ed25519 = ("Ed25519", Family::Ed25519),
        /// ECDSA on secp256k1 with SHA-256 (RFC 8812 §3.2).
        Es256k = ("ES256K", Family::Ec(Curve::Secp256k1)),
        /// ML-DSA-44 (RFC 9964).
        MlDsa44 = ("ML-DSA-44", Family::MlDsa(MlDsaSet::MlDsa44)),
        /// ML-DSA-65.
        MlDsa65 = ("ML-DSA-65", Family::MlDsa(MlDsaSet::MlDsa65)),
        /// ML-DSA-87.
        MlDsa87 = ("ML-DSA-87", Family::MlDsa(MlDsaSet::MlDsa87)),
    }
}

/// The key that an algorithm needs: its family, and the parameters within it.
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
    /// RSASSA-PSS; MGF1 uses the same hash function, and the salt is as long as the hash.
    Pss,
}

listed! {
    /// A SHA-2 hash function.
    pub enum Hash: HashFacts {
        /// SHA-256.
        Sha256 = HashFacts { name: "sha256", output_len: 32 },
        /// SHA-384.
        Sha384 = HashFacts { name: "sha384", output_len: 48 },
        /// SHA-512.
        Sha512 = HashFacts { name: "sha512", output_len: 64 },
    }
}

struct HashFacts {
    name: &'static str,
    output_len: usize,
}

listed! {
    /// An elliptic curve for ECDSA.
    pub enum Curve: CurveFacts {
        /// NIST P-256.
        P256 = CurveFacts { openssl_name: "prime256v1", jwk_name: "P-256", field_len: 32, bits: 256 },
        /// NIST P-384.
        P384 = CurveFacts { openssl_name: "secp384r1", jwk_name: "P-384", field_len: 48, bits: 384 },
        /// NIST P-521.
        P521 = CurveFacts { openssl_name: "secp521r1", jwk_name: "P-521", field_len: 66, bits: 521 },
        /// secp256k1.
        Secp256k1 = CurveFacts { openssl_name: "secp256k1", jwk_name: "secp256k1", field_len: 32, bits: 256 },
    }
}

struct CurveFacts {
    openssl_name: &'static str,
    jwk_name: &'static str,
    field_len: usize,
    bits: u32,
}

listed! {
    /// A parameter set of ML-DSA (FIPS 204 §4).
    pub enum MlDsaSet: MlDsaFacts {
        /// ML-DSA-44.
        MlDsa44 = MlDsaFacts { algorithm: Algorithm::MlDsa44, openssl_name: "ml-dsa-44", public_len: 1312 },
        /// ML-DSA-65.
        MlDsa65 = MlDsaFacts { algorithm: Algorithm::MlDsa65, openssl_name: "ml-dsa-65", public_len: 1952 },
        /// ML-DSA-87.
        MlDsa87 = MlDsaFacts { algorithm: Algorithm::MlDsa87, openssl_name: "ml-dsa-87", public_len: 2592 },
    }
}

struct MlDsaFacts {
    algorithm: Algorithm,
    openssl_name: &'static str,
    public_len: usize,
}

impl Algorithm {
    /// The name in a header, which is case-sensitive.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// The key that the algorithm needs.
    #[must_use]
    pub const fn family(self) -> Family {
        self.row().1
    }

    /// Whether signing draws random bytes: RSA for blinding and salts, ML-DSA for hedging. The others derive their
    /// nonces from the key and the message (RFC 6979, RFC 8032 §5.1.6).
    #[must_use]
    pub const fn is_randomized(self) -> bool {
        matches!(self.family(), Family::Rsa(..) | Family::MlDsa(_))
    }
}

impl Family {
    /// The `kty` of its keys as JWKs, and their `crv` if one `kty` covers several families (RFC 7518 §6.1, RFC 8037 §2,
    /// RFC 9964).
    #[must_use]
    pub const fn jwk_type(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Hmac(_) => ("oct", None),
            Self::Rsa(..) => ("RSA", None),
            Self::Ec(curve) => ("EC", Some(curve.jwk_name())),
            Self::Ed25519 => ("OKP", Some("Ed25519")),
            Self::MlDsa(_) => ("AKP", None),
        }
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
        self.row().output_len
    }

    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }
}

impl Curve {
    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn openssl_name(self) -> &'static str {
        self.row().openssl_name
    }

    /// The `crv` of a JWK (RFC 7518 §6.2.1.1, RFC 8812 §3.1).
    #[must_use]
    pub const fn jwk_name(self) -> &'static str {
        self.row().jwk_name
    }

    /// The length in bytes of a coordinate and of a private scalar; a signature is twice as long.
    #[must_use]
    pub const fn field_len(self) -> usize {
        self.row().field_len
    }

    /// The size of the field in bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.row().bits
    }
}

impl MlDsaSet {
    /// The only algorithm that a key of this set serves.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        self.row().algorithm
    }

    /// The name that OpenSSL and Node use.
    #[must_use]
    pub const fn openssl_name(self) -> &'static str {
        self.row().openssl_name
    }

    /// The length of a public key in bytes (FIPS 204 §4, table 2).
    #[must_use]
    pub const fn public_len(self) -> usize {
        self.row().public_len
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
        for (number, &hmac) in HmacAlgorithm::ALL.iter().enumerate() {
            assert_eq!(Algorithm::ALL[number].family(), Family::Hmac(hmac));
            assert_eq!(Algorithm::from(hmac), Algorithm::ALL[number]);
            assert_eq!(Algorithm::ALL[number].name(), hmac.name());
        }
    }
}
