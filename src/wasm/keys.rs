//! Keys stay on this side; JavaScript holds numbers.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::{buffers, code};
use crate::Error;
#[cfg(feature = "keys")]
use crate::crypto::hmac::HmacAlgorithm;
use crate::crypto::hmac::HmacKey;
#[cfg(feature = "keys")]
use crate::keys::Limits;
use crate::keys::{Key, Purpose};

/// A key and what it says it is for.
pub(super) struct Held {
    pub(super) key: Key,
    #[cfg(feature = "keys")]
    pub(super) limits: Limits,
}

impl From<Key> for Held {
    fn from(key: Key) -> Self {
        Self {
            key,
            #[cfg(feature = "keys")]
            limits: Limits::NONE,
        }
    }
}

impl Held {
    /// The HMAC algorithms that it may be used with: bit 0 for HS256, 1 for HS384, 2 for HS512.
    fn hmac_allowed(&self, purpose: Purpose) -> u32 {
        #[cfg(feature = "keys")]
        {
            let allowed = HmacAlgorithm::ALL
                .into_iter()
                .filter(|&hmac| self.limits.allow(hmac.into(), purpose));
            allowed.fold(0, |bits, hmac| bits | 1 << (hmac as u32))
        }
        #[cfg(not(feature = "keys"))]
        {
            let _ = (self, purpose);
            0b111
        }
    }
}

thread_local! {
    /// A key's number is its place. Places of dropped keys are used again.
    static KEYS: RefCell<Vec<Option<Held>>> = const { RefCell::new(Vec::new()) };
}

/// Gives `f` the secret of a number and the algorithms it may be used with; a key of another kind is
/// [`Error::KeyInvalid`].
pub(super) fn with_secret<T>(
    number: u32,
    purpose: Purpose,
    f: impl FnOnce(&HmacKey, u32) -> Result<T, Error>,
) -> Result<T, Error> {
    with_key(number, |held| f(held.key.as_secret()?, held.hmac_allowed(purpose)))
}

/// Gives `f` the key of a number.
pub(super) fn with_key<T>(number: u32, f: impl FnOnce(&Held) -> Result<T, Error>) -> Result<T, Error> {
    KEYS.with_borrow(|keys| {
        let place = usize::try_from(number).map_err(|_| Error::KeyUnknown)?;
        f(keys.get(place).and_then(Option::as_ref).ok_or(Error::KeyUnknown)?)
    })
}

/// Takes the secret in the first `len` bytes of the input, wipes them there, and returns the number of the key.
///
/// A key of a pair, in whatever dress, is no secret.
#[wasm_bindgen]
pub fn key_from_secret(len: u32) -> i32 {
    let key = buffers::with_input(len, Key::read_secret);
    buffers::wipe_input();
    add(key.map(Held::from))
}

/// Forgets a key and overwrites it. A number that is not known is no mistake: an instance may have been replaced.
#[wasm_bindgen]
pub fn key_drop(number: u32) {
    KEYS.with_borrow_mut(|keys| {
        if let Some(place) = usize::try_from(number).ok().and_then(|place| keys.get_mut(place)) {
            *place = None;
        }
    });
}

/// Keeps a key and returns its number, or passes the error on.
pub(super) fn add(key: Result<Held, Error>) -> i32 {
    let key = match key {
        Ok(key) => key,
        Err(error) => return code(error),
    };
    KEYS.with_borrow_mut(|keys| {
        let place = keys.iter().position(Option::is_none).unwrap_or_else(|| {
            keys.push(None);
            keys.len() - 1
        });
        if let Some(free) = keys.get_mut(place) {
            *free = Some(key);
        }
        i32::try_from(place).unwrap_or_else(|_| code(Error::KeyInvalid))
    })
}
