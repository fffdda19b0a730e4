//! Commands: what is to be done with one session, as bytes that a store carries out in one atomic operation.
//!
//! A command brings all that the step needs, the key of this one session's identifiers included, so that a store holds
//! neither keys nor settings.

use zeroize::Zeroizing;

use super::codec::{FieldReader, Format, Writer};
use super::keys::JtiKey;
use super::outcome::{Outcome, Verdict};
use super::policy::Policy;
use super::record::{Reason, Salt, Session, Status, read_transport, write_transport};
use super::standing::{Began, done, raise, repeat, settle, supersede};
use super::step::{Epoch, NewClaims, Refresh, step};
use crate::Error;

/// One action on one session.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    /// The issuer of the session.
    pub iss: &'a str,
    /// The subject of the session.
    pub sub: &'a str,
    /// Its identifier.
    pub sid: &'a str,
    /// The clock, in seconds.
    pub now: u64,
    /// The action.
    pub action: Action<'a>,
}

/// The actions that a session takes.
#[derive(Clone, Debug)]
pub enum Action<'a> {
    /// A refresh token was presented.
    Refresh {
        /// The token, and what its bearer asks for.
        request: Box<Refresh<'a>>,
        /// The `exp` of the token, which tells a lost record from one that was swept.
        exp: u64,
        /// 16 random bytes for a successor.
        salt: Salt,
    },
    /// A new session joins the epoch of its subject, unless that changed since the sign-in began.
    Settle {
        /// When the sign-in began.
        began: Began,
    },
    /// The session ends for good.
    Revoke,
    /// Another session of higher standing takes this one's place; `by` names it if it was raised from this one.
    Supersede {
        /// The session that takes its place.
        by: Option<&'a str>,
    },
    /// A second factor has raised another session from this one. It takes this one's place as soon as it is used.
    Raise {
        /// The other session.
        sid: &'a str,
        /// For how many seconds a session that was raised before is given out again, instead of raising another one.
        grace: u64,
    },
    /// The first tokens of a session that was raised, and that nobody has used yet, are given out again.
    Repeat,
}

/// The record that a store has to write, and the answer that it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// The record to write, if any.
    pub record: Option<Vec<u8>>,
    /// When the session ends, for the store's index, in seconds; 0 if nothing is to be written.
    pub expires_at: u64,
    /// Whether the session is active, for the store's index.
    pub active: bool,
    /// The answer, for [`Outcome::decode`].
    pub outcome: Vec<u8>,
}

/// Carries out a command on the record that a store holds. Every record gets an answer, even a damaged one; only bytes
/// that do not form a command are [`Error::CommandInvalid`].
///
/// `clock` is the store's own, in seconds. Where the store has one, all servers use the same clock.
pub fn run_step(
    record: Option<&[u8]>,
    epoch: &Epoch<'_>,
    command: &[u8],
    clock: Option<u64>,
) -> Result<StepResult, Error> {
    let (format, mut command) = Command::read(command)?;
    // The store's clock wins over that of the server which made the command: servers disagree, and the record must
    // see one clock.
    command.now = clock.unwrap_or(command.now);
    let outcome = match record.map(Session::decode) {
        None => command.run_without_record(),
        Some(Ok(session)) => command.run(&session, epoch),
        Some(Err(_)) => Outcome::refused(Verdict::Unreadable),
    };
    let unreadable = Outcome::refused(Verdict::Unreadable);
    // During a deploy a server of the previous version may ask. It gets no verdict that it cannot read.
    if format == Format::Previous && !outcome.previous_format_has_it() {
        return answered(&unreadable, format);
    }
    // Only a record that was not issued here can outgrow its limits. It is treated as one that cannot be read.
    answered(&outcome, format).or_else(|_| answered(&unreadable, format))
}

/// The bytes of an outcome, and those of the record if it has to be written. The record is always written in the
/// current format: only the answer is in the format of the server that asked.
fn answered(outcome: &Outcome, format: Format) -> Result<StepResult, Error> {
    let written = outcome.session.as_ref().filter(|_| outcome.write);
    Ok(StepResult {
        record: written.map(Session::encode).transpose()?,
        expires_at: written.map_or(0, Session::expires_at),
        active: written.is_some_and(|session| session.status == Status::Active),
        outcome: outcome.encode_as(format)?,
    })
}

impl Command<'_> {
    /// Carries the command out on a record.
    #[must_use]
    pub fn run(&self, session: &Session, epoch: &Epoch<'_>) -> Outcome {
        // A store that mixes up its rows must not end the wrong session.
        if (session.iss.as_str(), session.sub.as_str(), session.sid.as_str()) != (self.iss, self.sub, self.sid) {
            return Outcome::refused(Verdict::Unreadable);
        }
        let at = self.now;
        match &self.action {
            Action::Refresh { request, salt, .. } => step(session, request, at, epoch, salt),
            Action::Settle { began } => settle(session, *began, at, epoch),
            Action::Revoke => match session.status {
                Status::Revoked { .. } => done(session.clone(), false),
                Status::Active | Status::Superseded { .. } => {
                    let status = Status::Revoked {
                        at,
                        reason: Reason::Request,
                    };
                    // A session that was raised from this one and is not used yet ends with it.
                    let other = session.raised.as_ref().map(|raised| raised.sid.clone());
                    Outcome {
                        other,
                        ..done(
                            Session {
                                status,
                                ..session.clone()
                            },
                            true,
                        )
                    }
                }
            },
            Action::Supersede { by } => supersede(session, *by, at, epoch),
            Action::Raise { sid, grace } => raise(session, sid, *grace, at, epoch),
            Action::Repeat => repeat(session, at, epoch),
        }
    }

    /// The answer where there is no record. A record may be swept after its end, but one whose token is still good has
    /// been lost by the store.
    fn run_without_record(&self) -> Outcome {
        Outcome::refused(match self.action {
            Action::Refresh { exp, .. } if exp <= self.now => Verdict::Expired,
            _ => Verdict::Missing,
        })
    }

    /// The command as bytes; they hold a key of this one session. [`Error::CommandInvalid`] if a field is longer than
    /// 65,535 bytes: the store would judge the front of it alone.
    ///
    /// The tags of actions are part of the format, so a new action takes the next number.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut writer = Writer::default();
        writer.byte(Format::Current.byte());
        writer.text(self.iss);
        writer.text(self.sub);
        writer.text(self.sid);
        writer.number(self.now);
        match &self.action {
            Action::Refresh { request, exp, salt } => {
                writer.byte(0);
                write_refresh(&mut writer, request);
                writer.number(*exp);
                writer.array(salt);
            }
            Action::Settle { began } => {
                writer.byte(1);
                match *began {
                    Began::Unknown => writer.byte(0),
                    Began::Ago { ms, now_ms } => {
                        writer.byte(1);
                        writer.number(ms);
                        writer.number(now_ms);
                    }
                    Began::At(at) => {
                        writer.byte(2);
                        writer.number(at);
                    }
                }
            }
            Action::Revoke => writer.byte(2),
            Action::Supersede { by } => {
                writer.byte(3);
                writer.optional(*by, Writer::text);
            }
            Action::Raise { sid, grace } => {
                writer.byte(4);
                writer.text(sid);
                writer.number(*grace);
            }
            Action::Repeat => writer.byte(5),
        }
        let is_cut = writer.is_cut();
        let bytes = writer.finish_secret();
        if is_cut { Err(Error::CommandInvalid) } else { Ok(bytes) }
    }
}

impl<'a> Command<'a> {
    /// Reads the bytes of [`Command::encode`]; [`Error::CommandInvalid`] for any others.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::read(bytes).map(|(_, command)| command)
    }

    /// The command and its format, in which it has to be answered.
    fn read(bytes: &'a [u8]) -> Result<(Format, Self), Error> {
        let mut reader = FieldReader::new(bytes, Error::CommandInvalid);
        let format = Format::read(&mut reader)?;
        let current = format == Format::Current;
        let (iss, sub, sid) = (reader.text()?, reader.text()?, reader.text()?);
        let now = reader.number()?;
        let action = match reader.byte()? {
            0 => Action::Refresh {
                request: Box::new(read_refresh(&mut reader, current)?),
                exp: reader.number()?,
                salt: reader.array()?,
            },
            1 => Action::Settle {
                began: read_began(&mut reader, current)?,
            },
            2 => Action::Revoke,
            3 if current => Action::Supersede {
                by: reader.optional(FieldReader::text)?,
            },
            3 => Action::Supersede { by: None },
            4 if current => Action::Raise {
                sid: reader.text()?,
                grace: reader.number()?,
            },
            5 if current => Action::Repeat,
            _ => return Err(Error::CommandInvalid),
        };
        reader.end()?;
        let command = Self {
            iss,
            sub,
            sid,
            now,
            action,
        };
        Ok((format, command))
    }
}

/// The policy travels along, so that a store applies the rules of the server that asks and needs no settings.
fn write_refresh(writer: &mut Writer, request: &Refresh<'_>) {
    request.policy.write(writer);
    writer.number(request.generation);
    writer.array(&request.jti);
    writer.array(request.jti_key.as_bytes());
    writer.text(request.signing_kid);
    writer.byte(u8::from(request.replaced));
    write_transport(writer, request.transport);
    writer.optional(request.jkt, Writer::text);
    writer.optional(request.scope, Writer::text);
    writer.optional(request.claims, |writer, claims| {
        writer.number(claims.version);
        writer.text(claims.json);
    });
}

/// In the previous format the tag 1 means an instant, in the current one an age.
fn read_began(reader: &mut FieldReader<'_>, current: bool) -> Result<Began, Error> {
    Ok(match reader.byte()? {
        0 => Began::Unknown,
        1 if current => Began::Ago {
            ms: reader.number()?,
            now_ms: reader.number()?,
        },
        1 => Began::At(reader.number()?),
        2 if current => Began::At(reader.number()?),
        _ => return Err(reader.error()),
    })
}

fn read_refresh<'a>(reader: &mut FieldReader<'a>, current: bool) -> Result<Refresh<'a>, Error> {
    Ok(Refresh {
        policy: Policy::read(reader)?,
        generation: reader.number()?,
        jti: reader.array()?,
        jti_key: JtiKey::from_bytes(reader.array()?),
        signing_kid: reader.text()?,
        // A server of the previous version could not make a bound token again.
        binds: current,
        replaced: current && reader.flag()?,
        transport: read_transport(reader)?,
        jkt: reader.optional(FieldReader::text)?,
        scope: reader.optional(FieldReader::text)?,
        claims: reader.optional(|reader| {
            Ok(NewClaims {
                version: reader.number()?,
                json: reader.text()?,
            })
        })?,
    })
}

#[cfg(test)]
mod tests;
