//! Montgomery multiplication of numbers below `2 n`, four columns at a time.
//!
//! `R = 2^(28 len)` is above `4 n`. For `a, b < 2 n` and `q < R` the result `(a b + q n) / R` is below `4 n^2 / R + n <
//! 2 n`: results are valid inputs, and only the last one needs a subtraction.
//!
//! Columns are sums of limb products without carries between them until they are complete. Four neighbouring columns
//! read almost the same limbs, so each limb is loaded once for all four.
#![expect(
    clippy::indexing_slicing,
    reason = "every slice has `len + PAD` limbs and every column is below `2 len`; no index comes from an input"
)]
#![expect(clippy::inline_always, reason = "the inner loops: a call costs more than their body")]

use crate::limbs::{BITS, MASK, less, low};
use crate::mutant::Mutant;

/// Zero limbs after the `len` limbs of a number, so that four columns can be read at its end.
const PAD: usize = 4;

/// Products in one sum: `112 * 2^56 < 2^63`, with room to spare. A multiple of four, so that `columns` has no
/// remainder.
const CHUNK: usize = 112;

/// An odd modulus with precomputed values for reduction.
///
/// Its numbers are slices of `len + PAD` limbs, whose last [`PAD`] limbs are zero.
#[derive(Clone, Debug)]
pub(crate) struct Modulus {
    /// `len + PAD` limbs.
    n: Vec<u32>,
    /// The number of limbs without the padding: a multiple of four, so that loops have no remainder.
    len: usize,
    /// The size of the modulus in bits, without leading zeros.
    bits: usize,
    /// `-1 / n mod 2^28`: the product with the lowest limb of a sum is the multiple of `n` that clears that limb.
    negative_inverse: u32,
}

impl Modulus {
    /// Takes an odd number of at least two bits, big-endian and without leading zeros.
    pub(crate) fn new(n: &[u8]) -> Option<Self> {
        let (&first, &last) = (n.first()?, n.last()?);
        if first == 0 || last.is_multiple_of(2) {
            return None;
        }
        let bits = n.len() * 8 - first.leading_zeros() as usize;
        // Two bits more than n: R > 4 n.
        let len = (bits + 2).div_ceil(BITS as usize).next_multiple_of(4);
        let n = crate::limbs::from_be(n, len + PAD);
        // Newton's iteration: an inverse modulo 2^k gives one modulo 2^2k. For an odd n, n * n is 1 modulo 8.
        let mut inverse = n[0];
        // Three correct bits become 48 in four rounds, more than the 28 that are needed.
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2u32.wrapping_sub(n[0].wrapping_mul(inverse)));
        }
        debug_assert_eq!(low(u64::from(n[0].wrapping_mul(inverse))), 1, "an inverse");
        Some(Self {
            n,
            len,
            bits,
            negative_inverse: inverse.wrapping_neg() & MASK,
        })
    }

    /// The size of the modulus in bits.
    pub(crate) const fn bits(&self) -> usize {
        self.bits
    }

    /// The length in bytes.
    pub(crate) const fn size(&self) -> usize {
        self.bits.div_ceil(8)
    }

    /// Parses bytes as a number; `None` unless they are exactly as long as the modulus, and the number is below it.
    pub(crate) fn number(&self, bytes: &[u8]) -> Option<Vec<u32>> {
        if bytes.len() != self.size() {
            return None;
        }
        let number = crate::limbs::from_be(bytes, self.len + PAD);
        less(&number, &self.n).then_some(number)
    }

    /// The number 1. Multiplying by it divides by R.
    pub(crate) fn one(&self) -> Vec<u32> {
        let mut one = vec![0; self.len + PAD];
        one[0] = 1;
        one
    }

    /// `R^2 mod n`.
    ///
    /// Computed by doublings and squarings, each reduced at once, so that no long division is needed.
    pub(crate) fn r_squared(&self) -> Vec<u32> {
        let limb = BITS as usize;
        // R mod n, by doubling the largest power of two below n.
        let mut x = vec![0; self.len + PAD];
        x[(self.bits - 1) / limb] = 1 << ((self.bits - 1) % limb);
        let exponent = limb * self.len;
        for _ in self.bits - 1..exponent {
            self.double(&mut x);
        }
        // x represents x / R: R represents 1, and raising 2 to the power 28 len by squaring and doubling yields R * R.
        for bit in (0..=exponent.ilog2()).rev() {
            x = self.square(&x);
            self.reduce(&mut x);
            if exponent >> bit & 1 == 1 {
                self.double(&mut x);
            }
        }
        x
    }

    /// `a b / R`, below `2 n` if both factors are.
    pub(crate) fn multiply(&self, a: &[u32], b: &[u32]) -> Vec<u32> {
        let len = self.len;
        let b4 = four(b);
        self.montgomery(|c| {
            if c < len {
                // Column c + t sums a[i] b[c + t - i]. All four columns have i from 0 to c - 1.
                let mut s = sums(&a[..c], &b[1..c + 4]);
                let a4 = four(&a[c..]);
                // The triangle of products that columns c to c + 3 have beyond the parallelogram.
                s[0].low += a4[0] * b4[0];
                s[1].low += a4[0] * b4[1] + a4[1] * b4[0];
                s[2].low += a4[0] * b4[2] + a4[1] * b4[1] + a4[2] * b4[0];
                s[3].low += a4[0] * b4[3] + a4[1] * b4[2] + a4[2] * b4[1] + a4[3] * b4[0];
                s
            } else {
                // In the upper half the ranges end with the last limb. If a column has fewer products, the zeros of
                // `PAD` fill the gap.
                sums(&a[c - len + 1..len], &b[c - len + 1..len + 3])
            }
        })
    }

    /// `a a / R`: each product of two different limbs is computed once and counted twice.
    pub(crate) fn square(&self, a: &[u32]) -> Vec<u32> {
        let len = self.len;
        self.montgomery(|c| {
            let middle = c / 2;
            // Pairs of limbs below and above the middle, starting with the first that has a partner in the number.
            let lowest = (c + 1).saturating_sub(len).min(middle);
            let m = four(&a[middle..]);
            let mut s = sums(&a[lowest..middle], &a[c - middle + 1..c + 4 - lowest]);
            // Each of these pairs occurs in both orders.
            for sum in &mut s {
                sum.low *= 2;
                sum.high *= 2;
            }
            // The products around the middle; squares occur once among them.
            s[0].low += m[0] * m[0];
            s[1].low += 2 * m[0] * m[1];
            s[2].low += 2 * m[0] * m[2] + m[1] * m[1];
            s[3].low += 2 * (m[0] * m[3] + m[1] * m[2]);
            s
        })
    }

    /// Reduces a number below `2 n` to below `n`.
    ///
    /// At most one subtraction, because of the bound; the time depends on whether it is needed.
    pub(crate) fn reduce(&self, x: &mut [u32]) {
        if less(x, &self.n) {
            return;
        }
        let mut borrow = 0;
        for (x, &n) in x.iter_mut().zip(&self.n) {
            let difference = x.wrapping_sub(n).wrapping_sub(borrow);
            *x = difference & MASK;
            // Limbs are below 2^28, so bit 31 is the sign of their difference.
            borrow = difference >> 31;
        }
        debug_assert!(borrow == 0 && less(x, &self.n), "below 2 n before");
    }

    /// `2 x mod n` of a number below n. The extra bit fits, because R is above `4 n`.
    fn double(&self, x: &mut [u32]) {
        let mut carry = 0;
        for limb in x.iter_mut() {
            let doubled = *limb << 1 | carry;
            *limb = doubled & MASK;
            carry = doubled >> BITS;
        }
        self.reduce(x);
    }

    /// Adds the multiple `q n` that clears the lower half, and returns the upper half. `products(c)` returns columns
    /// `c` to `c + 3` of the product to reduce.
    #[inline(always)]
    fn montgomery(&self, products: impl Fn(usize) -> [Sum; 4]) -> Vec<u32> {
        let (n, len) = (&self.n[..], self.len);
        let n4 = four(n);
        // The lower half: each column determines the digit of q that clears its low 28 bits, and carries the rest
        // upwards.
        let mut q = vec![0; len + PAD];
        let mut out = vec![0; len + PAD];
        let mut carry = 0;
        for c in (0..len).step_by(4) {
            let product = products(c);
            let multiple = sums(&q[..c], &n[1..c + 4]);
            let mut digits = [0; 4];
            for t in 0..4 {
                let mut column = carry + product[t].low + multiple[t].low;
                // The digits of this block were not known when `multiple` was summed.
                for u in 0..t {
                    column += digits[u] * n4[t - u];
                }
                let digit = low(u64::from(low(column)) * u64::from(self.negative_inverse));
                digits[t] = u64::from(digit);
                q[c + t] = digit;
                column += digits[t] * n4[0];
                debug_assert_eq!(low(column), 0, "the column vanishes");
                carry = (column >> BITS) + product[t].high + multiple[t].high;
            }
        }
        // The upper half: q is complete, and each remaining column is a limb of the result.
        for c in (len..2 * len).step_by(4) {
            let product = products(c);
            let multiple = sums(&q[c - len + 1..len], &n[c - len + 1..len + 3]);
            for t in 0..4 {
                let column = carry + product[t].low + multiple[t].low;
                out[c + t - len] = low(column);
                carry = (column >> BITS) + product[t].high + multiple[t].high;
            }
        }
        debug_assert_eq!(carry, 0, "the result is below 2 n");
        out
    }
}

/// A sum of products, `low + 2^28 high`.
///
/// Two parts, because whole sums of long numbers do not fit a `u64`: the upper part is added to the next column's
/// carry.
#[derive(Clone, Copy, Default)]
struct Sum {
    low: u64,
    high: u64,
}

/// Four neighbouring columns: for each `t` the sum of `q[i] n[k - 1 - i + t]`, where `q` has `k` limbs and `n` has `k + 3`.
#[inline(always)]
fn sums(q: &[u32], n: &[u32]) -> [Sum; 4] {
    let split = |x| Sum {
        low: u64::from(low(x)),
        high: x >> BITS,
    };
    // Moduli of 2,048 and 3,072 bits need no splitting.
    if q.len() <= CHUNK || Mutant::WideSumsNotSplit.is_on() {
        return columns(q, n).map(split);
    }
    let mut total = [Sum::default(); 4];
    // Parts of q are taken upwards and those of n downwards, because the two indices of a column add up to its number.
    let mut end = n.len();
    for part in q.chunks(CHUNK) {
        let start = end - part.len() - 3;
        for (sum, column) in total.iter_mut().zip(columns(part, &n[start..end])) {
            let column = split(column);
            sum.low += column.low;
            sum.high += column.high;
        }
        end -= part.len();
    }
    total
}

/// The four columns as plain sums. Each limb is read once for all of them: a window `w` moves down over `n`.
#[inline(always)]
#[expect(clippy::many_single_char_names, reason = "the names of the text above")]
fn columns(q: &[u32], n: &[u32]) -> [u64; 4] {
    debug_assert_eq!(n.len(), q.len() + 3, "three limbs for the last three columns");
    let Some((n, window)) = n.split_last_chunk::<3>() else {
        return [0; 4];
    };
    let mut w = window.map(u64::from);
    let mut s = [0; 4];
    let (quads, rest) = q.as_chunks::<4>();
    let (head, blocks) = n.as_rchunks::<4>();
    for (quad, block) in quads.iter().zip(blocks.iter().rev()) {
        let (q, b) = (quad.map(u64::from), block.map(u64::from));
        s[0] += q[0] * b[3] + q[1] * b[2] + q[2] * b[1] + q[3] * b[0];
        s[1] += q[0] * w[0] + q[1] * b[3] + q[2] * b[2] + q[3] * b[1];
        s[2] += q[0] * w[1] + q[1] * w[0] + q[2] * b[3] + q[3] * b[2];
        s[3] += q[0] * w[2] + q[1] * w[1] + q[2] * w[0] + q[3] * b[3];
        w = [b[0], b[1], b[2]];
    }
    // The rest of q, whose length need not be a multiple of four.
    for (&q, &b) in rest.iter().zip(head.iter().rev()) {
        let (q, b) = (u64::from(q), u64::from(b));
        s[0] += q * b;
        s[1] += q * w[0];
        s[2] += q * w[1];
        s[3] += q * w[2];
        w = [b, w[0], w[1]];
    }
    s
}

/// The first four limbs, which always exist because of `PAD`.
#[inline(always)]
fn four(x: &[u32]) -> [u64; 4] {
    x.first_chunk::<4>().map_or([0; 4], |x| x.map(u64::from))
}
