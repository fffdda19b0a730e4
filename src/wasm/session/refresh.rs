//! New sessions and refreshes: from a request to a command, and from an outcome to tokens.

use wasm_bindgen::prelude::wasm_bindgen;

use super::commands::StepInput;
use super::show::{push_flag, push_outcome, push_view};
use super::{issuer, random, transport};
use crate::Error;
use crate::jose::{base64url, json};
use crate::session::access_token::{self, Grant};
use crate::session::{
    Action, Command, NewClaims, NewSession, Outcome, Refresh, Session, issue, refresh_token, run_step,
};
use crate::wasm::message::Message;
use crate::wasm::reply::{Reply, reply};

/// The record of a new session. The message has `sub`, `now`, `cookie`, `jkt`, `scope`, `authTime`, `acr`, `claims`,
/// `meta` and `replaces`.
///
/// It has to be settled by a command before any token leaves, as `session_finish` makes tokens only of an outcome.
#[wasm_bindgen]
pub fn session_new(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            // 128 random bits, so that no two sessions ever meet under one name.
            let sid = base64url::encode(&random::<16>()?);
            let new = NewSession {
                iss: &issuer.iss,
                sub: message.text("sub")?,
                sid: &sid,
                kid: issuer.refresh.signing()?.kid(),
                salt: random()?,
                transport: transport(message.flag("cookie")?),
                jkt: message.optional_text("jkt")?,
                replaces: message.optional_text("replaces")?,
                scope: message.optional_text("scope")?,
                auth_time: message.integer("authTime")?,
                acr: message.optional_text("acr")?,
                claims: message.text("claims")?,
                meta: message.text("meta")?,
            };
            let now = message.integer("now")?;
            message.end()?;
            issue(&new, &issuer.policy, now)?.encode()
        })
    })
}

/// The command for a refresh token. The message has `token`, `now`, `cookie` and `scope`. The reply is a length in 2
/// bytes, the token's `sub` and `sid` as JSON of that length, and the command.
///
/// The signature is verified before any store is asked, so that made-up tokens cost no reads and change nothing.
#[wasm_bindgen]
pub fn session_begin(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let (token, now) = (message.text("token")?, message.integer("now")?);
            let presented = refresh_token::read(&issuer.refresh, &issuer.iss, token.as_bytes(), now)?;
            let request = Refresh {
                policy: issuer.policy,
                generation: presented.generation,
                jti: presented.jti,
                // The one key that the store gets to see: it makes identifiers of this session and no other.
                jti_key: issuer.refresh.find(&presented.kid)?.jti_key(&presented.sid),
                signing_kid: issuer.refresh.signing()?.kid(),
                // This version can make a token again that is bound to the facts of its session.
                binds: true,
                replaced: false,
                transport: transport(message.flag("cookie")?),
                // A proof and fresh claims come later, by `session_amend`.
                jkt: None,
                scope: message.optional_text("scope")?,
                claims: None,
            };
            message.end()?;
            let action = Action::Refresh {
                request: Box::new(request),
                exp: presented.exp,
                salt: random()?,
            };
            let command = Command {
                iss: &issuer.iss,
                sub: &presented.sub,
                sid: &presented.sid,
                now,
                action,
            };
            // JavaScript needs these two to find the row, and does not read the command.
            let mut whose = String::from("{");
            json::push_string_member(&mut whose, "sub", &presented.sub);
            json::push_string_member(&mut whose, "sid", &presented.sid);
            whose.push('}');
            let len = u16::try_from(whose.len()).map_err(|_| Error::TokenTooLarge)?;
            let command = command.encode()?;
            Ok([&len.to_be_bytes(), whose.as_bytes(), command.as_slice()].concat())
        })
    })
}

/// Adds to a `command`: the thumbprint `jkt` of a key that was proved, `claims` (JSON text) that were read for
/// `version` of the record, or that the session whose place this one takes has been `replaced`.
#[wasm_bindgen]
pub fn session_amend(message: &[u8]) -> Reply {
    reply(|| {
        let mut message = Message::read(message)?;
        let command = message.bytes("command")?;
        let (claims, version) = (message.optional_text("claims")?, message.optional_integer("version")?);
        let jkt = message.optional_text("jkt")?;
        let replaced = message.optional_flag("replaced")?;
        message.end()?;
        amended(command, |request| {
            // A field that the message lacks stays as it is, so that several changes can follow one another.
            request.jkt = jkt.or(request.jkt);
            request.replaced = replaced.unwrap_or(request.replaced);
            if let Some(json) = claims {
                // The text is spliced into tokens as it is, so it must at least be an object.
                json::members(json)?;
                // Without a version nobody could tell whether the record has changed since.
                let version = version.ok_or(Error::CommandInvalid)?;
                request.claims = Some(NewClaims { version, json });
            }
            Ok(())
        })
    })
}

/// Foresees the outcome of `command`, as if the session whose place this one takes were replaced already. The JSON is
/// an outcome, with whether it is `idle` (it gives nothing and writes nothing) and the session as it is `before`.
///
/// This writes nothing. Claims are read between this and the real step, which decides again on the record that it then
/// finds.
#[wasm_bindgen]
pub fn session_foresee(message: &[u8]) -> Reply {
    reply(|| {
        let input = StepInput::read(message)?;
        // The replaced session is treated as ended, so that claims are read only for a refresh that will give tokens.
        let command = amended(input.command, |request| {
            request.replaced = true;
            Ok(())
        })?;
        let step = run_step(input.record, &input.epoch, &command, input.clock)?;
        let outcome = Outcome::decode(&step.outcome)?;
        let mut out = String::from("{");
        push_outcome(&mut out, &outcome);
        push_flag(
            &mut out,
            "idle",
            !outcome.verdict.gives_access() && step.record.is_none(),
        );
        if let Some(Ok(session)) = input.record.map(Session::decode) {
            json::push_name(&mut out, "before");
            push_view(&mut out, &session);
        }
        out.push('}');
        Ok(out.into_bytes())
    })
}

/// Makes the answer to a refresh or a sign-in from its `outcome`, `now` (the raw clock) and `scope`: JSON, with the
/// `tokens` if the outcome gives any. Among them `claims` is the payload of `access`, which is a signing input unless
/// `isSigned`; `problem` says why no tokens could be made after all.
///
/// The outcome has been committed by now. If the server dies here, a retry within the grace gets the same successor.
#[wasm_bindgen]
pub fn session_finish(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let outcome = Outcome::decode(message.bytes("outcome")?)?;
            let (now, scope) = (message.integer("now")?, message.optional_text("scope")?);
            message.end()?;
            let mut out = String::from("{");
            push_outcome(&mut out, &outcome);
            let session = outcome.session.as_ref().filter(|_| outcome.verdict.gives_access());
            if let Some(session) = session {
                json::push_name(&mut out, "tokens");
                out.push('{');
                push_tokens(&mut out, issuer, &outcome, session, (now, scope))?;
                out.push('}');
            }
            out.push('}');
            Ok(out.into_bytes())
        })
    })
}

/// Adds the tokens that a verdict gives. The record is the committed one, so the refresh token is made again the same
/// by every server that has its key.
fn push_tokens(
    out: &mut String,
    issuer: &issuer::Issuer,
    outcome: &Outcome,
    session: &Session,
    (now, scope): (u64, Option<&str>),
) -> Result<(), Error> {
    if outcome.verdict.gives_refresh() {
        match refresh_token::write(&issuer.refresh, session) {
            Ok(token) => json::push_string_member(out, "refresh", &token),
            // Another server made this successor, with a key that may yet arrive here.
            Err(error) => {
                json::push_string_member(out, "problem", error.code());
                return Ok(());
            }
        }
    }
    // The jitter spreads the refreshes of sessions that began together.
    let grant = Grant {
        audience: &issuer.audience,
        client_id: &issuer.client_id,
        scope,
        lifetime: issuer.policy.access_lifetime(u32::from_be_bytes(random()?)),
    };
    let written = access_token::write(issuer.access.signing()?, session, &grant, now, &random()?)?;
    json::push_string_member(out, "access", &written.token);
    push_flag(out, "isSigned", written.is_signed);
    json::push_name(out, "claims");
    out.push_str(&written.payload);
    Ok(())
}

/// The bytes of a command for a refresh after a change.
/// [`Error::CommandInvalid`] for any other command.
fn amended<'a>(
    command: &'a [u8],
    change: impl FnOnce(&mut Refresh<'a>) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    let mut command = Command::decode(command)?;
    let Action::Refresh { request, .. } = &mut command.action else {
        return Err(Error::CommandInvalid);
    };
    change(request)?;
    Ok(command.encode()?.to_vec())
}
