//! The relations of a session to others and to its subject: it joins an epoch, another is raised from it, it is
//! superseded.

use super::outcome::{ClaimsFate, Outcome, Verdict};
use super::record::{Raised, Reason, Session, Status};
use super::step::Epoch;

/// When a sign-in began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// Not given.
    Unknown,
    /// So many milliseconds ago by the server's clock, which shows `now_ms`. Where the store has a clock, the epoch's
    /// age is compared with this age, so that the two clocks never are.
    Ago {
        /// How long ago.
        ms: u64,
        /// Milliseconds since 1970.
        now_ms: u64,
    },
    /// At a time, in milliseconds since 1970: what the previous format has.
    At(u64),
}

impl Began {
    /// Whether everything of the subject was revoked since then.
    fn was_overtaken(self, epoch: &Epoch<'_>) -> bool {
        match self {
            Self::Unknown => false,
            // Each age is taken by one clock: the sign-in's by the server's, the epoch's by the store's.
            Self::Ago { ms, now_ms } => epoch.clock_ms.unwrap_or(now_ms).saturating_sub(epoch.value) < ms,
            Self::At(at) => epoch.value > at,
        }
    }
}

/// A session of higher standing takes this one's place.
pub(super) fn supersede(session: &Session, by: Option<&str>, at: u64, epoch: &Epoch<'_>) -> Outcome {
    let raised = session.raised.as_ref().map(|raised| raised.sid.as_str());
    // Only the session that was raised last may take the place. One that was raised earlier, and never used, no longer
    // counts.
    let another = by.is_some() && raised != by;
    match session.status {
        Status::Revoked { .. } => Outcome::refused(Verdict::Revoked),
        // The server died after the old session ended and before the new one rotated: the retry goes on.
        Status::Superseded { .. } if by.is_some() && !another => done(session.clone(), false),
        Status::Superseded { .. } => Outcome::refused(Verdict::Superseded),
        Status::Active if epoch.is_stale_for(session) => Outcome::refused(Verdict::Stale),
        Status::Active if another => Outcome::refused(Verdict::Superseded),
        Status::Active => {
            let mut session = session.clone();
            session.status = Status::Superseded { at };
            if by.is_none() {
                session.raised = None;
            }
            done(session, true)
        }
    }
}

/// Another session was raised from this one, unless one was within the grace.
///
/// Within it a double click, or a retry after a lost answer, gets the tokens of the first one. Two raised sessions side
/// by side would each try to take this one's place.
pub(super) fn raise(session: &Session, sid: &str, grace: u64, at: u64, epoch: &Epoch<'_>) -> Outcome {
    match session.status {
        Status::Revoked { .. } => return Outcome::refused(Verdict::Revoked),
        Status::Superseded { at: since } if at.saturating_sub(since) <= grace => {
            return Outcome::refused(Verdict::Retry);
        }
        Status::Superseded { .. } => return Outcome::refused(Verdict::Superseded),
        Status::Active if epoch.is_stale_for(session) => return Outcome::refused(Verdict::Stale),
        Status::Active if at >= session.expires_at() => return Outcome::refused(Verdict::Expired),
        Status::Active => {}
    }
    let before = session.raised.as_ref();
    let other = before.map(|raised| raised.sid.clone());
    if let Some(raised) = before.filter(|raised| grace > 0 && at.saturating_sub(raised.at) <= grace) {
        // Its tokens are given out again, so the time that they may be on their way begins again.
        let raised = Raised {
            sid: raised.sid.clone(),
            at: at.max(raised.at),
        };
        let moved = before != Some(&raised);
        let raised = Some(raised);
        return Outcome {
            verdict: Verdict::AlreadyRaised,
            other,
            ..done(
                Session {
                    raised,
                    ..session.clone()
                },
                moved,
            )
        };
    }
    let raised = Some(Raised { sid: sid.into(), at });
    Outcome {
        other,
        ..done(
            Session {
                raised,
                ..session.clone()
            },
            true,
        )
    }
}

/// The first tokens of a raised session, as long as nobody has used them. Once they are used, giving them out again
/// would create a second holder of the session.
pub(super) fn repeat(session: &Session, at: u64, epoch: &Epoch<'_>) -> Outcome {
    let unused = session.status == Status::Active && session.replaces.is_some() && session.generation == 0;
    if !unused || epoch.is_stale_for(session) || at >= session.expires_at() {
        return Outcome::refused(Verdict::Superseded);
    }
    Outcome {
        verdict: Verdict::Issued,
        ..done(session.clone(), false)
    }
}

/// A new session joins the epoch of its subject, unless that is younger than the sign-in.
pub(super) fn settle(session: &Session, began: Began, at: u64, epoch: &Epoch<'_>) -> Outcome {
    let mut session = session.clone();
    // A retry of the same sign-in finds it done already.
    if session.epoch.is_some() {
        return done(session, false);
    }
    // The session ended before its first tokens left, so none may leave now.
    match session.status {
        Status::Active => {}
        Status::Superseded { .. } => return Outcome::refused(Verdict::Superseded),
        Status::Revoked { .. } => return Outcome::refused(Verdict::Revoked),
    }
    session.epoch = Some(epoch.value);
    if began.was_overtaken(epoch) {
        // All sessions of the subject were revoked during the sign-in, perhaps because of this very sign-in.
        session.status = Status::Revoked {
            at,
            reason: Reason::Request,
        };
        return Outcome {
            verdict: Verdict::Stale,
            ..done(session, true)
        };
    }
    Outcome {
        verdict: Verdict::Issued,
        ..done(session, true)
    }
}

/// The outcome `Done`, with the record.
pub(super) fn done(mut session: Session, write: bool) -> Outcome {
    if write {
        session.version = session.version.saturating_add(1);
    }
    Outcome {
        verdict: Verdict::Done,
        clock_went_back: false,
        claims: ClaimsFate::NotAsked,
        write,
        session: Some(session),
        other: None,
    }
}
