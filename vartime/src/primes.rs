//! The primes of the curves, each a sum of few powers of two, so that multiplying by one takes only shifts.
#![expect(
    clippy::indexing_slicing,
    reason = "columns up to `k + N - 1`, of the 2 N there are, and constants below N"
)]
#![expect(
    clippy::inline_always,
    reason = "into the multiplication of each field, where the columns are in registers"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "of a column its low 29 bits are looked at"
)]

use crate::field::{Element, Prime};
use crate::product::{Columns, karatsuba, karatsuba_square};
use crate::signed_limbs::{BITS, MASK};

/// An element of the field of P-256.
pub(crate) type P256Element = Element<P256Prime, 9>;
/// An element of the field of P-384.
pub(crate) type P384Element = Element<P384Prime, 14>;
/// An element of the field of P-521.
pub(crate) type P521Element = Element<P521Prime, 18>;
/// An element of the field of secp256k1.
pub(crate) type Secp256k1Element = Element<Secp256k1Prime, 9>;

/// `2^256 - 2^224 + 2^192 + 2^96 - 1` (FIPS 186-4, D.1.2.3).
///
/// Nine limbs cannot be split into equal halves, so products do not use Karatsuba here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct P256Prime;

impl Prime<9> for P256Prime {
    const MODULUS: &'static [u8] = &from_hex::<32>("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    const SIZE: usize = 256;

    #[inline(always)]
    fn eliminate(c: &mut [i64], k: usize) {
        // p is -1 modulo 2^29, so q is the column itself. The powers are 96 = 3 * 29 + 9, 192 = 6 * 29 + 18, 224 = 7 *
        // 29 + 21 and 256 = 8 * 29 + 24.
        let q = c[k] & MASK;
        c[k + 1] += c[k] >> BITS;
        c[k + 3] += q << 9;
        c[k + 6] += q << 18;
        c[k + 7] -= q << 21;
        c[k + 8] += q << 24;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 9], q: i64) {
        // All terms of p but the first, each with the opposite sign.
        v[7] += q << 21;
        v[6] -= q << 18;
        v[3] -= q << 9;
        v[0] += q;
    }
}

/// `2^384 - 2^128 - 2^96 + 2^32 - 1` (FIPS 186-4, D.1.2.4).
///
/// Products are computed from two halves of seven limbs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct P384Prime;

impl Prime<14> for P384Prime {
    const MODULUS: &'static [u8] = &from_hex::<48>(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    );
    const SIZE: usize = 384;

    #[inline(always)]
    fn product(a: &[i64; 14], b: &[i64; 14]) -> Columns<14> {
        karatsuba::<7, 14>(a, b)
    }

    #[inline(always)]
    fn square(a: &[i64; 14]) -> Columns<14> {
        karatsuba_square::<7, 14>(a)
    }

    #[inline(always)]
    fn eliminate(c: &mut [i64], k: usize) {
        // p is -1 modulo 2^29, so q is the column itself. The powers are 32 = 29 + 3, 96 = 3 * 29 + 9, 128 = 4 * 29 +
        // 12 and 384 = 13 * 29 + 7.
        let q = c[k] & MASK;
        c[k + 1] += (c[k] >> BITS) + (q << 3);
        c[k + 3] -= q << 9;
        c[k + 4] -= q << 12;
        c[k + 13] += q << 7;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 14], q: i64) {
        // All terms of p but the first, each with the opposite sign.
        v[4] += q << 12;
        v[3] += q << 9;
        v[1] -= q << 3;
        v[0] += q;
    }
}

/// `2^521 - 1` (FIPS 186-4, D.1.2.5).
///
/// 18 limbs have only one bit more than the prime, so results are reduced once more ([`Prime::TIGHT`]).
#[derive(Clone, Copy, Debug)]
pub(crate) struct P521Prime;

impl Prime<18> for P521Prime {
    const MODULUS: &'static [u8] = &from_hex::<66>(concat!(
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    ));
    const SIZE: usize = 521;

    #[inline(always)]
    fn product(a: &[i64; 18], b: &[i64; 18]) -> Columns<18> {
        karatsuba::<9, 18>(a, b)
    }

    #[inline(always)]
    fn square(a: &[i64; 18]) -> Columns<18> {
        karatsuba_square::<9, 18>(a)
    }

    #[inline(always)]
    fn eliminate(c: &mut [i64], k: usize) {
        // p is -1 modulo 2^29, so q is the column itself. The power is 521 = 17 * 29 + 28.
        let q = c[k] & MASK;
        c[k + 1] += c[k] >> BITS;
        c[k + 17] += q << 28;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 18], q: i64) {
        v[0] += q;
    }
}

/// `2^256 - 2^32 - 977` (SEC 2 §2.4.1).
///
/// The only prime here that is not -1 modulo 2^29, so finding `q` takes a multiplication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secp256k1Prime;

impl Prime<9> for Secp256k1Prime {
    const MODULUS: &'static [u8] = &from_hex::<32>("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    const SIZE: usize = 256;

    #[inline(always)]
    fn eliminate(c: &mut [i64], k: usize) {
        // p is -977 modulo 2^29, so q is the column divided by 977. The powers are 32 = 29 + 3 and 256 = 8 * 29 + 24.
        const INVERSE: u32 = inverse_modulo_power_of_two(977);
        // The cast keeps the low 32 bits, of which 29 matter. In two's complement a negative column has the same
        // residue.
        let q = i64::from((c[k] as u32).wrapping_mul(INVERSE)) & MASK;
        debug_assert_eq!((c[k] - 977 * q) & MASK, 0, "the column vanishes");
        c[k + 1] += ((c[k] - 977 * q) >> BITS) - (q << 3);
        c[k + 8] += q << 24;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 9], q: i64) {
        // All terms of p but the first, each with the opposite sign.
        v[1] += q << 3;
        v[0] += 977 * q;
    }
}

/// Newton's iteration; an odd `x` is its own inverse modulo 8, and each round doubles the number of correct bits.
const fn inverse_modulo_power_of_two(x: u32) -> u32 {
    let mut inverse = x;
    let mut round = 0;
    while round < 4 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(x.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// Parses lower-case hexadecimal digits; used only in constants, where a wrong length does not compile.
pub(crate) const fn from_hex<const LEN: usize>(text: &str) -> [u8; LEN] {
    let text = text.as_bytes();
    assert!(text.len() == 2 * LEN, "two digits for each byte");
    let mut out = [0; LEN];
    let mut i = 0;
    while i < 2 * LEN {
        let digit = text[i];
        let value = if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
        out[i / 2] = out[i / 2] << 4 | value;
        i += 1;
    }
    out
}
