//! Numbers of any size as little-endian limbs of 28 bits.
//!
//! The product of two 32-bit limbs would fill a `u64`, and wasm has no carry flag. With 28 bits whole sums of products
//! fit, and carries are propagated once per column.

/// Bits per limb. A product of two limbs has 56 bits, so a `u64` holds the sum of 256 products without a carry.
pub(crate) const BITS: u32 = 28;
/// The largest limb.
pub(crate) const MASK: u32 = (1 << BITS) - 1;

/// The lowest 28 bits.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the mask takes 28 bits of the 64")]
#[expect(clippy::inline_always, reason = "two instructions in the innermost loops")]
pub(crate) const fn low(x: u64) -> u32 {
    x as u32 & MASK
}

/// `count` limbs of a big-endian number. The caller allocates enough limbs for all of its bits.
///
/// A byte may straddle two limbs, so bits are gathered until there are 28 of them.
pub(crate) fn from_be(bytes: &[u8], count: usize) -> Vec<u32> {
    debug_assert!(bytes.len() * 8 <= count * BITS as usize + 7, "the number fits");
    let mut limbs = Vec::with_capacity(count);
    let (mut buffer, mut filled) = (0, 0);
    for &byte in bytes.iter().rev() {
        buffer |= u64::from(byte) << filled;
        filled += u8::BITS;
        if filled >= BITS {
            limbs.push(low(buffer));
            buffer >>= BITS;
            filled -= BITS;
        }
    }
    // The remaining bits, if any. An extra zero is truncated below.
    limbs.push(low(buffer));
    limbs.resize(count, 0);
    limbs
}

/// The lowest `count` bytes of a number, big-endian.
///
/// The reverse of [`from_be`]; beyond the last limb the bytes are zero.
#[expect(clippy::cast_possible_truncation, reason = "a byte is what is taken")]
pub(crate) fn to_be(limbs: &[u32], count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let (mut buffer, mut filled, mut rest) = (0, 0, limbs.iter());
    for byte in bytes.iter_mut().rev() {
        if filled < u8::BITS {
            buffer |= u64::from(rest.next().copied().unwrap_or(0)) << filled;
            filled += BITS;
        }
        *byte = buffer as u8;
        buffer >>= u8::BITS;
        filled -= u8::BITS;
    }
    bytes
}

/// Whether `a < b`, compared from the highest limb down; both have the same count of limbs.
pub(crate) fn less(a: &[u32], b: &[u32]) -> bool {
    debug_assert_eq!(a.len(), b.len(), "numbers of one length");
    a.iter().rev().lt(b.iter().rev())
}
