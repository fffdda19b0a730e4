//! Random bytes for one operation: a single draw from the host, stretched by a stream cipher.
//!
//! RSA draws many times per signature and thousands of times per key; each draw from JavaScript would cross the wasm
//! boundary.
//!
//! Each operation has its own generator. None is kept, so that a copy of the instance's memory reveals nothing about
//! later draws.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

use crate::Error;

/// A generator seeded by the host; [`Error::RandomUnavailable`] if the host provides no random bytes.
pub fn rng() -> Result<ChaCha20Rng, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| Error::RandomUnavailable)?;
    Ok(from_seed(&seed))
}

/// A generator seeded with 32 random bytes from the caller.
#[must_use]
pub fn from_seed(seed: &[u8; 32]) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(*seed)
}
