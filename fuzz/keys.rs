//! Key files, JWKs and secrets.

use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::keys::secret::looks_asymmetric;
use tandem_jwt::keys::{Jwk, Jwks, Key, MAX_KEY_LEN, PrivateKey, PublicKey, Purpose, der, encrypted, pem, thumbprint};

use super::PASSPHRASE;

/// Keys in every format: what is read can be written, and read again as the same key.
pub fn keys(bytes: &[u8]) -> bool {
    let mut good = any_key(bytes);
    for read in [der::read_spki, der::read_certificate, der::read_pkcs1_public] {
        if let Ok(key) = read(bytes) {
            assert!(matches!(Key::read_der(bytes, None), Ok(Key::Public(_))));
            check_public(&key);
        }
    }
    for read in [der::read_pkcs1_private, der::read_sec1, der::read_pkcs8] {
        if let Ok(key) = read(bytes) {
            assert!(matches!(Key::read_der(bytes, None), Ok(Key::Private(_))));
            check_private(&key);
        }
    }
    if let Ok(jwk) = Jwk::from_json(bytes) {
        let json = jwk.to_json().unwrap();
        let again = Jwk::from_json(json.as_bytes()).unwrap();
        assert_eq!(again.to_json().unwrap(), json);
        // Other primes make a key refused, and are not written again.
        if jwk.oth.is_none() {
            assert_eq!(again.to_key().err(), jwk.to_key().err());
        }
    }
    if let Ok(set) = Jwks::from_json(bytes) {
        good = true;
        for jwk in set.keys() {
            let _ = jwk.to_key().map(|key| check_key(&key));
            for &algorithm in Algorithm::ALL {
                for purpose in [Purpose::Sign, Purpose::Verify] {
                    if let Ok(chosen) = set.select(jwk.kid.as_deref(), algorithm, purpose) {
                        assert!(jwk.kid.is_none() || chosen.kid == jwk.kid);
                    }
                }
            }
        }
    }
    good
}

/// Encrypted keys: no other passphrase opens them.
pub fn encrypted_keys(bytes: &[u8]) -> bool {
    let opened = any_key(bytes);
    let _ = encrypted::decrypt_pkcs8(bytes, PASSPHRASE.into());
    if opened && matches!(Key::read(bytes, None, Purpose::Sign), Err(Error::KeyPassphrase)) {
        for wrong in [&b""[..], b"correct horsf"] {
            let wrong = Key::read(bytes, Some(wrong.into()), Purpose::Sign);
            assert_eq!(wrong.unwrap_err(), Error::KeyPassphrase);
        }
    }
    opened
}

/// Reads bytes as [`Key::read`] does. True if they are a key, and not just a secret.
fn any_key(bytes: &[u8]) -> bool {
    let mut good = false;
    for purpose in [Purpose::Sign, Purpose::Verify] {
        let Ok((key, restrictions)) = Key::read_with_restrictions(bytes, Some(PASSPHRASE.into()), purpose) else {
            continue;
        };
        match &key {
            Key::Secret(_) => assert!(!looks_asymmetric(bytes) || bytes.trim_ascii().ends_with(b"}")),
            Key::Public(_) => {}
            Key::Private(_) => assert_eq!(purpose, Purpose::Sign),
        }
        if !matches!(key, Key::Secret(_)) {
            assert_eq!(Key::read_secret(bytes).unwrap_err(), Error::KeyInvalid);
            good = true;
        }
        for &algorithm in Algorithm::ALL {
            let _ = restrictions.allow(algorithm, purpose);
        }
        check_key(&key);
    }
    good
}

fn check_key(key: &Key) {
    match key {
        Key::Public(key) => check_public(key),
        Key::Private(key) => check_private(key),
        Key::Secret(_) => check_jwk(key),
    }
}

fn check_public(key: &PublicKey) {
    if matches!(key, PublicKey::Unsupported(_)) {
        assert_eq!(der::write_spki(key).unwrap_err(), Error::KeyUnsupported);
        return;
    }
    let spki = der::write_spki(key).unwrap();
    let again = der::read_spki(&spki).unwrap();
    assert_eq!(der::write_spki(&again).unwrap(), spki);
    assert_eq!(again.describe(), key.describe());
    let armoured = pem::write_public(key).unwrap();
    assert!(matches!(
        pem::read(armoured.as_bytes(), None, Purpose::Verify),
        Ok(Key::Public(_))
    ));
    check_jwk(&Key::Public(again));
}

fn check_private(key: &PrivateKey) {
    if matches!(key, PrivateKey::Unsupported(_)) {
        assert_eq!(der::write_pkcs8(key).unwrap_err(), Error::KeyUnsupported);
        return;
    }
    let pkcs8 = der::write_pkcs8(key).unwrap();
    let again = der::read_pkcs8(&pkcs8).unwrap();
    assert_eq!(der::write_pkcs8(&again).unwrap(), pkcs8);
    assert_eq!(again.describe(), key.describe());
    check_public(&key.public_key());
    check_jwk(&Key::Private(again));
}

fn check_jwk(key: &Key) {
    let jwk = match Jwk::from_key(key) {
        // An empty secret.
        Err(error) => return assert_eq!((matches!(key, Key::Secret(_)), error), (true, Error::KeyInvalid)),
        Ok(jwk) => jwk,
    };
    let json = jwk.to_json().unwrap();
    if json.len() > MAX_KEY_LEN {
        return;
    }
    let again = Jwk::from_json(json.as_bytes()).and_then(|jwk| jwk.to_key()).unwrap();
    assert_eq!(Jwk::from_key(&again).unwrap().to_json().unwrap(), json);
    assert_eq!(thumbprint(&again).unwrap(), thumbprint(key).unwrap());
}
