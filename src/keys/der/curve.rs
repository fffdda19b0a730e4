//! The curve of a key: by name, or written out in numbers, as older versions of OpenSSL wrote it (SEC 1 appendix C.2).
//!
//! A key could bring numbers of a weak curve. So the numbers are never used, only recognised: all of them must be those
//! of a curve that is supported here.

use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::crypto::algorithm::Curve;
use crate::keys::asn1::{BIT_STRING, DerReader, INTEGER, OCTET_STRING, OID, SEQUENCE};
use crate::keys::material::Unsupported;
use crate::keys::oid;

/// Reads the parameters of a key on a curve: the curve, or the unsupported type that the key then has.
pub(super) fn read(parameters: &mut DerReader<'_>) -> Result<Result<Curve, Unsupported>, Error> {
    match parameters.any()? {
        (OID, name) => Ok(oid::curve(name)),
        (SEQUENCE, numbers) => recognise(DerReader::new(numbers)).map(Ok),
        _ => Err(Error::KeyUnsupported),
    }
}

/// The curve whose numbers these are (`SpecifiedECDomain`).
///
/// All of them are compared, including the base point. An attacker who may choose the base point can compute a private
/// key for any public key, as in the attack on Windows certificates (CVE-2020-0601).
fn recognise(mut numbers: DerReader<'_>) -> Result<Curve, Error> {
    // The version tells which of the numbers were generated from the seed, which does not matter here.
    if !(1..=3).contains(&numbers.small()?) {
        return Err(Error::KeyInvalid);
    }
    let mut field = numbers.sequence()?;
    // Curves over binary fields are written with the other identifier; none of them is supported.
    if field.read(OID)? != oid::PRIME_FIELD {
        return Err(Error::KeyUnsupported);
    }
    let prime = field.unsigned()?;
    field.end()?;
    let mut equation = numbers.sequence()?;
    let (a, b) = (equation.read(OCTET_STRING)?, equation.read(OCTET_STRING)?);
    // The seed that the curve was generated from does not affect it.
    equation.optional(BIT_STRING)?;
    equation.end()?;
    let (x, parity) = point(numbers.read(OCTET_STRING)?)?;
    let order = numbers.unsigned()?;
    // Every curve here has prime order, and with it the cofactor 1.
    if numbers.optional(INTEGER)?.is_some_and(|cofactor| cofactor != [1]) {
        return Err(Error::KeyUnsupported);
    }
    numbers.end()?;

    // The length before each number keeps a digit from moving from the end of one to the start of the next. Leading
    // zeros do not count, because writers disagree about them.
    let mut hash = Sha256::new();
    for number in [prime, a, b, x, order] {
        let zeros = number.iter().take_while(|&&byte| byte == 0).count();
        let number = number.get(zeros..).unwrap_or_default();
        hash.update([u8::try_from(number.len()).map_err(|_| Error::KeyUnsupported)?]);
        hash.update(number);
    }
    hash.update([parity]);
    let found = hash.finalize();
    Curve::ALL
        .iter()
        .copied()
        .find(|&curve| found.as_slice() == fingerprint(curve))
        .ok_or(Error::KeyUnsupported)
}

/// The first coordinate of the base point, and 2 or 3 for the second, as in its compressed form (SEC 1 §2.3.3).
///
/// On a curve the parity decides between the two points that share a first coordinate.
fn point(encoded: &[u8]) -> Result<(&[u8], u8), Error> {
    match encoded {
        [parity @ (2 | 3), x @ ..] => Ok((x, *parity)),
        // Two coordinates of n bytes are 2 n - 1 bytes without the last one. The first is half of that, rounded up.
        [4, coordinates @ .., last] if coordinates.len() % 2 == 1 => {
            let (x, _) = coordinates.split_at(coordinates.len() / 2 + 1);
            Ok((x, 2 | last & 1))
        }
        _ => Err(Error::KeyUnsupported),
    }
}

/// SHA-256 over prime, a, b, first coordinate of the base point and order, each trimmed and preceded by its length, and
/// over the parity of the second coordinate.
///
/// A hash is shorter than the five numbers, and no other curve can be found that has it.
const fn fingerprint(curve: Curve) -> &'static [u8; 32] {
    match curve {
        Curve::P256 => {
            b"\xb9\xe4\x63\x75\x81\xc3\xd2\x88\x2a\x9d\x08\xca\xe2\x11\xda\xba\x6f\x87\x2d\x62\x38\x93\xf5\x67\xba\x10\xcc\x18\x76\x5d\x38\x63"
        }
        Curve::P384 => {
            b"\x9b\x7b\xbd\xf7\xbb\x69\x53\xca\x3a\x55\x30\xd0\x52\x29\xd7\x04\x94\x31\xea\x7d\xc3\x96\x1c\xf2\x03\xad\x59\x49\x6d\xf4\x51\x66"
        }
        Curve::P521 => {
            b"\x8c\x75\x42\x22\x42\x5f\x82\xc6\x49\x40\x7a\xd3\xcc\xf6\xbe\x93\xd2\xec\x57\x5c\x88\x41\x1a\xe1\xb6\x6b\xc8\xa2\x43\x86\x70\x64"
        }
        Curve::Secp256k1 => {
            b"\x02\x8e\x83\xaa\xa5\x4f\x32\x51\xa2\xfb\x06\x5b\x5d\x73\x82\xd5\xfd\x7e\x03\xee\xba\xd8\x54\x5f\xf0\x93\x8d\x3a\x4c\x2b\x87\x6f"
        }
    }
}
