//! Mistakes that the tests switch on, to show that they would be noticed. Outside of tests there is no switch.

/// A mistake that neither published vectors nor random inputs are sure to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// The sum of a point and itself goes through the formula for two different points.
    EqualPointsNotDoubled,
    /// An `r` below `p - n` is taken for the x coordinate itself, never for `x - n`.
    WrappedXNotTried,
    /// An `s` that is not below the order is reduced instead of refused.
    LargeScalarAccepted,
    /// A result of RSA may stay above the modulus.
    LastSubtractionDropped,
    /// Sums of more than 112 products are made in one piece, and overflow.
    WideSumsNotSplit,
}

#[cfg(not(test))]
impl Mutant {
    #[expect(clippy::unused_self, reason = "the tests have a version that reads it")]
    pub(crate) const fn is_on(self) -> bool {
        false
    }
}

#[cfg(test)]
thread_local! {
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
impl Mutant {
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
