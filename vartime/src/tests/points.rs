//! Encoded points compared with the crates `p256`, `p384`, `p521` and `k256`.

use num_bigint::BigUint;

use super::ecdsa::Reference;
use super::{Dice, cases, padded};
use crate::curve::Equation;
use crate::ecdsa::{P256, P384, P521, PublicKey, Secp256k1};
use crate::field::Field as _;

/// Decodes with both implementations and asserts that they agree.
fn decode<C: Reference>(point: &[u8]) -> Option<Vec<u8>> {
    let own = PublicKey::<C>::from_sec1(point).map(|key| key.to_sec1());
    assert_eq!(own, C::decode(point), "{point:x?}");
    own
}

fn are_checked<C: Reference>(family: &str) {
    let modulus = BigUint::from_bytes_be(<C as Equation>::Element::MODULUS);
    let len = C::ORDER.len();
    let mut dice = Dice::new(family);
    let (mut on, mut off) = (0, 0);
    for case in 0..cases(100) {
        // Sometimes an x with the prime added, or one at the end of its range.
        let x = match case {
            0..20 => BigUint::from(case) + &modulus,
            20..40 => &modulus - (case - 19),
            40..60 => BigUint::from(case - 40),
            _ => BigUint::from_bytes_be(&dice.below_bits(modulus.bits())),
        };
        if x.bits() > 8 * len as u64 {
            continue;
        }
        let x = padded(&x, len);
        for tag in [2, 3] {
            let Some(whole) = decode::<C>(&[&[tag][..], &x].concat()) else {
                off += 1;
                continue;
            };
            on += 1;
            assert_eq!(whole[2 * len] % 2, tag % 2, "the root that the tag names");
            assert_eq!(decode::<C>(&whole).as_ref(), Some(&whole));
            let mut bent = whole.clone();
            bent[1 + dice.below(2 * len)] ^= 1 << dice.below(8);
            assert_eq!(decode::<C>(&bent), None);
            for wrong in [&whole[..len], &whole[..2 * len], &[&whole[..], &[0]].concat()] {
                assert_eq!(decode::<C>(wrong), None);
            }
            // y + p, if it fits.
            let beyond = BigUint::from_bytes_be(&whole[1 + len..]) + &modulus;
            if beyond.bits() <= 8 * len as u64 {
                assert_eq!(decode::<C>(&[&whole[..=len], &padded(&beyond, len)].concat()), None);
            }
            // Infinity, a form without a sign and the hybrid forms (X9.62): no key is encoded in these ways.
            for other in [0, 1, 5, 6, 7] {
                let written = [&[other], &whole[1..]].concat();
                assert!(PublicKey::<C>::from_sec1(&written).is_none(), "{other}");
                assert!(PublicKey::<C>::from_sec1(&written[..=len]).is_none(), "{other}");
            }
        }
    }
    assert!(on > 40 && off > 40, "{on} on the curve, {off} not");
    assert_eq!(decode::<C>(&[0]), None, "infinity");
    assert_eq!(decode::<C>(&[]), None);
}

#[test]
fn of_p256() {
    are_checked::<P256>("points of P-256");
}

#[test]
fn of_p384() {
    are_checked::<P384>("points of P-384");
}

#[test]
fn of_p521() {
    are_checked::<P521>("points of P-521");
}

#[test]
fn of_secp256k1() {
    are_checked::<Secp256k1>("points of secp256k1");
}
