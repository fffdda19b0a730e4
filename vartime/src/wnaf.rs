//! Width-w non-adjacent form of scalars (Hankerson, Menezes, Vanstone: Guide to Elliptic Curve Cryptography, algorithm 3.35).
#![expect(
    clippy::indexing_slicing,
    reason = "positions are below 257 by the condition of the loop, and bits are read below 256"
)]

/// The digits of a scalar, least significant first: zero, or odd and below `2^(w - 1)` in magnitude. Of `w` neighbours at
/// most one is not zero. One digit more than the scalar has bits: the last carry.
pub(crate) type Digits = [i8; 257];

/// Digits of width `W`, 2 to 8.
pub(crate) fn digits<const W: u32>(scalar: &[u8; 32]) -> Digits {
    const { assert!(W >= 2 && W <= 8, "a digit fits an i8") };
    let bit = |i: usize| {
        if i < 256 {
            i16::from(scalar[31 - i / 8] >> (i % 8) & 1)
        } else {
            0
        }
    };
    let mut digits = [0; 257];
    let (mut i, mut carry) = (0, 0);
    while i < 257 {
        if bit(i) == carry {
            // What is left is even: a carry into a set bit stays a carry.
            i += 1;
            continue;
        }
        let mut value = carry;
        for j in 0..W {
            value += bit(i + j as usize) << j;
        }
        // The residue between -2^(W - 1) and 2^(W - 1).
        carry = value >> (W - 1) & 1;
        let digit = value - (carry << W);
        debug_assert!(digit % 2 != 0 && digit.abs() < 1 << (W - 1), "odd and small");
        digits[i] = i8::try_from(digit).unwrap_or_default();
        i += W as usize;
    }
    debug_assert_eq!(carry, 0, "a scalar of 256 bits");
    digits
}
