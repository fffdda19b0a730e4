//! The keys of access tokens: secrets, which an origin may hold too, and key pairs, whose public half it needs.
//!
//! Only secrets are held here. A key pair is known by its name and its algorithm; whoever holds it signs and verifies.

use zeroize::Zeroizing;

use super::{check_kid, check_secret, fingerprint};
use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hmac::HmacKey;
use crate::session::codec::{FieldReader, Writer};

/// The keys of access tokens, the one that signs first.
#[derive(Debug, Default)]
pub struct AccessKeys(Vec<AccessKey>);

/// A key that signs access tokens, or only verifies them.
pub struct AccessKey {
    /// Its name in the headers of tokens, by which origins find it in a key set.
    kid: String,
    algorithm: Algorithm,
    material: Material,
}

enum Material {
    Secret {
        secret: Zeroizing<Vec<u8>>,
        mac: Box<HmacKey>,
    },
    Pair {
        /// Whether its holder has the private half.
        signs: bool,
    },
}

impl AccessKeys {
    /// Adds a secret of at least 32 bytes at the end, for HS256; without a name it gets its fingerprint.
    pub fn add(&mut self, kid: Option<&str>, secret: &[u8]) -> Result<(), Error> {
        check_secret(secret)?;
        let kid = kid.map_or_else(|| fingerprint(secret), |kid| Ok(kid.into()))?;
        let material = Material::Secret {
            // Kept beside the MAC's states, because `encode` has to write the secret again.
            secret: Zeroizing::new(secret.to_vec()),
            mac: Box::new(HmacKey::new(secret)),
        };
        self.push(kid, Algorithm::Hs256, material)
    }

    /// Adds a key pair at the end that is held elsewhere; `signs` tells whether its private half is there.
    pub fn add_pair(&mut self, kid: &str, algorithm: Algorithm, signs: bool) -> Result<(), Error> {
        self.push(kid.into(), algorithm, Material::Pair { signs })
    }

    /// Adds a key at the end; [`Error::KidInvalid`] if its name is empty, too long or taken.
    fn push(&mut self, kid: String, algorithm: Algorithm, material: Material) -> Result<(), Error> {
        check_kid(&kid, self.0.iter().map(|key| key.kid.as_str()))?;
        self.0.push(AccessKey {
            kid,
            algorithm,
            material,
        });
        Ok(())
    }

    /// The key that signs; [`Error::KeyInvalid`] if there is none.
    pub fn signing(&self) -> Result<&AccessKey, Error> {
        // Never the second one instead: the order is how operators say which key is new.
        self.0.first().filter(|key| key.signs()).ok_or(Error::KeyInvalid)
    }

    /// All of them.
    /// The order is that in which they were added, and its indices name key pairs across the boundary.
    pub fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.iter()
    }

    /// The keys as bytes; they hold secrets.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        for key in &self.0 {
            writer.text(&key.kid);
            match &key.material {
                Material::Secret { secret, .. } => {
                    writer.byte(SECRET);
                    writer.bytes(secret);
                }
                Material::Pair { signs } => {
                    writer.byte(if *signs { SIGNING_PAIR } else { PUBLIC_HALF });
                    writer.text(key.algorithm.name());
                }
            }
        }
        writer.finish_secret()
    }

    /// Reads the bytes of [`AccessKeys::encode`]; [`Error::KeyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = FieldReader::new(bytes, Error::KeyInvalid);
        let mut keys = Self::default();
        while !reader.is_empty() {
            let kid = reader.text()?;
            match reader.byte()? {
                SECRET => keys.add(Some(kid), reader.bytes()?)?,
                half @ (SIGNING_PAIR | PUBLIC_HALF) => {
                    let algorithm = Algorithm::from_name(reader.text()?).ok_or(Error::KeyInvalid)?;
                    keys.add_pair(kid, algorithm, half == SIGNING_PAIR)?;
                }
                _ => return Err(Error::KeyInvalid),
            }
        }
        Ok(keys)
    }
}

// The tags of keys in their encoding.
const SECRET: u8 = 0;
const SIGNING_PAIR: u8 = 1;
const PUBLIC_HALF: u8 = 2;

impl AccessKey {
    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm that it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it can sign; a public key cannot.
    #[must_use]
    pub const fn signs(&self) -> bool {
        match &self.material {
            Material::Secret { .. } => true,
            Material::Pair { signs } => *signs,
        }
    }

    /// The key that signs and verifies, if it is a secret.
    pub(in crate::session) fn secret(&self) -> Option<&HmacKey> {
        match &self.material {
            Material::Secret { mac, .. } => Some(mac),
            Material::Pair { .. } => None,
        }
    }
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    #[test]
    fn secrets_come_back_by_name() {
        let mut keys = AccessKeys::default();
        for kid in ["a", "b"] {
            keys.add(Some(kid), SECRET).unwrap();
        }
        let again = AccessKeys::decode(&keys.encode()).unwrap();
        assert_eq!(again.iter().map(AccessKey::kid).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(again.signing().unwrap().algorithm(), Algorithm::Hs256);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let mut keys = AccessKeys::default();
        assert_eq!(keys.signing().unwrap_err(), Error::KeyInvalid);
        assert_eq!(keys.add(None, b"short"), Err(Error::SecretTooShort));
        let pem = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA";
        assert_eq!(keys.add(None, pem), Err(Error::KeyInvalid));
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut keys = AccessKeys::default();
        keys.add(Some("k"), SECRET).unwrap();
        assert_eq!(format!("{keys:?}"), "AccessKeys([AccessKey([redacted])])");
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
            let _ = AccessKeys::decode(&bytes);
        }
    }

    #[test]
    fn pairs_come_back_by_name_and_algorithm() {
        let mut keys = AccessKeys::default();
        keys.add_pair("both", Algorithm::EdDsa, true).unwrap();
        keys.add_pair("public", Algorithm::Rs256, false).unwrap();
        assert_eq!(keys.add_pair("both", Algorithm::Es256, true), Err(Error::KidInvalid));
        let again = AccessKeys::decode(&keys.encode()).unwrap();
        let told: Vec<_> = again
            .iter()
            .map(|key| (key.kid(), key.algorithm(), key.signs()))
            .collect();
        assert_eq!(
            told,
            [("both", Algorithm::EdDsa, true), ("public", Algorithm::Rs256, false)]
        );
        assert!(again.iter().all(|key| key.secret().is_none()));

        let mut verifying = AccessKeys::default();
        verifying.add_pair("public", Algorithm::Rs256, false).unwrap();
        assert_eq!(verifying.signing().unwrap_err(), Error::KeyInvalid);
    }
}
