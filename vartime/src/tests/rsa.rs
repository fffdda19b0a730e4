//! `s^e mod n` compared with num-bigint.

use num_bigint::BigUint;

use super::{Dice, cases, padded};
use crate::rsa::{MAX_BITS, MAX_EXPONENT, PublicKey};

fn check(n: &BigUint, e: u64, s: &BigUint) {
    let key = PublicKey::new(&n.to_bytes_be(), e).expect("a key");
    let expected = (s < n).then(|| padded(&s.modpow(&e.into(), n), key.size()));
    assert_eq!(
        key.recover_vartime(&padded(s, key.size())),
        expected,
        "{s:x}^{e} mod {n:x}"
    );
}

#[test]
fn agrees_with_num_bigint() {
    let mut dice = Dice::new("rsa");
    for _ in 0..cases(400) {
        let bits = 512 + dice.below(1600);
        let mut n = BigUint::from_bytes_be(&dice.bytes(bits.div_ceil(8))) >> (bits.div_ceil(8) * 8 - bits);
        n.set_bit(0, true);
        n.set_bit(u64::try_from(bits - 1).unwrap(), true);
        let e = [
            3,
            17,
            65_537,
            MAX_EXPONENT,
            3 + 2 * (dice.roll() % ((MAX_EXPONENT - 3) / 2)),
        ][dice.below(5)];
        let s = BigUint::from_bytes_be(&dice.bytes(bits.div_ceil(8))) % &n;
        check(&n, e, &s);
    }
}

/// Limbs of all ones make the largest sums; `R` is just above `4 n` if the size is two bits below a multiple of 112.
#[test]
pub(super) fn moduli_of_ones() {
    let mut dice = Dice::new("moduli of ones");
    let chunk = 28 * 112;
    for bits in [
        512,
        513,
        519,
        520,
        521,
        558,
        559,
        670,
        1024,
        2014,
        2048,
        3072,
        chunk - 1,
        chunk,
        chunk + 1,
        4096,
        2 * chunk + 1,
        8192,
        MAX_BITS - 1,
        MAX_BITS,
    ] {
        let n = (BigUint::from(1u8) << bits) - 1u8;
        for s in [BigUint::ZERO, 1u8.into(), 2u8.into(), &n - 2u8, &n - 1u8, n.clone()] {
            check(&n, 3, &s);
        }
        // Ones again, so that the squares fill every column.
        check(&n, 3, &((&n >> 1usize) - 1u8));
        for _ in 0..2 {
            check(&n, 3, &(BigUint::from_bytes_be(&dice.bytes(bits / 8)) % &n));
        }
    }
}

/// Results between `n` and `2 n` before the last subtraction: frequent if `R` is only just above `4 n`.
#[test]
pub(super) fn results_are_below_the_modulus() {
    let mut dice = Dice::new("last subtraction");
    for _ in 0..200 {
        // 558 + 2 = 5 * 112: R has no spare bit.
        let n = BigUint::from_bytes_be(&[&[0x3f, 0xff][..], &dice.bytes(67), &[1]].concat());
        check(&n, 3, &(BigUint::from_bytes_be(&dice.bytes(70)) % &n));
    }
}

#[test]
fn keys_out_of_bounds_are_refused() {
    let ones = |bits: usize| ((BigUint::from(1u8) << bits) - 1u8).to_bytes_be();
    for (bits, taken) in [(511, false), (512, true), (MAX_BITS, true), (MAX_BITS + 1, false)] {
        assert_eq!(PublicKey::new(&ones(bits), 3).is_some(), taken, "{bits}");
    }
    for (e, taken) in [(0, false), (1, false), (2, false), (3, true), (65_536, false)] {
        assert_eq!(PublicKey::new(&ones(512), e).is_some(), taken, "{e}");
    }
    assert!(PublicKey::new(&ones(512), MAX_EXPONENT).is_some());
    assert!(PublicKey::new(&ones(512), MAX_EXPONENT + 2).is_none());
    let mut even = ones(512);
    even[63] = 0xfe;
    assert!(PublicKey::new(&even, 3).is_none());
    assert!(PublicKey::new(&[&[0][..], &ones(512)].concat(), 3).is_none());
    assert!(PublicKey::new(&[], 3).is_none());
}

#[test]
fn signatures_of_another_length_are_refused() {
    let key = PublicKey::new(&((BigUint::from(1u8) << 1024usize) - 1u8).to_bytes_be(), 3).unwrap();
    for len in [0, 1, 127, 129, 256] {
        assert_eq!(key.recover_vartime(&vec![1; len]), None, "{len}");
    }
    assert!(key.recover_vartime(&[1; 128]).is_some());
}
