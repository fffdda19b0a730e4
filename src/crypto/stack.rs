//! Clears key material that moved values leave behind on the stack, where no destructor reaches it.

use std::hint::black_box;

/// Enough for reading a secret and for what HMAC does with one, in bytes.
///
/// It is overwritten at each call, so that it should be no larger than needed.
const SHALLOW: usize = 8 << 10;

/// Enough for reading a key pair and for signing with one; ML-DSA goes deepest.
#[cfg(feature = "keys")]
const DEEP: usize = 256 << 10;

/// Runs what handles a secret, and overwrites the stack that it used.
pub(crate) fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    wipe::<SHALLOW>();
    result
}

/// Runs what handles the private half of a key pair, and overwrites the stack that it used.
#[cfg(feature = "keys")]
pub(crate) fn deeply_wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    wipe::<DEEP>();
    result
}

/// Keeps the frames of `work` below the caller's own, where [`wipe`] reaches them.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Overwrites this many bytes below the caller's frame. `black_box` keeps the compiler from leaving the zeros out.
#[inline(never)]
fn wipe<const SIZE: usize>() {
    black_box(&mut [0_u8; SIZE]);
}
