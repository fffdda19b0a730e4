//! Mistakes that the tests switch on, to prove that they would be detected. Only test builds have the switch.

/// A mistake that neither published vectors nor random inputs reliably detect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// A point is added to itself with the formula for two different points.
    ///
    /// Published vectors still pass, because none of their keys is a small multiple of the generator.
    EqualPointsNotDoubled,
    /// `r` is only tried as the x coordinate itself; an x of `r + n` is not.
    ///
    /// On a 256-bit curve about one signature in 2^128 has such an x, so random inputs never detect this.
    WrappedXNotTried,
    /// An `s` that is not below the order is reduced instead of refused.
    ///
    /// Each signature would then have a second encoding, `s + n`, which evades a list of revoked tokens.
    LargeScalarAccepted,
    /// An RSA result may stay above the modulus.
    ///
    /// This happens for few inputs, so most vectors pass.
    LastSubtractionDropped,
    /// Sums of more than 112 products are computed in one piece, and overflow.
    ///
    /// Random limbs are too small on average to overflow; only large moduli near a power of two do.
    WideSumsNotSplit,
}

#[cfg(not(test))]
impl Mutant {
    /// Constant, so that the compiler removes the mistake from release builds.
    #[expect(clippy::unused_self, reason = "the tests have a version that reads it")]
    pub(crate) const fn is_on(self) -> bool {
        false
    }
}

#[cfg(test)]
thread_local! {
    // Per thread, because tests run concurrently and only one of them wants the mistake.
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
impl Mutant {
    /// Whether this thread's test has switched the mistake on.
    pub(crate) fn is_on(self) -> bool {
        ON.get() == Some(self)
    }

    /// Runs `work` on this thread with the mistake switched on, and switches it off afterwards, even after a panic.
    pub(crate) fn during<T>(self, work: impl FnOnce() -> T + std::panic::UnwindSafe) -> std::thread::Result<T> {
        ON.set(Some(self));
        let result = std::panic::catch_unwind(work);
        ON.set(None);
        result
    }
}
