//! The parts of a session and of an outcome that may be shown, as JSON.
//!
//! Salts, the name of the key and the count of hand-outs are left out: an application has no use for them, and a view
//! may end up in a log.

use wasm_bindgen::prelude::wasm_bindgen;

use super::commands::epoch_of;
use super::issuer;
use crate::jose::json;
use crate::session::{ClaimsFate, Outcome, Reason, Session, Status, Transport};
use crate::wasm::message::Message;
use crate::wasm::reply::{Reply, reply};

/// The parts of a record that may be shown.
#[wasm_bindgen]
pub fn session_view(record: &[u8]) -> Reply {
    reply(|| {
        let mut out = String::new();
        push_view(&mut out, &Session::decode(record)?);
        Ok(out.into_bytes())
    })
}

/// Whether access tokens of a session still count at `now`, given its `record` and the epoch of its subject: a byte.
#[wasm_bindgen]
pub fn session_is_active(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let epoch = epoch_of(&mut message)?;
            let session = Session::decode(message.bytes("record")?)?;
            let now = message.integer("now")?;
            message.end()?;
            // Within the grace a superseded session counts too, since its successor's tokens are still on their way.
            Ok(vec![u8::from(session.is_active(&epoch, now, issuer.policy.grace))])
        })
    })
}

/// The outcome of a command.
#[wasm_bindgen]
pub fn session_outcome(outcome: &[u8]) -> Reply {
    reply(|| {
        let outcome = Outcome::decode(outcome)?;
        let mut out = String::from("{");
        push_outcome(&mut out, &outcome);
        out.push('}');
        Ok(out.into_bytes())
    })
}

/// Adds the members of an outcome: verdict, clockWentBack, claims, access and refresh; and, where there are any, the
/// session and the other session that it is about.
pub(super) fn push_outcome(out: &mut String, outcome: &Outcome) {
    json::push_string_member(out, "verdict", outcome.verdict.name());
    push_flag(out, "clockWentBack", outcome.clock_went_back);
    push_flag(out, "access", outcome.verdict.gives_access());
    push_flag(out, "refresh", outcome.verdict.gives_refresh());
    // These names are the contract with `answer.ts`, so they do not follow the names in Rust.
    let claims = match outcome.claims {
        ClaimsFate::NotAsked => "not_asked",
        ClaimsFate::Taken => "taken",
        ClaimsFate::Outdated => "outdated",
        ClaimsFate::TooLarge => "too_large",
    };
    json::push_string_member(out, "claims", claims);
    if let Some(session) = &outcome.session {
        json::push_name(out, "session");
        push_view(out, session);
    }
    if let Some(other) = &outcome.other {
        json::push_string_member(out, "other", other);
    }
}

/// Adds what may be shown of a record.
pub(super) fn push_view(out: &mut String, session: &Session) {
    out.push('{');
    json::push_string_member(out, "iss", &session.iss);
    json::push_string_member(out, "sub", &session.sub);
    json::push_string_member(out, "sid", &session.sid);
    let (status, reason) = match session.status {
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
    json::push_integer_member(out, "createdAt", session.created_at);
    json::push_integer_member(out, "refreshedAt", session.issued_at);
    json::push_integer_member(out, "expiresAt", session.expires_at());
    json::push_integer_member(out, "absoluteExpiresAt", session.abs_exp);
    let transport = match session.transport {
        Transport::Cookie => "cookie",
        Transport::Bearer => "bearer",
    };
    json::push_string_member(out, "transport", transport);
    for (name, value) in [("scope", &session.scope), ("acr", &session.acr)] {
        if let Some(value) = value {
            json::push_string_member(out, name, value);
        }
    }
    json::push_integer_member(out, "authTime", session.auth_time);
    json::push_name(out, "claims");
    // JSON text that the host made; it was checked to be an object when it was stored.
    out.push_str(&session.claims);
    json::push_name(out, "meta");
    out.push_str(&session.meta);
    json::push_integer_member(out, "generation", session.generation);
    if let Some(replaces) = &session.replaces {
        json::push_string_member(out, "replaces", replaces);
    }
    json::push_integer_member(out, "version", session.version);
    out.push('}');
}

/// Adds `,"name":true` or `false`.
pub(super) fn push_flag(out: &mut String, name: &str, value: bool) {
    json::push_name(out, name);
    out.push_str(if value { "true" } else { "false" });
}
