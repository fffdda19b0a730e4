//! Sessions across the boundary: messages of named fields in, bytes and JSON out.
//!
//! A refresh is three calls. `session_begin` reads the token and writes a command; `session_step` carries the command
//! out, in the store where that can; `session_finish` makes the tokens. Nothing is kept on this side between the calls:
//! whatever waits for a store is bytes in JavaScript, so the instance may be replaced meanwhile.

mod commands;
mod issuer;
mod nonces;
mod refresh;
mod show;
mod verify;

use crate::Error;
use crate::session::Transport;

/// The transport of a flag: JavaScript knows only whether a cookie brought the token.
const fn transport(cookie: bool) -> Transport {
    if cookie { Transport::Cookie } else { Transport::Bearer }
}

/// Random bytes of the host, drawn when they are needed: at module scope, Workers have none to give.
///
/// [`Error::RandomUnavailable`] if it gives none; zeros are never used instead.
fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::RandomUnavailable)?;
    Ok(bytes)
}
