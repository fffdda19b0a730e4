//! The wire: base64url, the compact serialization, the default headers (RFC 7515) and a little JSON.

pub mod base64url;
pub mod compact;
pub mod header;
pub mod json;
