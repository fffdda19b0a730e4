//! Keys, bound to the family of algorithms they serve.
//!
//! Every format is read once, into a key that is parsed, checked and ready; nothing is parsed again when it is used. Reading
//! is strict: what is not exactly a key is an error, never a secret.

#[cfg_attr(
    not(feature = "asymmetric"),
    expect(dead_code, reason = "the smaller build only has to recognise keys")
)]
mod asn1;
#[cfg(feature = "asymmetric")]
pub mod der;
#[cfg(feature = "asymmetric")]
pub mod encrypted;
#[cfg(feature = "asymmetric")]
pub mod jwk;
#[cfg(feature = "asymmetric")]
pub mod jwks;
mod key;
#[cfg(feature = "asymmetric")]
mod limits;
#[cfg(feature = "asymmetric")]
mod oid;
#[cfg(feature = "asymmetric")]
pub mod pem;
#[cfg(feature = "asymmetric")]
mod private;
#[cfg(feature = "asymmetric")]
mod public;
pub mod secret;
#[cfg(feature = "asymmetric")]
mod thumbprint;

#[cfg(feature = "asymmetric")]
pub use jwk::Jwk;
#[cfg(feature = "asymmetric")]
pub use jwks::Jwks;
pub use key::{Key, Purpose};
#[cfg(feature = "asymmetric")]
pub use limits::Limits;
#[cfg(feature = "asymmetric")]
pub use private::PrivateKey;
#[cfg(feature = "asymmetric")]
pub use public::PublicKey;
#[cfg(feature = "asymmetric")]
pub use thumbprint::thumbprint;

/// The longest key that is read, in bytes, in any format.
pub const MAX_LEN: usize = 64 << 10;
