//! Keys in DER: `SubjectPublicKeyInfo`, PKCS#8, PKCS#1, SEC 1 and X.509 certificates.
//!
//! The readers are strict: a byte that belongs to no member is an error. Certificates are the exception, because only
//! their key is read.

mod curve;
mod identifier;
mod read;
mod write;

pub(crate) use read::read_dsa;
pub use read::{
    read_any, read_certificate, read_encrypted_pkcs8, read_pkcs1_private, read_pkcs1_public, read_pkcs8, read_sec1,
    read_spki,
};
pub(crate) use write::pkcs1_private;
pub use write::{write_pkcs8, write_spki};
