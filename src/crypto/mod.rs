//! Signatures: one file per family, each of which only signs and verifies (RFC 7518 §3).

pub mod algorithm;
#[cfg(feature = "keys")]
pub mod ecdsa;
#[cfg(feature = "keys")]
pub mod eddsa;
pub mod hmac;
#[cfg(feature = "keys")]
pub mod mldsa;
#[cfg(feature = "keys")]
pub mod random;
#[cfg(feature = "keys")]
pub mod roca;
#[cfg(feature = "keys")]
pub mod rsa;
#[cfg(feature = "keys")]
pub mod rsa_key;
#[cfg(feature = "keys")]
pub mod secp256k1;
pub(crate) mod stack;
