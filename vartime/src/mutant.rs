//! Mistakes that the tests switch on, to show that they would be noticed. Only test builds have the switch.

/// A mistake that neither published vectors nor random inputs are sure to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// The sum of a point and itself goes through the formula for two different points.
    ///
    /// Published vectors still pass, because none of their keys is a small multiple of the generator.
    EqualPointsNotDoubled,
    /// An `r` below `p - n` is taken for the x coordinate itself, never for `x - n`.
    ///
    /// On a curve of 256 bits about one signature in 2^128 needs the other one, so random inputs never find out.
    WrappedXNotTried,
    /// An `s` that is not below the order is reduced instead of refused.
    ///
    /// Each signature would then have a second spelling, `s + n`, which evades a list of revoked tokens.
    LargeScalarAccepted,
    /// A result of RSA may stay above the modulus.
    ///
    /// That happens for few inputs only, so most vectors pass.
    LastSubtractionDropped,
    /// Sums of more than 112 products are made in one piece, and overflow.
    ///
    /// Random limbs are too small on average to overflow. Only large moduli near a power of two show it.
    WideSumsNotSplit,
}

#[cfg(not(test))]
impl Mutant {
    /// Constant, so that the compiler removes the mistake from what is shipped.
    #[expect(clippy::unused_self, reason = "the tests have a version that reads it")]
    pub(crate) const fn is_on(self) -> bool {
        false
    }
}

#[cfg(test)]
thread_local! {
    // For each thread, because tests run side by side and only one of them wants the mistake.
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
impl Mutant {
    /// Whether the test of this thread has switched the mistake on.
    pub(crate) fn is_on(self) -> bool {
        ON.get() == Some(self)
    }

    /// Runs `work` on this thread with the mistake in place; also after a panic inside, the mistake is gone again.
    pub(crate) fn during<T>(self, work: impl FnOnce() -> T + std::panic::UnwindSafe) -> std::thread::Result<T> {
        ON.set(Some(self));
        let result = std::panic::catch_unwind(work);
        ON.set(None);
        result
    }
}
