//! Commands: what is to be done with one session, as bytes that a store carries out in one atomic operation.
//!
//! A command brings all that the step needs, the key of this one session's identifiers included, so that a store holds
//! neither keys nor settings.

use zeroize::Zeroizing;

use super::codec::{Reader, Writer};
use super::keys::SessionKey;
use super::outcome::{ClaimsFate, Outcome, Verdict};
use super::policy::Policy;
use super::record::{Reason, Row, Salt, Status, read_transport, write_transport};
use super::step::{Epoch, NewClaims, Refresh, step};
use crate::Error;

/// What is to be done, and with which session.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    /// Who issued the session.
    pub iss: &'a str,
    /// Whose it is.
    pub sub: &'a str,
    /// Its identifier.
    pub sid: &'a str,
    /// The clock, in seconds.
    pub now: u64,
    /// What is to be done.
    pub action: Action<'a>,
}

/// What can be done with a session.
#[derive(Clone, Debug)]
pub enum Action<'a> {
    /// A refresh token came.
    Refresh {
        /// The token, and what its bearer asks for.
        request: Box<Refresh<'a>>,
        /// The `exp` of the token, which tells a lost record from one that was swept.
        exp: u64,
        /// 16 random bytes for a successor.
        salt: Salt,
    },
    /// A new session joins the epoch of its subject, unless that changed after `since_ms`, in milliseconds since 1970.
    Settle {
        /// When the sign-in began.
        since_ms: Option<u64>,
    },
    /// The session ends for good.
    Revoke,
    /// A session of higher standing takes its place.
    Supersede,
}

/// What a store has to do and to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The record to write, if any.
    pub record: Option<Vec<u8>>,
    /// When the session ends, for the store's index, in seconds; 0 if nothing is to be written.
    pub expires_at: u64,
    /// Whether it lives, for the store's index.
    pub active: bool,
    /// The answer, for [`Outcome::decode`].
    pub outcome: Vec<u8>,
}

/// Carries out a command on the record that a store holds. Whatever the record is, there is an answer; only bytes that are
/// no command are [`Error::CommandInvalid`].
///
/// `clock` is the store's own, in seconds: where it has one, all servers reckon with the same.
pub fn run_step(record: Option<&[u8]>, epoch: &Epoch<'_>, command: &[u8], clock: Option<u64>) -> Result<Step, Error> {
    let mut command = Command::decode(command)?;
    command.now = clock.unwrap_or(command.now);
    let outcome = match record.map(Row::decode) {
        None => command.run_without_record(),
        Some(Ok(row)) => command.run(&row, epoch),
        Some(Err(_)) => Outcome::refused(Verdict::Unreadable),
    };
    // Only a record that was not issued here can outgrow its limits: as good as one that cannot be read.
    answered(&outcome).or_else(|_| answered(&Outcome::refused(Verdict::Unreadable)))
}

fn answered(outcome: &Outcome) -> Result<Step, Error> {
    let written = outcome.row.as_ref().filter(|_| outcome.write);
    Ok(Step {
        record: written.map(Row::encode).transpose()?,
        expires_at: written.map_or(0, Row::expires_at),
        active: written.is_some_and(|row| row.status == Status::Active),
        outcome: outcome.encode()?,
    })
}

impl Command<'_> {
    /// Carries it out on a record.
    #[must_use]
    pub fn run(&self, row: &Row, epoch: &Epoch<'_>) -> Outcome {
        // A store that mixes up its rows must not end a session that nobody meant.
        if (row.iss.as_str(), row.sub.as_str(), row.sid.as_str()) != (self.iss, self.sub, self.sid) {
            return Outcome::refused(Verdict::Unreadable);
        }
        let at = self.now;
        match &self.action {
            Action::Refresh { request, salt, .. } => step(row, request, at, epoch, salt),
            Action::Settle { since_ms } => settle(row, *since_ms, at, epoch),
            Action::Revoke => match row.status {
                Status::Revoked { .. } => done(row.clone(), false),
                Status::Active | Status::Superseded { .. } => {
                    let status = Status::Revoked {
                        at,
                        reason: Reason::Request,
                    };
                    done(Row { status, ..row.clone() }, true)
                }
            },
            Action::Supersede => match row.status {
                Status::Revoked { .. } => Outcome::refused(Verdict::Revoked),
                Status::Superseded { .. } => Outcome::refused(Verdict::Superseded),
                Status::Active if epoch.is_stale_for(row) => Outcome::refused(Verdict::Stale),
                Status::Active => done(
                    Row {
                        status: Status::Superseded { at },
                        ..row.clone()
                    },
                    true,
                ),
            },
        }
    }

    fn run_without_record(&self) -> Outcome {
        Outcome::refused(match self.action {
            Action::Refresh { exp, .. } if exp <= self.now => Verdict::Expired,
            _ => Verdict::Missing,
        })
    }

    /// The command as bytes; they hold a key of this one session.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
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
            Action::Settle { since_ms } => {
                writer.byte(1);
                writer.optional(*since_ms, Writer::number);
            }
            Action::Revoke => writer.byte(2),
            Action::Supersede => writer.byte(3),
        }
        writer.finish_secret()
    }
}

impl<'a> Command<'a> {
    /// Reads the bytes of [`Command::encode`]; [`Error::CommandInvalid`] for any others.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, Error::CommandInvalid);
        if reader.byte()? != FORMAT {
            return Err(Error::CommandInvalid);
        }
        let (iss, sub, sid) = (reader.text()?, reader.text()?, reader.text()?);
        let now = reader.number()?;
        let action = match reader.byte()? {
            0 => Action::Refresh {
                request: Box::new(read_refresh(&mut reader)?),
                exp: reader.number()?,
                salt: reader.array()?,
            },
            1 => Action::Settle {
                since_ms: reader.optional(Reader::number)?,
            },
            2 => Action::Revoke,
            3 => Action::Supersede,
            _ => return Err(Error::CommandInvalid),
        };
        reader.end()?;
        Ok(Self {
            iss,
            sub,
            sid,
            now,
            action,
        })
    }
}

const FORMAT: u8 = 1;

fn settle(row: &Row, since_ms: Option<u64>, at: u64, epoch: &Epoch<'_>) -> Outcome {
    let mut row = row.clone();
    if row.epoch.is_some() {
        return done(row, false);
    }
    // It ended before its first tokens left, so none may leave now.
    match row.status {
        Status::Active => {}
        Status::Superseded { .. } => return Outcome::refused(Verdict::Superseded),
        Status::Revoked { .. } => return Outcome::refused(Verdict::Revoked),
    }
    row.epoch = Some(epoch.value);
    if since_ms.is_some_and(|since| epoch.value > since) {
        // Everything of this subject was revoked while the sign-in went on: it may be the very thing that was meant.
        row.status = Status::Revoked {
            at,
            reason: Reason::Request,
        };
        return Outcome {
            verdict: Verdict::Stale,
            ..done(row, true)
        };
    }
    Outcome {
        verdict: Verdict::Issued,
        ..done(row, true)
    }
}

fn done(mut row: Row, write: bool) -> Outcome {
    if write {
        row.version = row.version.saturating_add(1);
    }
    Outcome {
        verdict: Verdict::Done,
        clock_went_back: false,
        claims: ClaimsFate::NotAsked,
        write,
        row: Some(row),
    }
}

fn write_refresh(writer: &mut Writer, request: &Refresh<'_>) {
    request.policy.write(writer);
    writer.number(request.generation);
    writer.array(&request.jti);
    writer.array(request.session_key.as_bytes());
    writer.text(request.signing_kid);
    write_transport(writer, request.transport);
    writer.optional(request.jkt, Writer::text);
    writer.optional(request.scope, Writer::text);
    writer.optional(request.claims, |writer, claims| {
        writer.number(claims.version);
        writer.text(claims.json);
    });
}

fn read_refresh<'a>(reader: &mut Reader<'a>) -> Result<Refresh<'a>, Error> {
    Ok(Refresh {
        policy: Policy::read(reader)?,
        generation: reader.number()?,
        jti: reader.array()?,
        session_key: SessionKey::from_bytes(reader.array()?),
        signing_kid: reader.text()?,
        transport: read_transport(reader)?,
        jkt: reader.optional(Reader::text)?,
        scope: reader.optional(Reader::text)?,
        claims: reader.optional(|reader| {
            Ok(NewClaims {
                version: reader.number()?,
                json: reader.text()?,
            })
        })?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::issue::issue;
    use crate::session::issue::tests::NEW;
    use crate::session::keys::RefreshKeys;
    use crate::session::record::{MAX_RECORD, Transport};

    const EPOCH: Epoch<'_> = Epoch {
        value: 5_000,
        keep: None,
        kept_from: 0,
    };

    fn new_row() -> Row {
        issue(&NEW, &Policy::DEFAULT, 1_000).unwrap()
    }

    fn command(action: Action<'_>) -> Command<'_> {
        Command {
            iss: NEW.iss,
            sub: NEW.sub,
            sid: NEW.sid,
            now: 2_000,
            action,
        }
    }

    fn refresh(row: &Row) -> Action<'_> {
        let mut keys = RefreshKeys::default();
        keys.add(Some("k1"), &[1; 32]).unwrap();
        let session_key = keys.signing().unwrap().session_key(NEW.sid);
        let request = Refresh {
            policy: Policy::DEFAULT,
            generation: row.generation,
            jti: session_key.jti(row.generation, &row.salt),
            session_key,
            signing_kid: "k1",
            transport: Transport::Cookie,
            jkt: None,
            scope: Some("read"),
            claims: Some(NewClaims {
                version: row.version,
                json: r#"{"role":"user"}"#,
            }),
        };
        Action::Refresh {
            request: Box::new(request),
            exp: 3_000,
            salt: [2; 16],
        }
    }

    fn run(record: Option<&[u8]>, epoch: &Epoch<'_>, command: &Command<'_>) -> (Step, Outcome) {
        let step = run_step(record, epoch, &command.encode(), None).unwrap();
        let outcome = Outcome::decode(&step.outcome).unwrap();
        (step, outcome)
    }

    #[test]
    fn a_session_from_issue_to_logout() {
        let record = new_row().encode().unwrap();
        let (unsettled, outcome) = run(Some(&record), &EPOCH, &command(refresh(&new_row())));
        assert_eq!((unsettled.record, outcome.verdict), (None, Verdict::Stale));

        let (settled, outcome) = run(
            Some(&record),
            &EPOCH,
            &command(Action::Settle { since_ms: Some(5_000) }),
        );
        assert_eq!(outcome.verdict, Verdict::Issued);
        let record = settled.record.unwrap();
        assert_eq!(
            run(Some(&record), &EPOCH, &command(Action::Settle { since_ms: None }))
                .0
                .record,
            None
        );

        let row = Row::decode(&record).unwrap();
        let (rotated, outcome) = run(Some(&record), &EPOCH, &command(refresh(&row)));
        assert_eq!(
            (outcome.verdict, outcome.claims, rotated.active),
            (Verdict::Rotated, ClaimsFate::Taken, true)
        );
        assert_eq!(rotated.expires_at, 2_000 + Policy::DEFAULT.refresh_idle);
        assert_eq!(outcome.row.unwrap().claims, r#"{"role":"user"}"#);

        let (revoked, outcome) = run(rotated.record.as_deref(), &EPOCH, &command(Action::Revoke));
        assert_eq!((outcome.verdict, revoked.active), (Verdict::Done, false));
        assert_eq!(
            run(revoked.record.as_deref(), &EPOCH, &command(Action::Revoke))
                .0
                .record,
            None
        );
        let (_, outcome) = run(revoked.record.as_deref(), &EPOCH, &command(Action::Supersede));
        assert_eq!(outcome.verdict, Verdict::Revoked);
    }

    #[test]
    fn a_sign_in_overtaken_by_a_sign_out_everywhere_fails() {
        let record = new_row().encode().unwrap();
        let (step, outcome) = run(
            Some(&record),
            &EPOCH,
            &command(Action::Settle { since_ms: Some(4_999) }),
        );
        assert_eq!((outcome.verdict, step.active), (Verdict::Stale, false));
        assert!(step.record.is_some());
    }

    #[test]
    fn a_superseded_session_can_still_be_revoked() {
        let row = Row {
            epoch: Some(5_000),
            ..new_row()
        };
        let (step, _) = run(Some(&row.encode().unwrap()), &EPOCH, &command(Action::Supersede));
        assert_eq!(
            run(step.record.as_deref(), &EPOCH, &command(Action::Supersede))
                .1
                .verdict,
            Verdict::Superseded
        );
        assert_eq!(
            run(step.record.as_deref(), &EPOCH, &command(Action::Revoke)).1.verdict,
            Verdict::Done
        );
        let stale = Row { epoch: Some(1), ..row };
        assert_eq!(
            run(Some(&stale.encode().unwrap()), &EPOCH, &command(Action::Supersede))
                .1
                .verdict,
            Verdict::Stale
        );
    }

    #[test]
    fn a_record_that_is_missing_or_wrong_is_answered() {
        let row = new_row();
        assert_eq!(run(None, &EPOCH, &command(refresh(&row))).1.verdict, Verdict::Missing);
        let late = Command {
            now: 3_000,
            ..command(refresh(&row))
        };
        assert_eq!(run(None, &EPOCH, &late).1.verdict, Verdict::Expired);
        let others = Row {
            sub: "alan".into(),
            ..row.clone()
        }
        .encode()
        .unwrap();
        let later_format = [9; 40];
        for record in [&others[..], &later_format, b""] {
            let (step, outcome) = run(Some(record), &EPOCH, &command(refresh(&row)));
            assert_eq!((step.record, outcome.verdict), (None, Verdict::Unreadable));
        }
    }

    #[test]
    fn a_session_that_ended_before_it_was_settled_gives_nothing() {
        let settle = command(Action::Settle { since_ms: None });
        let revoked = Status::Revoked {
            at: 1_500,
            reason: Reason::Request,
        };
        for (status, verdict) in [
            (revoked, Verdict::Revoked),
            (Status::Superseded { at: 1_500 }, Verdict::Superseded),
        ] {
            let row = Row { status, ..new_row() };
            let (step, outcome) = run(Some(&row.encode().unwrap()), &EPOCH, &settle);
            assert_eq!((step.record, outcome), (None, Outcome::refused(verdict)));
        }
    }

    #[test]
    fn a_record_that_would_outgrow_its_limit_is_answered() {
        let mut row = Row {
            epoch: Some(5_000),
            ..new_row()
        };
        row.acr = Some("x".repeat(MAX_RECORD));
        while row.encode().is_err() {
            row.acr.as_mut().unwrap().pop();
        }
        let (step, outcome) = run(Some(&row.encode().unwrap()), &EPOCH, &command(refresh(&row)));
        assert_eq!((step.record, outcome.verdict), (None, Verdict::Unreadable));
    }

    #[test]
    fn the_stores_clock_goes_before_the_servers() {
        let row = Row {
            epoch: Some(5_000),
            ..new_row()
        };
        let command = command(refresh(&row)).encode();
        let step = run_step(Some(&row.encode().unwrap()), &EPOCH, &command, Some(7_777)).unwrap();
        assert_eq!(Row::decode(&step.record.unwrap()).unwrap().handed_out_at, 7_777);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, record: Vec<u8>) {
            prop_assert_eq!(run_step(Some(&record), &EPOCH, &bytes, None), Err(Error::CommandInvalid));
            let row = new_row();
            let _ = run(Some(&record), &EPOCH, &command(refresh(&row)));
        }

        #[test]
        fn a_changed_byte_never_traps(at: prop::sample::Index, bit in 0..8_u32, in_command: bool) {
            let row = Row { epoch: Some(5_000), ..new_row() };
            let mut record = row.encode().unwrap();
            let mut command = command(refresh(&row)).encode().to_vec();
            *at.get_mut(if in_command { &mut command } else { &mut record }) ^= 1_u8 << bit;
            let _ = run_step(Some(&record), &EPOCH, &command, None);
        }
    }
}
