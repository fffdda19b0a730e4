//! Both encodings, intact and with every byte altered. The keys have Mersenne primes as moduli, so anyone can sign with
//! them.

use num_bigint::BigUint;
use sha2::{Digest as _, Sha256};

use super::{Dice, padded};
use crate::rsa::PublicKey;
use crate::{pkcs1, pss};

/// The prefix of `DigestInfo` for SHA-256 (RFC 8017 §9.2, note 1).
const PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];

struct Signer {
    n: BigUint,
    d: BigUint,
    key: PublicKey,
}

impl Signer {
    /// The modulus `2^bits - 1`, a prime: `d` is the inverse of `e` modulo `n - 1`.
    fn new(bits: usize) -> Self {
        let n = (BigUint::from(1u8) << bits) - 1u8;
        let d = BigUint::from(65_537u32).modinv(&(&n - 1u8)).unwrap();
        let key = PublicKey::new(&n.to_bytes_be(), 65_537).unwrap();
        Self { n, d, key }
    }

    fn sign(&self, block: &[u8]) -> Vec<u8> {
        padded(&BigUint::from_bytes_be(block).modpow(&self.d, &self.n), self.key.size())
    }
}

fn hash(pieces: &[&[u8]]) -> Vec<u8> {
    Sha256::digest(pieces.concat()).to_vec()
}

fn pkcs1_block(size: usize, digest: &[u8]) -> Vec<u8> {
    let padding = vec![0xff; size - 3 - PREFIX.len() - digest.len()];
    [&[0, 1][..], &padding, &[0], &PREFIX, digest].concat()
}

#[test]
fn pkcs1_takes_the_one_block_and_no_other() {
    let digest = hash(&[b"message"]);
    for bits in [521, 1279] {
        let signer = Signer::new(bits);
        let block = pkcs1_block(signer.key.size(), &digest);
        let verifies = |block: &[u8]| pkcs1::verify_vartime(&signer.key, &PREFIX, &digest, &signer.sign(block));
        assert!(verifies(&block));
        // The first byte is not altered: that would put the block above the modulus.
        for i in 1..block.len() {
            let mut bent = block.clone();
            bent[i] ^= 1 << (i % 8);
            assert!(!verifies(&bent), "byte {i}");
        }
    }
}

#[test]
fn pkcs1_wants_eight_bytes_of_padding() {
    let signer = Signer::new(521);
    for (digest_len, taken) in [(36, true), (37, false), (44, false), (64, false)] {
        let digest = vec![7; digest_len];
        let Some(padding) = 66usize.checked_sub(3 + PREFIX.len() + digest_len) else {
            assert!(!pkcs1::verify_vartime(&signer.key, &PREFIX, &digest, &[1; 66]));
            continue;
        };
        let block = [&[0, 1][..], &vec![0xff; padding], &[0], &PREFIX, &digest].concat();
        let verified = pkcs1::verify_vartime(&signer.key, &PREFIX, &digest, &signer.sign(&block));
        assert_eq!(verified, taken, "{digest_len}");
    }
}

/// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with `first` in place of the byte before the salt.
fn pss_block(em_bits: usize, digest: &[u8], salt: &[u8], first: u8) -> Vec<u8> {
    let em_len = em_bits.div_ceil(8);
    let h = hash(&[&[0; 8], digest, salt]);
    let mut db = vec![0; em_len - h.len() - 2 - salt.len()];
    db.push(first);
    db.extend(salt);
    let mask: Vec<u8> = (0u32..)
        .flat_map(|i| hash(&[&h, &i.to_be_bytes()]))
        .take(db.len())
        .collect();
    for (byte, mask) in db.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    db[0] &= 0xff >> (8 * em_len - em_bits);
    [&db[..], &h, &[0xbc]].concat()
}

/// 2281 is 1 modulo 8: the encoded message is a byte shorter than the modulus.
#[test]
fn pss_takes_whole_blocks_and_no_bent_ones() {
    let mut dice = Dice::new("pss");
    let digest = hash(&[b"message"]);
    for bits in [1279, 2281] {
        let signer = Signer::new(bits);
        let salt = dice.bytes(32);
        let verifies =
            |block: &[u8], salt_len| pss::verify_vartime(&signer.key, &hash, salt_len, &digest, &signer.sign(block));
        let block = pss_block(bits - 1, &digest, &salt, 1);
        assert!(verifies(&block, 32));
        assert!(!verifies(&block, 31) && !verifies(&block, 33) && !verifies(&block, 0) && !verifies(&block, 999));
        assert!(!verifies(&pss_block(bits - 1, &digest, &salt, 2), 32));
        assert!(!verifies(&pss_block(bits - 1, &digest, &salt[1..], 1), 32));
        assert!(verifies(&pss_block(bits - 1, &digest, &[], 1), 0));
        for i in 0..block.len() {
            let mut bent = block.clone();
            bent[i] ^= 1 << dice.below(if i == 0 { 6 } else { 8 });
            assert!(!verifies(&bent, 32), "byte {i}");
        }
        // A bit above those of the message is set.
        let above = BigUint::from_bytes_be(&block) + (BigUint::from(1u8) << (bits - 1));
        assert!(!verifies(&above.to_bytes_be(), 32));
    }
}

#[test]
fn pss_does_not_fit_a_short_key() {
    let signer = Signer::new(521);
    for salt_len in [0, 31, 32, 33, usize::MAX] {
        assert!(!pss::verify_vartime(
            &signer.key,
            &hash,
            salt_len,
            &hash(&[b"message"]),
            &[1; 66]
        ));
    }
}
