//! Reads keys from DER, strictly as the standards define them.

use zeroize::Zeroizing;

use super::curve;
use super::identifier::{self, KeyType};
use crate::Error;
use crate::crypto::algorithm::{Curve, MlDsaSet};
use crate::crypto::mldsa::MlDsaPrivateKey;
use crate::crypto::rsa_key::{RsaNumbers, RsaUse};
use crate::keys::asn1::{BIT_STRING, DerReader, INTEGER, OCTET_STRING, SEQUENCE, context, whole_bytes};
use crate::keys::encrypted::Passphrase;
use crate::keys::material::{PrivateMaterial, PublicMaterial, Unsupported};
use crate::keys::{Key, PrivateKey, PublicKey, encrypted};

/// Reads a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
pub fn read_spki(der: &[u8]) -> Result<PublicKey, Error> {
    let mut whole = DerReader::new(der);
    let spki = whole.sequence()?;
    whole.end()?;
    public_key_info(spki)
}

/// Reads the public key of an X.509 certificate (RFC 5280 §4.1). Nothing else of the certificate is checked, neither
/// its signature nor its dates.
///
/// The caller trusts the key by passing the certificate, as with npm jsonwebtoken. Checking a chain is left to the
/// caller.
pub fn read_certificate(der: &[u8]) -> Result<PublicKey, Error> {
    let mut whole = DerReader::new(der);
    let mut certificate = whole.sequence()?;
    whole.end()?;
    let mut body = certificate.sequence()?;
    // The algorithm and the value of the signature. Neither is used, but a certificate that is cut short must not pass.
    certificate.sequence()?;
    certificate.bits()?;
    certificate.end()?;

    // The version, which is left out for version 1, and the serial number.
    body.optional(context(0))?;
    body.read(INTEGER)?;
    // The signature's algorithm, issuer, validity, subject.
    for _ in 0..4 {
        body.sequence()?;
    }
    // Unique identifiers and extensions follow.
    public_key_info(body.sequence()?)
}

/// Reads an `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub fn read_pkcs1_public(der: &[u8]) -> Result<PublicKey, Error> {
    PublicKey::from_material(rsa_public(der, RsaUse::Any)?)
}

/// Reads an `RSAPrivateKey` (RFC 8017 appendix A.1.2) of two primes. The format carries no restriction, so either
/// padding is allowed.
pub fn read_pkcs1_private(der: &[u8]) -> Result<PrivateKey, Error> {
    PrivateKey::from_material(rsa_private(der, RsaUse::Any)?, None)
}

/// Reads an `ECPrivateKey` that says its curve (RFC 5915 §3).
pub fn read_sec1(der: &[u8]) -> Result<PrivateKey, Error> {
    let (parts, public) = ec_private(der, None)?;
    PrivateKey::from_material(parts, public)
}

/// Reads a `PrivateKeyInfo` or `OneAsymmetricKey` (RFC 5958 §2).
///
/// The second is the first with a public key after it, and says so by its version. The public key must then be the
/// private one's.
pub fn read_pkcs8(der: &[u8]) -> Result<PrivateKey, Error> {
    let mut whole = DerReader::new(der);
    let mut info = whole.sequence()?;
    whole.end()?;
    let version = info.small()?;
    let key_type = identifier::read(info.sequence()?)?;
    let key = info.read(OCTET_STRING)?;
    // Attributes, which are not about the key itself.
    info.optional(context(0))?;
    // The public key is tagged [1] implicitly: the tag of the bit string is replaced, its content stays (RFC 5958 §2).
    let mut public = match info.optional(0x81)? {
        Some(content) if version == 1 => Some(whole_bytes(content)?),
        None if version <= 1 => None,
        _ => return Err(Error::KeyInvalid),
    };
    info.end()?;

    let parts = match key_type {
        KeyType::Rsa(usage) => {
            // The public key that follows is skipped: an RSA private key holds it already.
            public = None;
            rsa_private(key, usage)?
        }
        KeyType::Ec(curve) => {
            let (parts, inner) = ec_private(key, Some(curve))?;
            public = public.or(inner);
            parts
        }
        // An octet string within the octet string (RFC 8410 §7).
        KeyType::Ed25519 => PrivateMaterial::Ed25519(secret(only(key, OCTET_STRING)?)),
        KeyType::MlDsa(set) => ml_dsa_private(key, set)?,
        KeyType::Unsupported(unsupported) => PrivateMaterial::Unsupported(unsupported),
    };
    PrivateKey::from_material(parts, public)
}

/// Reads an `EncryptedPrivateKeyInfo` (RFC 5958 §3); [`Error::KeyPassphrase`] for none or a wrong one.
pub fn read_encrypted_pkcs8(der: &[u8], passphrase: Option<Passphrase<'_>>) -> Result<PrivateKey, Error> {
    let plain = encrypted::decrypt_pkcs8(der, passphrase.ok_or(Error::KeyPassphrase)?)?;
    // About one wrong passphrase in 256 leaves noise whose padding looks right. Noise does not parse, so the two errors
    // that need a well-formed key are passed on.
    read_pkcs8(&plain).map_err(|error| match error {
        Error::KeyUnsupported | Error::KeyWeak => error,
        _ => Error::KeyPassphrase,
    })
}

/// Recognises a DSA private key in OpenSSL's old form, so that the refusal can name it.
pub(crate) fn read_dsa(der: &[u8]) -> Result<PrivateKey, Error> {
    only(der, SEQUENCE)?;
    Ok(PrivateKey::Unsupported(Unsupported {
        type_name: "dsa",
        curve: None,
    }))
}

/// Reads any of the forms, told apart by the tags of their first two members.
///
/// Only the two forms of PKCS#1 begin alike, and the public one ends after its two numbers.
pub fn read_any(der: &[u8], passphrase: Option<Passphrase<'_>>) -> Result<Key, Error> {
    let mut members = DerReader::new(only(der, SEQUENCE)?);
    let (first, _) = members.any()?;
    let (second, _) = members.any()?;
    match (first, second) {
        (SEQUENCE, BIT_STRING) => read_spki(der).map(Key::Public),
        (SEQUENCE, SEQUENCE) => read_certificate(der).map(Key::Public),
        (SEQUENCE, OCTET_STRING) => read_encrypted_pkcs8(der, passphrase).map(Key::Private),
        (INTEGER, SEQUENCE) => read_pkcs8(der).map(Key::Private),
        (INTEGER, OCTET_STRING) => read_sec1(der).map(Key::Private),
        (INTEGER, INTEGER) if members.end().is_ok() => read_pkcs1_public(der).map(Key::Public),
        (INTEGER, INTEGER) => read_pkcs1_private(der).map(Key::Private),
        _ => Err(Error::KeyInvalid),
    }
}

/// The content of a `SubjectPublicKeyInfo`, which stands in certificates as well.
fn public_key_info(mut spki: DerReader<'_>) -> Result<PublicKey, Error> {
    let key_type = identifier::read(spki.sequence()?)?;
    let key = spki.bits()?;
    spki.end()?;
    PublicKey::from_material(match key_type {
        KeyType::Rsa(usage) => rsa_public(key, usage)?,
        KeyType::Ec(curve) => PublicMaterial::Ec {
            curve,
            point: key.to_vec(),
        },
        KeyType::Ed25519 => PublicMaterial::Ed25519(key.to_vec()),
        KeyType::MlDsa(set) => PublicMaterial::MlDsa { set, key: key.to_vec() },
        KeyType::Unsupported(unsupported) => PublicMaterial::Unsupported(unsupported),
    })
}

/// Modulus and exponent. `usage` comes from the identifier outside.
fn rsa_public(der: &[u8], usage: RsaUse) -> Result<PublicMaterial, Error> {
    let mut whole = DerReader::new(der);
    let mut key = whole.sequence()?;
    whole.end()?;
    let (n, e) = (key.unsigned()?.to_vec(), key.unsigned()?.to_vec());
    key.end()?;
    Ok(PublicMaterial::Rsa { n, e, usage })
}

/// The nine numbers of a key of two primes, in the order of RFC 8017 appendix A.1.2.
fn rsa_private(der: &[u8], usage: RsaUse) -> Result<PrivateMaterial, Error> {
    let mut whole = DerReader::new(der);
    let mut key = whole.sequence()?;
    whole.end()?;
    match key.small()? {
        0 => {}
        // More than two primes.
        1 => return Err(Error::KeyUnsupported),
        _ => return Err(Error::KeyInvalid),
    }
    let numbers = RsaNumbers {
        n: key.unsigned()?.to_vec(),
        e: key.unsigned()?.to_vec(),
        d: secret(key.unsigned()?),
        p: secret(key.unsigned()?),
        q: secret(key.unsigned()?),
        dp: secret(key.unsigned()?),
        dq: secret(key.unsigned()?),
        qi: secret(key.unsigned()?),
    };
    key.end()?;
    Ok(PrivateMaterial::Rsa(Box::new(numbers), usage))
}

/// An `ECPrivateKey`. Its curve is given inside, or outside where PKCS#8 wraps it; both must agree where both are
/// given.
fn ec_private(der: &[u8], outer: Option<Curve>) -> Result<(PrivateMaterial, Option<&[u8]>), Error> {
    let mut whole = DerReader::new(der);
    let mut key = whole.sequence()?;
    whole.end()?;
    if key.small()? != 1 {
        return Err(Error::KeyInvalid);
    }
    let digits = key.read(OCTET_STRING)?;
    let inner = match key.optional(context(0))? {
        Some(content) => {
            let mut parameters = DerReader::new(content);
            let curve = curve::read(&mut parameters)?;
            parameters.end()?;
            Some(curve)
        }
        None => None,
    };
    let public = match key.optional(context(1))? {
        Some(content) => {
            let mut public = DerReader::new(content);
            let point = public.bits()?;
            public.end()?;
            Some(point)
        }
        None => None,
    };
    key.end()?;

    let curve = match (inner, outer) {
        // With two different curves, a signer and a verifier might each believe another one.
        (Some(Ok(inner)), Some(outer)) if inner != outer => return Err(Error::KeyInvalid),
        (Some(Ok(curve)), _) | (None, Some(curve)) => curve,
        (Some(Err(unsupported)), None) => return Ok((PrivateMaterial::Unsupported(unsupported), None)),
        // Either the two curves differ, because only the outer one is supported, or neither is given.
        (Some(Err(_)), Some(_)) | (None, None) => return Err(Error::KeyInvalid),
    };
    // Older writers dropped leading zeros. GnuTLS adds one, as for a positive INTEGER.
    let digits = match digits {
        [0, rest @ ..] if rest.len() == curve.field_len() => rest,
        other => other,
    };
    // At full width, as every reader of the material expects it. A longer one does not belong to this curve.
    let missing = curve.field_len().checked_sub(digits.len()).ok_or(Error::KeyInvalid)?;
    let mut scalar = Zeroizing::new(vec![0; curve.field_len()]);
    scalar
        .get_mut(missing..)
        .ok_or(Error::KeyInvalid)?
        .copy_from_slice(digits);
    Ok((PrivateMaterial::Ec { curve, scalar }, public))
}

/// The three forms of RFC 9881 §6: the seed, the expanded key, or both, which must then belong together. A key without
/// its seed cannot become a JWK and is not read.
fn ml_dsa_private(der: &[u8], set: MlDsaSet) -> Result<PrivateMaterial, Error> {
    let mut whole = DerReader::new(der);
    let seed = match whole.any()? {
        // The seed is tagged [0] implicitly.
        (0x80, seed) => seed,
        (SEQUENCE, content) => {
            let mut both = DerReader::new(content);
            let seed = both.read(OCTET_STRING)?;
            let expanded = both.read(OCTET_STRING)?;
            both.end()?;
            if !MlDsaPrivateKey::new(set, seed)?.has_expanded(expanded) {
                return Err(Error::KeyInvalid);
            }
            seed
        }
        (OCTET_STRING, _) => return Err(Error::KeyUnsupported),
        _ => return Err(Error::KeyInvalid),
    };
    whole.end()?;
    Ok(PrivateMaterial::MlDsa {
        set,
        seed: secret(seed),
    })
}

/// The content of the one element that the bytes must consist of.
fn only(der: &[u8], tag: u8) -> Result<&[u8], Error> {
    let mut whole = DerReader::new(der);
    let content = whole.read(tag)?;
    whole.end()?;
    Ok(content)
}

fn secret(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}
