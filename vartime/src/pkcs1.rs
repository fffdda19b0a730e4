//! RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2). Variable time, public inputs only.

use crate::rsa::PublicKey;

/// Whether `signature` is valid for the digest. `prefix` is the DER of the `DigestInfo` up to the digest (RFC 8017
/// §9.2, note 1).
///
/// The expected block is built and compared as a whole; nothing is parsed. Verifiers that parsed the block have
/// accepted forgeries: with the exponent 3, bytes that a parser skips leave enough freedom to find a block that is a
/// perfect cube (CVE-2006-4339).
#[must_use]
pub fn verify_vartime(key: &PublicKey, prefix: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let Some(block) = key.recover_vartime(signature) else {
        return false;
    };
    // 00 01, the padding, 00, the prefix and the digest (RFC 8017 §9.2). `None` if the modulus is too short for them.
    let padding = block.len().checked_sub(prefix.len() + digest.len() + 3);
    // At least eight bytes of padding (§9.2, step 3).
    let Some(padding) = padding.filter(|&padding| padding >= 8) else {
        return false;
    };
    let mut expected = Vec::with_capacity(block.len());
    expected.extend([0, 1]);
    expected.resize(2 + padding, 0xff);
    expected.push(0);
    expected.extend(prefix);
    expected.extend(digest);
    block == expected
}
