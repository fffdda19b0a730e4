//! Reads the tokens that come back: access tokens to verify, and refresh tokens to introspect or revoke.

use wasm_bindgen::prelude::wasm_bindgen;

use super::issuer;
use crate::Error;
use crate::jose::json;
use crate::session::access_token::{self, Read};
use crate::session::refresh_token;
use crate::wasm::message::Message;
use crate::wasm::reply::{Reply, reply};

/// Stands in place of an index of a key pair, and means that the token is verified already.
const VERIFIED: u16 = u16::MAX;

/// The payload of an access token, behind 2 bytes: 65535, or the index of the key pair that has to verify the token
/// before anyone looks at the payload. The index counts the keys in the order in which they were added.
#[wasm_bindgen]
pub fn session_read_access(issuer: u32, token: &str) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let (index, payload) = match access_token::read(&issuer.access, token.as_bytes())? {
                Read::Verified(payload) => (VERIFIED, payload),
                Read::Unverified { index, payload } => {
                    // An index that would read as "verified" must never leave here.
                    let index = u16::try_from(index).ok().filter(|&index| index != VERIFIED);
                    (index.ok_or(Error::KeyUnknown)?, payload)
                }
            };
            Ok([&index.to_be_bytes()[..], &payload].concat())
        })
    })
}

/// The session that the refresh token `token` belongs to, as JSON: sub, sid and generation. `now` tells whether an
/// unknown key may still arrive with a deploy.
///
/// No store has been asked, so the session may have ended, and the token may have been used.
#[wasm_bindgen]
pub fn session_read_refresh(issuer: u32, message: &[u8]) -> Reply {
    reply(|| {
        issuer::with(issuer, |issuer| {
            let mut message = Message::read(message)?;
            let (token, now) = (message.text("token")?, message.integer("now")?);
            message.end()?;
            let presented = refresh_token::read(&issuer.refresh, &issuer.iss, token.as_bytes(), now)?;
            let mut out = String::from("{");
            json::push_string_member(&mut out, "sub", &presented.sub);
            json::push_string_member(&mut out, "sid", &presented.sid);
            json::push_integer_member(&mut out, "generation", presented.generation);
            out.push('}');
            Ok(out.into_bytes())
        })
    })
}
