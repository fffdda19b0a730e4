//! HMAC with SHA-2: HS256, HS384 and HS512 (RFC 7518 §3.2).

use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::stack::wiped;
use crate::listed::listed;

/// The longest MAC of the three, in bytes.
pub const MAX_MAC_LEN: usize = 64;

listed! {
    /// The hash function of the MAC. The order defines the numbers at the wasm boundary.
    pub enum HmacAlgorithm: (&'static str, usize) {
        /// HMAC with SHA-256, 32 bytes.
        Hs256 = ("HS256", 32),
        /// HMAC with SHA-384, 48 bytes.
        Hs384 = ("HS384", 48),
        /// HMAC with SHA-512, 64 bytes.
        Hs512 = ("HS512", 64),
    }
}

impl HmacAlgorithm {
    /// The name of the algorithm in a header (RFC 7518 §3.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The length of the MAC in bytes.
    #[must_use]
    pub const fn mac_len(self) -> usize {
        self.row().1
    }
}

/// A message authentication code; compare it only with [`Tag::matches`].
pub struct Tag {
    bytes: [u8; MAX_MAC_LEN],
    len: usize,
}

impl Tag {
    fn new(mac: &[u8]) -> Self {
        let mut bytes = [0; MAX_MAC_LEN];
        let (front, _) = bytes.split_at_mut(mac.len().min(MAX_MAC_LEN));
        front.copy_from_slice(mac);
        Self { bytes, len: mac.len() }
    }

    /// The bytes of the code.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Compares in constant time; only the lengths may affect the timing.
    #[must_use]
    pub fn matches(&self, other: &[u8]) -> bool {
        self.as_bytes().ct_eq(other).into()
    }
}

/// A secret with its keyed hash states, derived once per hash function.
///
/// Deriving them takes two compressions, as much as the MAC of a short message.
pub struct HmacKey {
    secret: Zeroizing<Box<[u8]>>,
    sha256: OnceLock<Hmac<Sha256>>,
    sha384: OnceLock<Hmac<Sha384>>,
    sha512: OnceLock<Hmac<Sha512>>,
}

impl HmacKey {
    /// Takes a secret of any length, even an empty one.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            secret: Zeroizing::new(secret.into()),
            sha256: OnceLock::new(),
            sha384: OnceLock::new(),
            sha512: OnceLock::new(),
        }
    }

    /// The secret itself, for export.
    #[cfg(feature = "keys")]
    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The code of a message.
    #[must_use]
    pub fn mac(&self, algorithm: HmacAlgorithm, message: &[u8]) -> Tag {
        match algorithm {
            HmacAlgorithm::Hs256 => tag(&self.sha256, &self.secret, message),
            HmacAlgorithm::Hs384 => tag(&self.sha384, &self.secret, message),
            HmacAlgorithm::Hs512 => tag(&self.sha512, &self.secret, message),
        }
    }
}

/// The code from the keyed state, which is created at the first use of each hash function: most secrets serve only one.
fn tag<H: Mac + KeyInit + Clone>(keyed: &OnceLock<H>, secret: &[u8], message: &[u8]) -> Tag {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 §3)")]
    let mut mac = keyed
        .get_or_init(|| wiped(|| <H as KeyInit>::new_from_slice(secret).expect("any length will do")))
        .clone();
    mac.update(message);
    Tag::new(&mac.finalize().into_bytes())
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(tag: &Tag) -> String {
        tag.as_bytes()
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// RFC 4231 §4.3, test case 2.
    #[test]
    fn the_codes_of_rfc_4231() {
        let key = HmacKey::new(b"Jefe");
        let codes = [HmacAlgorithm::Hs256, HmacAlgorithm::Hs384, HmacAlgorithm::Hs512]
            .map(|algorithm| hex(&key.mac(algorithm, b"what do ya want for nothing?")));
        assert_eq!(
            codes[0],
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            codes[1],
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        );
        assert_eq!(
            codes[2],
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
    }

    #[test]
    fn a_tag_matches_itself_only() {
        let key = HmacKey::new(b"");
        for &algorithm in HmacAlgorithm::ALL {
            let tag = key.mac(algorithm, b"message");
            assert_eq!(tag.as_bytes().len(), algorithm.mac_len());
            assert!(tag.matches(key.mac(algorithm, b"message").as_bytes()));
            assert!(!tag.matches(key.mac(algorithm, b"messagf").as_bytes()));
            assert!(!tag.matches(&tag.as_bytes()[1..]));
            assert!(!tag.matches(b""));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", HmacKey::new(b"secret")), "HmacKey([redacted])");
    }
}
