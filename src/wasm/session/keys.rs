//! The keys of sessions across the boundary: bytes that JavaScript holds, one key after the other added to them.

use wasm_bindgen::prelude::wasm_bindgen;

use super::reply;
use crate::session::keys::AccessKey;
use crate::session::{AccessKeys, RefreshKeys};

/// Adds a key to those of access tokens; without a name it gets its fingerprint.
#[wasm_bindgen]
pub fn session_add_access_key(keys: &[u8], kid: Option<String>, secret: &[u8]) -> Vec<u8> {
    reply(|| {
        let mut keys = AccessKeys::decode(keys)?;
        keys.add(kid.as_deref(), secret)?;
        Ok(keys.encode().to_vec())
    })
}

/// Adds a key pair, or a public key, to those of access tokens, as PEM or JWK.
#[cfg(feature = "keys")]
#[wasm_bindgen]
pub fn session_add_access_pair(keys: &[u8], kid: Option<String>, algorithm: Option<String>, key: &[u8]) -> Vec<u8> {
    reply(|| {
        let mut keys = AccessKeys::decode(keys)?;
        keys.add_pair(kid.as_deref(), algorithm.as_deref(), key)?;
        Ok(keys.encode().to_vec())
    })
}

/// Whether access keys can sign, as a byte: 0 none of them, 1 the first one, 2 another one.
#[wasm_bindgen]
pub fn session_access_signs(keys: &[u8]) -> Vec<u8> {
    reply(|| {
        let keys = AccessKeys::decode(keys)?;
        let place = keys.iter().position(AccessKey::signs);
        Ok(vec![place.map_or(0, |place| if place == 0 { 1 } else { 2 })])
    })
}

/// The public halves of access keys as the JSON text of a JWK Set.
#[cfg(feature = "keys")]
#[wasm_bindgen]
pub fn session_public_set(keys: &[u8]) -> Vec<u8> {
    reply(|| Ok(AccessKeys::decode(keys)?.public_set()?.into_bytes()))
}

/// Takes a key of refresh tokens out of use, by its name.
#[wasm_bindgen]
pub fn session_retire_refresh_key(keys: &[u8], kid: &str) -> Vec<u8> {
    reply(|| {
        let mut keys = RefreshKeys::decode(keys)?;
        keys.retire(kid)?;
        Ok(keys.encode().to_vec())
    })
}

/// Derives a key of refresh tokens and adds it; without a name it gets its fingerprint.
#[wasm_bindgen]
pub fn session_add_refresh_key(keys: &[u8], kid: Option<String>, secret: &[u8]) -> Vec<u8> {
    reply(|| {
        let mut keys = RefreshKeys::decode(keys)?;
        keys.add(kid.as_deref(), secret)?;
        Ok(keys.encode().to_vec())
    })
}
