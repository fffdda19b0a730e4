//! Keys, bound to the family of algorithms they serve.
//!
//! A key is parsed and checked once, when it is read, and never again when it is used. Reading is strict: bytes that
//! look like a key and are malformed are an error, never a secret.

#[cfg_attr(
    not(feature = "keys"),
    expect(dead_code, reason = "the smaller build only has to recognise keys")
)]
mod asn1;
#[cfg(feature = "keys")]
pub mod der;
#[cfg(feature = "keys")]
pub mod encrypted;
#[cfg(feature = "keys")]
pub mod explain;
#[cfg(feature = "keys")]
pub mod jwk;
#[cfg(feature = "keys")]
pub mod jwks;
mod key;
#[cfg(feature = "keys")]
pub mod material;
#[cfg(feature = "keys")]
mod oid;
#[cfg(feature = "keys")]
pub mod pem;
#[cfg(feature = "keys")]
mod private;
#[cfg(feature = "keys")]
mod public;
#[cfg(feature = "keys")]
mod restrictions;
pub mod secret;
#[cfg(feature = "keys")]
mod thumbprint;

#[cfg(feature = "keys")]
pub use jwk::Jwk;
#[cfg(feature = "keys")]
pub use jwks::Jwks;
pub use key::{Key, Purpose};
#[cfg(feature = "keys")]
pub use private::PrivateKey;
#[cfg(feature = "keys")]
pub use public::PublicKey;
#[cfg(feature = "keys")]
pub use restrictions::Restrictions;
#[cfg(feature = "keys")]
pub use thumbprint::thumbprint;

/// The longest key that is read, in bytes, in any format.
///
/// An RSA key of the largest modulus that is used takes about 13 KB in PEM. Each byte of a key is searched for keys
/// inside, so that the bound is one of time too.
pub const MAX_KEY_LEN: usize = 64 << 10;
