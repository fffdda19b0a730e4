//! Sessions across the boundary: bytes, text and whole seconds in, bytes out.
//!
//! An answer begins with 0 and the value, or with 1 and the code of an error: neither objects nor exceptions cross, and the
//! glue that they would need stays out of the file.
//!
//! Nothing is kept on this side. Keys and policy are bytes that JavaScript holds and passes back, so a replaced instance
//! has nothing to forget. Random bytes are fetched here and passed on; the machine itself has none.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what is optional crosses the boundary only by value"
)]

mod keys;
#[cfg(feature = "keys")]
mod proofs;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::Error;
use crate::jose::{base64url, json};
use crate::session::access_token::{self, Chance, Grant};
use crate::session::{
    AccessKeys, Action, Began, ClaimsFate, Command, Epoch, NewClaims, NewSession, Outcome, Policy, Reason, Refresh,
    RefreshKeys, Row, Status, Transport, issue, refresh_token, run_step,
};

/// Checks a policy and gives it as bytes; jitter in ten-thousandths. The error is a sentence that names the option.
#[wasm_bindgen]
pub fn session_policy(
    access_ttl: f64,
    refresh_idle: f64,
    absolute: f64,
    grace: f64,
    recovery: f64,
    hand_outs: f64,
    jitter: f64,
) -> Vec<u8> {
    let policy = Policy {
        access_ttl: whole(access_ttl),
        refresh_idle: whole(refresh_idle),
        absolute: whole(absolute),
        grace: whole(grace),
        recovery: whole(recovery),
        hand_outs: whole(hand_outs),
        jitter: whole(jitter),
    };
    match policy.check() {
        Ok(policy) => ok(&policy.encode()),
        Err(error) => answer(1, error.message().as_bytes()),
    }
}

/// The record of a new session.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "they come from JavaScript one by one")]
pub fn session_new(
    keys: &[u8],
    policy: &[u8],
    iss: &str,
    sub: &str,
    now: f64,
    cookie: bool,
    jkt: Option<String>,
    scope: Option<String>,
    auth_time: f64,
    acr: Option<String>,
    claims: &str,
    meta: &str,
    replaces: Option<String>,
) -> Vec<u8> {
    reply(|| {
        let keys = RefreshKeys::decode(keys)?;
        let sid = base64url::encode(&random::<16>()?);
        let new = NewSession {
            iss,
            sub,
            sid: &sid,
            kid: keys.signing()?.kid(),
            salt: random()?,
            transport: transport(cookie),
            jkt: jkt.as_deref(),
            replaces: replaces.as_deref(),
            scope: scope.as_deref(),
            auth_time: whole(auth_time),
            acr: acr.as_deref(),
            claims,
            meta,
        };
        issue(&new, &Policy::decode(policy)?, whole(now))?.encode()
    })
}

/// Whose refresh token this is, as JSON: sub, sid, gen and kid; `now` tells whether a key that is not known may still come.
#[wasm_bindgen]
pub fn session_read_refresh(keys: &[u8], iss: &str, token: &str, now: f64) -> Vec<u8> {
    reply(|| {
        let presented = refresh_token::read(&RefreshKeys::decode(keys)?, iss, token.as_bytes(), whole(now))?;
        let mut out = String::from("{");
        json::push_string_member(&mut out, "sub", &presented.sub);
        json::push_string_member(&mut out, "sid", &presented.sid);
        json::push_integer_member(&mut out, "gen", presented.generation);
        json::push_string_member(&mut out, "kid", &presented.kid);
        out.push('}');
        Ok(out.into_bytes())
    })
}

/// The command for a refresh token; `claims` are JSON text, read for `version` of the record.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "they come from JavaScript one by one")]
pub fn session_refresh_command(
    keys: &[u8],
    policy: &[u8],
    iss: &str,
    token: &str,
    now: f64,
    cookie: bool,
    jkt: Option<String>,
    scope: Option<String>,
    claims: Option<String>,
    version: f64,
    replaced: bool,
) -> Vec<u8> {
    reply(|| {
        let keys = RefreshKeys::decode(keys)?;
        let presented = refresh_token::read(&keys, iss, token.as_bytes(), whole(now))?;
        let claims = claims.as_deref().map(|json| NewClaims {
            version: whole(version),
            json,
        });
        if let Some(claims) = claims {
            json::members(claims.json)?;
        }
        let request = Refresh {
            policy: Policy::decode(policy)?,
            generation: presented.generation,
            jti: presented.jti,
            session_key: keys.find(&presented.kid)?.session_key(&presented.sid),
            signing_kid: keys.signing()?.kid(),
            binds: true,
            replaced,
            transport: transport(cookie),
            jkt: jkt.as_deref(),
            scope: scope.as_deref(),
            claims,
        };
        let action = Action::Refresh {
            request: Box::new(request),
            exp: presented.exp,
            salt: random()?,
        };
        Ok(command(iss, &presented.sub, &presented.sid, now, action))
    })
}

/// The command by which a new session joins its subject's epoch, unless that is younger than `ago_ms`; `now_ms` is for stores
/// without a clock.
#[wasm_bindgen]
pub fn session_settle_command(iss: &str, sub: &str, sid: &str, now: f64, ago_ms: Option<f64>, now_ms: f64) -> Vec<u8> {
    let began = ago_ms.map_or(Began::Unknown, |ms| Began::Ago {
        ms: whole(ms),
        now_ms: whole(now_ms),
    });
    ok(&command(iss, sub, sid, now, Action::Settle { began }))
}

/// The command that ends a session.
#[wasm_bindgen]
pub fn session_revoke_command(iss: &str, sub: &str, sid: &str, now: f64) -> Vec<u8> {
    ok(&command(iss, sub, sid, now, Action::Revoke))
}

/// The command that puts another session in this one's place: one that was raised from it.
#[wasm_bindgen]
pub fn session_supersede_command(iss: &str, sub: &str, sid: &str, now: f64, by: &str) -> Vec<u8> {
    ok(&command(iss, sub, sid, now, Action::Supersede { by: Some(by) }))
}

/// The command that notes which session was raised from this one, unless one was within `grace` seconds.
#[wasm_bindgen]
pub fn session_raise_command(iss: &str, sub: &str, sid: &str, now: f64, raised: &str, grace: f64) -> Vec<u8> {
    let grace = whole(grace);
    ok(&command(iss, sub, sid, now, Action::Raise { sid: raised, grace }))
}

/// The command that gives the first tokens of a raised session again.
#[wasm_bindgen]
pub fn session_repeat_command(iss: &str, sub: &str, sid: &str, now: f64) -> Vec<u8> {
    ok(&command(iss, sub, sid, now, Action::Repeat))
}

/// Carries out a command: a byte of flags (1: there is a record to write, 2: it is of a session that lives), when the session
/// ends in 8 bytes, the length of the record in 2, the record and the outcome.
#[wasm_bindgen]
pub fn session_step(
    record: Option<Vec<u8>>,
    epoch: f64,
    keep: Option<String>,
    kept_from: f64,
    command: &[u8],
    clock: Option<f64>,
    clock_ms: Option<f64>,
) -> Vec<u8> {
    reply(|| {
        let epoch = Epoch {
            clock_ms: clock_ms.map(whole),
            ..epoch_of(epoch, keep.as_deref(), kept_from)
        };
        let step = run_step(record.as_deref(), &epoch, command, clock.map(whole))?;
        let record = step.record.as_deref();
        let len = u16::try_from(record.map_or(0, <[u8]>::len)).map_err(|_| Error::SessionTooLarge)?;
        let mut out = vec![u8::from(record.is_some()) | u8::from(step.active) << 1];
        out.extend_from_slice(&step.expires_at.to_be_bytes());
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(record.unwrap_or_default());
        out.extend_from_slice(&step.outcome);
        Ok(out)
    })
}

/// What came of a command, as JSON: verdict, clockWentBack, claims, access and refresh, and where there are any the session
/// and the other session that it is about.
#[wasm_bindgen]
pub fn session_outcome(outcome: &[u8]) -> Vec<u8> {
    let outcome = match Outcome::decode(outcome) {
        Ok(outcome) => outcome,
        Err(error) => return answer(1, error.code().as_bytes()),
    };
    let mut out = String::from("{");
    json::push_string_member(&mut out, "verdict", outcome.verdict.name());
    push_flag(&mut out, "clockWentBack", outcome.clock_went_back);
    push_flag(&mut out, "access", outcome.verdict.gives_access());
    push_flag(&mut out, "refresh", outcome.verdict.gives_refresh());
    let claims = match outcome.claims {
        ClaimsFate::NotAsked => "not_asked",
        ClaimsFate::Taken => "taken",
        ClaimsFate::Outdated => "outdated",
        ClaimsFate::TooLarge => "too_large",
    };
    json::push_string_member(&mut out, "claims", claims);
    if let Some(row) = &outcome.row {
        json::push_name(&mut out, "session");
        push_view(&mut out, row);
    }
    if let Some(other) = &outcome.other {
        json::push_string_member(&mut out, "other", other);
    }
    out.push('}');
    ok(out.as_bytes())
}

/// The access token of an outcome that gives one; `audience` is JSON text, `now` the raw clock.
#[wasm_bindgen]
pub fn session_access_token(
    keys: &[u8],
    policy: &[u8],
    outcome: &[u8],
    audience: &str,
    client_id: &str,
    scope: Option<String>,
    now: f64,
) -> Vec<u8> {
    reply(|| {
        let outcome = Outcome::decode(outcome)?;
        let row = outcome
            .row
            .filter(|_| outcome.verdict.gives_access())
            .ok_or(Error::CommandInvalid)?;
        let grant = Grant {
            audience,
            client_id,
            scope: scope.as_deref(),
            lifetime: Policy::decode(policy)?.access_lifetime(u32::from_be_bytes(random()?)),
        };
        let keys = AccessKeys::decode(keys)?;
        let chance = Chance {
            jti: random()?,
            seed: random()?,
        };
        access_token::write(keys.signing()?, &row, &grant, whole(now), &chance).map(String::into_bytes)
    })
}

/// The refresh token of an outcome that gives one.
#[wasm_bindgen]
pub fn session_refresh_token(keys: &[u8], outcome: &[u8]) -> Vec<u8> {
    reply(|| {
        let outcome = Outcome::decode(outcome)?;
        let row = outcome
            .row
            .filter(|_| outcome.verdict.gives_refresh())
            .ok_or(Error::CommandInvalid)?;
        refresh_token::write(&RefreshKeys::decode(keys)?, &row).map(String::into_bytes)
    })
}

/// The payload of an access token that one of the keys made.
#[wasm_bindgen]
pub fn session_read_access(keys: &[u8], token: &str) -> Vec<u8> {
    reply(|| access_token::read(&AccessKeys::decode(keys)?, token.as_bytes()))
}

/// What may be shown of a record, as JSON.
#[wasm_bindgen]
pub fn session_view(record: &[u8]) -> Vec<u8> {
    reply(|| {
        let mut out = String::new();
        push_view(&mut out, &Row::decode(record)?);
        Ok(out.into_bytes())
    })
}

/// Whether access tokens of a session still count: a byte.
#[wasm_bindgen]
pub fn session_lives(
    record: &[u8],
    epoch: f64,
    keep: Option<String>,
    kept_from: f64,
    now: f64,
    policy: &[u8],
) -> Vec<u8> {
    reply(|| {
        let epoch = epoch_of(epoch, keep.as_deref(), kept_from);
        let grace = Policy::decode(policy)?.grace;
        Ok(vec![u8::from(Row::decode(record)?.is_active(
            &epoch,
            whole(now),
            grace,
        ))])
    })
}

fn command(iss: &str, sub: &str, sid: &str, now: f64, action: Action<'_>) -> Vec<u8> {
    let now = whole(now);
    Command {
        iss,
        sub,
        sid,
        now,
        action,
    }
    .encode()
    .to_vec()
}

fn push_view(out: &mut String, row: &Row) {
    out.push('{');
    json::push_string_member(out, "iss", &row.iss);
    json::push_string_member(out, "sub", &row.sub);
    json::push_string_member(out, "sid", &row.sid);
    let (status, reason) = match row.status {
        Status::Active => ("active", None),
        Status::Superseded { .. } => ("superseded", None),
        Status::Revoked { reason, .. } => ("revoked", Some(reason)),
    };
    json::push_string_member(out, "status", status);
    if let Some(reason) = reason {
        let reason = match reason {
            Reason::Reuse => "reuse",
            Reason::Regression => "regression",
            Reason::Request => "request",
        };
        json::push_string_member(out, "reason", reason);
    }
    json::push_integer_member(out, "createdAt", row.created_at);
    json::push_integer_member(out, "refreshedAt", row.issued_at);
    json::push_integer_member(out, "expiresAt", row.expires_at());
    json::push_integer_member(out, "absoluteExpiresAt", row.abs_exp);
    let transport = match row.transport {
        Transport::Cookie => "cookie",
        Transport::Bearer => "bearer",
    };
    json::push_string_member(out, "transport", transport);
    for (name, value) in [("scope", &row.scope), ("acr", &row.acr)] {
        if let Some(value) = value {
            json::push_string_member(out, name, value);
        }
    }
    json::push_integer_member(out, "authTime", row.auth_time);
    json::push_name(out, "claims");
    out.push_str(&row.claims);
    json::push_name(out, "meta");
    out.push_str(&row.meta);
    json::push_integer_member(out, "generation", row.generation);
    if let Some(replaces) = &row.replaces {
        json::push_string_member(out, "replaces", replaces);
    }
    json::push_integer_member(out, "version", row.version);
    out.push('}');
}

fn push_flag(out: &mut String, name: &str, value: bool) {
    json::push_name(out, name);
    out.push_str(if value { "true" } else { "false" });
}

const fn transport(cookie: bool) -> Transport {
    if cookie { Transport::Cookie } else { Transport::Bearer }
}

fn epoch_of(value: f64, keep: Option<&str>, kept_from: f64) -> Epoch<'_> {
    Epoch {
        value: whole(value),
        keep,
        kept_from: whole(kept_from),
        clock_ms: None,
    }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::RandomUnavailable)?;
    Ok(bytes)
}

fn reply(value: impl FnOnce() -> Result<Vec<u8>, Error>) -> Vec<u8> {
    match value() {
        Ok(value) => ok(&value),
        Err(error) => answer(1, error.code().as_bytes()),
    }
}

fn ok(value: &[u8]) -> Vec<u8> {
    answer(0, value)
}

fn answer(first: u8, rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + rest.len());
    out.push(first);
    out.extend_from_slice(rest);
    out
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and not-a-number is 0"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}
