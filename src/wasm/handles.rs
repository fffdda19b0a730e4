//! The table of values that JavaScript refers to by a number, its handle.
//!
//! Finalizers run late and instances are replaced, so stale handles are normal. No handle is used twice, and a stale
//! one names nothing.

/// The bits of a handle that name its slot; the bits above are the slot's turn.
const SLOT_BITS: u32 = 20;
/// About a million things at once.
const MAX_SLOTS: u32 = 1 << SLOT_BITS;
/// A handle is an `i32` that is not negative. A slot that has had all its turns is not used again.
/// If the turn began again, an old handle would mean a new thing.
const MAX_TURN: u32 = (1 << (31 - SLOT_BITS)) - 1;

/// A place for one thing after another. The turn tells their handles apart, so that the handle of a dropped thing is
/// refused and never names its successor.
struct Slot<T> {
    /// How many things the slot has held before.
    turn: u32,
    /// `None` while the slot is free.
    held: Option<T>,
}

/// Things of one kind, each under a handle of its own.
pub(super) struct Table<T> {
    slots: Vec<Slot<T>>,
    /// The slots that may be used again, the one that was freed last at the end.
    free: Vec<u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Table<T> {
    /// The thing of a handle; none if it was dropped, or never was.
    pub(super) fn get(&self, handle: u32) -> Option<&T> {
        let slot = self.slots.get(usize::try_from(handle % MAX_SLOTS).ok()?)?;
        // The turn is compared here, in the one place where a handle becomes a value: a stale handle never reaches
        // another caller's key.
        slot.held.as_ref().filter(|_| slot.turn == handle >> SLOT_BITS)
    }

    /// Keeps a thing and returns its handle; none when all slots are taken.
    pub(super) fn add(&mut self, held: T) -> Option<u32> {
        let number = if let Some(number) = self.free.pop() {
            number
        } else {
            let next = u32::try_from(self.slots.len()).ok().filter(|&next| next < MAX_SLOTS)?;
            self.slots.push(Slot { turn: 0, held: None });
            next
        };
        let slot = self.slots.get_mut(usize::try_from(number).ok()?)?;
        slot.held = Some(held);
        Some(slot.turn << SLOT_BITS | number)
    }

    /// Drops the thing that a handle names. Dropping it twice is allowed.
    pub(super) fn remove(&mut self, handle: u32) {
        let number = handle % MAX_SLOTS;
        let slot = usize::try_from(number)
            .ok()
            .and_then(|number| self.slots.get_mut(number));
        let Some(slot) = slot.filter(|slot| slot.held.is_some() && slot.turn == handle >> SLOT_BITS) else {
            return;
        };
        slot.held = None;
        // The next value in this slot gets another handle, so that a late `remove` by a finalizer cannot drop it.
        slot.turn += 1;
        if slot.turn <= MAX_TURN {
            self.free.push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_of_what_was_dropped_never_means_another() {
        let mut table = Table::default();
        let mut dropped = Vec::new();
        for number in 0..10_000 {
            let handle = table.add(number).unwrap();
            assert_eq!(table.get(handle), Some(&number));
            table.remove(handle);
            table.remove(handle);
            dropped.push(handle);
        }
        let kept = table.add(0).unwrap();
        assert!(
            dropped
                .iter()
                .all(|&handle| table.get(handle).is_none() && handle != kept)
        );
        // A slot lasts for two thousand things.
        assert!(table.slots.len() < 10);
        assert!(table.get(u32::MAX).is_none());
    }
}
