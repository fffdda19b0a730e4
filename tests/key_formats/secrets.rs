//! What must stay closed or hidden: encrypted keys, keys that pass for secrets, and keys in logs.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::keys::{Jwk, Key, Purpose, pem};

use super::{PASSPHRASE, decoded, file, private, public, read};

#[test]
fn a_passphrase_opens_what_is_encrypted() {
    let plain = pem::write_private(&private("prime256v1.pkcs8")).unwrap();
    for name in [
        "encrypted.aes-128-cbc",
        "encrypted.aes-192-cbc",
        "encrypted.aes-256-cbc",
        "encrypted.des3",
        "encrypted.hmacWithSHA1",
        "encrypted.hmacWithSHA224",
        "encrypted.hmacWithSHA384",
        "encrypted.hmacWithSHA512",
        "encrypted.scrypt",
        "legacy.aes-128-cbc",
        "legacy.aes-192-cbc",
        "legacy.aes-256-cbc",
        "legacy.des3",
    ] {
        let text = file(name);
        let open =
            |passphrase: Option<&'static [u8]>| Key::read(text.as_bytes(), passphrase.map(Into::into), Purpose::Sign);
        let Ok(Key::Private(key)) = open(Some(PASSPHRASE)) else {
            panic!("{name}: {:?}", open(Some(PASSPHRASE)));
        };
        assert_eq!(pem::write_private(&key).unwrap(), plain, "{name}");
        for wrong in [None, Some(&b""[..]), Some(&b"correct horsf"[..])] {
            assert_eq!(open(wrong).unwrap_err(), Error::KeyPassphrase, "{name}");
        }
    }
    assert_eq!(
        Key::read(
            file("unsupported.pbes1").as_bytes(),
            Some(PASSPHRASE.into()),
            Purpose::Sign
        )
        .unwrap_err(),
        Error::KeyUnsupported
    );
    let der = decoded(&file("encrypted.aes-256-cbc"));
    assert!(matches!(
        Key::read_der(&der, Some(PASSPHRASE.into())),
        Ok(Key::Private(_))
    ));
    assert_eq!(Key::read_der(&der, None).unwrap_err(), Error::KeyPassphrase);
}

#[test]
fn nothing_that_looks_like_a_key_becomes_a_secret() {
    let names = [
        "rsa.spki",
        "rsa.pkcs1-public",
        "rsa.certificate",
        "prime256v1.certificate",
        "ed25519.spki",
        "rsa.pkcs8",
    ];
    for name in names {
        let text = file(name);
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        for form in [
            text.clone().into_bytes(),
            text.replace('\n', "").into_bytes(),
            format!("\0\n\u{feff}junk {text}").into_bytes(),
            body.into_bytes(),
            decoded(&text),
        ] {
            assert_eq!(Key::read_secret(&form).unwrap_err(), Error::KeyInvalid, "{name}");
            assert!(
                !matches!(Key::read(&form, None, Purpose::Verify), Ok(Key::Secret(_))),
                "{name}"
            );
        }
        let jwk = Jwk::from_public(&public(name)).to_json().unwrap();
        assert_eq!(Key::read_secret(jwk.as_bytes()).unwrap_err(), Error::KeyInvalid);
        assert!(matches!(
            read(&format!(" \n{}", *jwk), Purpose::Verify),
            Ok(Key::Public(_))
        ));
    }
}

#[test]
fn debug_shows_no_key() {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Es256k,
        Algorithm::MlDsa44,
    ] {
        let key = Key::generate(algorithm, 0, &mut rng).unwrap();
        assert!(format!("{key:?}").contains("[redacted]"));
        let jwk = Jwk::from_key(&key).unwrap();
        assert!(!format!("{jwk:?}").contains(jwk.d.as_deref().or(jwk.k.as_deref()).map_or("priv", String::as_str)));
    }
    assert!(format!("{:?}", private("rsa.pkcs8")).contains("[redacted]"));
}
