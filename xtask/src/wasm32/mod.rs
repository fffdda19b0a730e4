//! A compiler for wasm32: rustup's as it is, or Debian's with a standard library built from its source.

mod sysroot;
mod toolchain;

pub use toolchain::{Toolchain, prepare};
