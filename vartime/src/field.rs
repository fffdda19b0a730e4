//! Field elements for primes of 256 bits: nine signed limbs of 29 bits in Montgomery form, `R = 2^261`.
//!
//! An element of *magnitude* `m` lies between `-m p` and `m p`. Limbs 0 to 7 are in `[0, 2^29)`, the ninth carries the sign.
//! - [`Element::multiply`] and [`Element::square`] take magnitudes whose product is at most 32, and give magnitude 2:
//!   `(32 p^2 + 2^261 p) / 2^261 < 2 p`
//! - [`Element::combination`] gives magnitude 2 from any
//! - [`Element::plus`] and [`Element::minus`] add magnitudes
//!
//! In debug builds each element carries its magnitude, and the multiplications check theirs.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of fixed length, with constants and loop variables below it as indices"
)]
#![expect(
    clippy::inline_always,
    reason = "inside the formulas of a curve: a call costs more than the body"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "limbs are masked to 29 bits first, or are top limbs of at most 2^30"
)]

use core::marker::PhantomData;

/// Bits of a limb.
pub(crate) const BITS: u32 = 29;
const MASK: i64 = (1 << BITS) - 1;
/// Where 2^256 stands in the ninth limb: 8 * 29 + 24.
const TOP: u32 = 24;

type Limbs = [i32; 9];

/// A prime between `2^256 - 2^230` and `2^256`, and how it reduces.
pub(crate) trait Prime: Copy {
    /// The prime, big-endian.
    const MODULUS: [u8; 32];
    /// Adds the multiple `q p 2^(29 k)` that makes the low 29 bits of column `k` vanish, and moves the rest of the column up.
    fn eliminate(columns: &mut [i64; 18], k: usize);
    /// Subtracts `q p`, leaving out `q 2^256`, which the caller takes off the ninth limb.
    fn subtract_tail(limbs: &mut [i64; 9], q: i64);
}

/// `2^256 - 2^224 + 2^192 + 2^96 - 1` (FIPS 186-4, D.1.2.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct P256Prime;

impl Prime for P256Prime {
    const MODULUS: [u8; 32] = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    #[inline(always)]
    fn eliminate(c: &mut [i64; 18], k: usize) {
        // p is -1 modulo 2^29: q is the column itself. The powers are 96 = 3 * 29 + 9, 192 = 6 * 29 + 18,
        // 224 = 7 * 29 + 21 and 256 = 8 * 29 + 24.
        let q = c[k] & MASK;
        c[k + 1] += c[k] >> BITS;
        c[k + 3] += q << 9;
        c[k + 6] += q << 18;
        c[k + 7] -= q << 21;
        c[k + 8] += q << TOP;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 9], q: i64) {
        v[7] += q << 21;
        v[6] -= q << 18;
        v[3] -= q << 9;
        v[0] += q;
    }
}

/// `2^256 - 2^32 - 977` (SEC 2 §2.4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secp256k1Prime;

impl Prime for Secp256k1Prime {
    const MODULUS: [u8; 32] = from_hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");

    #[inline(always)]
    fn eliminate(c: &mut [i64; 18], k: usize) {
        // p is -977 modulo 2^29: q is the column divided by 977. The power 32 is 29 + 3.
        const INVERSE: u32 = inverse_modulo_power_of_two(977);
        let q = i64::from((c[k] as u32).wrapping_mul(INVERSE)) & MASK;
        c[k + 1] += ((c[k] - 977 * q) >> BITS) - (q << 3);
        c[k + 8] += q << TOP;
    }

    #[inline(always)]
    fn subtract_tail(v: &mut [i64; 9], q: i64) {
        v[1] += q << 3;
        v[0] += 977 * q;
    }
}

/// A field element; see the [module](self) for its bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<P> {
    limbs: Limbs,
    #[cfg(debug_assertions)]
    magnitude: u32,
    prime: PhantomData<P>,
}

impl<P: Prime> Element<P> {
    const P: Limbs = limbs(&P::MODULUS);
    const R_SQUARED: Limbs = r_squared(&Self::P);

    pub(crate) const ZERO: Self = Self::new([0; 9], 0);

    #[inline(always)]
    const fn new(limbs: Limbs, magnitude: u32) -> Self {
        // Without debug assertions nothing carries it.
        let _ = magnitude;
        Self {
            limbs,
            #[cfg(debug_assertions)]
            magnitude,
            prime: PhantomData,
        }
    }

    #[inline(always)]
    const fn magnitude(&self) -> u32 {
        #[cfg(debug_assertions)]
        return self.magnitude;
        #[cfg(not(debug_assertions))]
        0
    }

    pub(crate) fn one() -> Self {
        Self::new([1, 0, 0, 0, 0, 0, 0, 0, 0], 1).multiply(&Self::new(Self::R_SQUARED, 1))
    }

    /// Takes any number of 256 bits, also one that is not below the prime.
    pub(crate) fn from_be(bytes: &[u8; 32]) -> Self {
        Self::new(limbs(bytes), 2).multiply(&Self::new(Self::R_SQUARED, 1))
    }

    #[inline(never)]
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        debug_assert!(self.magnitude() * other.magnitude() <= 32, "the factors are small");
        let a = self.limbs.map(i64::from);
        let b = other.limbs.map(i64::from);
        // Nine products of at most 2^58 in magnitude, and at most 2^54 for each elimination: below 2^62.
        let mut c = [0; 18];
        for i in 0..9 {
            for j in 0..9 {
                c[i + j] += a[i] * b[j];
            }
        }
        Self::reduced(c)
    }

    #[inline(never)]
    pub(crate) fn square(&self) -> Self {
        debug_assert!(self.magnitude() * self.magnitude() <= 32, "the factor is small");
        let a = self.limbs.map(i64::from);
        let mut c = [0; 18];
        for i in 0..9 {
            c[2 * i] += a[i] * a[i];
            let twice = 2 * a[i];
            for j in i + 1..9 {
                c[i + j] += twice * a[j];
            }
        }
        Self::reduced(c)
    }

    #[inline(always)]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let sum = core::array::from_fn(|i| i64::from(self.limbs[i]) + i64::from(other.limbs[i]));
        Self::carried(sum, self.magnitude() + other.magnitude())
    }

    #[inline(always)]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        let difference = core::array::from_fn(|i| i64::from(self.limbs[i]) - i64::from(other.limbs[i]));
        Self::carried(difference, self.magnitude() + other.magnitude())
    }

    #[inline(always)]
    pub(crate) fn negated(&self) -> Self {
        Self::ZERO.minus(self)
    }

    /// The sum of small multiples of elements.
    #[inline(always)]
    pub(crate) fn combination<const COUNT: usize>(terms: [(i64, &Self); COUNT]) -> Self {
        let mut sum = [0; 9];
        for (factor, element) in terms {
            for (sum, &limb) in sum.iter_mut().zip(&element.limbs) {
                *sum += factor * i64::from(limb);
            }
        }
        Self::normalised(sum)
    }

    pub(crate) fn is_zero(&self) -> bool {
        // Of the multiples of p, only 0 and p lie where `normalised` ends.
        let normalised = Self::normalised(self.limbs.map(i64::from)).limbs;
        normalised == [0; 9] || normalised == Self::P
    }

    /// `1 / x`, as `x^(p - 2)` (Fermat).
    pub(crate) fn inverse(&self) -> Self {
        let mut exponent = P::MODULUS;
        // Neither prime ends in a byte below 2.
        exponent[31] -= 2;
        let mut x = Self::one();
        for byte in exponent {
            for bit in (0..8).rev() {
                x = x.square();
                if byte >> bit & 1 == 1 {
                    x = x.multiply(self);
                }
            }
        }
        x
    }

    /// Carries up to the ninth limb, which keeps what is above.
    #[inline(always)]
    fn carried(v: [i64; 9], magnitude: u32) -> Self {
        let mut out = [0; 9];
        let mut carry = 0;
        for i in 0..8 {
            let x = v[i] + carry;
            out[i] = (x & MASK) as i32;
            carry = x >> BITS;
        }
        let top = v[8] + carry;
        debug_assert!(top.unsigned_abs() < 1 << 30, "the ninth limb fits");
        out[8] = top as i32;
        Self::new(out, magnitude)
    }

    /// Subtracts `q p` for the `q` that stands above 2^256. As p is within 2^224 of 2^256, the result lies
    /// within `64 2^224 = 2^230` of `[0, 2^256)`.
    #[inline(always)]
    fn normalised(mut v: [i64; 9]) -> Self {
        let mut carry = 0;
        for x in &mut v[..8] {
            *x += carry;
            carry = *x >> BITS;
            *x &= MASK;
        }
        v[8] += carry;
        let q = v[8] >> TOP;
        debug_assert!(q.unsigned_abs() <= 64, "few multiples of p");
        v[8] -= q << TOP;
        P::subtract_tail(&mut v, q);
        Self::carried(v, 2)
    }

    /// Montgomery's reduction: the upper nine columns after the lower nine were made to vanish.
    #[inline(always)]
    fn reduced(mut c: [i64; 18]) -> Self {
        for k in 0..9 {
            P::eliminate(&mut c, k);
        }
        Self::carried(core::array::from_fn(|i| c[9 + i]), 2)
    }
}

const fn limbs(bytes: &[u8; 32]) -> Limbs {
    let mut limbs = [0; 9];
    let mut bit = 0;
    while bit < 256 {
        let value = (bytes[31 - bit / 8] >> (bit % 8) & 1) as i32;
        limbs[bit / BITS as usize] |= value << (bit % BITS as usize);
        bit += 1;
    }
    limbs
}

/// Newton's iteration; `x` is odd, so that it is its own inverse modulo 8, and the bits that are right double each time.
const fn inverse_modulo_power_of_two(x: u32) -> u32 {
    let mut inverse = x;
    let mut round = 0;
    while round < 4 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(x.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// `2^522 mod p`, by doubling 1 and subtracting p where it fits.
const fn r_squared(p: &Limbs) -> Limbs {
    let mut x = [1, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut round = 0;
    while round < 522 {
        let doubled = carried_sum(&x, &x, 1);
        let reduced = carried_sum(&doubled, p, -1);
        x = if reduced[8] < 0 { doubled } else { reduced };
        round += 1;
    }
    x
}

/// `a + factor b`, carried up to the ninth limb.
const fn carried_sum(a: &Limbs, b: &Limbs, factor: i64) -> Limbs {
    let mut out = [0; 9];
    let (mut carry, mut i) = (0, 0);
    while i < 8 {
        let x = a[i] as i64 + factor * b[i] as i64 + carry;
        out[i] = (x & MASK) as i32;
        carry = x >> BITS;
        i += 1;
    }
    out[8] = (a[8] as i64 + factor * b[8] as i64 + carry) as i32;
    out
}

/// 32 bytes of lower-case hexadecimal digits; used in constants only, where a wrong length does not compile.
pub(crate) const fn from_hex(text: &str) -> [u8; 32] {
    let text = text.as_bytes();
    assert!(text.len() == 64, "two digits for each byte");
    let mut out = [0; 32];
    let mut i = 0;
    while i < 64 {
        let digit = text[i];
        let value = if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
        out[i / 2] = out[i / 2] << 4 | value;
        i += 1;
    }
    out
}
