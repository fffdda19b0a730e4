//! One buffer for input and one for output. Each is fixed for small data, and grows for large data, which is freed
//! afterwards.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize as _;

use crate::Error;
use crate::jose::compact::MAX_LEN;

/// The size of each fixed buffer, in bytes.
const FIXED: usize = 16 << 10;

/// The fixed bytes are apart from the grown ones: as zeros they take no room in the wasm file.
type Fixed = RefCell<[u8; FIXED]>;
type Grown = RefCell<Vec<u8>>;

struct Buffer {
    fixed: &'static std::thread::LocalKey<Fixed>,
    grown: &'static std::thread::LocalKey<Grown>,
}

thread_local! {
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

    fn reserve(&self, len: usize) -> Result<(), Error> {
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
pub(super) fn with<T>(
    len: u32,
    out_len: usize,
    f: impl FnOnce(&[u8], &mut [u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    OUTPUT.reserve(out_len)?;
    with_input(len, |input| OUTPUT.with(|output| f(input, output)))
}

/// Gives `f` the first `len` bytes of the input.
pub(super) fn with_input<T>(len: u32, f: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let len = usize::try_from(len).map_err(|_| Error::TokenTooLarge)?;
    INPUT.with(|input| f(input.get(..len).ok_or(Error::TokenTooLarge)?))
}

/// Overwrites the input: it held a secret.
pub(super) fn wipe_input() {
    INPUT.with(<[u8]>::zeroize);
}

/// The size of the fixed buffers in bytes; more than that needs [`reserve_input`].
#[wasm_bindgen]
pub fn fixed_len() -> usize {
    FIXED
}

/// Makes room for `len` bytes of input and returns where to write them, or null over 8 MiB.
#[wasm_bindgen]
pub fn reserve_input(len: usize) -> *mut u8 {
    match INPUT.reserve(len) {
        Ok(()) => INPUT.with(<[u8]>::as_mut_ptr),
        Err(_) => std::ptr::null_mut(),
    }
}

/// The address of the last call's output.
#[wasm_bindgen]
pub fn output_at() -> *mut u8 {
    OUTPUT.with(<[u8]>::as_mut_ptr)
}

/// Frees grown buffers.
#[wasm_bindgen]
pub fn release_buffers() {
    for buffer in [INPUT, OUTPUT] {
        buffer.grown.with_borrow_mut(|grown| *grown = Vec::new());
    }
}
