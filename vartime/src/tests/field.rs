//! Field elements and digits against num-bigint.

use num_bigint::{BigInt, BigUint};

use super::{Dice, cases, padded};
use crate::field::{Element, P256Prime, Prime, Secp256k1Prime};
use crate::wnaf;

fn element<P: Prime>(number: &BigUint) -> Element<P> {
    Element::from_be(&padded(number, 32).try_into().unwrap())
}

#[expect(clippy::many_single_char_names, reason = "numbers and what became of them")]
fn check<P: Prime>(a: &BigUint, b: &BigUint) {
    let p = BigUint::from_bytes_be(&P::MODULUS);
    let same = |x: Element<P>, y: BigUint| assert!(x.minus(&element(&(y % &p))).is_zero(), "{a:x}, {b:x}");
    let (x, y) = (element::<P>(a), element::<P>(b));
    let not_b = &p - b % &p;
    same(x, a.clone());
    same(x.multiply(&y), a * b);
    same(x.square(), a * a);
    same(x.plus(&y).multiply(&x.minus(&y)), (a + b) * (a + &not_b));
    // The largest magnitudes that a multiplication takes: 8 and 4.
    let (eight, four) = (x.plus(&x).plus(&x.plus(&x)), y.plus(&y).negated());
    same(eight.multiply(&four), a * &not_b * 8u8);
    same(
        Element::combination([(3, &x), (-8, &y), (4, &x)]),
        a * 7u8 + &not_b * 8u8,
    );
    assert_eq!(x.is_zero(), a % &p == BigUint::ZERO);
    assert_eq!(x.minus(&y).is_zero(), a % &p == b % &p);
    if a % &p != BigUint::ZERO {
        same(x.inverse().multiply(&x), 1u8.into());
    }
}

fn edges(p: &BigUint) -> Vec<BigUint> {
    let one = BigUint::from(1u8);
    let mut edges = vec![BigUint::ZERO, one.clone(), p - 1u8, p.clone(), (&one << 256usize) - 1u8];
    // Around the ends of limbs.
    for bits in (29..256).step_by(29) {
        edges.extend([(&one << bits) - 1u8, &one << bits, p - (&one << bits)]);
    }
    edges
}

fn agrees_with_num_bigint<P: Prime>(family: &str) {
    let p = BigUint::from_bytes_be(&P::MODULUS);
    let edges = edges(&p);
    for a in &edges {
        for b in &edges {
            check::<P>(a, b);
        }
    }
    let mut dice = Dice::new(family);
    for _ in 0..cases(500) {
        check::<P>(
            &BigUint::from_bytes_be(&dice.array()),
            &BigUint::from_bytes_be(&dice.array()),
        );
    }
}

#[test]
fn p256_agrees_with_num_bigint() {
    agrees_with_num_bigint::<P256Prime>("field of P-256");
}

#[test]
fn secp256k1_agrees_with_num_bigint() {
    agrees_with_num_bigint::<Secp256k1Prime>("field of secp256k1");
}

fn digits_are_right<const W: u32>(scalar: [u8; 32]) {
    let digits = wnaf::digits::<W>(&scalar);
    let sum: BigInt = digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| sum * 2 + digit);
    assert_eq!(sum, BigUint::from_bytes_be(&scalar).into());
    for (i, &digit) in digits.iter().enumerate().filter(|&(_, &digit)| digit != 0) {
        assert!(digit % 2 != 0 && i32::from(digit).abs() < 1 << (W - 1));
        assert!(digits.iter().skip(i + 1).take(W as usize - 1).all(|&digit| digit == 0));
    }
}

#[test]
fn digits_add_up() {
    let mut dice = Dice::new("wnaf");
    let edges = [[0; 32], [0xff; 32], [0x55; 32], [0xaa; 32], [0x80; 32], [1; 32]];
    for scalar in edges.into_iter().chain((0..cases(500)).map(|_| dice.array())) {
        digits_are_right::<2>(scalar);
        digits_are_right::<5>(scalar);
        digits_are_right::<8>(scalar);
    }
}
