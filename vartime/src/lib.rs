//! Verification of RSA and ECDSA signatures in **variable time, for public inputs only**.
//!
//! A verifier knows the key, the message and the signature, and so may everyone else: nothing here is secret, and the
//! running time of an operation may depend on its inputs. Code that signs, decrypts or holds a private key must not
//! call this crate. Every function whose time depends on such inputs ends in `_vartime`.
//!
//! - [`rsa`]: `s^e mod n`, with the two encodings of RFC 8017, PKCS #1 v1.5 ([`pkcs1`]) and PSS ([`pss`])
//! - [`ecdsa`]: signatures on P-256, P-384, P-521 and secp256k1
//!
//! The caller hashes messages; this crate takes digests.
//!
//! Exactness matters here, not secrecy: a wrong sum leaks nothing, but it can accept a forgery or refuse a valid token.
//! The tests therefore compare with other implementations at the edges of every range, and the module `mutant` shows
//! that they detect mistakes that published vectors miss. Debug builds check the bounds of magnitudes and carries.
#![forbid(unsafe_code)]

pub mod ecdsa;
pub mod pkcs1;
pub mod pss;
pub mod rsa;

mod curve;
mod field;
mod limbs;
mod montgomery;
mod mutant;
mod primes;
mod product;
mod signed_limbs;
mod wnaf;

#[cfg(test)]
mod tests;
