//! Signing and verifying tokens (RFC 7515 §5).

#[cfg(feature = "keys")]
pub mod any;
pub mod sign;
pub mod verify;

#[cfg(feature = "keys")]
pub use any::{sign_any, verify_any};
pub use sign::{Header, sign, sign_into, signed_len, unsecured_into};
pub use verify::{Verified, verify_default_into, verify_signature};
