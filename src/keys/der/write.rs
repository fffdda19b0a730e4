//! Writes keys to DER: the two forms that every host reads, and those that the crate `jsonwebtoken` keeps.

use zeroize::Zeroizing;

use super::identifier;
use crate::Error;
use crate::crypto::rsa_key::RsaNumbers;
use crate::keys::asn1::{OCTET_STRING, SEQUENCE, bits, context, element, unsigned};
use crate::keys::material::{PrivateMaterial, PublicMaterial};
use crate::keys::{PrivateKey, PublicKey, oid};

/// Writes a `SubjectPublicKeyInfo`; [`Error::KeyUnsupported`] for an unsupported key.
pub fn write_spki(key: &PublicKey) -> Result<Vec<u8>, Error> {
    let (identifier, content) = match key.material() {
        PublicMaterial::Rsa { n, e, usage } => (identifier::rsa(usage)?, pkcs1_public(&n, &e)),
        PublicMaterial::Ec { curve, point } => (identifier::ec(curve), Zeroizing::new(point)),
        PublicMaterial::Ed25519(key) => (identifier::write(oid::ED25519, &[]), Zeroizing::new(key)),
        PublicMaterial::MlDsa { set, key } => (identifier::write(oid::of_ml_dsa(set), &[]), Zeroizing::new(key)),
        PublicMaterial::Unsupported(_) => return Err(Error::KeyUnsupported),
    };
    // Public bytes, so they leave the container that would overwrite them.
    Ok(element(SEQUENCE, &[&identifier, &bits(&content)]).to_vec())
}

/// Writes a `PrivateKeyInfo` of version 0, which every host reads; [`Error::KeyUnsupported`] for an unsupported key.
pub fn write_pkcs8(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (identifier, content) = match key.material()? {
        PrivateMaterial::Rsa(numbers, usage) => (identifier::rsa(usage)?, pkcs1_private(&numbers)),
        PrivateMaterial::Ec { curve, scalar } => {
            let PublicMaterial::Ec { point, .. } = key.public_key().material() else {
                return Err(Error::KeyInvalid);
            };
            // The curve stands in the identifier outside. The public key is written along, as RFC 5915 §3 recommends: a
            // reader that lacks it would have to multiply.
            let key = element(
                SEQUENCE,
                &[
                    &unsigned(&[1]),
                    &element(OCTET_STRING, &[&scalar]),
                    &element(context(1), &[&bits(&point)]),
                ],
            );
            (identifier::ec(curve), key)
        }
        PrivateMaterial::Ed25519(seed) => (identifier::write(oid::ED25519, &[]), element(OCTET_STRING, &[&seed])),
        // The seed alone, which RFC 9881 §6 recommends.
        PrivateMaterial::MlDsa { set, seed } => (identifier::write(oid::of_ml_dsa(set), &[]), element(0x80, &[&seed])),
        PrivateMaterial::Unsupported(_) => return Err(Error::KeyUnsupported),
    };
    Ok(element(
        SEQUENCE,
        &[&unsigned(&[0]), &identifier, &element(OCTET_STRING, &[&content])],
    ))
}

/// Writes an `RSAPublicKey` (RFC 8017 appendix A.1.1).
fn pkcs1_public(n: &[u8], e: &[u8]) -> Zeroizing<Vec<u8>> {
    element(SEQUENCE, &[&unsigned(n), &unsigned(e)])
}

/// Writes an `RSAPrivateKey` (RFC 8017 appendix A.1.2); the first number is the version, of two primes.
pub(crate) fn pkcs1_private(numbers: &RsaNumbers) -> Zeroizing<Vec<u8>> {
    let version: &[u8] = &[0];
    let members = [
        version,
        &numbers.n,
        &numbers.e,
        &numbers.d,
        &numbers.p,
        &numbers.q,
        &numbers.dp,
        &numbers.dq,
        &numbers.qi,
    ]
    .map(unsigned);
    let members: Vec<&[u8]> = members.iter().map(|member| member.as_slice()).collect();
    element(SEQUENCE, &members)
}
