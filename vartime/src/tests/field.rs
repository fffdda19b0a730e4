//! Field elements and digits compared with num-bigint.

use num_bigint::{BigInt, BigUint};

use super::{Dice, cases, padded};
use crate::field::Field;
use crate::primes::{P256Element, P384Element, P521Element, Secp256k1Element};
use crate::signed_limbs::BITS;
use crate::wnaf;

fn modulus<F: Field>() -> BigUint {
    BigUint::from_bytes_be(F::MODULUS)
}

fn element<F: Field>(number: &BigUint) -> F {
    F::from_be(&padded(number, F::MODULUS.len()))
}

#[expect(clippy::many_single_char_names, reason = "numbers and what became of them")]
fn check<F: Field>(a: &BigUint, b: &BigUint) {
    let p = modulus::<F>();
    let same = |x: F, y: BigUint| assert!(x.minus(&element(&(y % &p))).is_zero(), "{a:x}, {b:x}");
    let (x, y) = (element::<F>(a), element::<F>(b));
    let not_b = &p - b % &p;
    same(x, a.clone());
    same(x.multiply(&y), a * b);
    same(x.square(), a * a);
    same(x.plus(&y).multiply(&x.minus(&y)), (a + b) * (a + &not_b));
    // The largest magnitudes that a multiplication takes.
    let (most, least) = (x.plus(&x), y.plus(&y).negated());
    same(most.multiply(&least), a * &not_b * 4u8);
    same(least.square(), &not_b * &not_b * 4u8);
    same(F::combination([(3, &x), (-8, &y), (4, &x)]), a * 7u8 + &not_b * 8u8);
    assert_eq!(x.is_zero(), a % &p == BigUint::ZERO);
    assert_eq!(x.minus(&y).is_zero(), a % &p == b % &p);
}

fn check_inverse_and_root<F: Field>(a: &BigUint) {
    let x = element::<F>(a);
    assert_eq!(x.to_be(), padded(&(a % modulus::<F>()), F::MODULUS.len()));
    if !x.is_zero() {
        assert!(x.inverse().multiply(&x).minus(&F::one()).is_zero(), "{a:x}");
    }
    // -1 is not a square if p is 3 modulo 4, so exactly one of x and -x is a square.
    let roots = [x, x.negated()].map(|x| x.square_root().map(|root| (x, root)));
    assert_eq!(roots.iter().flatten().count(), if x.is_zero() { 2 } else { 1 }, "{a:x}");
    for (x, root) in roots.into_iter().flatten() {
        assert!(root.square().minus(&x).is_zero(), "{a:x}");
    }
}

fn edges(p: &BigUint) -> Vec<BigUint> {
    let one = BigUint::from(1u8);
    let mut edges = vec![BigUint::ZERO, one.clone(), p - 1u8, p.clone(), (&one << p.bits()) - 1u8];
    // Around limb boundaries.
    for bits in (BITS.into()..p.bits()).step_by(BITS as usize) {
        edges.extend([(&one << bits) - 1u8, &one << bits, p - (&one << bits)]);
    }
    edges
}

fn agrees_with_num_bigint<F: Field>(family: &str) {
    let p = modulus::<F>();
    let edges = edges(&p);
    for a in &edges {
        check_inverse_and_root::<F>(a);
        for b in &edges {
            check::<F>(a, b);
        }
    }
    let mut dice = Dice::new(family);
    for _ in 0..cases(500) {
        let [a, b] = [dice.below_bits(p.bits()), dice.below_bits(p.bits())].map(|bytes| BigUint::from_bytes_be(&bytes));
        check::<F>(&a, &b);
        check_inverse_and_root::<F>(&a);
    }
}

#[test]
fn p256_agrees_with_num_bigint() {
    agrees_with_num_bigint::<P256Element>("field of P-256");
}

#[test]
fn p384_agrees_with_num_bigint() {
    agrees_with_num_bigint::<P384Element>("field of P-384");
}

#[test]
fn p521_agrees_with_num_bigint() {
    agrees_with_num_bigint::<P521Element>("field of P-521");
}

#[test]
fn secp256k1_agrees_with_num_bigint() {
    agrees_with_num_bigint::<Secp256k1Element>("field of secp256k1");
}

fn digits_are_right<const W: usize>(scalar: &[u8]) {
    let digits = wnaf::digits::<W>(scalar);
    let sum: BigInt = digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| sum * 2 + digit);
    assert_eq!(sum, BigUint::from_bytes_be(scalar).into());
    for (i, &digit) in digits.iter().enumerate().filter(|&(_, &digit)| digit != 0) {
        assert!(digit % 2 != 0 && i32::from(digit).abs() < 1 << (W - 1));
        assert!(digits.iter().skip(i + 1).take(W - 1).all(|&digit| digit == 0));
    }
}

#[test]
fn digits_add_up() {
    let mut dice = Dice::new("wnaf");
    let mut scalars: Vec<Vec<u8>> = Vec::new();
    for len in [32, 48, 66] {
        scalars.extend([0, 0xff, 0x55, 0xaa, 0x80, 1].map(|byte| vec![byte; len]));
        scalars.extend((0..cases(200)).map(|_| dice.bytes(len)));
    }
    for scalar in &scalars {
        digits_are_right::<2>(scalar);
        digits_are_right::<5>(scalar);
        digits_are_right::<8>(scalar);
    }
}
