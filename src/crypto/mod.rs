//! Signatures: one file per family, each signs and verifies and nothing else (RFC 7518 §3).

pub mod algorithm;
#[cfg(feature = "ecdsa")]
pub mod ecdsa;
#[cfg(feature = "eddsa")]
pub mod eddsa;
pub mod hmac;
#[cfg(feature = "mldsa")]
pub mod mldsa;
#[cfg(feature = "asymmetric")]
pub mod parts;
#[cfg(feature = "asymmetric")]
pub mod provider;
#[cfg(feature = "asymmetric")]
pub mod random;
#[cfg(feature = "rsa")]
pub mod rsa;
#[cfg(feature = "secp256k1")]
pub mod secp256k1;
