//! Access and refresh tokens that ride together.
//!
//! The core of the npm package of the same name: the JSON Web Signature wire format, keys, algorithms and the session
//! state machine. It has no I/O, no clock and no host dependency; only `wasm` uses JavaScript.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "keys")]
pub mod bridge;
pub mod crypto;
pub mod jose;
pub mod keys;
pub mod session;
pub mod token;

mod error;
mod listed;
#[cfg(any(feature = "core", feature = "keys"))]
mod wasm;

pub use error::Error;
