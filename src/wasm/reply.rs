//! Replies of bytes. A reply begins with 0 and holds the value, or begins with 1 and holds the code of an error.
//! Neither objects nor exceptions cross, so the glue that they would need stays out of the file.

use crate::Error;
use crate::crypto::stack::wiped;

/// A byte that tells success from refusal, and then the value or the code of an error.
pub(super) type Reply = Vec<u8>;

const OK: u8 = 0;
const REFUSED: u8 = 1;

/// The reply of a call. Nearly all of them handle keys of an issuer or of one session.
pub(super) fn reply(value: impl FnOnce() -> Result<Vec<u8>, Error>) -> Reply {
    match wiped(value) {
        Ok(value) => ok(&value),
        Err(error) => refusal(error.code()),
    }
}

/// The reply of a call that succeeded.
pub(super) fn ok(value: &[u8]) -> Reply {
    [&[OK], value].concat()
}

/// The reply of a call that failed: the code of an error, or a sentence about a policy.
pub(super) fn refusal(reason: &str) -> Reply {
    [&[REFUSED], reason.as_bytes()].concat()
}
