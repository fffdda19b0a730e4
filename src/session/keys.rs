//! The keys of sessions: access tokens use a secret as it is given, refresh tokens use keys derived from one.

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::codec::{Reader, Writer};
use super::record::Salt;
use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
use crate::jose::base64url;

/// The longest name of a key, in bytes.
pub const MAX_KID: usize = 64;

/// The shortest secret, in bytes: as long as the hash (RFC 7518 §3.2).
pub const MIN_SECRET: usize = 32;

/// The identifier of a refresh token.
pub type Jti = [u8; 16];

/// The keys of access tokens, the one that signs first.
#[derive(Debug, Default)]
pub struct AccessKeys(Vec<AccessKey>);

/// A secret that signs access tokens.
pub struct AccessKey {
    kid: String,
    secret: Zeroizing<Vec<u8>>,
    mac: HmacKey,
}

/// The keys of refresh tokens, the one that signs first.
#[derive(Debug, Default)]
pub struct RefreshKeys(Vec<RefreshKey>);

/// What is derived from one secret for refresh tokens: a key that signs them and one that makes their identifiers.
///
/// Neither is the secret, so a refresh token never verifies as anything that was signed with it.
pub struct RefreshKey {
    kid: String,
    mac_secret: Zeroizing<[u8; 32]>,
    jti_secret: Zeroizing<[u8; 32]>,
    mac: HmacKey,
}

/// The key of one session's identifiers. It is all that a store ever sees of a key.
#[derive(Clone)]
pub struct SessionKey(Zeroizing<[u8; 32]>);

impl AccessKeys {
    /// Adds a secret of at least 32 bytes at the end; without a name it gets its fingerprint.
    pub fn add(&mut self, kid: Option<&str>, secret: &[u8]) -> Result<(), Error> {
        check_secret(secret)?;
        let kid = kid.map_or_else(|| fingerprint(secret), |kid| Ok(kid.into()))?;
        check_kid(&kid, self.0.iter().map(|key| key.kid.as_str()))?;
        self.0.push(AccessKey::new(kid, secret));
        Ok(())
    }

    /// The key that signs; [`Error::KeyInvalid`] if there is none.
    pub fn signing(&self) -> Result<&AccessKey, Error> {
        self.0.first().ok_or(Error::KeyInvalid)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.iter()
    }

    /// The keys as bytes; they hold the secrets.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        for key in &self.0 {
            writer.text(&key.kid);
            writer.bytes(&key.secret);
        }
        writer.finish_secret()
    }

    /// Reads the bytes of [`AccessKeys::encode`]; [`Error::KeyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, Error::KeyInvalid);
        let mut keys = Self::default();
        while !reader.is_empty() {
            keys.add(Some(reader.text()?), reader.bytes()?)?;
        }
        Ok(keys)
    }
}

impl AccessKey {
    fn new(kid: String, secret: &[u8]) -> Self {
        Self {
            kid,
            secret: Zeroizing::new(secret.to_vec()),
            mac: HmacKey::new(secret),
        }
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What signs and verifies.
    #[must_use]
    pub const fn mac(&self) -> &HmacKey {
        &self.mac
    }
}

impl RefreshKeys {
    /// Derives the keys of a secret of at least 32 bytes and adds them at the end; without a name they get a fingerprint.
    pub fn add(&mut self, kid: Option<&str>, secret: &[u8]) -> Result<(), Error> {
        check_secret(secret)?;
        let kid = kid.map_or_else(|| fingerprint(secret), |kid| Ok(kid.into()))?;
        check_kid(&kid, self.0.iter().map(|key| key.kid.as_str()))?;
        let mut mac = Zeroizing::new([0; 32]);
        let mut jti = Zeroizing::new([0; 32]);
        derive(secret, b"refresh-mac", &mut *mac)?;
        derive(secret, b"refresh-jti", &mut *jti)?;
        self.0.push(RefreshKey::new(kid, mac, jti));
        Ok(())
    }

    /// The key that signs; [`Error::KeyInvalid`] if there is none.
    pub fn signing(&self) -> Result<&RefreshKey, Error> {
        self.0.first().ok_or(Error::KeyInvalid)
    }

    /// The key of a name; [`Error::KidUnknown`] if there is none.
    pub fn find(&self, kid: &str) -> Result<&RefreshKey, Error> {
        self.0.iter().find(|key| key.kid == kid).ok_or(Error::KidUnknown)
    }

    /// The keys as bytes; they hold what was derived, not the secrets.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        for key in &self.0 {
            writer.text(&key.kid);
            writer.array(&key.mac_secret);
            writer.array(&key.jti_secret);
        }
        writer.finish_secret()
    }

    /// Reads the bytes of [`RefreshKeys::encode`]; [`Error::KeyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, Error::KeyInvalid);
        let mut keys = Self::default();
        while !reader.is_empty() {
            let kid = reader.text()?;
            check_kid(kid, keys.0.iter().map(|key| key.kid.as_str()))?;
            let mac = Zeroizing::new(reader.array()?);
            let jti = Zeroizing::new(reader.array()?);
            keys.0.push(RefreshKey::new(kid.into(), mac, jti));
        }
        Ok(keys)
    }
}

impl RefreshKey {
    fn new(kid: String, mac_secret: Zeroizing<[u8; 32]>, jti_secret: Zeroizing<[u8; 32]>) -> Self {
        let mac = HmacKey::new(&*mac_secret);
        Self {
            kid,
            mac_secret,
            jti_secret,
            mac,
        }
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What signs and verifies.
    #[must_use]
    pub const fn mac(&self) -> &HmacKey {
        &self.mac
    }

    /// The key of a session's identifiers.
    #[must_use]
    pub fn session_key(&self, sid: &str) -> SessionKey {
        let tag = HmacKey::new(&*self.jti_secret).mac(HmacAlgorithm::Hs256, sid.as_bytes());
        SessionKey(Zeroizing::new(
            tag.as_bytes().first_chunk().copied().unwrap_or_default(),
        ))
    }
}

impl SessionKey {
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The identifier of a generation: half of a MAC over its number and salt.
    #[must_use]
    pub fn jti(&self, generation: u64, salt: &Salt) -> Jti {
        let mut message = [0; 24];
        let (front, back) = message.split_at_mut(8);
        front.copy_from_slice(&generation.to_be_bytes());
        back.copy_from_slice(salt);
        let tag = HmacKey::new(&*self.0).mac(HmacAlgorithm::Hs256, &message);
        tag.as_bytes().first_chunk().copied().unwrap_or_default()
    }

    /// Compares in constant time.
    #[must_use]
    pub fn made(&self, jti: &Jti, generation: u64, salt: &Salt) -> bool {
        self.jti(generation, salt).ct_eq(jti).into()
    }
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey([redacted])")
    }
}

impl std::fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshKey([redacted])")
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey([redacted])")
    }
}

fn check_secret(secret: &[u8]) -> Result<(), Error> {
    if secret.len() < MIN_SECRET {
        Err(Error::SecretTooShort)
    } else if secret.len() > usize::from(u16::MAX) {
        Err(Error::KeyInvalid)
    } else {
        Ok(())
    }
}

fn check_kid<'a>(kid: &str, mut others: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    if kid.is_empty() || kid.len() > MAX_KID || others.any(|other| other == kid) {
        Err(Error::KidInvalid)
    } else {
        Ok(())
    }
}

/// A name that does not change when other keys come and go.
fn fingerprint(secret: &[u8]) -> Result<String, Error> {
    let mut bytes = [0; 6];
    derive(secret, b"kid", &mut bytes)?;
    Ok(base64url::encode(&bytes))
}

fn derive(secret: &[u8], purpose: &[u8], out: &mut [u8]) -> Result<(), Error> {
    Hkdf::<Sha256>::new(Some(b"tandem-jwt/1"), secret)
        .expand(purpose, out)
        .map_err(|_| Error::KeyInvalid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    /// RFC 5869 §2, written out with the HMAC of this crate.
    #[test]
    fn the_derivation_is_hkdf() {
        let extracted = HmacKey::new(b"tandem-jwt/1").mac(HmacAlgorithm::Hs256, SECRET);
        let expanded = HmacKey::new(extracted.as_bytes()).mac(HmacAlgorithm::Hs256, b"refresh-mac\x01");
        let mut keys = RefreshKeys::default();
        keys.add(None, SECRET).unwrap();
        assert_eq!(keys.signing().unwrap().mac_secret.as_slice(), expanded.as_bytes());
        assert_ne!(keys.0[0].mac_secret, keys.0[0].jti_secret);
    }

    #[test]
    fn names_are_fingerprints_unless_given() {
        let mut keys = RefreshKeys::default();
        keys.add(None, SECRET).unwrap();
        assert_eq!(keys.add(None, SECRET), Err(Error::KidInvalid));
        keys.add(Some("second"), SECRET).unwrap();
        assert_eq!(keys.signing().unwrap().kid().len(), 8);
        assert!(keys.find("second").is_ok());
        assert_eq!(keys.find("third").unwrap_err(), Error::KidUnknown);
        assert_eq!(keys.add(Some(""), SECRET), Err(Error::KidInvalid));
        assert_eq!(keys.add(Some(&"k".repeat(65)), SECRET), Err(Error::KidInvalid));
        assert_eq!(keys.add(Some("short"), &SECRET[..31]), Err(Error::SecretTooShort));
        assert_eq!(AccessKeys::default().add(None, b"short"), Err(Error::SecretTooShort));
        assert_eq!(AccessKeys::default().signing().unwrap_err(), Error::KeyInvalid);
    }

    #[test]
    fn keys_come_back() {
        let mut refresh = RefreshKeys::default();
        let mut access = AccessKeys::default();
        for kid in ["a", "b"] {
            refresh.add(Some(kid), SECRET).unwrap();
            access.add(Some(kid), SECRET).unwrap();
        }
        let again = RefreshKeys::decode(&refresh.encode()).unwrap();
        let (before, after) = (refresh.find("b").unwrap(), again.find("b").unwrap());
        assert_eq!(before.session_key("s").as_bytes(), after.session_key("s").as_bytes());
        assert_eq!(
            AccessKeys::decode(&access.encode())
                .unwrap()
                .iter()
                .map(AccessKey::kid)
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut keys = RefreshKeys::default();
        keys.add(Some("k"), SECRET).unwrap();
        assert_eq!(format!("{:?}", keys.0[0]), "RefreshKey([redacted])");
        assert_eq!(format!("{:?}", keys.0[0].session_key("s")), "SessionKey([redacted])");
        let mut keys = AccessKeys::default();
        keys.add(Some("k"), SECRET).unwrap();
        assert_eq!(format!("{keys:?}"), "AccessKeys([AccessKey([redacted])])");
    }

    proptest! {
        #[test]
        fn identifiers_differ_by_session_generation_and_salt(a: (u64, Salt), b: (u64, Salt)) {
            let mut keys = RefreshKeys::default();
            keys.add(None, SECRET).unwrap();
            let key = keys.signing().unwrap();
            let jti = key.session_key("s").jti(a.0, &a.1);
            prop_assert!(key.session_key("s").made(&jti, a.0, &a.1));
            prop_assert!(!key.session_key("t").made(&jti, a.0, &a.1));
            prop_assert_eq!(key.session_key("s").made(&jti, b.0, &b.1), a == b);
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
            let _ = RefreshKeys::decode(&bytes);
            let _ = AccessKeys::decode(&bytes);
        }
    }
}
