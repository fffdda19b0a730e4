//! RSASSA-PSS (RFC 8017 §8.1.2 and §9.1.2) with MGF1 over the same hash function. Variable time, public inputs only.

use crate::rsa::PublicKey;

/// A hash function over the concatenation of several pieces.
///
/// Passed in, so that this crate needs no hash function. Its output must be as long as the digest.
pub type Hash<'a> = &'a dyn Fn(&[&[u8]]) -> Vec<u8>;

/// Whether `signature` is valid for the digest, with a salt of exactly `salt_len` bytes.
///
/// The salt length is not read from the signature: JWS fixes it to that of the hash (RFC 7518 §3.5), and a verifier
/// that accepted any length would accept signatures that others refuse.
#[must_use]
pub fn verify_vartime(key: &PublicKey, hash: Hash<'_>, salt_len: usize, digest: &[u8], signature: &[u8]) -> bool {
    key.recover_vartime(signature)
        .is_some_and(|block| encodes(&block, key.bits() - 1, hash, salt_len, digest).is_some())
}

/// EMSA-PSS-VERIFY; the step numbers are those of §9.1.2.
///
/// `None` if any step fails. The caller learns nothing else.
fn encodes(block: &[u8], em_bits: usize, hash: Hash<'_>, salt_len: usize, digest: &[u8]) -> Option<()> {
    // The encoded message is one bit shorter than the modulus. If the modulus has 8 k + 1 bits, it is a byte shorter.
    let (above, em) = block.split_at_checked(block.len() - em_bits.div_ceil(8))?;
    holds(above.iter().all(|&byte| byte == 0))?;
    // Steps 3 to 5: maskedDB, H and the trailer.
    let (&0xbc, em) = em.split_last()? else {
        return None;
    };
    // The subtractions fail if the modulus is too short for hash, salt and padding (step 3).
    let (masked_db, h) = em.split_at_checked(em.len().checked_sub(digest.len())?)?;
    let padding_len = masked_db.len().checked_sub(salt_len)?;
    // Step 6: the leftmost bits, beyond the message length, are zero. If there are none, the mask is 0xff.
    let used = 0xff >> (8 * em_bits.div_ceil(8) - em_bits);
    holds(masked_db.first()? & !used == 0)?;
    // Steps 7 to 9.
    let mut db = mgf1(hash, h, masked_db.len());
    for (byte, masked) in db.iter_mut().zip(masked_db) {
        *byte ^= masked;
    }
    // The mask covers these bits as well, although the signer cleared them after masking.
    *db.first_mut()? &= used;
    // Step 10: zeros, a one, then the salt.
    let (padding, salt) = db.split_at_checked(padding_len)?;
    let (&1, zeros) = padding.split_last()? else {
        return None;
    };
    holds(zeros.iter().all(|&byte| byte == 0))?;
    // Steps 12 to 14.
    holds(hash(&[&[0; 8], digest, salt]) == h)
}

/// MGF1 (RFC 8017 §B.2.1).
fn mgf1(hash: Hash<'_>, seed: &[u8], len: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(len);
    // The length is at most that of a modulus, far below the standard's limit of 2^32 blocks.
    for counter in 0u32.. {
        if mask.len() >= len {
            break;
        }
        mask.extend(hash(&[seed, &counter.to_be_bytes()]));
    }
    mask.truncate(len);
    mask
}

/// A condition as an `Option`, so that every step ends with `?`.
fn holds(condition: bool) -> Option<()> {
    condition.then_some(())
}
