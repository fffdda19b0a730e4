//! Keys stay in the wasm; JavaScript holds handles.
//!
//! A key is read once and used many times, so its derived states are kept too. JavaScript sees the material only if it
//! asks for an export.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::wasm_bindgen;

use super::code;
use super::handles::Table;
use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
#[cfg(feature = "keys")]
use crate::keys::Restrictions;
use crate::keys::{Key, Purpose};

/// A key and its restrictions.
pub(super) struct Held {
    /// The key; one that was read to verify has no private half any more.
    pub(super) key: Key,
    /// The restrictions of its JWK, which are checked at each use.
    #[cfg(feature = "keys")]
    pub(super) restrictions: Restrictions,
}

impl From<Key> for Held {
    /// A key of a format that sets no restrictions.
    fn from(key: Key) -> Self {
        Self {
            key,
            #[cfg(feature = "keys")]
            restrictions: Restrictions::NONE,
        }
    }
}

impl Held {
    /// Whether the key may be used with an algorithm; the error says why not.
    #[cfg(feature = "keys")]
    pub(super) fn check(&self, algorithm: HmacAlgorithm, purpose: Purpose) -> Result<(), Error> {
        self.restrictions.check(algorithm.into(), purpose)
    }

    /// The smaller build has no JWK, and so no restrictions.
    #[cfg(not(feature = "keys"))]
    pub(super) fn check(&self, _algorithm: HmacAlgorithm, _purpose: Purpose) -> Result<(), Error> {
        self.key.as_secret().map(drop)
    }
}

thread_local! {
    static KEYS: RefCell<Table<Held>> = RefCell::default();
    /// Why the last refused key was refused. It is kept here because the calls return integers only.
    static WHY: Cell<&'static str> = const { Cell::new("") };
}

/// A sentence, without a full stop, on the last key that was refused.
#[wasm_bindgen]
pub fn key_problem() -> String {
    WHY.get().to_owned()
}

/// Keeps the sentence on a key that is refused.
pub(super) fn refuse_because(why: &'static str) {
    WHY.set(why);
}

/// Gives `f` the secret of a handle, and the key around it, which knows its restrictions. A key of another kind is
/// [`Error::KeyInvalid`].
pub(super) fn with_secret<T>(number: u32, f: impl FnOnce(&HmacKey, &Held) -> Result<T, Error>) -> Result<T, Error> {
    with_key(number, |held| f(held.key.as_secret()?, held))
}

/// Gives `f` the key of a handle. [`Error::KeyUnknown`] if it was dropped, or belongs to an instance that was replaced.
pub(super) fn with_key<T>(number: u32, f: impl FnOnce(&Held) -> Result<T, Error>) -> Result<T, Error> {
    KEYS.with_borrow(|keys| f(keys.get(number).ok_or(Error::KeyUnknown)?))
}

/// Overwrites and forgets a key. An unknown handle is not an error: the instance may have been replaced.
#[wasm_bindgen]
pub fn key_drop(number: u32) {
    KEYS.with_borrow_mut(|keys| keys.remove(number));
}

/// Keeps a key and returns its handle, or the number of the error; the sentence says why.
pub(super) fn add(key: Result<Held, Error>) -> i32 {
    match key {
        Ok(held) => KEYS
            .with_borrow_mut(|keys| keys.add(held))
            // A handle has at most 31 bits, so it never reads as an error.
            .and_then(|handle| i32::try_from(handle).ok())
            .unwrap_or_else(|| code(Error::KeyInvalid)),
        Err(error) => code(error),
    }
}

/// Keeps a key and returns its handle, or the number of the error, whose own sentence is explanation enough.
pub(super) fn add_or_explain(key: Result<Held, Error>) -> i32 {
    if let Err(error) = &key {
        refuse_because(error.message());
    }
    add(key)
}
