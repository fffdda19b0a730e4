//! Products of numbers with few limbs, as columns: sums of limb products without carries between them.
//!
//! Limbs are at most `2^29` in magnitude, and last limbs `2^30`. A column of `N` limbs has up to `N` products, either
//! two of which have a last limb as a factor, or one of which has two: at most `(N + 2) 2^58`, which for 18 limbs is
//! below `2^62.4`.
//!
//! Carries are left to the reduction, which adds to the columns as well: one carry pass serves both.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of fixed length, with loop variables below it as indices"
)]
#![expect(
    clippy::inline_always,
    reason = "into the multiplication of each field, where the limbs are in registers"
)]

/// Lower and upper columns: column `k` has the weight `2^(29 k)`. The highest one is always zero, because a product has
/// one column fewer than its factors have limbs.
pub(crate) type Columns<const N: usize> = [[i64; N]; 2];

/// The columns of `a b`, every limb times every other.
///
/// The caller widens the factors to `i64`, once for all of their products.
#[inline(always)]
pub(crate) fn schoolbook<const N: usize>(a: &[i64; N], b: &[i64; N]) -> Columns<N> {
    let mut columns = [[0; N]; 2];
    let c = columns.as_flattened_mut();
    // Two loops: the compiler does not unroll one loop of 81 products, which then takes twice the time.
    for i in 0..N / 2 {
        add_row(c, i, a, b);
    }
    for i in N / 2..N {
        add_row(c, i, a, b);
    }
    columns
}

#[inline(always)]
fn add_row<const N: usize>(c: &mut [i64], i: usize, a: &[i64; N], b: &[i64; N]) {
    for j in 0..N {
        c[i + j] += a[i] * b[j];
    }
}

/// The columns of `a a`: each product of two different limbs is computed once and counted twice.
#[inline(always)]
pub(crate) fn schoolbook_square<const N: usize>(a: &[i64; N]) -> Columns<N> {
    let mut columns = [[0; N]; 2];
    let c = columns.as_flattened_mut();
    for i in 0..N {
        c[2 * i] += a[i] * a[i];
        let twice = 2 * a[i];
        for j in i + 1..N {
            c[i + j] += twice * a[j];
        }
    }
    columns
}

/// The columns of `a b` from three products of halves (Karatsuba). With `a = a0 + a1 B` and `b = b0 + b1 B`:
/// `a b = a0 b0 + (a0 b0 + a1 b1 + (a0 - a1) (b1 - b0)) B + a1 b1 B^2`
///
/// It takes 147 limb products instead of 196 for 14 limbs, and 243 instead of 324 for 18. Nine limbs have no halves.
#[inline(always)]
pub(crate) fn karatsuba<const H: usize, const N: usize>(a: &[i64; N], b: &[i64; N]) -> Columns<N> {
    let ([a0, a1], [b0, b1]) = (halves::<H, N>(a), halves::<H, N>(b));
    let cross = half_product(&difference(a0, a1), &difference(b1, b0));
    combined(&half_product(a0, b0), &cross, &half_product(a1, b1))
}

/// The columns of `a a` from three squares of halves: `2 a0 a1 = a0 a0 + a1 a1 - (a0 - a1) (a0 - a1)`.
///
/// The square of the difference is negated, so that `combined` can add it like the cross product.
#[inline(always)]
pub(crate) fn karatsuba_square<const H: usize, const N: usize>(a: &[i64; N]) -> Columns<N> {
    let [a0, a1] = halves::<H, N>(a);
    let cross = half_square(&difference(a0, a1)).map(|half| half.map(|column| -column));
    combined(&half_square(a0), &cross, &half_square(a1))
}

/// `low + (low + high + cross) B + high B^2`. The sum in the middle fits where its result does, as `low + high` alone has at
/// most `N + 2` products, and its result is a column of a product too.
#[inline(always)]
fn combined<const H: usize, const N: usize>(low: &Columns<H>, cross: &Columns<H>, high: &Columns<H>) -> Columns<N> {
    let mut columns = [[0; N]; 2];
    let c = columns.as_flattened_mut();
    // In quarters of H columns: the middle product overlaps the second and third quarters, on top of the outer two
    // products.
    for k in 0..H {
        c[k] = low[0][k];
        c[H + k] = low[1][k] + (low[0][k] + high[0][k] + cross[0][k]);
        c[2 * H + k] = high[0][k] + (low[1][k] + high[1][k] + cross[1][k]);
        c[3 * H + k] = high[1][k];
    }
    columns
}

/// The product of two halves. Not inlined, because each multiplication needs three of them.
#[inline(never)]
fn half_product<const H: usize>(a: &[i64; H], b: &[i64; H]) -> Columns<H> {
    schoolbook(a, b)
}

/// The square of a half. Not inlined, for the same reason.
#[inline(never)]
fn half_square<const H: usize>(a: &[i64; H]) -> Columns<H> {
    schoolbook_square(a)
}

/// `a - b`, limb by limb and without carries. Limbs stay within `2^29` in magnitude, and the last within `1.5 2^30`, so
/// that the columns of a product of two differences still fit an `i64`.
#[inline(always)]
fn difference<const H: usize>(a: &[i64; H], b: &[i64; H]) -> [i64; H] {
    core::array::from_fn(|i| a[i] - b[i])
}

#[inline(always)]
fn halves<const H: usize, const N: usize>(a: &[i64; N]) -> [&[i64; H]; 2] {
    const { assert!(N == 2 * H, "two halves") };
    let (halves, _) = a.as_chunks::<H>();
    [&halves[0], &halves[1]]
}
