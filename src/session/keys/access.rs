//! The keys of access tokens: secrets, which an origin may hold too, and key pairs, of which it needs the public half.

use zeroize::Zeroizing;

use super::{check_kid, check_secret, fingerprint};
use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
#[cfg(feature = "keys")]
use crate::crypto::random;
use crate::jose::compact::Compact;
#[cfg(feature = "keys")]
use crate::keys::{Jwk, Key, Purpose, der, thumbprint};
use crate::session::codec::{Reader, Writer};
use crate::token::{Header, sign, verify_signature};
#[cfg(feature = "keys")]
use crate::token::{sign_any, verify_any};

/// The keys of access tokens, the one that signs first.
#[derive(Debug, Default)]
pub struct AccessKeys(Vec<AccessKey>);

/// A key that signs access tokens, or only verifies them.
pub struct AccessKey {
    kid: String,
    algorithm: Algorithm,
    material: Material,
}

enum Material {
    Secret {
        secret: Zeroizing<Vec<u8>>,
        mac: Box<HmacKey>,
    },
    /// Both halves as they travel: each is parsed where it is used, so that verifying never pays for a private key.
    #[cfg(feature = "keys")]
    Pair {
        public: Vec<u8>,
        /// Empty where only the public half is known.
        private: Zeroizing<Vec<u8>>,
    },
}

impl AccessKeys {
    /// Adds a secret of at least 32 bytes at the end, for HS256; without a name it gets its fingerprint.
    pub fn add(&mut self, kid: Option<&str>, secret: &[u8]) -> Result<(), Error> {
        check_secret(secret)?;
        let kid = kid.map_or_else(|| fingerprint(secret), |kid| Ok(kid.into()))?;
        let material = Material::Secret {
            secret: Zeroizing::new(secret.to_vec()),
            mac: Box::new(HmacKey::new(secret)),
        };
        self.push(kid, Algorithm::Hs256, material)
    }

    /// Adds a key pair at the end, or the public half of one, as PEM or JWK.
    ///
    /// The algorithm is the one named, else the JWK's, else what the key is for; RS256 for a plain RSA key. The name is the
    /// one given, else the JWK's, else the thumbprint (RFC 7638).
    #[cfg(feature = "keys")]
    pub fn add_pair(&mut self, kid: Option<&str>, algorithm: Option<&str>, bytes: &[u8]) -> Result<(), Error> {
        let (key, limits) = Key::read_with_restrictions(bytes, None, Purpose::Sign)?;
        // PEM names neither itself nor its algorithm.
        let jwk = Jwk::from_json(bytes.trim_ascii()).unwrap_or_default();
        let (public, private) = match &key {
            Key::Private(key) => (key.public_key(), der::write_pkcs8(key)?),
            Key::Public(key) => (key.clone(), Zeroizing::default()),
            Key::Secret(_) => return Err(Error::KeyInvalid),
        };
        let algorithm = if let Some(name) = algorithm.or(jwk.alg.as_deref()) {
            Algorithm::from_name(name).ok_or(Error::KeyUnsupported)?
        } else {
            // Their order is of some use: RS256 before PS256, EdDSA before its newer name.
            let mut all = Algorithm::ALL.iter().copied();
            all.find(|&own| public.serves(own)).ok_or(Error::KeyUnsupported)?
        };
        let purpose = if private.is_empty() {
            Purpose::Verify
        } else {
            Purpose::Sign
        };
        if !limits.allow(algorithm, purpose) || !public.serves(algorithm) {
            return Err(Error::KeyInvalid);
        }
        let kid = match kid.or(jwk.kid.as_deref()) {
            Some(kid) => kid.into(),
            None => thumbprint(&key)?,
        };
        let public = der::write_spki(&public)?;
        self.push(kid, algorithm, Material::Pair { public, private })
    }

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
        self.0.first().filter(|key| key.signs()).ok_or(Error::KeyInvalid)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.iter()
    }

    /// The public halves as a JWK Set (RFC 7517 §5), as JSON. Secrets have none, and are not in it.
    #[cfg(feature = "keys")]
    pub fn public_set(&self) -> Result<String, Error> {
        let mut set = String::from("{\"keys\":[");
        for key in &self.0 {
            let Material::Pair { public, .. } = &key.material else {
                continue;
            };
            if !set.ends_with('[') {
                set.push(',');
            }
            let jwk = Jwk {
                kid: Some(key.kid.clone()),
                alg: Some(key.algorithm.name().into()),
                usage: Some("sig".into()),
                ..Jwk::from_public(&der::read_spki(public)?)
            };
            set.push_str(&jwk.to_json()?);
        }
        set.push_str("]}");
        Ok(set)
    }

    /// The keys as bytes; they hold secrets and private keys.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::default();
        for key in &self.0 {
            writer.text(&key.kid);
            match &key.material {
                Material::Secret { secret, .. } => {
                    writer.byte(0);
                    writer.bytes(secret);
                }
                #[cfg(feature = "keys")]
                Material::Pair { public, private } => {
                    writer.byte(1);
                    writer.text(key.algorithm.name());
                    writer.bytes(public);
                    writer.bytes(private);
                }
            }
        }
        writer.finish_secret()
    }

    /// Reads the bytes of [`AccessKeys::encode`]; [`Error::KeyInvalid`] for any others.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, Error::KeyInvalid);
        let mut keys = Self::default();
        while !reader.is_empty() {
            let kid = reader.text()?;
            match reader.byte()? {
                0 => keys.add(Some(kid), reader.bytes()?)?,
                #[cfg(feature = "keys")]
                1 => {
                    let algorithm = Algorithm::from_name(reader.text()?).ok_or(Error::KeyInvalid)?;
                    let public = reader.bytes()?.to_vec();
                    let private = Zeroizing::new(reader.bytes()?.to_vec());
                    keys.push(kid.into(), algorithm, Material::Pair { public, private })?;
                }
                _ => return Err(Error::KeyInvalid),
            }
        }
        Ok(keys)
    }
}

impl AccessKey {
    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it can sign; a public key cannot.
    #[must_use]
    pub fn signs(&self) -> bool {
        match &self.material {
            Material::Secret { .. } => true,
            #[cfg(feature = "keys")]
            Material::Pair { private, .. } => !private.is_empty(),
        }
    }

    /// Signs a payload; `seed` is 32 random bytes for signatures that draw some.
    #[cfg_attr(
        not(feature = "keys"),
        expect(unused_variables, reason = "the smaller build signs without chance")
    )]
    pub(in crate::session) fn sign(&self, header: &[u8], payload: &[u8], seed: &[u8; 32]) -> Result<String, Error> {
        match &self.material {
            Material::Secret { mac, .. } => sign(Header::Json(header), payload, mac, HmacAlgorithm::Hs256),
            #[cfg(feature = "keys")]
            Material::Pair { private, .. } => {
                let key = Key::Private(der::read_pkcs8(private)?);
                sign_any(header, payload, &key, self.algorithm, &mut random::from_seed(seed))
            }
        }
    }

    /// Verifies a signature.
    pub(in crate::session) fn verify(&self, token: &Compact<'_>) -> Result<(), Error> {
        match &self.material {
            Material::Secret { mac, .. } => verify_signature(token, mac, HmacAlgorithm::Hs256),
            #[cfg(feature = "keys")]
            Material::Pair { public, .. } => verify_any(token, &Key::Public(der::read_spki(public)?), self.algorithm),
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

    #[cfg(feature = "keys")]
    mod pairs {
        use super::*;

        fn jwk(algorithm: Algorithm) -> Jwk {
            Jwk::from_key(&Key::generate(algorithm, 2048, &mut random::from_seed(&[7; 32])).unwrap()).unwrap()
        }

        fn added(jwk: &Jwk, kid: Option<&str>, algorithm: Option<&str>) -> Result<AccessKeys, Error> {
            let mut keys = AccessKeys::default();
            keys.add_pair(kid, algorithm, jwk.to_json()?.as_bytes()).map(|()| keys)
        }

        #[test]
        fn a_pair_signs_and_its_public_half_verifies() {
            for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::MlDsa44] {
                let jwk = jwk(algorithm);
                let keys = AccessKeys::decode(&added(&jwk, None, None).unwrap().encode()).unwrap();
                let key = keys.signing().unwrap();
                assert_eq!(key.algorithm(), algorithm);
                let token = key.sign(b"{}", b"payload", &[1; 32]).unwrap();
                let token = Compact::split(token.as_bytes()).unwrap();
                assert_eq!(key.verify(&token), Ok(()));

                let set: serde_json::Value = serde_json::from_str(&keys.public_set().unwrap()).unwrap();
                let public = &set["keys"][0];
                assert_eq!(
                    (&public["kid"], &public["alg"], &public["use"]),
                    (&key.kid().into(), &algorithm.name().into(), &"sig".into())
                );
                assert!(
                    ["d", "p", "priv", "k"]
                        .iter()
                        .all(|secret| public.get(secret).is_none())
                );
                let public: Jwk = serde_json::from_value(public.clone()).unwrap();
                let verifying = added(&public, None, None).unwrap();
                assert_eq!(verifying.iter().next().unwrap().verify(&token), Ok(()));
                assert_eq!(verifying.signing().unwrap_err(), Error::KeyInvalid);
                assert_eq!(
                    verifying.encode().as_slice(),
                    AccessKeys::decode(&verifying.encode()).unwrap().encode().as_slice()
                );
            }
        }

        #[test]
        fn names_and_algorithms_are_given_or_the_jwks_own() {
            let rsa = jwk(Algorithm::Rs256);
            let signing = |keys: AccessKeys| {
                let key = keys.signing().unwrap();
                (key.kid().to_owned(), key.algorithm())
            };
            let own = Jwk {
                kid: Some("own".into()),
                alg: Some("PS384".into()),
                ..rsa.clone()
            };
            assert_eq!(
                signing(added(&own, None, None).unwrap()),
                ("own".into(), Algorithm::Ps384)
            );
            assert_eq!(signing(added(&own, Some("given"), None).unwrap()).0, "given");
            assert_eq!(added(&own, None, Some("RS256")).unwrap_err(), Error::KeyInvalid);
            assert_eq!(added(&rsa, None, Some("ES256")).unwrap_err(), Error::KeyInvalid);
            assert_eq!(added(&rsa, None, Some("RS1")).unwrap_err(), Error::KeyUnsupported);
            assert_eq!(signing(added(&rsa, None, Some("RS512")).unwrap()).1, Algorithm::Rs512);
            assert_eq!(signing(added(&rsa, None, None).unwrap()).0.len(), 43);
            let secret = Jwk {
                kty: "oct".into(),
                k: Some(Zeroizing::new("x".repeat(43))),
                ..Jwk::default()
            };
            assert_eq!(added(&secret, None, None).unwrap_err(), Error::KeyInvalid);
        }

        #[test]
        fn secrets_are_not_in_the_public_set() {
            let mut keys = AccessKeys::default();
            keys.add(None, b"a secret of at least thirty-two bytes").unwrap();
            assert_eq!(keys.public_set().unwrap(), r#"{"keys":[]}"#);
        }
    }
}
