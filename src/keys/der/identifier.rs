//! The `AlgorithmIdentifier`: which kind of key follows, and its parameters (RFC 5280 §4.1.1.2).

use zeroize::Zeroizing;

use super::curve;
use crate::Error;
use crate::crypto::algorithm::{Curve, MlDsaSet};
use crate::crypto::rsa_key::{PssParameters, RsaUse};
use crate::keys::asn1::{DerReader, NULL, OID, SEQUENCE, context, element, unsigned};
use crate::keys::material::Unsupported;
use crate::keys::oid;

/// The type of key that an `AlgorithmIdentifier` names (RFC 5280 §4.1.1.2).
#[derive(Clone, Copy)]
pub(super) enum KeyType {
    Rsa(RsaUse),
    Ec(Curve),
    Ed25519,
    MlDsa(MlDsaSet),
    Unsupported(Unsupported),
}

/// Reads the content of an `AlgorithmIdentifier`, with the parameters that each kind of key has or must not have.
///
/// Ed25519 (RFC 8410 §3) and ML-DSA (RFC 9881 §2) must have none, which the end of the function sees to.
pub(super) fn read(mut identifier: DerReader<'_>) -> Result<KeyType, Error> {
    let found = identifier.read(OID)?;
    let key_type = if found == oid::RSA_ENCRYPTION {
        // NULL is required (RFC 3279 §2.3.1), and some writers leave it out.
        identifier.optional(NULL)?;
        KeyType::Rsa(RsaUse::Any)
    } else if found == oid::RSASSA_PSS {
        // Without parameters, the key may be used with any hash function.
        let parameters = match identifier.optional(SEQUENCE)? {
            Some(content) => Some(pss_parameters(DerReader::new(content))?),
            None => None,
        };
        KeyType::Rsa(RsaUse::Pss(parameters))
    } else if found == oid::EC_PUBLIC_KEY {
        curve::read(&mut identifier)?.map_or_else(KeyType::Unsupported, KeyType::Ec)
    } else if found == oid::ED25519 {
        KeyType::Ed25519
    } else if let Some(set) = oid::ml_dsa(found) {
        KeyType::MlDsa(set)
    } else if let Some(unsupported) = oid::unsupported(found) {
        // The parameters of unsupported types are not read. Using the key is an error that names its type.
        return Ok(KeyType::Unsupported(unsupported));
    } else {
        return Err(Error::KeyUnsupported);
    };
    identifier.end()?;
    Ok(key_type)
}

/// RSASSA-PSS-params (RFC 4055 §3.1): each member is absent where it has its default.
fn pss_parameters(mut parameters: DerReader<'_>) -> Result<PssParameters, Error> {
    let hash = match parameters.optional(context(0))? {
        Some(content) => hash(&mut DerReader::new(content))?,
        None => "sha1",
    };
    let mgf1_hash = match parameters.optional(context(1))? {
        Some(content) => {
            let mut function = DerReader::new(content).sequence()?;
            if function.read(OID)? != oid::MGF1 {
                return Err(Error::KeyUnsupported);
            }
            self::hash(&mut function)?
        }
        None => "sha1",
    };
    let salt_len = match parameters.optional(context(2))? {
        Some(content) => DerReader::new(content).small()?,
        None => 20,
    };
    // The trailer field has one value, which stands for the byte 0xbc (RFC 8017 §9.1).
    if let Some(content) = parameters.optional(context(3))?
        && DerReader::new(content).small()? != 1
    {
        return Err(Error::KeyInvalid);
    }
    parameters.end()?;
    Ok(PssParameters {
        hash,
        mgf1_hash,
        salt_len,
    })
}

/// The name of the hash function that an identifier names. NULL or nothing may follow (RFC 4055 §2.1).
fn hash(reader: &mut DerReader<'_>) -> Result<&'static str, Error> {
    let mut identifier = reader.sequence()?;
    let name = oid::hash_name(identifier.read(OID)?).ok_or(Error::KeyUnsupported)?;
    identifier.optional(NULL)?;
    identifier.end()?;
    Ok(name)
}

/// Writes the identifier of an RSA key.
///
/// The restrictions of a PSS key are written too. Without them, the copy could do more than the original.
pub(super) fn rsa(usage: RsaUse) -> Result<Zeroizing<Vec<u8>>, Error> {
    let null = element(NULL, &[]);
    let RsaUse::Pss(parameters) = usage else {
        return Ok(write(oid::RSA_ENCRYPTION, &[&null]));
    };
    let Some(own) = parameters else {
        return Ok(write(oid::RSASSA_PSS, &[]));
    };
    let hash = |name| {
        oid::of_hash(name)
            .map(|oid| write(oid, &[&null]))
            .ok_or(Error::KeyUnsupported)
    };
    // DER leaves a member out where it has its default.
    let mut members = Zeroizing::new(Vec::new());
    if own.hash != "sha1" {
        members.extend_from_slice(&element(context(0), &[&hash(own.hash)?]));
    }
    if own.mgf1_hash != "sha1" {
        let function = write(oid::MGF1, &[&hash(own.mgf1_hash)?]);
        members.extend_from_slice(&element(context(1), &[&function]));
    }
    if own.salt_len != 20 {
        members.extend_from_slice(&element(context(2), &[&unsigned(&own.salt_len.to_be_bytes())]));
    }
    Ok(write(oid::RSASSA_PSS, &[&element(SEQUENCE, &[&members])]))
}

/// Writes the identifier of a key on a curve, by name, as RFC 5480 §2.1.1 demands.
pub(super) fn ec(curve: Curve) -> Zeroizing<Vec<u8>> {
    write(oid::EC_PUBLIC_KEY, &[&element(OID, &[oid::of_curve(curve)])])
}

/// Writes an identifier around parameters that are encoded already, if there are any.
pub(super) fn write(oid: &[u8], parameters: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    element(SEQUENCE, &[&element(OID, &[oid]), &parameters.concat()])
}
