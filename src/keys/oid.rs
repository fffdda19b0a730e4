//! The object identifiers of keys, as encoded, and the names that OpenSSL and Node give to what they identify.

use const_oid::ObjectIdentifier;
use const_oid::db::{fips203, fips204, rfc5639, rfc5911, rfc5912, rfc6268, rfc8410};

use crate::crypto::algorithm::{Curve, MlDsaSet};
use crate::keys::material::Unsupported;

/// An identifier as DER encodes it, from its name in the standard that assigns it, or from its dotted numbers. It is
/// made at compile time, without the room that an [`ObjectIdentifier`] keeps for longer ones.
macro_rules! encoded {
    ($numbers:literal) => {
        encoded!(ObjectIdentifier::new_unwrap($numbers))
    };
    ($oid:expr) => {{
        const OID: ObjectIdentifier = $oid;
        const BYTES: [u8; OID.as_bytes().len()] = exactly(OID);
        &BYTES as &'static [u8]
    }};
}

/// The bytes as an array of their own length. The callers take that length from the same identifier, so there are
/// always enough.
const fn exactly<const LEN: usize>(oid: ObjectIdentifier) -> [u8; LEN] {
    match oid.as_bytes().first_chunk() {
        Some(bytes) => *bytes,
        None => [0; LEN],
    }
}

pub(crate) const RSA_ENCRYPTION: &[u8] = encoded!(rfc5912::RSA_ENCRYPTION);
pub(crate) const RSASSA_PSS: &[u8] = encoded!(rfc5912::ID_RSASSA_PSS);
pub(crate) const MGF1: &[u8] = encoded!(rfc5912::ID_MGF_1);
/// RFC 3279 §2.3.5.
pub(crate) const PRIME_FIELD: &[u8] = encoded!("1.2.840.10045.1.1");
pub(crate) const EC_PUBLIC_KEY: &[u8] = encoded!(rfc5912::ID_EC_PUBLIC_KEY);
pub(crate) const ED25519: &[u8] = encoded!(rfc8410::ID_ED_25519);

/// RFC 8018 appendix A.4.
pub(crate) const PBES2: &[u8] = encoded!("1.2.840.113549.1.5.13");
pub(crate) const PBKDF2: &[u8] = encoded!(rfc5911::ID_PBKDF_2);
/// RFC 7914 §7.
pub(crate) const SCRYPT: &[u8] = encoded!("1.3.6.1.4.1.11591.4.11");
/// RFC 8018 appendix B.1.1.
pub(crate) const HMAC_SHA1: &[u8] = encoded!("1.2.840.113549.2.7");
pub(crate) const HMAC_SHA224: &[u8] = encoded!(rfc6268::ID_HMAC_WITH_SHA_224);
pub(crate) const HMAC_SHA256: &[u8] = encoded!(rfc6268::ID_HMAC_WITH_SHA_256);
pub(crate) const HMAC_SHA384: &[u8] = encoded!(rfc6268::ID_HMAC_WITH_SHA_384);
pub(crate) const HMAC_SHA512: &[u8] = encoded!(rfc6268::ID_HMAC_WITH_SHA_512);
pub(crate) const AES_128_CBC: &[u8] = encoded!(rfc5911::ID_AES_128_CBC);
pub(crate) const AES_192_CBC: &[u8] = encoded!(rfc5911::ID_AES_192_CBC);
pub(crate) const AES_256_CBC: &[u8] = encoded!(rfc5911::ID_AES_256_CBC);
pub(crate) const DES_EDE3_CBC: &[u8] = encoded!(rfc5911::DES_EDE_3_CBC);

/// The hash functions that the parameters of a key may name, by Node's names.
const HASHES: [(&[u8], &str); 5] = [
    (encoded!(rfc5912::ID_SHA_1), "sha1"),
    (encoded!(rfc5912::ID_SHA_224), "sha224"),
    (encoded!(rfc5912::ID_SHA_256), "sha256"),
    (encoded!(rfc5912::ID_SHA_384), "sha384"),
    (encoded!(rfc5912::ID_SHA_512), "sha512"),
];

/// Curves that Node knows and no algorithm of JWS uses. A refusal can name them; any other curve has no name here.
const UNSUPPORTED_CURVES: [(&[u8], &str); 6] = [
    (encoded!("1.2.840.10045.3.1.1"), "prime192v1"),
    (encoded!(rfc5912::SECP_224_R_1), "secp224r1"),
    (encoded!(rfc5639::BRAINPOOL_P_256_R_1), "brainpoolP256r1"),
    (encoded!(rfc5639::BRAINPOOL_P_384_R_1), "brainpoolP384r1"),
    (encoded!(rfc5639::BRAINPOOL_P_512_R_1), "brainpoolP512r1"),
    (encoded!("1.2.156.10197.1.301"), "SM2"),
];

/// Types of keys that Node knows and no algorithm here uses. Most of them agree on keys and cannot sign.
const UNSUPPORTED_TYPES: [(&[u8], &str); 9] = [
    (encoded!(rfc5912::ID_DSA), "dsa"),
    // Diffie-Hellman of PKCS #3, and of X9.42.
    (encoded!("1.2.840.113549.1.3.1"), "dh"),
    (encoded!(rfc5912::DHPUBLICNUMBER), "dh"),
    (encoded!(rfc8410::ID_X_25519), "x25519"),
    (encoded!(rfc8410::ID_X_448), "x448"),
    (encoded!(rfc8410::ID_ED_448), "ed448"),
    (encoded!(fips203::ID_ALG_ML_KEM_512), "ml-kem-512"),
    (encoded!(fips203::ID_ALG_ML_KEM_768), "ml-kem-768"),
    (encoded!(fips203::ID_ALG_ML_KEM_1024), "ml-kem-1024"),
];

/// The identifier of a curve (RFC 5480 §2.1.1.1).
pub(crate) const fn of_curve(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => encoded!(rfc5912::SECP_256_R_1),
        Curve::P384 => encoded!(rfc5912::SECP_384_R_1),
        Curve::P521 => encoded!(rfc5912::SECP_521_R_1),
        // SEC 2 §2.4.1.
        Curve::Secp256k1 => encoded!("1.3.132.0.10"),
    }
}

/// The identifier of a parameter set (RFC 9881 §2).
pub(crate) const fn of_ml_dsa(set: MlDsaSet) -> &'static [u8] {
    match set {
        MlDsaSet::MlDsa44 => encoded!(fips204::ID_ML_DSA_44),
        MlDsaSet::MlDsa65 => encoded!(fips204::ID_ML_DSA_65),
        MlDsaSet::MlDsa87 => encoded!(fips204::ID_ML_DSA_87),
    }
}

/// The identifier of a hash function.
/// `None` for a name that is not in the table.
pub(crate) fn of_hash(name: &str) -> Option<&'static [u8]> {
    HASHES.iter().find(|(_, own)| *own == name).map(|&(oid, _)| oid)
}

/// The name of a hash function.
pub(crate) fn hash_name(oid: &[u8]) -> Option<&'static str> {
    named(&HASHES, oid)
}

/// The curve, or the unsupported type of a key on another curve.
///
/// An unknown curve is not an error yet: the key is well formed, and is refused where it is used.
pub(crate) fn curve(oid: &[u8]) -> Result<Curve, Unsupported> {
    Curve::ALL
        .iter()
        .copied()
        .find(|&curve| of_curve(curve) == oid)
        .ok_or_else(|| Unsupported {
            type_name: "ec",
            curve: named(&UNSUPPORTED_CURVES, oid),
        })
}

/// The parameter set of ML-DSA.
pub(crate) fn ml_dsa(oid: &[u8]) -> Option<MlDsaSet> {
    MlDsaSet::ALL.iter().copied().find(|&set| of_ml_dsa(set) == oid)
}

/// The unsupported type that an identifier names.
pub(crate) fn unsupported(oid: &[u8]) -> Option<Unsupported> {
    named(&UNSUPPORTED_TYPES, oid).map(|type_name| Unsupported { type_name, curve: None })
}

fn named(table: &[(&[u8], &'static str)], oid: &[u8]) -> Option<&'static str> {
    table.iter().find(|(own, _)| *own == oid).map(|&(_, name)| name)
}
