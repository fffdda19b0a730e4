//! Differential and edge tests, and the proof that they detect each [`Mutant`](crate::mutant::Mutant).
//!
//! Random cases use a fresh seed, which is printed; set `TANDEM_SEED` to reuse one. `TANDEM_DEEP=1` runs 100,000 cases
//! per family.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failing test may panic, and says with which seed"
)]

mod ecdsa;
mod field;
mod mutants;
mod padding;
mod points;
mod rsa;

use std::env;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use num_bigint::BigUint;

/// The source of random cases: `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn new(family: &str) -> Self {
        let seed = match env::var("TANDEM_SEED") {
            Ok(text) => text.parse().expect("TANDEM_SEED is a number"),
            Err(_) => RandomState::new().build_hasher().finish(),
        };
        eprintln!("{family}: TANDEM_SEED={seed}");
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end).unwrap()).unwrap()
    }

    /// Bytes with long runs of zeros and ones, which provoke carries.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count).map(|_| self.roll().to_le_bytes()[0]).collect();
        if self.below(4) == 0 {
            let (start, fill) = (self.below(count), [0, 0xff][self.below(2)]);
            let end = start + self.below(count - start + 1);
            bytes[start..end].fill(fill);
        }
        bytes
    }

    /// A big-endian number of at most this many bits, in as few bytes as that takes.
    fn below_bits(&mut self, bits: u64) -> Vec<u8> {
        let len = usize::try_from(bits.div_ceil(8)).unwrap();
        let mut bytes = self.bytes(len);
        bytes[0] &= 0xff >> (8 * len - usize::try_from(bits).unwrap());
        bytes
    }
}

/// How many random cases a family runs; `usual` is the normal count.
fn cases(usual: usize) -> usize {
    if env::var("TANDEM_DEEP").is_ok_and(|deep| deep == "1") {
        100_000
    } else {
        usual
    }
}

/// Big-endian, of a given length.
fn padded(number: &BigUint, len: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut out = vec![0; len.checked_sub(bytes.len()).expect("the number fits")];
    out.extend(bytes);
    out
}
