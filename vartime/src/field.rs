//! Field elements: signed 29-bit limbs in Montgomery form, 9 limbs for 256-bit primes, 14 for 384 bits and 18 for 521.
//!
//! An element of *magnitude* `m` lies between `-m p` and `m p`. All limbs but the last are in `[0, 2^29)`; the last one
//! carries the sign. `R = 2^(29 N)` for `N` limbs, which is slightly more than `32 p`, `2^22 p` and `2 p`.
//! - [`Field::multiply`] and [`Field::square`] take magnitudes up to 4. Reduction by `R` leaves `(16 p^2 + R p) / R`, which
//!   is below `2 p` where `R > 16 p`; where it is not, [`Prime::TIGHT`], it is below `9 p` and is reduced once more
//! - [`Field::combination`] returns magnitude 2 for any inputs
//! - [`Field::plus`] and [`Field::minus`] add the magnitudes
//!
//! In debug builds each element carries its magnitude, and the multiplications check theirs.
//!
//! The five operations are not inlined into the curve formulas, which halves the code size and costs 2% of the time.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of fixed length, with constants and loop variables below it as indices"
)]
#![expect(
    clippy::inline_always,
    reason = "parts of the operations, which keep the limbs in registers from one to the next"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "limbs are masked to 29 bits first, or are top limbs of at most 2^30"
)]

use core::marker::PhantomData;

use crate::product::{Columns, schoolbook, schoolbook_square};
use crate::signed_limbs::{BITS, MASK, bytes, carried_sum, limbs, one, r_squared};

/// The largest magnitude that may be multiplied.
///
/// Products and combinations have magnitude 2, so a sum or difference of two of them can still be multiplied.
pub(crate) const MAX_MAGNITUDE: u32 = 4;

/// The arithmetic that the formulas of a curve need.
///
/// An element has many representations, so compare elements by [`Field::is_zero`] of their difference.
pub(crate) trait Field: Copy + core::fmt::Debug + Send + Sync + 'static {
    /// The prime, big-endian.
    const MODULUS: &'static [u8];
    /// The number 0.
    const ZERO: Self;

    /// The number 1, in Montgomery form.
    fn one() -> Self;
    /// Takes a big-endian number with at most as many bits as the prime, even if it is not below the prime.
    fn from_be(bytes: &[u8]) -> Self;
    /// The product; both factors have a magnitude of at most [`MAX_MAGNITUDE`].
    fn multiply(&self, other: &Self) -> Self;
    /// The square, which needs little more than half as many limb products as a multiplication.
    fn square(&self) -> Self;
    /// The sum, which is not reduced.
    fn plus(&self, other: &Self) -> Self;
    /// The difference, which is not reduced.
    fn minus(&self, other: &Self) -> Self;
    /// A sum of small multiples of elements, with one reduction instead of several additions. The sum of factors times
    /// magnitudes may be at most 63.
    fn combination<const COUNT: usize>(terms: [(i64, &Self); COUNT]) -> Self;
    /// Whether the element is a multiple of the prime.
    fn is_zero(&self) -> bool;

    /// The negative, with the same magnitude.
    fn negated(&self) -> Self {
        Self::ZERO.minus(self)
    }

    /// The number between 0 and `p`, big-endian and as long as the prime.
    fn to_be(&self) -> Vec<u8>;

    /// `1 / x`, as `x^(p - 2)` (Fermat), where `p - 2` is `4 k + 1` for the `k` of [`Field::power_k`]. Returns 0 for 0,
    /// which no caller passes.
    fn inverse(&self) -> Self {
        self.power_k().square().square().multiply(self)
    }

    /// One of the square roots, if any: `x^((p + 1) / 4)`, where `(p + 1) / 4` is `k + 1`. If `x` has no root, the
    /// power is a root of `-x`, so the square is checked.
    fn square_root(&self) -> Option<Self> {
        let root = self.power_k().multiply(self);
        root.square().minus(self).is_zero().then_some(root)
    }

    /// `x^k` for `k = (p - 3) / 4`, four bits of the exponent at a time. Each prime here is 15 modulo 16, so the last
    /// two bits of `k` are ones.
    fn power_k(&self) -> Self {
        let mut powers = [Self::one(); 16];
        for i in 1..16 {
            powers[i] = powers[i - 1].multiply(self);
        }
        const {
            let last = Self::MODULUS[Self::MODULUS.len() - 1];
            assert!(last % 16 == 15, "the last digit of k is two ones");
        }
        // k is p without its last two bits: all hexadecimal digits but the last, and the upper two bits of that one.
        let digits = Self::MODULUS.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut x = powers[0];
        for digit in digits.take(2 * Self::MODULUS.len() - 1) {
            for _ in 0..4 {
                x = x.square();
            }
            x = x.multiply(&powers[usize::from(digit)]);
        }
        x.square().square().multiply(&powers[3])
    }
}

/// A prime slightly below `2^SIZE` (by at most `2^(SIZE - 32)`), in `N` limbs, and how to reduce by it.
pub(crate) trait Prime<const N: usize>: Copy + core::fmt::Debug + Send + Sync + 'static {
    /// The prime, big-endian.
    const MODULUS: &'static [u8];
    /// Bits of the prime.
    const SIZE: usize;
    /// Whether `R` is less than 16 times the prime: of the four primes, this is true only for P-521.
    const TIGHT: bool = BITS as usize * N < Self::SIZE + 4;

    /// Adds the multiple `q p 2^(29 k)` that clears the low 29 bits of column `k`, and carries the rest of the column
    /// upwards.
    ///
    /// Column `k` itself is left unchanged, because it is never read again.
    fn eliminate(columns: &mut [i64], k: usize);

    /// Subtracts `q p` except for `q 2^SIZE`, which the caller subtracts from the last limb.
    ///
    /// The caller propagates carries afterwards. `q` is at most 64 in magnitude, so the sums stay far below 64 bits.
    fn subtract_tail(limbs: &mut [i64; N], q: i64);

    /// The columns of `a b`.
    #[inline(always)]
    fn product(a: &[i64; N], b: &[i64; N]) -> Columns<N> {
        schoolbook(a, b)
    }

    /// The columns of `a a`.
    #[inline(always)]
    fn square(a: &[i64; N]) -> Columns<N> {
        schoolbook_square(a)
    }
}

/// A field element; see the [module](self) for its bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<P, const N: usize> {
    limbs: [i32; N],
    /// The bound of the element in multiples of the prime. Debug builds, which the tests use, check it on behalf of
    /// release builds.
    #[cfg(debug_assertions)]
    magnitude: u32,
    prime: PhantomData<P>,
}

impl<P: Prime<N>, const N: usize> Field for Element<P, N> {
    const MODULUS: &'static [u8] = P::MODULUS;
    const ZERO: Self = Self::new([0; N], 0);

    fn one() -> Self {
        // R, which represents 1.
        Self::new(one(), 1).multiply(&Self::new(Self::R_SQUARED, 1))
    }

    fn from_be(bytes: &[u8]) -> Self {
        let number = limbs(bytes);
        debug_assert!(number[N - 1] >> Self::TOP == 0, "no more bits than the prime");
        // Below 2^SIZE, and so below 2 p.
        Self::new(number, 2).multiply(&Self::new(Self::R_SQUARED, 1))
    }

    #[inline(never)]
    fn multiply(&self, other: &Self) -> Self {
        debug_assert!(
            self.magnitude() <= MAX_MAGNITUDE && other.magnitude() <= MAX_MAGNITUDE,
            "the factors are small"
        );
        Self::reduced(P::product(&self.limbs.map(i64::from), &other.limbs.map(i64::from)))
    }

    #[inline(never)]
    fn square(&self) -> Self {
        debug_assert!(self.magnitude() <= MAX_MAGNITUDE, "the factor is small");
        Self::reduced(P::square(&self.limbs.map(i64::from)))
    }

    #[inline(never)]
    fn plus(&self, other: &Self) -> Self {
        // In 64 bits, because two top limbs of 2^30 do not fit an i32.
        let sum = core::array::from_fn(|i| i64::from(self.limbs[i]) + i64::from(other.limbs[i]));
        Self::carried(sum, self.magnitude() + other.magnitude())
    }

    #[inline(never)]
    fn minus(&self, other: &Self) -> Self {
        let difference = core::array::from_fn(|i| i64::from(self.limbs[i]) - i64::from(other.limbs[i]));
        Self::carried(difference, self.magnitude() + other.magnitude())
    }

    #[inline(never)]
    fn combination<const COUNT: usize>(terms: [(i64, &Self); COUNT]) -> Self {
        let mut sum = [0; N];
        for (factor, element) in terms {
            for (sum, &limb) in sum.iter_mut().zip(&element.limbs) {
                *sum += factor * i64::from(limb);
            }
        }
        Self::normalised(sum)
    }

    fn to_be(&self) -> Vec<u8> {
        // Multiplying by 1 removes the factor R.
        let product = self.multiply(&Self::new(one(), 1));
        let mut number = Self::normalised(product.limbs.map(i64::from)).limbs;
        // `normalised` gets close enough to [0, 2^SIZE) that adding or subtracting p once suffices.
        if number[N - 1] < 0 {
            number = carried_sum(&number, &Self::P, 1);
        }
        let less = carried_sum(&number, &Self::P, -1);
        let number = if less[N - 1] < 0 { number } else { less };
        bytes(&number, P::MODULUS.len())
    }

    fn is_zero(&self) -> bool {
        // 0 and p are the only multiples of p in the range of `normalised`.
        let normalised = Self::normalised(self.limbs.map(i64::from)).limbs;
        normalised == [0; N] || normalised == Self::P
    }
}

impl<P: Prime<N>, const N: usize> Element<P, N> {
    /// The prime in limbs.
    const P: [i32; N] = limbs(P::MODULUS);
    /// The factor that converts a number to Montgomery form.
    const R_SQUARED: [i32; N] = r_squared(&Self::P);
    /// The bit of the last limb that has the value `2^SIZE`.
    const TOP: usize = P::SIZE - BITS as usize * (N - 1);

    #[inline(always)]
    const fn new(limbs: [i32; N], magnitude: u32) -> Self {
        // Only debug builds store the magnitude.
        let _ = magnitude;
        Self {
            limbs,
            #[cfg(debug_assertions)]
            magnitude,
            prime: PhantomData,
        }
    }

    /// The magnitude, or 0 in release builds, which do not store it.
    #[inline(always)]
    const fn magnitude(&self) -> u32 {
        #[cfg(debug_assertions)]
        return self.magnitude;
        #[cfg(not(debug_assertions))]
        0
    }

    /// Propagates carries up to the last limb, which keeps the excess. The shift rounds negative sums down, so that
    /// every limb but the last ends in `[0, 2^29)`.
    #[inline(always)]
    fn carried(v: [i64; N], magnitude: u32) -> Self {
        let mut out = [0; N];
        let mut carry = 0;
        for i in 0..N - 1 {
            let x = v[i] + carry;
            out[i] = (x & MASK) as i32;
            carry = x >> BITS;
        }
        let top = v[N - 1] + carry;
        debug_assert!(top.unsigned_abs() <= 1 << 30, "the last limb fits");
        out[N - 1] = top as i32;
        Self::new(out, magnitude)
    }

    /// Subtracts `q p`, where `q` is the part of the number above `2^SIZE`. p is within `2^(SIZE - 32)` of `2^SIZE`, so
    /// the result is within `64 2^(SIZE - 32) = 2^(SIZE - 26)` of `[0, 2^SIZE)`.
    #[inline(always)]
    fn normalised(mut v: [i64; N]) -> Self {
        let mut carry = 0;
        for x in &mut v[..N - 1] {
            *x += carry;
            carry = *x >> BITS;
            *x &= MASK;
        }
        v[N - 1] += carry;
        // Also rounded down: q is negative for a negative number, and p is then added.
        let q = v[N - 1] >> Self::TOP;
        debug_assert!(q.unsigned_abs() <= 64, "few multiples of p");
        v[N - 1] -= q << Self::TOP;
        P::subtract_tail(&mut v, q);
        Self::carried(v, 2)
    }

    /// Montgomery reduction: clears the lower columns and returns the upper ones.
    #[inline(always)]
    fn reduced(mut columns: Columns<N>) -> Self {
        let c = columns.as_flattened_mut();
        // Two loops, each of which the compiler unrolls, as in `schoolbook`.
        for k in 0..N / 2 {
            P::eliminate(c, k);
        }
        for k in N / 2..N {
            P::eliminate(c, k);
        }
        // The lower columns are zero, so dropping them divides by R.
        let [_, upper] = columns;
        if P::TIGHT {
            Self::normalised(upper)
        } else {
            Self::carried(upper, 2)
        }
    }
}
