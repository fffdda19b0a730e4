//! Proofs of possession across the boundary (RFC 9449).

use wasm_bindgen::prelude::wasm_bindgen;

use super::message::Message;
use super::reply::{Reply, reply};
use crate::jose::json;
use crate::keys::Jwk;
use crate::session::dpop::{self, Expected, Good};

/// Judges everything about a DPoP proof except its signature. The message has `proof`, `method`, `now`, `maxAge` (left
/// out where a nonce is asked for) and `accessToken`.
///
/// The JSON has what the proof says (jkt, target, id, and until or nonce), and `alg` and `jwk`, with which JavaScript
/// has to verify the proof before it believes any of that.
///
/// The signature is left to JavaScript because a host verifies faster, and a flood of proofs should cost as little as
/// it can. The key is written again from its parts, so nothing else that its sender put into the JWK goes along.
#[wasm_bindgen]
pub fn dpop_read(message: &[u8]) -> Reply {
    reply(|| {
        let mut message = Message::read(message)?;
        let proof = message.text("proof")?;
        let expected = Expected {
            method: message.text("method")?,
            now: message.integer("now")?,
            // With a nonce, its issuer says how old a proof may be, and the sender's clock is not asked.
            max_age: message.optional_integer("maxAge")?,
            access_token: message.optional_text("accessToken")?,
        };
        message.end()?;
        let unverified = dpop::parse(proof.as_bytes(), &expected)?;
        let proof = unverified.proof();
        let mut out = String::from("{");
        json::push_string_member(&mut out, "jkt", &proof.jkt);
        json::push_string_member(&mut out, "target", &proof.target);
        json::push_string_member(&mut out, "id", &proof.id);
        match &proof.good {
            Good::Until(until) => json::push_integer_member(&mut out, "until", *until),
            Good::AsLongAs(nonce) => json::push_string_member(&mut out, "nonce", nonce),
        }
        json::push_string_member(&mut out, "alg", unverified.algorithm.name());
        json::push_name(&mut out, "jwk");
        out.push_str(&Jwk::from_public(&unverified.key).to_json()?);
        out.push('}');
        Ok(out.into_bytes())
    })
}
