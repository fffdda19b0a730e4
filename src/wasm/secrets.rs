//! Keys that are just secret bytes, and tokens without a key.

use wasm_bindgen::prelude::wasm_bindgen;

use super::keys::Held;
use super::token::output_len;
use super::{buffers, keys, length};
use crate::Error;
use crate::crypto::stack::wiped;
use crate::keys::Key;
use crate::token::unsecured_into;

/// Takes the secret in the first `len` bytes of the input, wipes them there, and returns the handle of the key.
///
/// A public or private key is refused in whatever form. If a public key could be a secret, everyone who knows it could
/// sign (RFC 8725 §2.1).
#[wasm_bindgen]
pub fn key_from_secret(len: u32) -> i32 {
    wiped(|| {
        let key = buffers::with_input(len, Key::read_secret);
        // Also if the key was refused: its bytes may still be a secret.
        buffers::wipe_input();
        keys::add_or_explain(key.map(Held::from))
    })
}

/// Writes the unsecured token of the header and payload in the input (RFC 7519 §6) and returns its length.
///
/// This takes no key, so that no path on which a key is missing or wrong can end in an unsigned token.
#[wasm_bindgen]
pub fn unsecured(header_len: u32, payload_len: u32) -> i32 {
    length((|| {
        let len = header_len.checked_add(payload_len).ok_or(Error::TokenTooLarge)?;
        let header_len = usize::try_from(header_len).map_err(|_| Error::TokenTooLarge)?;
        buffers::with(len, output_len(len), |input, output| {
            let (header, payload) = input.split_at_checked(header_len).ok_or(Error::TokenTooLarge)?;
            unsecured_into(header, payload, output)
        })
    })())
}
