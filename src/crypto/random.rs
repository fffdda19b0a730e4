//! Random bytes for one operation: a single draw from the host, stretched by a stream cipher.
//!
//! RSA draws many times for one signature and thousands of times for one key; each draw from JavaScript would cross the
//! boundary.
//!
//! Each operation has a generator of its own: none is kept, so that a copy of the instance's memory tells nothing of
//! later draws.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

use crate::Error;

/// A generator seeded by the host; [`Error::RandomUnavailable`] if it gives nothing.
pub fn rng() -> Result<ChaCha20Rng, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| Error::RandomUnavailable)?;
    Ok(from_seed(&seed))
}

/// A generator of 32 random bytes that the caller has already.
#[must_use]
pub fn from_seed(seed: &[u8; 32]) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(*seed)
}
