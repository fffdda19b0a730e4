//! The object identifiers of keys, as encoded, and the names that OpenSSL and Node give to what they identify.

use crate::crypto::algorithm::{Curve, MlDsaSet};
use crate::keys::material::Foreign;

pub(crate) const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub(crate) const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
pub(crate) const MGF1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";
pub(crate) const PRIME_FIELD: &[u8] = b"\x2a\x86\x48\xce\x3d\x01\x01";
pub(crate) const EC_PUBLIC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
pub(crate) const ED25519: &[u8] = b"\x2b\x65\x70";

pub(crate) const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
pub(crate) const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
pub(crate) const SCRYPT: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
pub(crate) const HMAC_SHA1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x07";
pub(crate) const HMAC_SHA224: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x08";
pub(crate) const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
pub(crate) const HMAC_SHA384: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0a";
pub(crate) const HMAC_SHA512: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b";
pub(crate) const AES_128_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x02";
pub(crate) const AES_192_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x16";
pub(crate) const AES_256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
pub(crate) const DES_EDE3_CBC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";

const HASHES: [(&[u8], &str); 5] = [
    (b"\x2b\x0e\x03\x02\x1a", "sha1"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "sha224"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "sha256"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "sha384"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "sha512"),
];

const FOREIGN_CURVES: [(&[u8], &str); 6] = [
    (b"\x2a\x86\x48\xce\x3d\x03\x01\x01", "prime192v1"),
    (b"\x2b\x81\x04\x00\x21", "secp224r1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolP384r1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolP512r1"),
    (b"\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2"),
];

const FOREIGN_TYPES: [(&[u8], &str); 9] = [
    (b"\x2a\x86\x48\xce\x38\x04\x01", "dsa"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", "dh"),
    (b"\x2a\x86\x48\xce\x3e\x02\x01", "dh"),
    (b"\x2b\x65\x6e", "x25519"),
    (b"\x2b\x65\x6f", "x448"),
    (b"\x2b\x65\x71", "ed448"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x01", "ml-kem-512"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x02", "ml-kem-768"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x03", "ml-kem-1024"),
];

/// The identifier of a curve (RFC 5480 §2.1.1.1).
pub(crate) const fn of_curve(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => b"\x2a\x86\x48\xce\x3d\x03\x01\x07",
        Curve::P384 => b"\x2b\x81\x04\x00\x22",
        Curve::P521 => b"\x2b\x81\x04\x00\x23",
        Curve::Secp256k1 => b"\x2b\x81\x04\x00\x0a",
    }
}

/// The identifier of a parameter set (RFC 9881 §2).
pub(crate) const fn of_ml_dsa(set: MlDsaSet) -> &'static [u8] {
    match set {
        MlDsaSet::MlDsa44 => b"\x60\x86\x48\x01\x65\x03\x04\x03\x11",
        MlDsaSet::MlDsa65 => b"\x60\x86\x48\x01\x65\x03\x04\x03\x12",
        MlDsaSet::MlDsa87 => b"\x60\x86\x48\x01\x65\x03\x04\x03\x13",
    }
}

/// The identifier of a hash function.
pub(crate) fn of_hash(name: &str) -> Option<&'static [u8]> {
    HASHES.iter().find(|(_, own)| *own == name).map(|&(oid, _)| oid)
}

/// The name of a hash function.
pub(crate) fn hash_name(oid: &[u8]) -> Option<&'static str> {
    named(&HASHES, oid)
}

/// The curve, or the key type that a curve without an algorithm makes.
pub(crate) fn curve(oid: &[u8]) -> Result<Curve, Foreign> {
    Curve::ALL
        .into_iter()
        .find(|&curve| of_curve(curve) == oid)
        .ok_or_else(|| Foreign {
            type_name: "ec",
            curve: named(&FOREIGN_CURVES, oid),
        })
}

/// The parameter set of ML-DSA.
pub(crate) fn ml_dsa(oid: &[u8]) -> Option<MlDsaSet> {
    MlDsaSet::ALL.into_iter().find(|&set| of_ml_dsa(set) == oid)
}

/// The key type of an identifier that no algorithm uses.
pub(crate) fn foreign(oid: &[u8]) -> Option<Foreign> {
    named(&FOREIGN_TYPES, oid).map(|type_name| Foreign { type_name, curve: None })
}

fn named(table: &[(&[u8], &'static str)], oid: &[u8]) -> Option<&'static str> {
    table.iter().find(|(own, _)| *own == oid).map(|&(_, name)| name)
}
