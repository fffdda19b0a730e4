//! The record of one session: everything that a store keeps of it, as at most 4 KB of opaque bytes.

use sha2::{Digest as _, Sha256};

use super::codec::{FieldReader, Format, Writer};
use super::keys::MAX_REFRESH_KID;
use crate::Error;

/// The longest record, in bytes.
///
/// A record is read at every refresh, so it has to stay small in every store.
pub const MAX_RECORD: usize = 4096;

/// The most that an application's claims and notes take together, in bytes.
///
/// Claims go into every access token, and a browser takes cookies of about 4 KB.
pub const MAX_CLAIMS: usize = 2048;

/// The random bytes that make the identifier of one refresh token unguessable, even to someone who knows all the
/// others.
pub type Salt = [u8; 16];

/// A hash of what never changes in a session.
pub type Facts = [u8; 32];

/// How the refresh token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// In a cookie that scripts cannot read.
    Cookie,
    /// In the body of requests and responses.
    Bearer,
}

/// Why a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A refresh token came that was older than any that may still come.
    Reuse,
    /// A refresh token came that is newer than the record: the store went back in time.
    Regression,
    /// Someone asked for it.
    Request,
}

/// The status of a session. All times are seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It goes on.
    Active,
    /// A session of higher standing took its place.
    Superseded {
        /// When.
        at: u64,
    },
    /// It ended, for good.
    Revoked {
        /// When.
        at: u64,
        /// Why.
        reason: Reason,
    },
}

/// The refresh token before the current one: the only ancestor that is ever accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parent {
    /// Its generation.
    pub generation: u64,
    /// When it was first rotated. It never moves afterwards, so that recovery ends.
    pub rotated_at: u64,
    /// Its salt.
    pub salt: Salt,
    /// Whether its identifier is bound to the facts of the session.
    pub bound: bool,
}

/// A session that a second factor raised from this one, and that nobody has used yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Raised {
    /// Its identifier.
    pub sid: String,
    /// When.
    pub at: u64,
}

/// One session. All times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// The issuer.
    pub iss: String,
    /// The subject.
    pub sub: String,
    /// Its identifier.
    pub sid: String,
    /// Whether it goes on, was superseded, or has ended.
    pub status: Status,
    /// The generation of the current refresh token.
    pub generation: u64,
    /// The token that was rotated to the current one.
    pub parent: Option<Parent>,
    /// When the current refresh token was last handed out; 0 for the first one, which only one response ever carries.
    pub handed_out_at: u64,
    /// How many times it was handed out again.
    pub hand_outs: u64,
    /// The `iat` of the current refresh token.
    pub issued_at: u64,
    /// The key that signs it.
    pub kid: String,
    /// Its salt.
    pub salt: Salt,
    /// Whether its identifier is bound to the facts of the session: not where a server of the previous version made it.
    pub bound: bool,
    /// When the session began.
    pub created_at: u64,
    /// When it ends unless it is rotated.
    pub idle_exp: u64,
    /// When it ends whatever happens.
    pub abs_exp: u64,
    /// The subject's epoch that it belongs to. None until the store has given it, and no token leaves before that.
    pub epoch: Option<u64>,
    /// How its refresh tokens travel.
    pub transport: Transport,
    /// The thumbprint of the key that every request must prove (RFC 9449 §6.1).
    pub jkt: Option<String>,
    /// The granted scope: names with single spaces between them (RFC 6749 §3.3).
    pub scope: Option<String>,
    /// When the user proved who they are.
    pub auth_time: u64,
    /// How strongly the user proved it (`acr` of RFC 9068 §2.2.1).
    pub acr: Option<String>,
    /// The application's claims, the text of a JSON object.
    pub claims: String,
    /// The application's notes about the session, the text of a JSON object.
    pub meta: String,
    /// The session that is to take this one's place as soon as it is used.
    pub raised: Option<Raised>,
    /// The session whose place this one takes as soon as it is used; none afterwards.
    pub replaces: Option<String>,
    /// Counts the writes, so that claims that were read for one version never replace those of a later one.
    pub version: u64,
}

impl Session {
    /// The earlier of its idle and absolute ends.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.idle_exp.min(self.abs_exp)
    }

    /// The hash of the facts that never change. The identifiers of tokens depend on it, so editing a fact in the store
    /// makes every token of the session useless.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut writer = Writer::default();
        writer.optional(self.scope.as_deref(), Writer::text);
        writer.optional(self.acr.as_deref(), Writer::text);
        writer.number(self.auth_time);
        write_transport(&mut writer, self.transport);
        writer.optional(self.jkt.as_deref(), Writer::text);
        writer.number(self.created_at);
        writer.number(self.abs_exp);
        Sha256::digest(writer.finish()).into()
    }

    /// Whether claims and notes of these lengths may be kept.
    #[must_use]
    pub const fn has_room_for(claims: &str, meta: &str) -> bool {
        claims.len().saturating_add(meta.len()) <= MAX_CLAIMS
    }

    /// Checks that no later write can outgrow the record, whatever claims and key it brings.
    pub fn check_size(&self) -> Result<(), Error> {
        // Later writes may bring a longer key name, longer claims and notes, and fields that are empty at first.
        let growing = self.kid.len() + self.claims.len() + self.meta.len();
        // Its length in 2 bytes, a sid of the same length as this one, and a time.
        let raised = 2 + self.sid.len() + 8;
        let longest =
            self.encoded(Format::Current).len() - growing + MAX_REFRESH_KID + MAX_CLAIMS + EMPTY_AT_FIRST + raised;
        if longest <= MAX_RECORD && Self::has_room_for(&self.claims, &self.meta) {
            Ok(())
        } else {
            Err(Error::SessionTooLarge)
        }
    }

    /// The record's bytes; [`Error::SessionTooLarge`], or [`Error::RecordInvalid`] if they could not be read again.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.encode_as(Format::Current)
    }

    /// In the previous format, fields that it lacks are left out: its readers only make tokens from the record.
    pub(super) fn encode_as(&self, format: Format) -> Result<Vec<u8>, Error> {
        if !self.parent_is_older() {
            return Err(Error::RecordInvalid);
        }
        let bytes = self.encoded(format);
        if bytes.len() <= MAX_RECORD {
            Ok(bytes)
        } else {
            Err(Error::SessionTooLarge)
        }
    }

    /// Reads the bytes of [`Session::encode`]; [`Error::RecordInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = FieldReader::new(bytes, Error::RecordInvalid);
        // Before anything is read, so that a damaged row costs nothing.
        if bytes.len() > MAX_RECORD {
            return Err(Error::RecordInvalid);
        }
        let format = Format::read(&mut reader)?;
        let session = read(&mut reader, format)?;
        reader.end()?;
        Ok(session)
    }

    /// Whether the parent, if there is one, comes before the current token. In any other order the step could confuse
    /// the two.
    fn parent_is_older(&self) -> bool {
        self.parent.is_none_or(|parent| parent.generation < self.generation)
    }

    /// The fields in the order of the format, of whatever length.
    fn encoded(&self, format: Format) -> Vec<u8> {
        let current = format == Format::Current;
        let mut writer = Writer::default();
        writer.byte(format.byte());
        writer.text(&self.iss);
        writer.text(&self.sub);
        writer.text(&self.sid);
        write_status(&mut writer, self.status);
        writer.number(self.generation);
        writer.optional(self.parent, |writer, parent| {
            writer.number(parent.generation);
            writer.number(parent.rotated_at);
            writer.array(&parent.salt);
            if current {
                writer.byte(u8::from(parent.bound));
            }
        });
        writer.number(self.handed_out_at);
        writer.number(self.hand_outs);
        writer.number(self.issued_at);
        writer.text(&self.kid);
        writer.array(&self.salt);
        if current {
            writer.byte(u8::from(self.bound));
        }
        writer.number(self.created_at);
        writer.number(self.idle_exp);
        writer.number(self.abs_exp);
        writer.optional(self.epoch, Writer::number);
        write_transport(&mut writer, self.transport);
        writer.optional(self.jkt.as_deref(), Writer::text);
        writer.optional(self.scope.as_deref(), Writer::text);
        writer.number(self.auth_time);
        writer.optional(self.acr.as_deref(), Writer::text);
        writer.text(&self.claims);
        writer.text(&self.meta);
        if current {
            writer.optional(self.raised.as_ref(), |writer, raised| {
                writer.text(&raised.sid);
                writer.number(raised.at);
            });
            writer.optional(self.replaces.as_deref(), Writer::text);
        }
        writer.number(self.version);
        writer.finish()
    }
}

/// The parent, the epoch and the time at which the session ended.
const EMPTY_AT_FIRST: usize = (8 + 8 + 16 + 1) + 8 + 8;

/// The fields in the order in which `encoded` writes them. Fields that the previous format lacks are empty.
fn read(reader: &mut FieldReader<'_>, format: Format) -> Result<Session, Error> {
    let current = format == Format::Current;
    let bound = |reader: &mut FieldReader<'_>| if current { reader.flag() } else { Ok(false) };
    let session = Session {
        iss: reader.text()?.into(),
        sub: reader.text()?.into(),
        sid: reader.text()?.into(),
        status: read_status(reader)?,
        generation: reader.number()?,
        parent: reader.optional(|reader| {
            Ok(Parent {
                generation: reader.number()?,
                rotated_at: reader.number()?,
                salt: reader.array()?,
                bound: bound(reader)?,
            })
        })?,
        handed_out_at: reader.number()?,
        hand_outs: reader.number()?,
        issued_at: reader.number()?,
        kid: reader.text()?.into(),
        salt: reader.array()?,
        bound: bound(reader)?,
        created_at: reader.number()?,
        idle_exp: reader.number()?,
        abs_exp: reader.number()?,
        epoch: reader.optional(FieldReader::number)?,
        transport: read_transport(reader)?,
        jkt: reader.optional(FieldReader::text)?.map(Into::into),
        scope: reader.optional(FieldReader::text)?.map(Into::into),
        auth_time: reader.number()?,
        acr: reader.optional(FieldReader::text)?.map(Into::into),
        claims: reader.text()?.into(),
        meta: reader.text()?.into(),
        raised: if current { reader.optional(read_raised)? } else { None },
        replaces: if current {
            reader.optional(FieldReader::text)?.map(Into::into)
        } else {
            None
        },
        version: reader.number()?,
    };
    // A record is checked when it is read as when it is written, so that a damaged one never reaches the step.
    if session.parent_is_older() && Session::has_room_for(&session.claims, &session.meta) {
        Ok(session)
    } else {
        Err(reader.error())
    }
}

fn read_raised(reader: &mut FieldReader<'_>) -> Result<Raised, Error> {
    Ok(Raised {
        sid: reader.text()?.into(),
        at: reader.number()?,
    })
}

pub(super) fn write_transport(writer: &mut Writer, transport: Transport) {
    writer.byte(match transport {
        Transport::Cookie => 0,
        Transport::Bearer => 1,
    });
}

pub(super) fn read_transport(reader: &mut FieldReader<'_>) -> Result<Transport, Error> {
    Ok(if reader.flag()? {
        Transport::Bearer
    } else {
        Transport::Cookie
    })
}

/// The tag says status and reason at once, and the time follows where there is one.
fn write_status(writer: &mut Writer, status: Status) {
    match status {
        Status::Active => writer.byte(0),
        Status::Superseded { at } => {
            writer.byte(1);
            writer.number(at);
        }
        Status::Revoked { at, reason } => {
            writer.byte(match reason {
                Reason::Reuse => 2,
                Reason::Regression => 3,
                Reason::Request => 4,
            });
            writer.number(at);
        }
    }
}

fn read_status(reader: &mut FieldReader<'_>) -> Result<Status, Error> {
    let tag = reader.byte()?;
    if tag == 0 {
        return Ok(Status::Active);
    }
    let at = reader.number()?;
    let reason = match tag {
        1 => return Ok(Status::Superseded { at }),
        2 => Reason::Reuse,
        3 => Reason::Regression,
        4 => Reason::Request,
        _ => return Err(reader.error()),
    };
    Ok(Status::Revoked { at, reason })
}

#[cfg(test)]
pub(super) mod tests;
