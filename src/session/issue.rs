//! A new session.
//!
//! Everything that could make a later refresh fail is checked here, where the sign-in can still be answered with an
//! error.

use super::policy::Policy;
use super::record::{Salt, Session, Status, Transport};
use super::scope::is_scope;
use crate::Error;
use crate::jose::json;

/// The facts that a session begins with.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The subject.
    pub sub: &'a str,
    /// Its identifier, which nobody can guess.
    pub sid: &'a str,
    /// The name of the key that signs its first refresh token.
    pub kid: &'a str,
    /// The salt of that token.
    pub salt: Salt,
    /// How its refresh tokens will travel.
    pub transport: Transport,
    /// The thumbprint of the key that every request will have to prove.
    pub jkt: Option<&'a str>,
    /// The session whose place it takes as soon as it is used, where a second factor raises it.
    pub replaces: Option<&'a str>,
    /// The granted scope.
    pub scope: Option<&'a str>,
    /// When the user proved who they are, in seconds.
    pub auth_time: u64,
    /// How strongly they proved it (`acr` of RFC 9068 §2.2.1).
    pub acr: Option<&'a str>,
    /// The application's claims, the text of a JSON object.
    pub claims: &'a str,
    /// The application's notes, the text of a JSON object.
    pub meta: &'a str,
}

/// Makes the record of a new session; `now` is in seconds. The session has to be settled in its subject's epoch before
/// any token leaves.
///
/// [`Error::ScopeInvalid`], [`Error::ClaimsInvalid`], or [`Error::SessionTooLarge`] if it may ever outgrow a record.
pub fn issue(new: &NewSession<'_>, policy: &Policy, now: u64) -> Result<Session, Error> {
    // A later request for part of the scope is compared name by name, which needs names with single spaces between
    // them.
    if new.scope.is_some_and(|scope| !is_scope(scope)) {
        return Err(Error::ScopeInvalid);
    }
    // Checked once here, because these texts go into tokens as they are.
    json::members(new.claims)?;
    json::members(new.meta)?;
    let session = Session {
        iss: new.iss.into(),
        sub: new.sub.into(),
        sid: new.sid.into(),
        status: Status::Active,
        generation: 0,
        parent: None,
        // As if long ago: only one response carries the first token, so the token may be rotated at once.
        handed_out_at: 0,
        hand_outs: 0,
        issued_at: now,
        kid: new.kid.into(),
        salt: new.salt,
        // From the first token on, so that its facts cannot be edited in the store.
        bound: true,
        created_at: now,
        idle_exp: now.saturating_add(policy.refresh_idle),
        abs_exp: now.saturating_add(policy.absolute),
        // Given by the store when the session is settled, so that it is the epoch of that moment.
        epoch: None,
        transport: new.transport,
        jkt: new.jkt.map(Into::into),
        scope: new.scope.map(Into::into),
        auth_time: new.auth_time,
        acr: new.acr.map(Into::into),
        claims: new.claims.into(),
        meta: new.meta.into(),
        raised: None,
        replaces: new.replaces.map(Into::into),
        version: 1,
    };
    // At the sign-in, where the application can still be told. A refresh that fails for its size would sign the user
    // out.
    session.check_size()?;
    Ok(session)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::session) const NEW: NewSession<'_> = NewSession {
        iss: "https://id.example",
        sub: "ada",
        sid: "s1",
        kid: "k1",
        salt: [1; 16],
        transport: Transport::Cookie,
        jkt: None,
        replaces: None,
        scope: Some("read write"),
        auth_time: 1_000,
        acr: None,
        claims: "{}",
        meta: "{}",
    };

    #[test]
    fn a_session_ends_when_the_policy_says() {
        let session = issue(&NEW, &Policy::DEFAULT, 1_000).unwrap();
        assert_eq!(session.idle_exp, 1_000 + Policy::DEFAULT.refresh_idle);
        assert_eq!(session.abs_exp, 1_000 + Policy::DEFAULT.absolute);
        assert_eq!((session.generation, session.handed_out_at, session.epoch), (0, 0, None));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2048));
        let wrong = |new: NewSession<'_>| issue(&new, &Policy::DEFAULT, 1_000).unwrap_err();
        assert_eq!(wrong(NewSession { scope: Some(""), ..NEW }), Error::ScopeInvalid);
        assert_eq!(wrong(NewSession { claims: "[]", ..NEW }), Error::ClaimsInvalid);
        assert_eq!(wrong(NewSession { meta: "", ..NEW }), Error::ClaimsInvalid);
        assert_eq!(wrong(NewSession { claims: &long, ..NEW }), Error::SessionTooLarge);
        assert_eq!(wrong(NewSession { sub: &long, ..NEW }), Error::SessionTooLarge);
        let huge = "x".repeat(70_000);
        assert_eq!(wrong(NewSession { sub: &huge, ..NEW }), Error::SessionTooLarge);
    }
}
