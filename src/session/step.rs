//! The step: what a refresh token does to the record of its session.
//!
//! It is pure: clock, epoch and random bytes come in, a verdict and perhaps a new record come out, and whoever keeps
//! the record writes it in one atomic operation. Every rule is here, in the order in which it is tried.

use super::keys::{Jti, JtiKey};
use super::outcome::{ClaimsFate, Outcome, Verdict};
use super::policy::Policy;
use super::record::{Parent, Reason, Salt, Session, Status, Transport};
use super::scope;

/// A refresh token that verified, and what its bearer asks for.
#[derive(Clone, Debug)]
pub struct Refresh<'a> {
    /// The rules.
    pub policy: Policy,
    /// The generation of the token.
    pub generation: u64,
    /// Its identifier.
    pub jti: Jti,
    /// Makes the identifiers of this session under the key that signed the token.
    pub jti_key: JtiKey,
    /// The name of the key that will sign a successor.
    pub signing_kid: &'a str,
    /// Whether a successor is bound to the facts of its session: not where a server of the previous version asks.
    pub binds: bool,
    /// Whether this session has already superseded the one that it was raised from.
    pub replaced: bool,
    /// How the token travelled.
    pub transport: Transport,
    /// The thumbprint of the key that was proved.
    pub jkt: Option<&'a str>,
    /// A scope for this access token, within the session's.
    pub scope: Option<&'a str>,
    /// The application's claims, read anew.
    pub claims: Option<NewClaims<'a>>,
}

/// Claims, and the version of the record that they were read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewClaims<'a> {
    /// The record's version at that time.
    pub version: u64,
    /// The text of a JSON object.
    pub json: &'a str,
}

/// The epoch of a subject: all its sessions end when it changes, but one that may be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch<'a> {
    /// Grows whenever all sessions of the subject end; 0 at first.
    pub value: u64,
    /// The session that the last change kept.
    pub keep: Option<&'a str>,
    /// The earliest epoch that the kept session may belong to.
    pub kept_from: u64,
    /// The clock that epochs are made from, in milliseconds since 1970, where the store has one.
    pub clock_ms: Option<u64>,
}

/// How far the clock may fall behind the record before it counts as set back, in seconds.
///
/// Clocks of servers differ by seconds all the time, which must not be written down at each refresh.
pub const CLOCK_TOLERANCE: u64 = 60;

/// Answers one refresh. `now` is in seconds, `salt` 16 random bytes.
#[must_use]
pub fn step(session: &Session, request: &Refresh<'_>, now: u64, epoch: &Epoch<'_>, salt: &Salt) -> Outcome {
    // A mismatch alone is not a sign of theft, and ending the session here would let anyone who holds the token end it.
    if session.transport != request.transport || session.jkt.as_deref() != request.jkt {
        return Outcome::refused(Verdict::BindingMismatch);
    }

    let mut next = session.clone();
    let (now, clock_went_back) = steady_clock(&mut next, now);
    let grace = request.policy.grace;
    // Before the rules about generations: an ended session answers the same to each of its tokens, stolen or not.
    if let Some(verdict) = session.ended(epoch, now, grace) {
        return Outcome::refused(verdict);
    }

    // No underflow: `steady_clock` has just put `now` at or after the last hand-out.
    let in_grace = now - next.handed_out_at <= grace;
    let verdict = match position(&next, request) {
        // It was handed out so recently that further answers with it may still be on their way, as to other tabs. An
        // access token is all that this client needs.
        Position::Current if in_grace => Verdict::Debounced,
        Position::Current if session.replaces.is_some() && !request.replaced => {
            // The old session ends first. If the server dies in between, a retry still finds this session unchanged.
            return Outcome {
                other: session.replaces.clone(),
                ..Outcome::refused(Verdict::Replaces)
            };
        }
        Position::Current => {
            next.rotate(request, salt, now);
            Verdict::Rotated
        }
        // The same second: the record would not change, so a burst of retries costs no
        // writes and uses up no hand-outs.
        Position::Parent(_) if in_grace && now == next.handed_out_at => Verdict::Repeated,
        // The answer with the successor was lost. The grace starts again, since this answer may be lost too; the
        // count bounds how long that goes on.
        Position::Parent(_) if in_grace && next.hand_outs < request.policy.hand_outs => {
            next.handed_out_at = now;
            next.hand_outs += 1;
            Verdict::Grace
        }
        Position::Parent(_) if in_grace => Verdict::HandOutsUsed,
        Position::Parent(parent) if request.policy.recovers(parent.rotated_at, now) => {
            // This burns the old current token: if it comes, two parties hold this session.
            next.succeed(request, salt, now);
            Verdict::Recovered
        }
        // We signed this token, but the record does not know it: the store was set back, as by an old backup. Nobody can
        // tell any more which tokens were handed out since, so the session ends.
        Position::Unknown => Verdict::Regression,
        Position::Parent(_) => Verdict::LateParent,
        Position::Older => Verdict::Reuse,
    };

    // Theft is recorded whatever scope was asked for: a thief must not avoid detection by asking for too much.
    if let Some(reason) = reason_to_end(verdict) {
        next.status = Status::Revoked { at: now, reason };
    } else if request
        .scope
        .is_some_and(|asked| !scope::is_within(asked, session.scope.as_deref()))
    {
        return Outcome::refused(Verdict::ScopeExceeded);
    }
    let claims = if verdict.gives_access() {
        take_claims(&mut next, request.claims)
    } else {
        ClaimsFate::NotAsked
    };
    // A clock that went back is written even if nothing else changed, or every later request would find it again.
    let write = clock_went_back || verdict.changes_the_record();
    if write {
        next.epoch = Some(epoch.value);
        next.version = next.version.saturating_add(1);
    }
    Outcome {
        verdict,
        clock_went_back,
        claims,
        write,
        session: Some(next),
        other: None,
    }
}

/// The position of a token in its session. Its identifier is compared where the record still has the salt.
enum Position {
    Current,
    Parent(Parent),
    Older,
    /// Its generation is later than the record's, or its identifier is not the one that was handed out for that
    /// generation.
    Unknown,
}

fn position(session: &Session, request: &Refresh<'_>) -> Position {
    let made = |salt, bound: bool| {
        let facts = bound.then(|| session.facts());
        request
            .jti_key
            .verify_jti(&request.jti, request.generation, salt, facts.as_ref())
    };
    let parent = session.parent.filter(|parent| parent.generation == request.generation);
    match parent {
        // The order matters: a token of the current generation with a wrong identifier must never fall through to
        // `Older`, where the record has no salt left to compare with.
        _ if request.generation > session.generation => Position::Unknown,
        _ if request.generation == session.generation && made(&session.salt, session.bound) => Position::Current,
        _ if request.generation == session.generation => Position::Unknown,
        Some(parent) if made(&parent.salt, parent.bound) => Position::Parent(parent),
        Some(_) => Position::Unknown,
        None => Position::Older,
    }
}

/// Why a verdict ends the session, if it does.
const fn reason_to_end(verdict: Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Regression => Some(Reason::Regression),
        Verdict::Reuse | Verdict::LateParent => Some(Reason::Reuse),
        _ => None,
    }
}

impl Session {
    /// The refusal of every token of a session that has ended.
    fn ended(&self, epoch: &Epoch<'_>, now: u64, grace: u64) -> Option<Verdict> {
        match self.status {
            // The answer with the tokens of the session that took this one's place may still be on its way.
            Status::Superseded { at } if now.saturating_sub(at) <= grace => Some(Verdict::Retry),
            Status::Superseded { .. } => Some(Verdict::Superseded),
            Status::Revoked { .. } => Some(Verdict::Revoked),
            Status::Active if epoch.is_stale_for(self) => Some(Verdict::Stale),
            Status::Active => (now >= self.expires_at()).then_some(Verdict::Expired),
        }
    }

    /// The current token becomes the parent of a successor.
    fn rotate(&mut self, request: &Refresh<'_>, salt: &Salt, now: u64) {
        self.parent = Some(Parent {
            generation: self.generation,
            rotated_at: now,
            salt: self.salt,
            bound: self.bound,
        });
        self.replaces = None;
        self.succeed(request, salt, now);
        // Only here: a recovery or a retry does not prolong the session, or a stolen parent could keep it going.
        self.idle_exp = now.saturating_add(request.policy.refresh_idle);
    }

    /// Another token becomes the current one; the parent stays as it is.
    fn succeed(&mut self, request: &Refresh<'_>, salt: &Salt, now: u64) {
        self.generation = self.generation.saturating_add(1);
        self.salt = *salt;
        self.bound = request.binds;
        request.signing_kid.clone_into(&mut self.kid);
        self.issued_at = now;
        self.handed_out_at = now;
        self.hand_outs = 0;
    }
}

impl Session {
    /// Whether the session is active, so that its access tokens still count. `now` and `grace` are in seconds.
    #[must_use]
    pub fn is_active(&self, epoch: &Epoch<'_>, now: u64, grace: u64) -> bool {
        let status = match self.status {
            Status::Active => true,
            Status::Superseded { at } => now.saturating_sub(at) <= grace,
            Status::Revoked { .. } => false,
        };
        status && !epoch.is_stale_for(self) && now < self.expires_at()
    }
}

impl Epoch<'_> {
    /// Whether a session ended with an epoch.
    #[must_use]
    pub fn is_stale_for(&self, session: &Session) -> bool {
        let kept = self.keep == Some(session.sid.as_str());
        session
            .epoch
            .is_none_or(|of_row| of_row != self.value && !(kept && (self.kept_from..self.value).contains(&of_row)))
    }
}

/// The time to use: never behind the record, unless the clock was set back by far.
fn steady_clock(session: &mut Session, now: u64) -> (u64, bool) {
    if session.handed_out_at.saturating_sub(now) <= CLOCK_TOLERANCE {
        return (now.max(session.handed_out_at), false);
    }
    session.handed_out_at = now;
    // Otherwise the parent would seem to have been rotated in the future, and recover the session for longer than the
    // policy allows.
    if let Some(parent) = &mut session.parent {
        parent.rotated_at = parent.rotated_at.min(now);
    }
    (now, true)
}

/// Takes claims over if they were read for this very version of the record: a slow callback must not bring back a role
/// that has been taken away since.
fn take_claims(session: &mut Session, claims: Option<NewClaims<'_>>) -> ClaimsFate {
    match claims {
        None => ClaimsFate::NotAsked,
        Some(claims) if claims.version != session.version => ClaimsFate::Outdated,
        Some(claims) if !Session::has_room_for(claims.json, &session.meta) => ClaimsFate::TooLarge,
        Some(claims) => {
            claims.json.clone_into(&mut session.claims);
            ClaimsFate::Taken
        }
    }
}

#[cfg(test)]
mod tests;
