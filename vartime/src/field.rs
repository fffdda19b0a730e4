//! Field elements: signed limbs of 29 bits in Montgomery form, nine for primes of 256 bits, 14 for 384 and 18 for 521.
//!
//! An element of *magnitude* `m` lies between `-m p` and `m p`. All limbs but the last are in `[0, 2^29)`, the last carries
//! the sign. `R = 2^(29 N)` for `N` limbs, which is `32 p`, `2^22 p` and `2 p`, and a little more.
//! - [`Field::multiply`] and [`Field::square`] take magnitudes up to 4. Reduction by `R` leaves `(16 p^2 + R p) / R`, which
//!   is below `2 p` where `R > 16 p`; where it is not, [`Prime::TIGHT`], it is below `9 p` and is reduced once more
//! - [`Field::combination`] gives magnitude 2 from any
//! - [`Field::plus`] and [`Field::minus`] add magnitudes
//!
//! In debug builds each element carries its magnitude, and the multiplications check theirs.
//!
//! The five operations are not inlined into the formulas of a curve, which halves the code and costs a fiftieth of the
//! time.
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

/// The largest magnitude that is multiplied.
///
/// Products and combinations have magnitude 2, so a sum or difference of two of them can still be multiplied.
pub(crate) const MAX_MAGNITUDE: u32 = 4;

/// The arithmetic that the formulas of a curve need.
///
/// Many numbers stand for one element, so elements are compared by [`Field::is_zero`] of their difference.
pub(crate) trait Field: Copy + core::fmt::Debug + Send + Sync + 'static {
    /// The prime, big-endian.
    const MODULUS: &'static [u8];
    /// The number 0.
    const ZERO: Self;

    /// The number 1, in the form that is multiplied.
    fn one() -> Self;
    /// Takes a big-endian number of at most as many bits as the prime, also one that is not below it.
    fn from_be(bytes: &[u8]) -> Self;
    /// The product; both factors have at most [`MAX_MAGNITUDE`].
    fn multiply(&self, other: &Self) -> Self;
    /// The product with itself, which needs little more than half as many products of limbs.
    fn square(&self) -> Self;
    /// The sum, which is not reduced.
    fn plus(&self, other: &Self) -> Self;
    /// The difference, which is not reduced.
    fn minus(&self, other: &Self) -> Self;
    /// The sum of small multiples of elements.
    /// It replaces several additions by one reduction. The factors times the magnitudes may sum up to 63.
    fn combination<const COUNT: usize>(terms: [(i64, &Self); COUNT]) -> Self;
    /// Whether the element is a multiple of the prime.
    fn is_zero(&self) -> bool;

    /// The negative, of the same magnitude.
    fn negated(&self) -> Self {
        Self::ZERO.minus(self)
    }

    /// The number between 0 and `p`, big-endian and as long as the prime.
    fn to_be(&self) -> Vec<u8>;

    /// `1 / x`, as `x^(p - 2)` (Fermat), where `p - 2` is `4 k + 1` for the `k` of [`Field::power_k`]. It returns 0 for
    /// 0, which no caller passes.
    fn inverse(&self) -> Self {
        self.power_k().square().square().multiply(self)
    }

    /// One of the square roots, if there are any: `x^((p + 1) / 4)`, where `(p + 1) / 4` is `k + 1`. Where `x` has no
    /// root, the power is a root of `-x`, so its square is compared.
    fn square_root(&self) -> Option<Self> {
        let root = self.power_k().multiply(self);
        root.square().minus(self).is_zero().then_some(root)
    }

    /// `x^k` for `k = (p - 3) / 4`, four bits of the exponent at a time. Each prime here is 15 modulo 16, so that the last
    /// digit of `k` is two ones.
    fn power_k(&self) -> Self {
        let mut powers = [Self::one(); 16];
        for i in 1..16 {
            powers[i] = powers[i - 1].multiply(self);
        }
        const {
            let last = Self::MODULUS[Self::MODULUS.len() - 1];
            assert!(last % 16 == 15, "the last digit of k is two ones");
        }
        // k is p without its last two bits: all hexadecimal digits but the last, and of that the upper two bits.
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

/// A prime within `2^(SIZE - 32)` below `2^SIZE`, in `N` limbs, and how it reduces.
pub(crate) trait Prime<const N: usize>: Copy + core::fmt::Debug + Send + Sync + 'static {
    /// The prime, big-endian.
    const MODULUS: &'static [u8];
    /// Bits of the prime.
    const SIZE: usize;
    /// Whether `R` is less than 16 times the prime: of the four primes, only for that of P-521.
    const TIGHT: bool = BITS as usize * N < Self::SIZE + 4;

    /// Adds the multiple `q p 2^(29 k)` that makes the low 29 bits of column `k` vanish, and moves the rest of the column up.
    ///
    /// Column `k` itself is left as it is, because it is never read again.
    fn eliminate(columns: &mut [i64], k: usize);

    /// Subtracts `q p`, leaving out `q 2^SIZE`, which the caller takes off the last limb.
    ///
    /// The caller carries afterwards. As `q` is at most 64 in magnitude, the sums stay far below 64 bits.
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
    /// The bound of the element in multiples of the prime. Debug builds, in which the tests run, check it for release
    /// builds.
    #[cfg(debug_assertions)]
    magnitude: u32,
    prime: PhantomData<P>,
}

impl<P: Prime<N>, const N: usize> Field for Element<P, N> {
    const MODULUS: &'static [u8] = P::MODULUS;
    const ZERO: Self = Self::new([0; N], 0);

    fn one() -> Self {
        // R, which stands for 1.
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
        // A multiplication by 1 takes R out.
        let product = self.multiply(&Self::new(one(), 1));
        let mut number = Self::normalised(product.limbs.map(i64::from)).limbs;
        // As close to [0, 2^SIZE) as `normalised` comes, one p more or less is enough.
        if number[N - 1] < 0 {
            number = carried_sum(&number, &Self::P, 1);
        }
        let less = carried_sum(&number, &Self::P, -1);
        let number = if less[N - 1] < 0 { number } else { less };
        bytes(&number, P::MODULUS.len())
    }

    fn is_zero(&self) -> bool {
        // 0 and p are the only multiples of p in the range that `normalised` leaves.
        let normalised = Self::normalised(self.limbs.map(i64::from)).limbs;
        normalised == [0; N] || normalised == Self::P
    }
}

impl<P: Prime<N>, const N: usize> Element<P, N> {
    /// The prime in limbs.
    const P: [i32; N] = limbs(P::MODULUS);
    /// The factor that takes a number into Montgomery form.
    const R_SQUARED: [i32; N] = r_squared(&Self::P);
    /// Where `2^SIZE` stands in the last limb.
    const TOP: usize = P::SIZE - BITS as usize * (N - 1);

    #[inline(always)]
    const fn new(limbs: [i32; N], magnitude: u32) -> Self {
        // Without debug assertions nothing carries it.
        let _ = magnitude;
        Self {
            limbs,
            #[cfg(debug_assertions)]
            magnitude,
            prime: PhantomData,
        }
    }

    /// The magnitude, or 0 in release builds, where nothing keeps it.
    #[inline(always)]
    const fn magnitude(&self) -> u32 {
        #[cfg(debug_assertions)]
        return self.magnitude;
        #[cfg(not(debug_assertions))]
        0
    }

    /// Carries up to the last limb, which keeps what is above.
    /// The shift of a negative sum rounds down, so that every limb but the last ends in `[0, 2^29)`.
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

    /// Subtracts `q p` for the `q` that stands above `2^SIZE`. As p is within `2^(SIZE - 32)` of `2^SIZE`, the result lies
    /// within `64 2^(SIZE - 32) = 2^(SIZE - 26)` of `[0, 2^SIZE)`.
    #[inline(always)]
    fn normalised(mut v: [i64; N]) -> Self {
        let mut carry = 0;
        for x in &mut v[..N - 1] {
            *x += carry;
            carry = *x >> BITS;
            *x &= MASK;
        }
        v[N - 1] += carry;
        // Rounded down as well: q is negative for a negative number, and p is then added.
        let q = v[N - 1] >> Self::TOP;
        debug_assert!(q.unsigned_abs() <= 64, "few multiples of p");
        v[N - 1] -= q << Self::TOP;
        P::subtract_tail(&mut v, q);
        Self::carried(v, 2)
    }

    /// Montgomery's reduction: the upper columns after the lower ones were made to vanish.
    #[inline(always)]
    fn reduced(mut columns: Columns<N>) -> Self {
        let c = columns.as_flattened_mut();
        // Two loops, each of which is unrolled, as in `schoolbook`.
        for k in 0..N / 2 {
            P::eliminate(c, k);
        }
        for k in N / 2..N {
            P::eliminate(c, k);
        }
        // The lower columns have vanished, so dropping them divides by R.
        let [_, upper] = columns;
        if P::TIGHT {
            Self::normalised(upper)
        } else {
            Self::carried(upper, 2)
        }
    }
}
