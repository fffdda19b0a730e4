//! Numbers as 29-bit limbs, the last of which carries the sign: the operations for constants and for decoding.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of fixed length, with positions below it; in constants a wrong one does not compile"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "limbs are masked to 29 bits first, or are top limbs of at most 2^30"
)]

/// Bits per limb.
///
/// The largest size for which sums of 18 products fit an `i64`, with room for signs and carries; see the module
/// `product`.
pub(crate) const BITS: u32 = 29;
/// Masks the bits of one limb. For a negative number it yields the non-negative residue, by two's complement.
pub(crate) const MASK: i64 = (1 << BITS) - 1;

/// The number 1, not in Montgomery form.
pub(crate) const fn one<const N: usize>() -> [i32; N] {
    let mut one = [0; N];
    one[0] = 1;
    one
}

/// The limbs of a big-endian number, which must fit.
///
/// Bit by bit: most calls are in constants, and there are few others per signature. Const functions cannot use
/// iterators, hence the `while`.
pub(crate) const fn limbs<const N: usize>(bytes: &[u8]) -> [i32; N] {
    let mut limbs = [0; N];
    let mut bit = 0;
    while bit < 8 * bytes.len() {
        let value = (bytes[bytes.len() - 1 - bit / 8] >> (bit % 8) & 1) as i32;
        if value != 0 {
            limbs[bit / BITS as usize] |= value << (bit % BITS as usize);
        }
        bit += 1;
    }
    limbs
}

/// The lowest `len` bytes of non-negative limbs, big-endian. The caller has reduced the number below p, which has
/// exactly that length.
pub(crate) fn bytes<const N: usize>(limbs: &[i32; N], len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    for bit in 0..(8 * len).min(BITS as usize * N) {
        let value = limbs[bit / BITS as usize] >> (bit % BITS as usize) & 1;
        bytes[len - 1 - bit / 8] |= u8::from(value != 0) << (bit % 8);
    }
    bytes
}

/// `R^2 mod p`, by doubling 1 and subtracting p whenever it fits.
///
/// Multiplying by it converts a number to Montgomery form: `x R^2 / R = x R`.
pub(crate) const fn r_squared<const N: usize>(p: &[i32; N]) -> [i32; N] {
    let mut x = one();
    let mut round = 0;
    while round < 2 * BITS as usize * N {
        let doubled = carried_sum(&x, &x, 1);
        let reduced = carried_sum(&doubled, p, -1);
        // The last limb carries the sign: a negative difference means that p did not fit.
        x = if reduced[N - 1] < 0 { doubled } else { reduced };
        round += 1;
    }
    x
}

/// `a + factor b`, with carries propagated up to the last limb.
///
/// The last limb keeps the excess, with the sign. The callers' factors are 1 and -1.
pub(crate) const fn carried_sum<const N: usize>(a: &[i32; N], b: &[i32; N], factor: i64) -> [i32; N] {
    let mut out = [0; N];
    let (mut carry, mut i) = (0, 0);
    while i < N - 1 {
        let x = a[i] as i64 + factor * b[i] as i64 + carry;
        out[i] = (x & MASK) as i32;
        carry = x >> BITS;
        i += 1;
    }
    out[N - 1] = (a[N - 1] as i64 + factor * b[N - 1] as i64 + carry) as i32;
    out
}
