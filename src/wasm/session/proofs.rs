//! Proofs of possession across the boundary (RFC 9449).

use wasm_bindgen::prelude::wasm_bindgen;

use super::{reply, whole};
use crate::jose::json;
use crate::session::RefreshKeys;
use crate::session::dpop::{self, Expected, Nonces};

/// Judges a DPoP proof and gives jkt, target, id and until as JSON; a `stretch` of 0 seconds asks for no nonces.
#[wasm_bindgen]
pub fn session_read_proof(
    keys: &[u8],
    proof: &str,
    method: &str,
    now: f64,
    max_age: f64,
    stretch: f64,
    access_token: Option<String>,
) -> Vec<u8> {
    reply(|| {
        let keys = RefreshKeys::decode(keys)?;
        let nonces = Nonces {
            keys: &keys,
            stretch: whole(stretch),
        };
        let expected = Expected {
            method,
            now: whole(now),
            max_age: whole(max_age),
            nonces: Some(nonces).filter(|nonces| nonces.stretch > 0),
            access_token: access_token.as_deref(),
        };
        let proof = dpop::read(proof.as_bytes(), &expected)?;
        let mut out = String::from("{");
        json::push_string_member(&mut out, "jkt", &proof.jkt);
        json::push_string_member(&mut out, "target", &proof.target);
        json::push_string_member(&mut out, "id", &proof.id);
        json::push_integer_member(&mut out, "until", proof.until);
        out.push('}');
        Ok(out.into_bytes())
    })
}

/// The nonce to give out now.
#[wasm_bindgen]
pub fn session_nonce(keys: &[u8], now: f64, stretch: f64) -> Vec<u8> {
    reply(|| {
        let keys = &RefreshKeys::decode(keys)?;
        let stretch = whole(stretch);
        Nonces { keys, stretch }.current(whole(now)).map(String::into_bytes)
    })
}
