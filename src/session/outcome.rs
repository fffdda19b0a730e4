//! The outcome of a command: a verdict for the events, and the record that the answer rests on.

use super::codec::{FieldReader, Format, Writer};
use super::record::Session;
use crate::Error;
use crate::listed::listed;

listed! {
    /// The one rule that decided. The order is that of the numbers in an encoded outcome: what is new comes last.
    pub enum Verdict: (&'static str, Tokens) {
        /// The session has just begun: its first tokens.
        Issued = ("issued", Tokens::Both),
        /// The current token came: it has a successor now.
        Rotated = ("rotated", Tokens::Both),
        /// The parent came within the grace: its successor was handed out again.
        Grace = ("grace", Tokens::Both),
        /// The parent came within the grace, again in the same second: nothing was written.
        Repeated = ("repeated", Tokens::Both),
        /// The parent came after the grace: it has a new successor, and the first successor is burned.
        Recovered = ("recovered", Tokens::Both),
        /// The current token came while it is still on its way to others: an access token only.
        Debounced = ("debounced", Tokens::Access),
        /// The parent came too often within the grace: an access token only.
        HandOutsUsed = ("hand_outs_used", Tokens::Access),
        /// A session of higher standing has just taken this one's place: its tokens are on their way.
        Retry = ("retry", Tokens::Neither),
        /// The token came by another transport than its session's, or another key was proved.
        BindingMismatch = ("binding_mismatch", Tokens::Neither),
        /// More was asked for than was granted.
        ScopeExceeded = ("scope_exceeded", Tokens::Neither),
        /// The session is past its idle or absolute end.
        Expired = ("expired", Tokens::Neither),
        /// The session was superseded a while ago.
        Superseded = ("superseded", Tokens::Neither),
        /// The session had been revoked.
        Revoked = ("revoked", Tokens::Neither),
        /// All sessions of the subject had been revoked.
        Stale = ("stale", Tokens::Neither),
        /// A token older than the parent came, so somebody has a copy: the session is revoked.
        Reuse = ("reuse", Tokens::Neither),
        /// A token newer than the record came: the store went back in time, and the session is revoked.
        Regression = ("regression", Tokens::Neither),
        /// There is no record.
        Missing = ("missing", Tokens::Neither),
        /// The record cannot be read, or is another session's.
        Unreadable = ("unreadable", Tokens::Neither),
        /// A command other than a refresh was carried out, now or before.
        Done = ("done", Tokens::Neither),
        /// The parent came after the end of a shorter recovery: the session is revoked. Perhaps an answer was lost.
        LateParent = ("late_parent", Tokens::Neither),
        // The previous format lacks the verdicts from here on.
        /// The first token of a session that a second factor raised came: the session whose place it takes is to end
        /// first.
        Replaces = ("replaces", Tokens::Neither),
        /// Another session was raised from this one a moment ago, and nobody has used it yet.
        AlreadyRaised = ("already_raised", Tokens::Neither),
    }
}

/// The tokens that a verdict gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tokens {
    /// None.
    Neither,
    /// An access token only.
    Access,
    /// An access token and a refresh token.
    Both,
}

/// The fate of claims that were read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimsFate {
    /// There were none, or they were not needed.
    NotAsked,
    /// They were taken.
    Taken,
    /// The record was written after they were read, so the record's claims stay.
    Outdated,
    /// They do not fit, so the record's claims stay.
    TooLarge,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The rule that decided.
    pub verdict: Verdict,
    /// Whether the clock had been set back by more than a minute.
    pub clock_went_back: bool,
    /// The fate of the new claims.
    pub claims: ClaimsFate,
    /// Whether the record has to be written.
    pub write: bool,
    /// The record as it is now, if the answer rests on one.
    pub session: Option<Session>,
    /// Another session that the answer is about: one to end first, one that was raised, or one that will not be used
    /// any more.
    pub other: Option<String>,
}

impl Verdict {
    /// Its name, for events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether an access token may be made.
    #[must_use]
    pub const fn gives_access(self) -> bool {
        matches!(self.row().1, Tokens::Access | Tokens::Both)
    }

    /// Whether the current refresh token may be handed out. Never when it is the one that came: a late response would
    /// put an old cookie back.
    #[must_use]
    pub const fn gives_refresh(self) -> bool {
        matches!(self.row().1, Tokens::Both)
    }

    /// Whether a refresh with this verdict has to be written. A debounced or repeated one is not, so a burst of tabs
    /// costs one write.
    pub(super) const fn changes_the_record(self) -> bool {
        matches!(
            self,
            Self::Rotated | Self::Grace | Self::Recovered | Self::Reuse | Self::LateParent | Self::Regression
        )
    }
}

impl Outcome {
    /// An answer that changes nothing and gives nothing.
    #[must_use]
    pub const fn refused(verdict: Verdict) -> Self {
        Self {
            verdict,
            clock_went_back: false,
            claims: ClaimsFate::NotAsked,
            write: false,
            session: None,
            other: None,
        }
    }

    /// The outcome as bytes. `write` is not encoded: the store has already acted on it.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.encode_as(Format::Current)
    }

    /// The outcome in the asking server's format. A verdict that the previous format lacks becomes a record that cannot
    /// be read.
    pub(super) fn encode_as(&self, format: Format) -> Result<Vec<u8>, Error> {
        let current = format == Format::Current;
        if !current && !self.previous_format_has_it() {
            return Self::refused(Verdict::Unreadable).encode_as(format);
        }
        let mut writer = Writer::default();
        writer.byte(format.byte());
        writer.byte(self.verdict as u8);
        writer.byte(u8::from(self.clock_went_back));
        writer.byte(match self.claims {
            ClaimsFate::NotAsked => 0,
            ClaimsFate::Taken => 1,
            ClaimsFate::Outdated => 2,
            ClaimsFate::TooLarge => 3,
        });
        let record = self
            .session
            .as_ref()
            .map(|session| session.encode_as(format))
            .transpose()?;
        writer.optional(record.as_deref(), Writer::bytes);
        if current {
            writer.optional(self.other.as_deref(), Writer::text);
        }
        Ok(writer.finish())
    }

    /// Whether a server of the previous version understands the outcome, and makes the right tokens of it.
    pub(super) fn previous_format_has_it(&self) -> bool {
        let bound = self.session.as_ref().is_some_and(|session| session.bound);
        let known = !matches!(self.verdict, Verdict::Replaces | Verdict::AlreadyRaised);
        // A server of the previous version would make the identifier of a bound token without the facts, and hand out
        // one that fits nothing.
        known && !(bound && self.verdict.gives_refresh())
    }

    /// Reads the bytes of [`Outcome::encode`]; [`Error::CommandInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = FieldReader::new(bytes, Error::CommandInvalid);
        let format = Format::read(&mut reader)?;
        // A number that this version does not know comes from a newer one, whose answer cannot be acted on.
        let verdict = *Verdict::ALL
            .get(usize::from(reader.byte()?))
            .ok_or(Error::CommandInvalid)?;
        let clock_went_back = reader.flag()?;
        let claims = match reader.byte()? {
            0 => ClaimsFate::NotAsked,
            1 => ClaimsFate::Taken,
            2 => ClaimsFate::Outdated,
            3 => ClaimsFate::TooLarge,
            _ => return Err(Error::CommandInvalid),
        };
        let record = reader.optional(FieldReader::bytes)?;
        // An outcome and its record are written together, so they have the same format.
        if record.is_some_and(|record| record.first() != bytes.first()) {
            return Err(Error::CommandInvalid);
        }
        let session = record.map(Session::decode).transpose()?;
        let other = if format == Format::Current {
            reader.optional(FieldReader::text)?.map(Into::into)
        } else {
            None
        };
        reader.end()?;
        // Tokens are made from the record, so an outcome that gives tokens must bring it.
        if verdict.gives_access() && session.is_none() {
            return Err(Error::CommandInvalid);
        }
        Ok(Self {
            verdict,
            clock_went_back,
            claims,
            // The store has written the record before the outcome left it.
            write: false,
            session,
            other,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::record::tests::a_session;

    #[test]
    fn names_are_distinct_and_refusals_give_nothing() {
        let mut names: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
        assert_eq!(Verdict::ALL.iter().filter(|verdict| verdict.gives_access()).count(), 7);
        assert_eq!(Verdict::ALL.iter().filter(|verdict| verdict.gives_refresh()).count(), 5);
    }

    #[test]
    fn outcomes_come_back() {
        for &verdict in Verdict::ALL {
            for claims in [
                ClaimsFate::NotAsked,
                ClaimsFate::Taken,
                ClaimsFate::Outdated,
                ClaimsFate::TooLarge,
            ] {
                let outcome = Outcome {
                    verdict,
                    clock_went_back: true,
                    claims,
                    write: false,
                    session: Some(a_session()),
                    other: Some("s0".into()),
                };
                assert_eq!(Outcome::decode(&outcome.encode().unwrap()), Ok(outcome));
            }
        }
        let nothing_to_give = Outcome::refused(Verdict::Rotated).encode().unwrap();
        assert_eq!(Outcome::decode(&nothing_to_give), Err(Error::CommandInvalid));
        assert!(Outcome::decode(&Outcome::refused(Verdict::Revoked).encode().unwrap()).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = Outcome::decode(&bytes);
        }
    }
}
