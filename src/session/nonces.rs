//! Nonces for proofs of possession (RFC 9449 §8): not remembered but made again, one for each period of time.

use super::keys::RefreshKeys;
use crate::Error;

/// The nonces of keys that all servers share. Each is a MAC over the number of periods since 1970, so that it cannot be
/// guessed ahead of its time.
#[derive(Clone, Copy, Debug)]
pub struct Nonces<'a> {
    /// The keys that make them, the newest first.
    pub keys: &'a RefreshKeys,
    /// How long each is the current one, in seconds; it is good for as long again.
    pub period: u64,
}

impl Nonces<'_> {
    /// The one to give out; [`Error::KeyInvalid`] if there is no key.
    /// All servers give out the same one within a period.
    pub fn current(&self, now: u64) -> Result<String, Error> {
        Ok(self.keys.signing()?.nonce(self.number(now)))
    }

    /// Until when a nonce is good, in seconds; [`Error::ProofNonce`] if it is not. The nonce of the next period is good
    /// already, because a server whose clock is a little ahead gives it out.
    pub fn good_until(&self, nonce: &str, now: u64) -> Result<u64, Error> {
        let current = self.number(now);
        let number = [Some(current), current.checked_sub(1), current.checked_add(1)]
            .into_iter()
            .flatten()
            // Not in constant time: a nonce is public, and whoever guesses one gains nothing without the key of the
            // proof.
            .find(|&number| self.keys.iter().any(|key| key.nonce(number) == nonce))
            .ok_or(Error::ProofNonce)?;
        // It is current for one period and good for the next, so it ends with that.
        Ok(number.saturating_add(2).saturating_mul(self.period))
    }

    fn number(&self, now: u64) -> u64 {
        // A period of zero stands for no nonces; dividing by it would trap.
        now / self.period.max(1)
    }
}
