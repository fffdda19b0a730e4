//! Every format a key comes in, and every way in which it can be wrong.
#![cfg(feature = "keys")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing test may panic"
)]

mod jwk;
mod secrets;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use proptest::prelude::*;
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::crypto::rsa_key::PssParameters;
use tandem_jwt::keys::{Jwk, Jwks, Key, MAX_KEY_LEN, PrivateKey, PublicKey, Purpose, der, encrypted, pem, thumbprint};

const PASSPHRASE: &[u8] = b"correct horse";

fn file(name: &str) -> String {
    let path = format!("{}/tests/vectors/openssl/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn read(text: &str, purpose: Purpose) -> Result<Key, Error> {
    Key::read(text.as_bytes(), None, purpose)
}

fn private(name: &str) -> PrivateKey {
    match read(&file(name), Purpose::Sign) {
        Ok(Key::Private(key)) => key,
        other => panic!("{name}: {other:?}"),
    }
}

fn public(name: &str) -> PublicKey {
    match read(&file(name), Purpose::Verify) {
        Ok(Key::Public(key)) => key,
        other => panic!("{name}: {other:?}"),
    }
}

/// The body of the last block.
fn decoded(pem: &str) -> Vec<u8> {
    let body = pem.rsplit("-----BEGIN ").next().unwrap();
    let body: String = body
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(body).unwrap()
}

#[test]
fn all_forms_of_a_key_are_the_same_key() {
    let rsa = der::write_spki(&public("rsa.spki")).unwrap();
    for name in ["rsa.pkcs8", "rsa.pkcs1", "rsa.pkcs1-public", "rsa.certificate"] {
        assert_eq!(der::write_spki(&public(name)).unwrap(), rsa, "{name}");
    }
    let ec = der::write_spki(&public("prime256v1.spki")).unwrap();
    for name in [
        "prime256v1.sec1",
        "prime256v1.pkcs8",
        "prime256v1.compressed",
        "prime256v1.certificate",
    ] {
        assert_eq!(der::write_spki(&public(name)).unwrap(), ec, "{name}");
    }
}

#[test]
fn a_curve_in_numbers_is_recognised_and_never_taken_at_its_word() {
    for (curve, field_len) in [
        ("prime256v1", 32),
        ("secp384r1", 48),
        ("secp521r1", 66),
        ("secp256k1", 32),
    ] {
        let named = der::write_spki(&public(&format!("{curve}.spki"))).unwrap();
        let (sec1, spki) = (format!("{curve}.explicit.sec1"), format!("{curve}.explicit.spki"));
        assert_eq!(der::write_spki(&public(&sec1)).unwrap(), named, "{sec1}");
        assert_eq!(der::write_spki(&public(&spki)).unwrap(), named, "{spki}");
        assert_eq!(
            der::write_pkcs8(&private(&sec1)).unwrap(),
            der::write_pkcs8(&private(&format!("{curve}.sec1"))).unwrap()
        );

        // One bit of the numbers makes another curve. Behind them stands the point of the key, compressed.
        let whole = decoded(&file(&spki));
        let mut recognised = 0;
        for at in 0..whole.len() - (field_len + 4) {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                if let Ok(key) = der::read_spki(&changed) {
                    assert_eq!(der::write_spki(&key).unwrap(), named, "{spki} {at} {bit}");
                    recognised += 1;
                }
            }
        }
        // The 21 bytes of a seed, which says how the curve was drawn and changes nothing, and a bit of the version: 1,
        // 2 or 3.
        assert!(recognised <= 8 * 21 + 1, "{spki} {recognised}");
    }
}

#[test]
fn what_openssl_wrote_is_written_again() {
    for name in [
        "rsa",
        "rsa-pss",
        "prime256v1",
        "secp384r1",
        "secp521r1",
        "secp256k1",
        "ed25519",
    ] {
        let (pkcs8, spki) = (file(&format!("{name}.pkcs8")), file(&format!("{name}.spki")));
        let key = private(&format!("{name}.pkcs8"));
        assert_eq!(*pem::write_private(&key).unwrap(), pkcs8, "{name}");
        assert_eq!(pem::write_public(&key.public_key()).unwrap(), spki, "{name}");
        assert_eq!(
            pem::write_public(&public(&format!("{name}.spki"))).unwrap(),
            spki,
            "{name}"
        );
        for (der, is_private) in [(decoded(&pkcs8), true), (decoded(&spki), false)] {
            let key = Key::read_der(&der, None).unwrap();
            assert_eq!(matches!(key, Key::Private(_)), is_private, "{name}");
        }
    }
}

#[test]
fn a_key_tells_what_it_is() {
    let describe = |name| public(name).describe();
    for (name, type_name, curve, bits) in [
        ("rsa.spki", "rsa", None, Some(2048)),
        ("rsa-1024.pkcs8", "rsa", None, Some(1024)),
        ("rsa-pss-any.pkcs8", "rsa-pss", None, Some(2048)),
        ("rsa-pss.spki", "rsa-pss", None, Some(2048)),
        ("prime256v1.spki", "ec", Some("prime256v1"), Some(256)),
        ("secp384r1.spki", "ec", Some("secp384r1"), Some(384)),
        ("secp521r1.spki", "ec", Some("secp521r1"), Some(521)),
        ("secp256k1.spki", "ec", Some("secp256k1"), Some(256)),
        ("ed25519.spki", "ed25519", None, None),
        ("foreign.x25519.spki", "x25519", None, None),
        ("foreign.x448.pkcs8", "x448", None, None),
        ("foreign.ed448.pkcs8", "ed448", None, None),
        ("foreign.dsa.spki", "dsa", None, None),
        ("foreign.dsa.traditional", "dsa", None, None),
        ("foreign.secp224r1.spki", "ec", Some("secp224r1"), None),
        ("foreign.brainpoolP256r1.spki", "ec", Some("brainpoolP256r1"), None),
    ] {
        let is = describe(name);
        assert_eq!((is.type_name, is.curve, is.bits), (type_name, curve, bits), "{name}");
    }
    let parameters = PssParameters {
        hash: "sha256",
        mgf1_hash: "sha256",
        salt_len: 32,
    };
    assert_eq!(describe("rsa-pss.spki").pss, Some(parameters));
    assert_eq!(describe("rsa-pss-any.pkcs8").pss, None);
}

#[test]
fn foreign_keys_do_nothing() {
    for name in ["foreign.x25519.pkcs8", "foreign.dsa.traditional"] {
        let key = Key::Private(private(name));
        let mut rng = ChaCha20Rng::from_seed([0; 32]);
        for &algorithm in Algorithm::ALL {
            assert_eq!(key.sign(algorithm, b"", &mut rng), Err(Error::KeyInvalid));
            assert_eq!(key.verify(algorithm, b"", b""), Err(Error::KeyInvalid));
        }
        assert_eq!(Jwk::from_key(&key).unwrap_err(), Error::KeyUnsupported);
        assert_eq!(thumbprint(&key), Err(Error::KeyUnsupported));
        assert_eq!(pem::write_private(&private(name)).unwrap_err(), Error::KeyUnsupported);
    }
}

#[test]
fn the_purpose_chooses_between_the_blocks_of_a_file() {
    let bundle = format!("some words\n{}\n{}", file("rsa.certificate"), file("ed25519.pkcs8"));
    assert!(matches!(
        read(&bundle, Purpose::Sign),
        Ok(Key::Private(PrivateKey::Ed25519(_)))
    ));
    assert!(matches!(
        read(&bundle, Purpose::Verify),
        Ok(Key::Public(PublicKey::Rsa(_)))
    ));
}

#[test]
fn pem_is_read_as_it_gets_bent() {
    let text = file("ed25519.spki");
    for bent in [
        format!("\u{feff}{text}"),
        format!("\r\n\t {text}  "),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\n    "),
        text.trim_end().into(),
        text.replace('\n', ""),
        text.replace('\n', " "),
        text.replace('\n', "\r"),
        format!("x{text}"),
    ] {
        assert!(matches!(read(&bent, Purpose::Verify), Ok(Key::Public(_))), "{bent:?}");
    }
    for broken in [
        text.replace("-----END PUBLIC KEY-----", ""),
        text.replace("END PUBLIC", "END PRIVATE"),
        text.replace("MCow", "MCo*"),
        text.replace("MCow", "MCo"),
        text.replace("MCow", "MCoww"),
    ] {
        assert!(read(&broken, Purpose::Verify).is_err(), "{broken:?}");
    }
}

#[test]
fn long_input_is_refused() {
    let long = vec![b'a'; MAX_KEY_LEN + 1];
    assert_eq!(Key::read(&long, None, Purpose::Verify).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(Key::read_der(&long, None).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(Jwk::from_json(&long).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(
        Jwks::from_json(&vec![b'a'; (1 << 20) + 1]).unwrap_err(),
        Error::KeyTooLarge
    );
}

#[test]
fn an_rsa_key_is_made() {
    let key = Key::generate(Algorithm::Ps256, 2048, &mut ChaCha20Rng::from_seed([4; 32])).unwrap();
    let Key::Private(key) = key else {
        panic!("a pair");
    };
    assert_eq!(key.describe().bits, Some(2048));
    let short = Key::generate(Algorithm::Rs256, 1024, &mut ChaCha20Rng::from_seed([4; 32]));
    assert_eq!(short.unwrap_err(), Error::KeyInvalid);
}

/// Reads bytes by every way there is; none may panic.
fn read_all(bytes: &[u8]) {
    for purpose in [Purpose::Sign, Purpose::Verify] {
        let _ = Key::read(bytes, Some(PASSPHRASE.into()), purpose);
        let _ = pem::read(bytes, Some(PASSPHRASE.into()), purpose);
    }
    let _ = Key::read_der(bytes, Some(PASSPHRASE.into()));
    let _ = der::read_spki(bytes);
    let _ = der::read_certificate(bytes);
    let _ = der::read_pkcs1_public(bytes);
    let _ = der::read_pkcs1_private(bytes);
    let _ = der::read_sec1(bytes);
    let _ = der::read_pkcs8(bytes);
    let _ = encrypted::decrypt_pkcs8(bytes, PASSPHRASE.into());
    let _ = Jwks::from_json(bytes);
    if let Ok(jwk) = Jwk::from_json(bytes) {
        let _ = jwk.to_key();
    }
}

const SEEDS: [&str; 13] = [
    "rsa-1024.pkcs8",
    "rsa-pss.spki",
    "rsa.pkcs1-public",
    "prime256v1.certificate",
    "prime256v1.sec1",
    "secp521r1.pkcs8",
    "secp256k1.spki",
    "ed25519.pkcs8",
    "foreign.dsa.spki",
    "legacy.des3",
    "encrypted.des3",
    "prime256v1.explicit.sec1",
    "prime256v1.explicit.spki",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        read_all(&bytes);
    }

    #[test]
    fn a_bent_file_is_answered(which in 0..SEEDS.len(), at: prop::sample::Index, with: u8, cut: prop::sample::Index, armoured: bool) {
        let text = file(SEEDS[which]);
        // The encrypted ones are slow to open: bend their armour only.
        let mut bytes = if armoured || SEEDS[which].contains('.') && text.contains("ENCRYPTED") {
            text.into_bytes()
        } else {
            decoded(&text)
        };
        *at.get_mut(&mut bytes) = with;
        read_all(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_all(&bytes);
    }

    #[test]
    fn a_bent_jwk_is_answered(at: prop::sample::Index, with: u8, which in 0..4_usize) {
        let key = private(["rsa-1024.pkcs8", "prime256v1.pkcs8", "secp256k1.pkcs8", "ed25519.pkcs8"][which]);
        let mut json = Jwk::from_private(&key).unwrap().to_json().unwrap().as_bytes().to_vec();
        *at.get_mut(&mut json) = with;
        read_all(&json);
    }
}

/// An ML-DSA key in the form that holds both the seed and the key expanded from it (RFC 9881 §6).
#[test]
fn a_seed_and_an_expanded_key_belong_together() {
    use ml_dsa::{MlDsa44, SigningKey};

    #[expect(deprecated, reason = "the form under test holds the expanded key")]
    let expanded = |seed: [u8; 32]| {
        SigningKey::<MlDsa44>::from_seed(&seed.into())
            .expanded_key()
            .to_expanded()
            .to_vec()
    };
    let element = |tag: u8, content: &[u8]| {
        let len = u16::try_from(content.len()).unwrap().to_be_bytes();
        let head = match content.len() {
            0..128 => vec![tag, len[1]],
            128..256 => vec![tag, 0x81, len[1]],
            _ => vec![tag, 0x82, len[0], len[1]],
        };
        [head.as_slice(), content].concat()
    };
    let pkcs8 = |seed: [u8; 32], expanded: &[u8]| {
        let both = element(0x30, &[element(4, &seed), element(4, expanded)].concat());
        let identifier = element(0x30, &element(6, b"\x60\x86\x48\x01\x65\x03\x04\x03\x11"));
        element(0x30, &[element(2, &[0]), identifier, element(4, &both)].concat())
    };
    let (one, other) = ([1; 32], [2; 32]);
    assert!(der::read_pkcs8(&pkcs8(one, &expanded(one))).is_ok());
    assert_eq!(
        der::read_pkcs8(&pkcs8(one, &expanded(other))).unwrap_err(),
        Error::KeyInvalid
    );
    assert_eq!(
        der::read_pkcs8(&pkcs8(one, &expanded(one)[1..])).unwrap_err(),
        Error::KeyInvalid
    );
}
