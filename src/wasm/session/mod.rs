//! Sessions across the boundary: messages of named fields in, bytes and JSON out.
//!
//! A reply begins with 0 and the value, or with 1 and the code of an error: neither objects nor exceptions cross, and the
//! glue that they would need stays out of the file.
//!
//! A refresh is three calls. `session_begin` reads the token and writes a command; `session_step` carries the command out, in
//! the store where that can; `session_finish` makes the tokens. Between them nothing is kept on this side: what waits for a
//! store is bytes in JavaScript, so it does not matter if the instance is replaced meanwhile.

mod commands;
mod issuer;
mod message;
mod nonces;
#[cfg(feature = "keys")]
mod proofs;
mod refresh;
mod show;
mod verify;

use crate::Error;
use crate::crypto::stack::wiped;
use crate::session::Transport;

/// A reply: a byte that says whether it is well, and the value or the code of an error.
type Reply = Vec<u8>;

const OK: u8 = 0;
const REFUSED: u8 = 1;

/// The reply of a call. Nearly all of them handle keys of the issuer or of one session.
fn reply(value: impl FnOnce() -> Result<Vec<u8>, Error>) -> Reply {
    match wiped(value) {
        Ok(value) => ok(&value),
        Err(error) => refusal(error.code()),
    }
}

fn ok(value: &[u8]) -> Reply {
    [&[OK], value].concat()
}

fn refusal(reason: &str) -> Reply {
    [&[REFUSED], reason.as_bytes()].concat()
}

const fn transport(cookie: bool) -> Transport {
    if cookie { Transport::Cookie } else { Transport::Bearer }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::RandomUnavailable)?;
    Ok(bytes)
}
