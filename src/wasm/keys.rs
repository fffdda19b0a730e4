//! Keys stay on this side; JavaScript holds numbers.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::wasm_bindgen;

use super::{buffers, code};
use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
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
    /// Whether it may be used with an algorithm, and why not.
    #[cfg(feature = "keys")]
    pub(super) fn check(&self, algorithm: HmacAlgorithm, purpose: Purpose) -> Result<(), Error> {
        self.limits.check(algorithm.into(), purpose)
    }

    /// The smaller build has no JWK, and so no limits.
    #[cfg(not(feature = "keys"))]
    pub(super) fn check(&self, _algorithm: HmacAlgorithm, _purpose: Purpose) -> Result<(), Error> {
        self.key.as_secret().map(drop)
    }
}

/// The bits of a handle that name its slot; the bits above are the slot's turn.
const SLOT_BITS: u32 = 20;
const MAX_SLOTS: u32 = 1 << SLOT_BITS;
/// A handle is an `i32` that is not negative. A slot that has had all its turns is not used again.
const MAX_TURN: u32 = (1 << (31 - SLOT_BITS)) - 1;

/// A place for one key after another. The turn tells their handles apart: a handle of a dropped key is refused, and never
/// means the key that came after it.
#[derive(Default)]
struct Slot {
    turn: u32,
    held: Option<Held>,
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

thread_local! {
    static KEYS: RefCell<Table> = RefCell::default();
    /// Why the last key that was refused was refused.
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

impl Table {
    fn get(&self, handle: u32) -> Option<&Held> {
        let slot = self.slots.get(usize::try_from(handle % MAX_SLOTS).ok()?)?;
        slot.held.as_ref().filter(|_| slot.turn == handle >> SLOT_BITS)
    }

    /// Keeps a key and returns its handle; none when all slots are taken.
    fn add(&mut self, held: Held) -> Option<i32> {
        let number = if let Some(number) = self.free.pop() {
            number
        } else {
            let next = u32::try_from(self.slots.len()).ok().filter(|&next| next < MAX_SLOTS)?;
            self.slots.push(Slot::default());
            next
        };
        let slot = self.slots.get_mut(usize::try_from(number).ok()?)?;
        slot.held = Some(held);
        i32::try_from(slot.turn << SLOT_BITS | number).ok()
    }

    fn remove(&mut self, handle: u32) {
        let number = handle % MAX_SLOTS;
        let slot = usize::try_from(number)
            .ok()
            .and_then(|number| self.slots.get_mut(number));
        let Some(slot) = slot.filter(|slot| slot.held.is_some() && slot.turn == handle >> SLOT_BITS) else {
            return;
        };
        slot.held = None;
        slot.turn += 1;
        if slot.turn <= MAX_TURN {
            self.free.push(number);
        }
    }
}

/// Gives `f` the secret of a number, and the key around it, which knows its limits; a key of another kind is
/// [`Error::KeyInvalid`].
pub(super) fn with_secret<T>(number: u32, f: impl FnOnce(&HmacKey, &Held) -> Result<T, Error>) -> Result<T, Error> {
    with_key(number, |held| f(held.key.as_secret()?, held))
}

/// Gives `f` the key of a number.
pub(super) fn with_key<T>(number: u32, f: impl FnOnce(&Held) -> Result<T, Error>) -> Result<T, Error> {
    KEYS.with_borrow(|keys| f(keys.get(number).ok_or(Error::KeyUnknown)?))
}

/// Takes the secret in the first `len` bytes of the input, wipes them there, and returns the number of the key.
///
/// A key of a pair, in whatever dress, is no secret.
#[cfg(feature = "core")]
#[wasm_bindgen]
pub fn key_from_secret(len: u32) -> i32 {
    let key = buffers::with_input(len, Key::read_secret);
    buffers::wipe_input();
    add_or_explain(key.map(Held::from))
}

/// Forgets a key and overwrites it. A number that is not known is no mistake: an instance may have been replaced.
#[wasm_bindgen]
pub fn key_drop(number: u32) {
    KEYS.with_borrow_mut(|keys| keys.remove(number));
}

/// Keeps a key and returns its number, or passes the error on.
pub(super) fn add(key: Result<Held, Error>) -> i32 {
    match key {
        Ok(held) => KEYS
            .with_borrow_mut(|keys| keys.add(held))
            .unwrap_or_else(|| code(Error::KeyInvalid)),
        Err(error) => code(error),
    }
}

/// The same, for a key whose error says all there is to say.
pub(super) fn add_or_explain(key: Result<Held, Error>) -> i32 {
    if let Err(error) = &key {
        refuse_because(error.message());
    }
    add(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_key() -> Held {
        Held::from(Key::read_secret(b"secret").unwrap())
    }

    #[test]
    fn a_handle_of_a_dropped_key_never_means_another() {
        let mut table = Table::default();
        let mut dropped = Vec::new();
        for _ in 0..10_000 {
            let handle = u32::try_from(table.add(a_key()).unwrap()).unwrap();
            assert!(table.get(handle).is_some());
            table.remove(handle);
            table.remove(handle);
            dropped.push(handle);
        }
        let kept = u32::try_from(table.add(a_key()).unwrap()).unwrap();
        assert!(
            dropped
                .iter()
                .all(|&handle| table.get(handle).is_none() && handle != kept)
        );
        // A slot lasts for two thousand keys.
        assert!(table.slots.len() < 10);
        assert!(table.get(u32::MAX).is_none());
    }
}
