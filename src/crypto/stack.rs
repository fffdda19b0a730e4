//! Clears key material that moved values leave on the stack, where no destructor reaches it.

use std::hint::black_box;

/// Enough for parsing a secret and for HMAC with it, in bytes.
///
/// It is overwritten on each call, so it should be no larger than needed.
const SHALLOW: usize = 8 << 10;

/// Enough for parsing a key pair and for signing with it; ML-DSA uses the most stack.
#[cfg(feature = "keys")]
const DEEP: usize = 256 << 10;

/// Runs code that handles a secret, then overwrites the stack that it used.
pub(crate) fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    wipe::<SHALLOW>();
    result
}

/// Runs code that handles a private key, then overwrites the stack that it used.
#[cfg(feature = "keys")]
pub(crate) fn deeply_wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    wipe::<DEEP>();
    result
}

/// Keeps the stack frames of `work` below the caller's own, where [`wipe`] reaches them.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Overwrites this many bytes below the caller's frame. `black_box` keeps the compiler from removing the writes.
#[inline(never)]
fn wipe<const SIZE: usize>() {
    black_box(&mut [0_u8; SIZE]);
}
