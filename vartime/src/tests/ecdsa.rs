//! ECDSA against the crates `p256` and `k256`, and at the edges where random cases never come.

use p256::elliptic_curve::PrimeField as _;
use p256::elliptic_curve::ff::Field as _;
use p256::elliptic_curve::ops::{Invert as _, Reduce as _};

use num_bigint::BigUint;

use super::{Dice, cases, padded};
use crate::ecdsa::{Curve, P256, Parameters, PublicKey, Secp256k1};

/// The same curve in those crates.
pub(super) trait Reference: Curve + Parameters {
    /// `d G`, not compressed.
    fn public(d: Self::Scalar) -> Vec<u8>;
    /// The x coordinate of `k G`.
    fn x(k: Self::Scalar) -> [u8; 32];
    /// `(R - u1 G) / u2` for the point R with this x, if there is one: the key under which u1 and u2 give R.
    fn key_for(x: &[u8; 32], u1: Self::Scalar, u2: Self::Scalar) -> Option<Vec<u8>>;
    fn verify(key: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool;
}

macro_rules! reference {
    ($curve:ty, $crate_name:ident) => {
        impl Reference for $curve {
            fn public(d: Self::Scalar) -> Vec<u8> {
                use p256::elliptic_curve::sec1::ToSec1Point as _;
                let point = $crate_name::ProjectivePoint::GENERATOR * d;
                point.to_affine().to_sec1_point(false).as_bytes().to_vec()
            }

            fn x(k: Self::Scalar) -> [u8; 32] {
                Self::public(k)[1..33].try_into().unwrap()
            }

            fn key_for(x: &[u8; 32], u1: Self::Scalar, u2: Self::Scalar) -> Option<Vec<u8>> {
                use p256::elliptic_curve::sec1::ToSec1Point as _;
                let point = $crate_name::PublicKey::from_sec1_bytes(&[&[2][..], x].concat()).ok()?;
                let rest = point.to_projective() - $crate_name::ProjectivePoint::GENERATOR * u1;
                let key = rest * Option::<Self::Scalar>::from(u2.invert()).unwrap();
                Some(key.to_affine().to_sec1_point(false).as_bytes().to_vec())
            }

            fn verify(key: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool {
                use $crate_name::ecdsa::signature::hazmat::PrehashVerifier as _;
                let key = $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
                // k256 wants the lower s, which only Bitcoin does.
                $crate_name::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature.normalize_s()).is_ok())
            }
        }
    };
}

reference!(P256, p256);
reference!(Secp256k1, k256);

fn reduced<C: Reference>(bytes: &[u8; 32]) -> C::Scalar {
    C::Scalar::reduce(&(*bytes).into())
}

fn inverse<C: Reference>(x: C::Scalar) -> C::Scalar {
    Option::from(x.invert_vartime()).unwrap()
}

fn bytes<C: Reference>(x: C::Scalar) -> [u8; 32] {
    x.to_repr().into()
}

/// Verifies with both and demands that they agree.
fn verify<C: Reference>(key: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool {
    let own = PublicKey::<C>::from_sec1(key)
        .unwrap()
        .verify_vartime(digest, signature);
    assert_eq!(
        own,
        C::verify(key, digest, signature),
        "{key:x?} {digest:x?} {signature:x?}"
    );
    own
}

/// The digest and the signature for which verification computes `u1 G + u2 Q`, where its x has the remainder `r`.
fn with_scalars<C: Reference>(u1: C::Scalar, u2: C::Scalar, r: C::Scalar) -> ([u8; 32], Vec<u8>) {
    let s = r * inverse::<C>(u2);
    (bytes::<C>(u1 * s), [bytes::<C>(r), bytes::<C>(s)].concat())
}

/// An ordinary signature with this nonce.
fn sign<C: Reference>(d: C::Scalar, k: C::Scalar, digest: &[u8; 32]) -> Vec<u8> {
    let r = reduced::<C>(&C::x(k));
    let s = (reduced::<C>(digest) + r * d) * inverse::<C>(k);
    [bytes::<C>(r), bytes::<C>(s)].concat()
}

fn agrees_with_the_reference<C: Reference>(family: &str) {
    let mut dice = Dice::new(family);
    for _ in 0..cases(200) {
        let (d, k, digest) = (reduced::<C>(&dice.array()), reduced::<C>(&dice.array()), dice.array());
        if bool::from(d.is_zero() | k.is_zero()) {
            continue;
        }
        let (key, mut signature) = (C::public(d), sign::<C>(d, k, &digest));
        assert!(verify::<C>(&key, &digest, &signature));
        let (position, bit) = (dice.below(64), dice.below(8));
        signature[position] ^= 1 << bit;
        assert!(!verify::<C>(&key, &digest, &signature));
        verify::<C>(&key, &digest, &dice.bytes(64));
    }
}

/// Keys that are small multiples of G, with small scalars: sums of equal and of opposite points, and infinity.
fn small_multiples<C: Reference>() {
    let small = |range: std::ops::RangeInclusive<u64>| {
        range
            .flat_map(|i| [C::Scalar::from(i), -C::Scalar::from(i)])
            .collect::<Vec<_>>()
    };
    let mut infinite = 0;
    for d in small(1..=5) {
        let key = C::public(d);
        for u1 in small(0..=9) {
            for u2 in small(1..=9) {
                let k = u1 + u2 * d;
                if bool::from(k.is_zero()) {
                    infinite += 1;
                    let (digest, signature) = with_scalars::<C>(u1, u2, C::Scalar::from(7));
                    assert!(
                        !verify::<C>(&key, &digest, &signature),
                        "infinity is no point with an x"
                    );
                } else {
                    let (digest, signature) = with_scalars::<C>(u1, u2, reduced::<C>(&C::x(k)));
                    assert!(
                        verify::<C>(&key, &digest, &signature),
                        "{u1:?} G + {u2:?} Q, Q = {d:?} G"
                    );
                }
            }
        }
    }
    assert!(infinite > 50, "infinity was among the cases");
}

/// Points whose x coordinate is not below the order: `r` is `x - n`.
fn wrapped_x<C: Reference>() {
    let mut dice = Dice::new("x above the order");
    let order = BigUint::from_bytes_be(&C::ORDER);
    let mut found = 0;
    for r in 1u64..60 {
        let x = padded(&(&order + r), 32).try_into().unwrap();
        let (u1, u2) = (reduced::<C>(&dice.array()), reduced::<C>(&dice.array()));
        if let Some(key) = C::key_for(&x, u1, u2) {
            let (digest, signature) = with_scalars::<C>(u1, u2, C::Scalar::from(r));
            assert!(verify::<C>(&key, &digest, &signature), "r = {r}");
            found += 1;
        }
    }
    assert!(found > 5, "points with such an x were among the cases");
}

/// `s` and `r` at the ends of their range and beyond, where arithmetic alone would take them.
fn ranges<C: Reference>() {
    let order = BigUint::from_bytes_be(&C::ORDER);
    let (d, k) = (C::Scalar::from(11), C::Scalar::from(12_345));
    let key = C::public(d);
    let r = reduced::<C>(&C::x(k));
    let beyond = |x: C::Scalar| BigUint::from_bytes_be(&bytes::<C>(x)) + &order;
    for s in [1, 2, 5]
        .into_iter()
        .flat_map(|s| [C::Scalar::from(s), -C::Scalar::from(s)])
    {
        // The digest for which this s is right.
        let digest = bytes::<C>(s * k - r * d);
        let with = |r: &[u8], s: &[u8]| verify::<C>(&key, &digest, &[r, s].concat());
        assert!(with(&bytes::<C>(r), &bytes::<C>(s)));
        assert!(with(&bytes::<C>(r), &bytes::<C>(s)) && !with(&bytes::<C>(r), &[0; 32]));
        let same_s = beyond(s);
        if same_s.bits() <= 256 {
            assert!(!with(&bytes::<C>(r), &padded(&same_s, 32)), "s + n");
        }
        for bad in [[0; 32], C::ORDER, [0xff; 32]] {
            assert!(!with(&bad, &bytes::<C>(s)), "r");
            assert!(!with(&bytes::<C>(r), &bad), "s");
        }
        for len in [0, 1, 32, 63, 65, 96, 128] {
            assert!(!with(&[1; 128][..len], &[]), "{len} bytes");
        }
    }
}

#[test]
fn p256_agrees_with_the_reference() {
    agrees_with_the_reference::<P256>("P-256");
}

#[test]
fn secp256k1_agrees_with_the_reference() {
    agrees_with_the_reference::<Secp256k1>("secp256k1");
}

#[test]
pub(super) fn keys_are_small_multiples() {
    small_multiples::<P256>();
    small_multiples::<Secp256k1>();
}

#[test]
pub(super) fn x_is_above_the_order() {
    wrapped_x::<P256>();
    wrapped_x::<Secp256k1>();
}

#[test]
pub(super) fn scalars_are_in_range() {
    ranges::<P256>();
    ranges::<Secp256k1>();
}

#[test]
fn points_are_checked() {
    let key = P256::public(5u64.into());
    assert_eq!(PublicKey::<P256>::from_sec1(&key).unwrap().to_sec1(), key);
    assert!(PublicKey::<Secp256k1>::from_sec1(&key).is_none(), "not on this curve");
    assert!(PublicKey::<P256>::from_sec1(&[0]).is_none(), "infinity");
    assert!(PublicKey::<P256>::from_sec1(&[]).is_none());
    let compressed = [&[2 + (key[64] & 1)][..], &key[1..33]].concat();
    assert_eq!(PublicKey::<P256>::from_sec1(&compressed).unwrap().to_sec1(), key);
}

/// RFC 6979 §A.2.5, "sample" with SHA-256.
#[test]
fn rfc_6979() {
    let hex = |text: &str| padded(&BigUint::parse_bytes(text.as_bytes(), 16).unwrap(), 32);
    let key = [
        vec![4],
        hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
        hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
    ]
    .concat();
    let signature = [
        hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"),
        hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"),
    ]
    .concat();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(b"sample").into();
    assert!(verify::<P256>(&key, &digest, &signature));
}
