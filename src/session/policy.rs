//! The policy: how long tokens and sessions last, and how often a hand-out may be repeated.

use std::fmt;

use super::codec::{FieldReader, Writer};
use crate::Error;

/// The rules that sessions are run by. All times are whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long an access token is good, at most.
    pub access_ttl: u64,
    /// How long a session lasts without a rotation.
    pub refresh_idle: u64,
    /// How long a session lasts whatever happens.
    pub absolute: u64,
    /// How long a retry with the parent token is answered with the same successor: round trip, 5 s, clock skew and 1 s.
    pub grace: u64,
    /// How long after its first rotation a parent still recovers the session: 0 is never, and the idle time is as long
    /// as the session itself.
    pub recovery: u64,
    /// How often one refresh token is handed out again.
    /// Without an end, a thief who repeats the parent within each grace would prolong that grace for ever.
    pub hand_outs: u64,
    /// By how many ten-thousandths the life of an access token may be shortened, so that a burst of sign-ins does not
    /// become a burst of refreshes.
    pub jitter: u64,
}

/// Which option of a policy is wrong, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError(&'static str);

impl PolicyError {
    /// A sentence that begins with the option.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for PolicyError {}

impl Policy {
    /// 15 minutes of access, 14 days idle, 90 days at most, 30 s of grace, recovery for as long as the session.
    pub const DEFAULT: Self = Self {
        access_ttl: 15 * 60,
        refresh_idle: 14 * DAY,
        absolute: 90 * DAY,
        grace: 30,
        recovery: 14 * DAY,
        hand_outs: 10,
        jitter: 500,
    };

    /// Checks that the times are consistent: `grace < recovery <= refreshIdle <= absolute`, where there is recovery.
    pub const fn check(self) -> Result<Self, PolicyError> {
        let Self {
            access_ttl,
            refresh_idle,
            absolute,
            grace,
            recovery,
            hand_outs,
            jitter,
        } = self;
        Err(PolicyError(if access_ttl == 0 {
            "accessTtl must be at least 1 second"
        } else if grace == 0 {
            "grace must be at least 1 second"
        } else if absolute > LONGEST {
            "absolute must be at most 10 years"
        } else if refresh_idle > absolute {
            "refreshIdle must not be longer than absolute"
        } else if access_ttl > absolute {
            "accessTtl must not be longer than absolute"
        } else if recovery > refresh_idle {
            "recovery must not be longer than refreshIdle"
        } else if grace >= refresh_idle {
            "grace must be shorter than refreshIdle"
        } else if recovery > 0 && grace >= recovery {
            "grace must be shorter than recovery"
        } else if hand_outs == 0 || hand_outs > 1000 {
            "handOuts must be from 1 to 1000"
        } else if jitter > 500 {
            "jitter must be from 0 to 0.05"
        } else {
            return Ok(self);
        }))
    }

    /// How many seconds an access token is good, after a random cut.
    #[must_use]
    pub fn access_lifetime(&self, random: u32) -> u64 {
        // A minute is too short to be shortened further.
        if self.access_ttl < 60 {
            return self.access_ttl;
        }
        let widest = self.access_ttl * self.jitter / 10_000;
        // Shortened and never prolonged: an access token must not be good for longer than the policy says.
        self.access_ttl - u64::from(random) % (widest + 1)
    }

    /// Whether a parent that was first rotated at a time still recovers its session.
    ///
    /// Recovery for the whole idle time never runs out before the session does: a session that is refreshed by its
    /// parent alone, because every answer is lost, would else end while its user is honest.
    #[must_use]
    pub const fn recovers(&self, rotated_at: u64, now: u64) -> bool {
        self.recovery == self.refresh_idle || now.saturating_sub(rotated_at) <= self.recovery && self.recovery > 0
    }

    /// The policy as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.finish()
    }

    /// Reads the bytes of [`Policy::encode`] and checks them; [`Error::PolicyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = FieldReader::new(bytes, Error::PolicyInvalid);
        let policy = Self::read(&mut reader)?;
        reader.end()?;
        Ok(policy)
    }

    /// Writes the numbers in the order of the fields, which is part of the format.
    pub(super) fn write(&self, writer: &mut Writer) {
        let Self {
            access_ttl,
            refresh_idle,
            absolute,
            grace,
            recovery,
            hand_outs,
            jitter,
        } = *self;
        // Destructured above, so that a new field cannot be forgotten here.
        for number in [access_ttl, refresh_idle, absolute, grace, recovery, hand_outs, jitter] {
            writer.number(number);
        }
    }

    /// Reads and checks them again: the bytes may come from a server with other rules.
    pub(super) fn read(reader: &mut FieldReader<'_>) -> Result<Self, Error> {
        Self {
            access_ttl: reader.number()?,
            refresh_idle: reader.number()?,
            absolute: reader.number()?,
            grace: reader.number()?,
            recovery: reader.number()?,
            hand_outs: reader.number()?,
            jitter: reader.number()?,
        }
        .check()
        .map_err(|_| reader.error())
    }
}

const DAY: u64 = 24 * 60 * 60;

/// Ten years, leap days included. Sums of times stay far below what a JavaScript number holds exactly.
const LONGEST: u64 = 3660 * DAY;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_message_names_its_option() {
        type Spoil = fn(&mut Policy);
        let cases: [(&str, Spoil); 10] = [
            ("accessTtl", |policy| policy.access_ttl = 0),
            ("accessTtl", |policy| policy.access_ttl = 91 * DAY),
            ("grace", |policy| policy.grace = 0),
            ("grace", |policy| (policy.grace, policy.recovery) = (7 * DAY, 7 * DAY)),
            ("grace", |policy| (policy.grace, policy.recovery) = (14 * DAY, 0)),
            ("recovery", |policy| policy.recovery = 15 * DAY),
            ("refreshIdle", |policy| policy.refresh_idle = 91 * DAY),
            ("absolute", |policy| policy.absolute = u64::MAX),
            ("handOuts", |policy| policy.hand_outs = 0),
            ("jitter", |policy| policy.jitter = 501),
        ];
        for (option, spoil) in cases {
            let mut policy = Policy::DEFAULT;
            spoil(&mut policy);
            let error = policy.check().unwrap_err();
            assert!(
                error.to_string().starts_with(option),
                "{error} should start with {option}"
            );
        }
        assert_eq!(Policy::DEFAULT.check(), Ok(Policy::DEFAULT));
    }

    #[test]
    fn recovery_for_the_idle_time_has_no_end_of_its_own() {
        let at = |recovery, now| {
            Policy {
                recovery,
                ..Policy::DEFAULT
            }
            .recovers(1_000, now)
        };
        assert!(at(14 * DAY, 1_000 + 89 * DAY));
        assert!(at(7 * DAY, 1_000 + 7 * DAY));
        assert!(!at(7 * DAY, 1_001 + 7 * DAY));
        assert!(!at(0, 1_000) && !at(0, 1_031));
    }

    proptest! {
        #[test]
        fn jitter_shortens_by_a_twentieth_at_most(random: u32, access_ttl in 1..100_000_u64) {
            let lifetime = Policy { access_ttl, ..Policy::DEFAULT }.access_lifetime(random);
            prop_assert!(lifetime <= access_ttl && lifetime * 20 >= access_ttl * 19);
            prop_assert!(access_ttl >= 60 || lifetime == access_ttl);
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            prop_assert!(Policy::decode(&bytes).is_err());
        }
    }

    #[test]
    fn bytes_come_back_checked() {
        assert_eq!(Policy::decode(&Policy::DEFAULT.encode()), Ok(Policy::DEFAULT));
        let wrong = Policy {
            grace: 0,
            ..Policy::DEFAULT
        };
        assert_eq!(Policy::decode(&wrong.encode()), Err(Error::PolicyInvalid));
    }
}
