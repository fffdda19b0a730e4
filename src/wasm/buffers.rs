//! One buffer for input and one for output. Each is fixed for small data, and grows for large data, which is freed
//! afterwards.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize as _;

use crate::Error;
use crate::jose::compact::MAX_LEN;

/// The size of each fixed buffer, in bytes.
///
/// Any token that came in a header fits: Node takes 16 KiB of headers unless it is told otherwise.
const FIXED: usize = 16 << 10;

/// The fixed bytes are apart from the grown ones: as zeros they take no room in the wasm file.
type Fixed = RefCell<[u8; FIXED]>;
/// Empty as long as the fixed bytes are enough.
type Grown = RefCell<Vec<u8>>;

/// One of the two buffers: the grown bytes where there are any, else the fixed ones.
struct Buffer {
    fixed: &'static std::thread::LocalKey<Fixed>,
    grown: &'static std::thread::LocalKey<Grown>,
}

thread_local! {
    // Wasm has one thread. Thread-locals give it mutable statics without `unsafe`.
    static INPUT_FIXED: Fixed = const { RefCell::new([0; FIXED]) };
    static INPUT_GROWN: Grown = const { RefCell::new(Vec::new()) };
    static OUTPUT_FIXED: Fixed = const { RefCell::new([0; FIXED]) };
    static OUTPUT_GROWN: Grown = const { RefCell::new(Vec::new()) };
}

const INPUT: Buffer = Buffer {
    fixed: &INPUT_FIXED,
    grown: &INPUT_GROWN,
};
const OUTPUT: Buffer = Buffer {
    fixed: &OUTPUT_FIXED,
    grown: &OUTPUT_GROWN,
};

impl Buffer {
    /// Gives `f` all bytes in use.
    fn with<T>(&self, f: impl FnOnce(&mut [u8]) -> T) -> T {
        self.grown.with_borrow_mut(|grown| {
            if grown.is_empty() {
                self.fixed.with_borrow_mut(|fixed| f(fixed))
            } else {
                f(grown)
            }
        })
    }

    /// Makes room for `len` bytes. Growing loses the content, so callers reserve before they write.
    fn reserve(&self, len: usize) -> Result<(), Error> {
        // Before anything is allocated: the memory of an instance never shrinks.
        if len > MAX_LEN {
            return Err(Error::TokenTooLarge);
        }
        self.grown.with_borrow_mut(|grown| {
            if len > FIXED {
                *grown = vec![0; len];
            } else if !grown.is_empty() {
                // The fixed buffer is enough again, and the memory of the grown one is free for something else.
                *grown = Vec::new();
            }
        });
        Ok(())
    }
}

/// Gives `f` the first `len` bytes of the input, and an output of at least `out_len` bytes.
///
/// JavaScript asks [`output_at`] for the address afterwards, since growing may have moved it.
pub(super) fn with<T>(
    len: u32,
    out_len: usize,
    f: impl FnOnce(&[u8], &mut [u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    OUTPUT.reserve(out_len)?;
    with_input(len, |input| OUTPUT.with(|output| f(input, output)))
}

/// Gives `f` the first `len` bytes of the input.
///
/// [`Error::TokenTooLarge`] if JavaScript names more bytes than it reserved.
pub(super) fn with_input<T>(len: u32, f: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let len = usize::try_from(len).map_err(|_| Error::TokenTooLarge)?;
    INPUT.with(|input| f(input.get(..len).ok_or(Error::TokenTooLarge)?))
}

/// Overwrites the input: it held a secret. The whole buffer is overwritten, because a longer secret may have been there
/// before.
pub(super) fn wipe_input() {
    INPUT.with(<[u8]>::zeroize);
}

/// The size of the fixed buffers in bytes; more than that needs [`reserve_input`].
#[wasm_bindgen]
pub fn fixed_len() -> usize {
    FIXED
}

/// Makes room for `len` bytes of input and returns where to write them, or null over 8 MiB.
///
/// The memory may have grown on the way, which detaches the views that JavaScript had of it.
#[wasm_bindgen]
pub fn reserve_input(len: usize) -> *mut u8 {
    match INPUT.reserve(len) {
        Ok(()) => INPUT.with(<[u8]>::as_mut_ptr),
        Err(_) => std::ptr::null_mut(),
    }
}

/// The address of the last call's output.
///
/// It holds until the next call that has an output.
#[wasm_bindgen]
pub fn output_at() -> *mut u8 {
    OUTPUT.with(<[u8]>::as_mut_ptr)
}

/// Frees grown buffers, so that one large token does not cost its size for the life of the instance.
#[wasm_bindgen]
pub fn release_buffers() {
    for buffer in [INPUT, OUTPUT] {
        buffer.grown.with_borrow_mut(|grown| *grown = Vec::new());
    }
}
