//! Width-w non-adjacent form of scalars (Hankerson, Menezes, Vanstone: Guide to Elliptic Curve Cryptography, algorithm 3.35).

/// The digits of a scalar, least significant first: zero, or odd and below `2^(W - 1)` in magnitude, for a width `W` of
/// 2 to 8. Of any `W` adjacent digits at most one is not zero. There is one digit more than the scalar has bits, for
/// the last carry.
///
/// Fewer non-zero digits mean fewer point additions: about one digit in `W + 1` is not zero, compared with one bit in
/// two. Signed digits halve the table, because negating a point is almost free.
pub(crate) fn digits<const W: usize>(scalar: &[u8]) -> Vec<i8> {
    const { assert!(W >= 2 && W <= 8, "a digit fits an i8") };
    // Bits above the scalar are zero, so that the last digits can be read past its end.
    let bit = |i: usize| {
        let byte = scalar.iter().rev().nth(i / 8).copied().unwrap_or(0);
        i16::from(byte >> (i % 8) & 1)
    };
    let mut digits = vec![0; 8 * scalar.len() + 1];
    let (mut i, mut carry) = (0, 0);
    while let Some(digit) = digits.get_mut(i) {
        // Invariant: the digits from here on must represent `carry` plus the bits from `i` up, times 2^i.
        if bit(i) == carry {
            // The rest is even: a carry into a set bit stays a carry.
            i += 1;
            continue;
        }
        // W bits at once. The value is odd, because bit and carry differ.
        let mut value = carry;
        for j in 0..W {
            value += bit(i + j) << j;
        }
        // The residue between -2^(W - 1) and 2^(W - 1).
        carry = value >> (W - 1) & 1;
        let residue = value - (carry << W);
        debug_assert!(residue % 2 != 0 && residue.abs() < 1 << (W - 1), "odd and small");
        // The next W - 1 digits stay zero: their bits have been used.
        *digit = i8::try_from(residue).unwrap_or_default();
        i += W;
    }
    debug_assert_eq!(carry, 0, "the last digit takes it");
    digits
}
