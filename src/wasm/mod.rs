//! The boundary to JavaScript: the only code that knows it.
//!
//! The hot path crosses it with integers alone. Bytes go through two buffers in linear memory that JavaScript writes
//! and reads in place, so that no string goes through generated glue.
//!
//! Two modules are made of it, one per feature, each with buffers and a table of keys of its own. `core` holds secrets and
//! the machine of sessions; `keys` holds everything else that a key can be, and reads proofs of possession.

#![expect(
    unreachable_pub,
    reason = "the callers are in JavaScript, where the compiler cannot see them"
)]

mod buffers;
mod handles;
mod keys;
#[cfg_attr(
    not(feature = "core"),
    expect(dead_code, reason = "what is read of a proof has no flags and no bytes")
)]
mod message;
#[cfg(feature = "keys")]
mod pairs;
#[cfg(feature = "keys")]
mod proofs;
mod reply;
#[cfg(feature = "core")]
mod secrets;
#[cfg(feature = "core")]
mod session;
mod token;

use crate::Error;

/// An error as a negative number: its index in [`Error::ALL`], counted down from -1.
///
/// Zero and the positive numbers are left for what a call returns when it succeeds: a length, a handle or a flag.
fn code(error: Error) -> i32 {
    -1 - error as i32
}

/// A length, or the number of an error.
fn length(result: Result<usize, Error>) -> i32 {
    match result {
        // Buffers end at 8 MiB, so the conversion never fails; it only keeps a panic out of the wasm.
        Ok(length) => i32::try_from(length).unwrap_or_else(|_| code(Error::TokenTooLarge)),
        Err(error) => code(error),
    }
}

/// The stable code of an error number, so that JavaScript keeps no second list. `None` for a number that does not stand
/// for an error.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn error_code(number: i32) -> Option<String> {
    let index = usize::try_from(number.checked_add(1)?.checked_neg()?).ok()?;
    Error::ALL.get(index).map(|error| error.code().to_owned())
}

/// The sentence of an error number.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn error_message(number: i32) -> Option<String> {
    let index = usize::try_from(number.checked_add(1)?.checked_neg()?).ok()?;
    Error::ALL.get(index).map(|error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_number_that_leads_back_to_its_code() {
        for &error in Error::ALL {
            assert!(code(error) < 0);
            assert_eq!(error_code(code(error)).as_deref(), Some(error.code()));
        }
        for none in [0, 1, i32::MIN, i32::MAX, -1000] {
            assert_eq!(error_code(none), None);
        }
    }
}
