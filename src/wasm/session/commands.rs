//! Commands, and the step that carries them out on a record.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::Error;
use crate::session::{Action, Began, Command, Epoch, run_step};
use crate::wasm::message::Message;
use crate::wasm::reply::{Reply, reply};

/// The command for an action on one session. The message has `action`, `iss`, `sub`, `sid` and `now`. The actions:
///
/// - `settle`: a new session joins its subject's epoch, unless that is younger than `agoMs`, counted back from `nowMs`
///   where the store has no clock;
/// - `revoke`: the session ends;
/// - `supersede`: the session `by`, which was raised from it, takes its place;
/// - `raise`: the session `raised` is noted as raised from it, unless another one was within `grace` seconds;
/// - `repeat`: the first tokens of a raised session are given again.
///
/// Commands are bytes and not closures, so that a store may carry one out elsewhere: in a Durable Object, say.
#[wasm_bindgen]
pub fn session_command(message: &[u8]) -> Reply {
    reply(|| {
        let mut message = Message::read(message)?;
        let action = match message.text("action")? {
            "settle" => Action::Settle {
                began: match (message.optional_integer("agoMs")?, message.integer("nowMs")?) {
                    // An age and not an instant: the two clocks are never compared with each other.
                    (Some(ms), now_ms) => Began::Ago { ms, now_ms },
                    (None, _) => Began::Unknown,
                },
            },
            "revoke" => Action::Revoke,
            "supersede" => Action::Supersede {
                by: Some(message.text("by")?),
            },
            "raise" => Action::Raise {
                sid: message.text("raised")?,
                grace: message.integer("grace")?,
            },
            "repeat" => Action::Repeat,
            // Refreshes are not here: `session_begin` makes their commands, because it has verified the token.
            _ => return Err(Error::CommandInvalid),
        };
        let command = Command {
            iss: message.text("iss")?,
            sub: message.text("sub")?,
            sid: message.text("sid")?,
            now: message.integer("now")?,
            action,
        };
        message.end()?;
        Ok(command.encode()?.to_vec())
    })
}

/// Carries out `command` on `record`, which is left out where the store has none. The epoch of the subject and the
/// store's `clock`, if it has one, come along.
///
/// The reply is a byte of flags (1: there is a record to write, 2: it is of an active session), when the session ends in 8
/// bytes, the length of the record in 2, the record and the outcome.
///
/// Flags and time are what a store indexes. It needs them beside the record, because a record is opaque to it.
#[wasm_bindgen]
pub fn session_step(message: &[u8]) -> Reply {
    reply(|| {
        let input = StepInput::read(message)?;
        let step = run_step(input.record, &input.epoch, input.command, input.clock)?;
        let record = step.record.as_deref().unwrap_or_default();
        // A record has at most 4 KB, so its length always fits.
        let len = u16::try_from(record.len()).map_err(|_| Error::SessionTooLarge)?;
        let flags = u8::from(step.record.is_some()) | u8::from(step.active) << 1;
        Ok([
            &[flags],
            &step.expires_at.to_be_bytes()[..],
            &len.to_be_bytes(),
            record,
            &step.outcome,
        ]
        .concat())
    })
}

/// A command, and all that it is carried out on.
pub(super) struct StepInput<'a> {
    /// The bytes that `session_begin` or `session_command` made.
    pub(super) command: &'a [u8],
    /// The record that the store has, if it has one.
    pub(super) record: Option<&'a [u8]>,
    pub(super) epoch: Epoch<'a>,
    /// The store's own clock in seconds, if it has one, which then counts instead of the server's.
    pub(super) clock: Option<u64>,
}

impl<'a> StepInput<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut message = Message::read(message)?;
        let read = Self {
            command: message.bytes("command")?,
            record: message.optional_bytes("record")?,
            epoch: epoch_of(&mut message)?,
            clock: message.optional_integer("clock")?,
        };
        message.end()?;
        Ok(read)
    }
}

/// The epoch of a subject, from the fields `epoch`, `keep`, `keptFrom` and `clockMs`.
pub(super) fn epoch_of<'a>(message: &mut Message<'a>) -> Result<Epoch<'a>, Error> {
    Ok(Epoch {
        value: message.integer("epoch")?,
        keep: message.optional_text("keep")?,
        kept_from: message.optional_integer("keptFrom")?.unwrap_or(0),
        clock_ms: message.optional_integer("clockMs")?,
    })
}
