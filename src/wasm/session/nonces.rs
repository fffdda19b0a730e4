//! Nonces for proofs of possession (RFC 9449 §8).
//!
//! They are derived from the keys of refresh tokens, so that every server of an issuer knows them and none has to store
//! any.

use wasm_bindgen::prelude::wasm_bindgen;

use super::issuer;
use crate::session::nonces::Nonces;
use crate::wasm::message::Message;
use crate::wasm::reply::{Reply, reply};

/// The nonce to give out at `now`, where each nonce is the current one for a `period`.
#[wasm_bindgen]
pub fn session_nonce(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let (now, period) = (message.integer("now")?, message.integer("period")?);
            message.end()?;
            let keys = &issuer.refresh;
            Nonces { keys, period }.current(now).map(String::into_bytes)
        })
    })
}

/// The time until which `nonce` is good, judged at `now` with this `period`: a number of seconds in digits.
#[wasm_bindgen]
pub fn session_nonce_until(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let (now, period) = (message.integer("now")?, message.integer("period")?);
            let nonce = message.text("nonce")?;
            message.end()?;
            let keys = &issuer.refresh;
            let until = Nonces { keys, period }.good_until(nonce, now)?;
            Ok(until.to_string().into_bytes())
        })
    })
}
