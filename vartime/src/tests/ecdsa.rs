//! ECDSA compared with the crates `p256`, `p384`, `p521` and `k256`, and at edges that random cases never reach.

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ff::Field as _;
use p256::elliptic_curve::ops::{Invert as _, Reduce as _};

use num_bigint::BigUint;

use super::{Dice, cases, padded};
use crate::ecdsa::{Curve, P256, P384, P521, Parameters, PublicKey, Secp256k1};

/// The same curve in those crates.
pub(super) trait Reference: Curve + Parameters {
    /// `d G`, not compressed.
    fn public(d: Self::Scalar) -> Vec<u8>;
    /// The x coordinate of `k G`.
    fn x(k: Self::Scalar) -> Vec<u8>;
    /// `(R - u1 G) / u2` for the point R with this x, if there is one: the key under which u1 and u2 give R.
    fn key_for(x: &[u8], u1: Self::Scalar, u2: Self::Scalar) -> Option<Vec<u8>>;
    fn verify(key: &[u8], digest: &[u8], signature: &[u8]) -> bool;
    /// The point, not compressed.
    fn decode(point: &[u8]) -> Option<Vec<u8>>;
}

macro_rules! reference {
    ($curve:ty, $crate_name:ident) => {
        impl Reference for $curve {
            fn public(d: Self::Scalar) -> Vec<u8> {
                use p256::elliptic_curve::sec1::ToSec1Point as _;
                let point = $crate_name::ProjectivePoint::GENERATOR * d;
                point.to_affine().to_sec1_point(false).as_bytes().to_vec()
            }

            fn x(k: Self::Scalar) -> Vec<u8> {
                Self::public(k)[1..=Self::ORDER.len()].to_vec()
            }

            fn key_for(x: &[u8], u1: Self::Scalar, u2: Self::Scalar) -> Option<Vec<u8>> {
                use p256::elliptic_curve::sec1::ToSec1Point as _;
                let point = $crate_name::PublicKey::from_sec1_bytes(&[&[2][..], x].concat()).ok()?;
                let rest = point.to_projective() - $crate_name::ProjectivePoint::GENERATOR * u1;
                let key = rest * Option::<Self::Scalar>::from(u2.invert()).unwrap();
                Some(key.to_affine().to_sec1_point(false).as_bytes().to_vec())
            }

            fn decode(point: &[u8]) -> Option<Vec<u8>> {
                use p256::elliptic_curve::sec1::ToSec1Point as _;
                let key = $crate_name::PublicKey::from_sec1_bytes(point).ok()?;
                Some(key.to_sec1_point(false).as_bytes().to_vec())
            }

            fn verify(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
                use $crate_name::ecdsa::signature::hazmat::PrehashVerifier as _;
                let key = $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
                // k256 requires the lower s, as only Bitcoin does.
                $crate_name::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature.normalize_s()).is_ok())
            }
        }
    };
}

reference!(P256, p256);
reference!(P384, p384);
reference!(P521, p521);
reference!(Secp256k1, k256);

/// A number below twice the order, reduced.
fn reduced<C: Reference>(bytes: &[u8]) -> C::Scalar {
    let mut repr = <C::Scalar as PrimeField>::Repr::default();
    repr.as_mut().copy_from_slice(bytes);
    C::Scalar::reduce(&repr)
}

fn order<C: Reference>() -> BigUint {
    BigUint::from_bytes_be(C::ORDER)
}

fn random<C: Reference>(dice: &mut Dice) -> C::Scalar {
    reduced::<C>(&dice.below_bits(order::<C>().bits()))
}

fn inverse<C: Reference>(x: C::Scalar) -> C::Scalar {
    Option::from(x.invert_vartime()).unwrap()
}

fn bytes<C: Reference>(x: C::Scalar) -> Vec<u8> {
    x.to_repr().as_ref().to_vec()
}

/// Verifies with both implementations and asserts that they agree.
fn verify<C: Reference>(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
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

/// A digest and a signature for which verification computes `u1 G + u2 Q`, whose x is `r` modulo the order.
fn with_scalars<C: Reference>(u1: C::Scalar, u2: C::Scalar, r: C::Scalar) -> (Vec<u8>, Vec<u8>) {
    let s = r * inverse::<C>(u2);
    (bytes::<C>(u1 * s), [bytes::<C>(r), bytes::<C>(s)].concat())
}

/// An ordinary signature with this nonce.
fn sign<C: Reference>(d: C::Scalar, k: C::Scalar, digest: &[u8]) -> Vec<u8> {
    let r = reduced::<C>(&C::x(k));
    let digest = padded(&BigUint::from_bytes_be(digest), C::ORDER.len());
    let s = (reduced::<C>(&digest) + r * d) * inverse::<C>(k);
    [bytes::<C>(r), bytes::<C>(s)].concat()
}

fn agrees_with_the_reference<C: Reference>(family: &str) {
    let mut dice = Dice::new(family);
    for _ in 0..cases(200) {
        let (d, k) = (random::<C>(&mut dice), random::<C>(&mut dice));
        // At most 64 bytes, the length of SHA-512: the crates accept no digest longer than the order's whole bytes.
        let digest = dice.bytes(C::ORDER.len().min(64));
        if bool::from(d.is_zero() | k.is_zero()) {
            continue;
        }
        let (key, mut signature) = (C::public(d), sign::<C>(d, k, &digest));
        assert!(verify::<C>(&key, &digest, &signature));
        let (position, bit) = (dice.below(signature.len()), dice.below(8));
        signature[position] ^= 1 << bit;
        assert!(!verify::<C>(&key, &digest, &signature));
        verify::<C>(&key, &digest, &dice.bytes(signature.len()));
    }
}

/// Keys that are small multiples of G, with small scalars: sums of equal points, of opposite points, and infinity.
pub(super) fn small_multiples<C: Reference>() {
    let small = |range: std::ops::RangeInclusive<u64>| {
        range
            .flat_map(|i| [C::Scalar::from(i), -C::Scalar::from(i)])
            .collect::<Vec<_>>()
    };
    // Fewer cases for the long orders, because the other implementation is slow.
    let (keys, scalars) = if C::ORDER.len() == 32 { (5, 9) } else { (3, 5) };
    let mut infinite = 0;
    for d in small(1..=keys) {
        let key = C::public(d);
        for u1 in small(0..=scalars) {
            for u2 in small(1..=scalars) {
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
    assert!(infinite > 30, "infinity was among the cases");
}

/// Points whose x coordinate is not below the order: `r` is `x - n`.
pub(super) fn wrapped_x<C: Reference>() {
    let mut dice = Dice::new("x above the order");
    let order = order::<C>();
    let mut found = 0;
    for r in 1u64..60 {
        let x = padded(&(&order + r), C::ORDER.len());
        let (u1, u2) = (random::<C>(&mut dice), random::<C>(&mut dice));
        if let Some(key) = C::key_for(&x, u1, u2) {
            let (digest, signature) = with_scalars::<C>(u1, u2, C::Scalar::from(r));
            assert!(verify::<C>(&key, &digest, &signature), "r = {r}");
            found += 1;
        }
    }
    assert!(found > 5, "points with such an x were among the cases");
}

/// `s` and `r` at the ends of their range and beyond, where arithmetic alone would accept them.
pub(super) fn ranges<C: Reference>() {
    let order = order::<C>();
    let len = C::ORDER.len();
    let (d, k) = (C::Scalar::from(11), C::Scalar::from(12_345));
    let key = C::public(d);
    let r = reduced::<C>(&C::x(k));
    let beyond = |x: C::Scalar| BigUint::from_bytes_be(&bytes::<C>(x)) + &order;
    for s in [1, 2, 5]
        .into_iter()
        .flat_map(|s| [C::Scalar::from(s), -C::Scalar::from(s)])
    {
        // The digest for which this s is valid.
        let digest = bytes::<C>(s * k - r * d);
        let with = |r: &[u8], s: &[u8]| verify::<C>(&key, &digest, &[r, s].concat());
        assert!(with(&bytes::<C>(r), &bytes::<C>(s)));
        assert!(with(&bytes::<C>(r), &bytes::<C>(s)) && !with(&bytes::<C>(r), &vec![0; len]));
        let same_s = beyond(s);
        if same_s.bits() <= 8 * C::ORDER.len() as u64 {
            assert!(!with(&bytes::<C>(r), &padded(&same_s, len)), "s + n");
        }
        for bad in [vec![0; len], C::ORDER.to_vec(), vec![0xff; len]] {
            assert!(!with(&bad, &bytes::<C>(s)), "r");
            assert!(!with(&bytes::<C>(r), &bad), "s");
        }
        for wrong in [0, 1, len, 2 * len - 1, 2 * len + 1, 3 * len, 4 * len] {
            assert!(!with(&vec![1; wrong], &[]), "{wrong} bytes");
        }
    }
}

#[test]
fn p256_agrees_with_the_reference() {
    agrees_with_the_reference::<P256>("P-256");
}

#[test]
fn p384_agrees_with_the_reference() {
    agrees_with_the_reference::<P384>("P-384");
}

#[test]
fn p521_agrees_with_the_reference() {
    agrees_with_the_reference::<P521>("P-521");
}

#[test]
fn secp256k1_agrees_with_the_reference() {
    agrees_with_the_reference::<Secp256k1>("secp256k1");
}

#[test]
fn keys_are_small_multiples() {
    small_multiples::<P256>();
    small_multiples::<P384>();
    small_multiples::<P521>();
    small_multiples::<Secp256k1>();
}

#[test]
fn x_is_above_the_order() {
    wrapped_x::<P256>();
    wrapped_x::<P384>();
    wrapped_x::<P521>();
    wrapped_x::<Secp256k1>();
}

#[test]
fn scalars_are_in_range() {
    ranges::<P256>();
    ranges::<P384>();
    ranges::<P521>();
    ranges::<Secp256k1>();
}

fn example<C: Reference>(digest: &[u8], [x, y, r, s]: [&str; 4]) {
    let hex = |text: &str| padded(&BigUint::parse_bytes(text.as_bytes(), 16).unwrap(), C::ORDER.len());
    let key = [vec![4], hex(x), hex(y)].concat();
    assert!(verify::<C>(&key, digest, &[hex(r), hex(s)].concat()));
}

/// RFC 6979 §A.2.5 to §A.2.7, "sample" with the hash functions of RFC 7518.
#[test]
fn rfc_6979() {
    use sha2::Digest as _;
    example::<P256>(
        &sha2::Sha256::digest(b"sample"),
        [
            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ],
    );
    example::<P384>(
        &sha2::Sha384::digest(b"sample"),
        [
            "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
            "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
            "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
        ],
    );
    example::<P521>(
        &sha2::Sha512::digest(b"sample"),
        [
            concat!(
                "1894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd37",
                "1123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4"
            ),
            concat!(
                "493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28",
                "a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5"
            ),
            concat!(
                "c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f17",
                "4e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa"
            ),
            concat!(
                "617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af28",
                "2623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"
            ),
        ],
    );
}
