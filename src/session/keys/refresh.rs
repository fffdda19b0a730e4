//! The keys of refresh tokens, of their identifiers and of nonces: all derived from secrets, none of them a secret itself.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{FINGERPRINT, check_kid, check_secret, derive, fingerprint};
use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
use crate::jose::base64url;
use crate::session::codec::{FieldReader, Writer};
use crate::session::record::{Facts, Salt};

/// The identifier of a refresh token.
/// 128 bits that nobody can guess without the key of its session.
pub type Jti = [u8; 16];

/// The keys of refresh tokens, the one that signs first, and the names of the keys that were retired.
#[derive(Debug, Default)]
pub struct RefreshKeys {
    keys: Vec<RefreshKey>,
    retired: Vec<String>,
}

/// The keys that are derived from one secret: one signs refresh tokens, one makes their identifiers, and one makes
/// nonces for proofs.
///
/// The secret itself is not one of them, so a refresh token never verifies as anything that was signed with the secret.
pub struct RefreshKey {
    kid: String,
    mac_secret: Zeroizing<[u8; 32]>,
    jti_secret: Zeroizing<[u8; 32]>,
    nonce_secret: Zeroizing<[u8; 32]>,
    mac: HmacKey,
}

/// The key of one session's identifiers. It is all that a store ever sees of a key. Its holder can make identifiers of
/// this session, and still cannot sign a token.
#[derive(Clone)]
pub struct JtiKey(Zeroizing<[u8; 32]>);

impl RefreshKeys {
    /// Derives the keys of a secret of at least 32 bytes and adds them at the end.
    ///
    /// Their `kid` ends with a fingerprint of the secret. If a name is reused for another secret, tokens of the old one
    /// then have an unknown key, and not a wrong signature. [`Error::KidInvalid`] if the name is taken, or retired.
    pub fn add(&mut self, name: Option<&str>, secret: &[u8]) -> Result<(), Error> {
        check_secret(secret)?;
        let fingerprint = fingerprint(secret)?;
        let kid = match name {
            Some(name) => {
                check_kid(name, self.keys.iter().filter_map(RefreshKey::name))?;
                format!("{name}.{fingerprint}")
            }
            None => fingerprint,
        };
        if self.has(&kid) || self.is_retired(&kid) {
            return Err(Error::KidInvalid);
        }
        // One secret, three independent keys (HKDF, RFC 5869): a MAC made for one purpose means nothing for another.
        let derived = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            derive(secret, purpose, &mut *key).map(|()| key)
        };
        let (mac, jti, nonce) = (
            derived(b"refresh-mac")?,
            derived(b"refresh-jti")?,
            derived(b"dpop-nonce")?,
        );
        self.keys.push(RefreshKey::new(kid, mac, jti, nonce));
        Ok(())
    }

    /// Retires a key, named as it was given or by the `kid` of its tokens: these are refused for good.
    ///
    /// [`Error::KidInvalid`] if the key still verifies here.
    pub fn retire(&mut self, kid: &str) -> Result<(), Error> {
        let verifies = |key: &RefreshKey| key.kid == kid || key.name() == Some(kid);
        if kid.is_empty() || kid.len() > super::MAX_REFRESH_KID || self.keys.iter().any(verifies) {
            return Err(Error::KidInvalid);
        }
        self.retired.push(kid.into());
        Ok(())
    }

    /// Whether the key of a token was retired.
    #[must_use]
    pub fn is_retired(&self, kid: &str) -> bool {
        self.retired
            .iter()
            .any(|retired| retired == kid || Some(retired.as_str()) == name_of(kid))
    }

    fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid == kid)
    }

    /// The key that signs; [`Error::KeyInvalid`] if there is none.
    pub fn signing(&self) -> Result<&RefreshKey, Error> {
        self.keys.first().ok_or(Error::KeyInvalid)
    }

    /// The key of a name; [`Error::KidUnknown`] if there is none.
    pub fn find(&self, kid: &str) -> Result<&RefreshKey, Error> {
        // Tokens of the previous format have the name alone.
        let named = || self.keys.iter().find(|key| key.name() == Some(kid));
        self.keys
            .iter()
            .find(|key| key.kid == kid)
            .or_else(named)
            .ok_or(Error::KidUnknown)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &RefreshKey> {
        self.keys.iter()
    }

    /// The keys as bytes; they hold what was derived, not the secrets.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        for key in &self.keys {
            writer.byte(KEY);
            writer.text(&key.kid);
            writer.array(&key.mac_secret);
            writer.array(&key.jti_secret);
            writer.array(&key.nonce_secret);
        }
        for kid in &self.retired {
            writer.byte(RETIRED);
            writer.text(kid);
        }
        writer.finish_secret()
    }

    /// Reads the bytes of [`RefreshKeys::encode`]; [`Error::KeyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = FieldReader::new(bytes, Error::KeyInvalid);
        let mut keys = Self::default();
        while !reader.is_empty() {
            let tag = reader.byte()?;
            let kid = reader.text()?;
            if kid.is_empty() || kid.len() > super::MAX_REFRESH_KID || keys.has(kid) {
                return Err(Error::KeyInvalid);
            }
            match tag {
                // All keys come before all retired names, so that each list has exactly one encoding.
                KEY if keys.retired.is_empty() => {}
                RETIRED => {
                    keys.retired.push(kid.into());
                    continue;
                }
                _ => return Err(Error::KeyInvalid),
            }
            let mac = Zeroizing::new(reader.array()?);
            let jti = Zeroizing::new(reader.array()?);
            let nonce = Zeroizing::new(reader.array()?);
            keys.keys.push(RefreshKey::new(kid.into(), mac, jti, nonce));
        }
        Ok(keys)
    }
}

impl RefreshKey {
    fn new(
        kid: String,
        mac_secret: Zeroizing<[u8; 32]>,
        jti_secret: Zeroizing<[u8; 32]>,
        nonce_secret: Zeroizing<[u8; 32]>,
    ) -> Self {
        let mac = HmacKey::new(&*mac_secret);
        Self {
            kid,
            mac_secret,
            jti_secret,
            nonce_secret,
            mac,
        }
    }

    /// The `kid` of its tokens.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The name that was given to it; none if it has a fingerprint alone.
    fn name(&self) -> Option<&str> {
        name_of(&self.kid)
    }

    /// The key that signs and verifies.
    #[must_use]
    pub const fn mac(&self) -> &HmacKey {
        &self.mac
    }

    /// The key of a session's identifiers.
    #[must_use]
    pub fn jti_key(&self, sid: &str) -> JtiKey {
        let tag = HmacKey::new(&*self.jti_secret).mac(HmacAlgorithm::Hs256, sid.as_bytes());
        // A SHA-256 tag has 32 bytes, so the default is never taken; it only keeps a panic out of the wasm.
        JtiKey(Zeroizing::new(
            tag.as_bytes().first_chunk().copied().unwrap_or_default(),
        ))
    }

    /// The nonce of a period of time, by its number.
    /// Half of a MAC, in 22 characters.
    #[must_use]
    pub fn nonce(&self, period: u64) -> String {
        let tag = HmacKey::new(&*self.nonce_secret).mac(HmacAlgorithm::Hs256, &period.to_be_bytes());
        base64url::encode(tag.as_bytes().first_chunk::<16>().map_or(&[], |half| half))
    }
}

const KEY: u8 = 0;
const RETIRED: u8 = 1;

/// The name that was given to a key, of its `kid`.
fn name_of(kid: &str) -> Option<&str> {
    let (name, fingerprint) = kid.rsplit_once('.')?;
    (fingerprint.len() == FINGERPRINT).then_some(name)
}

impl JtiKey {
    pub(in crate::session) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(in crate::session) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The identifier of a generation: half of a MAC over its number, its salt, and the facts of its session where it is
    /// bound to them.
    #[must_use]
    pub fn jti(&self, generation: u64, salt: &Salt, facts: Option<&Facts>) -> Jti {
        // Fields of fixed length, with the only optional one last: no two inputs make the same message.
        let mut message = Vec::with_capacity(8 + 16 + 32);
        message.extend_from_slice(&generation.to_be_bytes());
        message.extend_from_slice(salt);
        message.extend_from_slice(facts.map_or(&[], |facts| facts));
        let tag = HmacKey::new(&*self.0).mac(HmacAlgorithm::Hs256, &message);
        tag.as_bytes().first_chunk().copied().unwrap_or_default()
    }

    /// Compares in constant time.
    #[must_use]
    pub fn verify_jti(&self, jti: &Jti, generation: u64, salt: &Salt, facts: Option<&Facts>) -> bool {
        self.jti(generation, salt, facts).ct_eq(jti).into()
    }
}

impl std::fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshKey([redacted])")
    }
}

impl std::fmt::Debug for JtiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JtiKey([redacted])")
    }
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
        assert_ne!(keys.keys[0].mac_secret, keys.keys[0].jti_secret);
        assert_ne!(keys.keys[0].jti_secret, keys.keys[0].nonce_secret);
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
        assert_eq!(keys.add(Some("second"), &[7; 32]), Err(Error::KidInvalid));
        assert_eq!(keys.add(Some("short"), &SECRET[..31]), Err(Error::SecretTooShort));
        assert_eq!(RefreshKeys::default().signing().unwrap_err(), Error::KeyInvalid);
    }

    #[test]
    fn keys_come_back() {
        let mut refresh = RefreshKeys::default();
        for kid in ["a", "b"] {
            refresh.add(Some(kid), SECRET).unwrap();
        }
        let again = RefreshKeys::decode(&refresh.encode()).unwrap();
        let (before, after) = (refresh.find("b").unwrap(), again.find("b").unwrap());
        assert_eq!(before.jti_key("s").as_bytes(), after.jti_key("s").as_bytes());
        assert_eq!(before.nonce(7), after.nonce(7));
        assert!(before.kid().starts_with("b.") && before.kid() == after.kid());
    }

    #[test]
    fn a_key_verifies_or_is_retired() {
        let mut keys = RefreshKeys::default();
        keys.add(Some("new"), SECRET).unwrap();
        let kid = keys.signing().unwrap().kid().to_owned();
        for taken in ["new", kid.as_str(), ""] {
            assert_eq!(keys.retire(taken), Err(Error::KidInvalid));
        }
        keys.retire("old").unwrap();
        keys.retire("other.01234567").unwrap();
        assert_eq!(keys.add(Some("old"), &[7; 32]), Err(Error::KidInvalid));
        keys.add(Some("other"), &[7; 32]).unwrap();
        let keys = RefreshKeys::decode(&keys.encode()).unwrap();
        for (kid, retired) in [
            ("old", true),
            ("old.01234567", true),
            ("other", false),
            ("other.01234567", true),
        ] {
            assert_eq!(keys.is_retired(kid), retired, "{kid}");
        }
        assert!(!keys.is_retired(&kid));
    }

    #[test]
    fn nonces_differ_by_key_and_time() {
        let mut keys = RefreshKeys::default();
        keys.add(Some("a"), SECRET).unwrap();
        keys.add(Some("b"), &[7; 32]).unwrap();
        let nonces: std::collections::HashSet<_> = keys
            .iter()
            .flat_map(|key| (0..3).map(|period| key.nonce(period)))
            .collect();
        assert_eq!(nonces.len(), 6);
        assert!(nonces.iter().all(|nonce| nonce.len() == 22));
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut keys = RefreshKeys::default();
        keys.add(Some("k"), SECRET).unwrap();
        assert_eq!(format!("{:?}", keys.keys[0]), "RefreshKey([redacted])");
        assert_eq!(format!("{:?}", keys.keys[0].jti_key("s")), "JtiKey([redacted])");
    }

    proptest! {
        #[test]
        fn identifiers_differ_by_session_generation_and_salt(a: (u64, Salt), b: (u64, Salt)) {
            let mut keys = RefreshKeys::default();
            keys.add(None, SECRET).unwrap();
            let key = keys.signing().unwrap();
            let jti = key.jti_key("s").jti(a.0, &a.1, None);
            prop_assert!(key.jti_key("s").verify_jti(&jti, a.0, &a.1, None));
            prop_assert!(!key.jti_key("t").verify_jti(&jti, a.0, &a.1, None));
            prop_assert_eq!(key.jti_key("s").verify_jti(&jti, b.0, &b.1, None), a == b);
            prop_assert!(!key.jti_key("s").verify_jti(&jti, a.0, &a.1, Some(&[0; 32])));
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
            let _ = RefreshKeys::decode(&bytes);
        }
    }
}
