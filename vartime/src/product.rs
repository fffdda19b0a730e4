//! Products of numbers of few limbs, as columns: sums of products of limbs that carry nothing to each other yet.
//!
//! Limbs are at most `2^29` in magnitude, and the last ones `2^30`. A column of `N` limbs has up to `N` products, of which two
//! have a last limb as a factor, or one has two of them: at most `(N + 2) 2^58`, which for 18 limbs is below `2^62.4`.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of fixed length, with loop variables below it as indices"
)]
#![expect(
    clippy::inline_always,
    reason = "into the multiplication of each field, where the limbs are in registers"
)]

/// Lower and upper columns.
pub(crate) type Columns<const N: usize> = [[i64; N]; 2];

/// The columns of `a b`, every limb by every other.
#[inline(always)]
pub(crate) fn schoolbook<const N: usize>(a: &[i64; N], b: &[i64; N]) -> Columns<N> {
    let mut columns = [[0; N]; 2];
    let c = columns.as_flattened_mut();
    for i in 0..N {
        for j in 0..N {
            c[i + j] += a[i] * b[j];
        }
    }
    columns
}

/// The columns of `a a`: each product of two different limbs is made once and counted twice.
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
