//! Every format a key comes in, and every way in which it can be wrong.
#![cfg(feature = "keys")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing test may panic"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::crypto::rsa_key::PssParameters;
use tandem_jwt::keys::{Jwk, Jwks, Key, MAX_LEN, PrivateKey, PublicKey, Purpose, der, encrypted, pem, thumbprint};

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
        // The 21 bytes of a seed, which says how the curve was drawn and changes nothing, and a bit of the version: 1, 2 or 3.
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
        for dress in [
            text.clone().into_bytes(),
            text.replace('\n', "").into_bytes(),
            format!("\0\n\u{feff}junk {text}").into_bytes(),
            body.into_bytes(),
            decoded(&text),
        ] {
            assert_eq!(Key::read_secret(&dress).unwrap_err(), Error::KeyInvalid, "{name}");
            assert!(
                !matches!(Key::read(&dress, None, Purpose::Verify), Ok(Key::Secret(_))),
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
fn long_input_is_refused() {
    let long = vec![b'a'; MAX_LEN + 1];
    assert_eq!(Key::read(&long, None, Purpose::Verify).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(Key::read_der(&long, None).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(Jwk::from_json(&long).unwrap_err(), Error::KeyTooLarge);
    assert_eq!(
        Jwks::from_json(&vec![b'a'; (1 << 20) + 1]).unwrap_err(),
        Error::KeyTooLarge
    );
}

#[test]
fn jwks_go_there_and_back() {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    for &algorithm in Algorithm::ALL {
        let key = if algorithm.name().starts_with(['R', 'P']) {
            Key::Private(private("rsa.pkcs8"))
        } else {
            Key::generate(algorithm, 0, &mut rng).unwrap()
        };
        let json = Jwk::from_key(&key).unwrap().to_json().unwrap();
        let again = Jwk::from_json(json.as_bytes()).unwrap().to_key().unwrap();
        assert_eq!(Jwk::from_key(&again).unwrap().to_json().unwrap(), json);
        assert_eq!(thumbprint(&again), thumbprint(&key));
        if let Key::Private(key) = &key {
            let public = Jwk::from_public(&key.public_key()).to_key().unwrap();
            assert_eq!(thumbprint(&public), thumbprint(&again));
            // And by way of PEM.
            let pem = pem::write_private(key).unwrap();
            let again = Key::read(pem.as_bytes(), None, Purpose::Sign).unwrap();
            assert_eq!(Jwk::from_key(&again).unwrap().to_json().unwrap(), json);
        }
    }
}

#[test]
fn the_keys_of_rfc_7517_and_the_thumbprint_of_rfc_7638() {
    let set = Jwks::from_json(include_bytes!("vectors/rfc/rfc7517-a2.json")).unwrap();
    assert_eq!(set.keys().len(), 2);
    for key in set.keys() {
        assert!(matches!(key.to_key(), Ok(Key::Private(_))), "{:?}", key.kid);
    }
    let chosen = set
        .select(Some("2011-04-29"), Algorithm::Rs256, Purpose::Verify)
        .unwrap();
    assert!(matches!(chosen.to_key(), Ok(Key::Private(PrivateKey::Rsa(_)))));

    let examples: Vec<Value> = serde_json::from_str(include_str!("vectors/rfc/thumbprints.json")).unwrap();
    for example in examples {
        let key = Jwk::from_json(example["key"].to_string().as_bytes())
            .unwrap()
            .to_key()
            .unwrap();
        assert_eq!(thumbprint(&key).unwrap(), example["thumbprint"].as_str().unwrap());
    }
}

#[test]
fn a_jwk_must_be_whole_and_agree_with_itself() {
    let jwk = |key: &Key| -> Value { serde_json::from_str(&Jwk::from_key(key).unwrap().to_json().unwrap()).unwrap() };
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let rsa = jwk(&Key::Private(private("rsa.pkcs8")));
    let ec = jwk(&Key::generate(Algorithm::Es256, 0, &mut rng).unwrap());
    let other_ec = jwk(&Key::generate(Algorithm::Es256, 0, &mut rng).unwrap());
    let okp = jwk(&Key::generate(Algorithm::EdDsa, 0, &mut rng).unwrap());
    let akp = jwk(&Key::generate(Algorithm::MlDsa44, 0, &mut rng).unwrap());

    let with = |jwk: &Value, member: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[member] = value;
        Jwk::from_json(jwk.to_string().as_bytes())
            .and_then(|jwk| jwk.to_key())
            .map(|_| ())
    };
    let invalid = Err(Error::KeyInvalid);
    // Halves that do not belong together.
    assert_eq!(with(&ec, "d", other_ec["d"].clone()), invalid);
    assert_eq!(with(&okp, "d", other_ec["d"].clone()), invalid);
    assert_eq!(with(&akp, "priv", other_ec["d"].clone()), invalid);
    for member in ["d", "p", "q", "dp", "dq", "qi", "n"] {
        assert_eq!(with(&rsa, member, other_ec["d"].clone()), invalid, "{member}");
    }
    // A point that is not on the curve, coordinates of a wrong length, padding, a wrong type of member.
    assert_eq!(with(&ec, "x", ec["y"].clone()), invalid);
    assert_eq!(with(&ec, "x", json!("AQ")), invalid);
    assert_eq!(
        with(&ec, "x", json!(format!("{}=", ec["x"].as_str().unwrap()))),
        invalid
    );
    assert_eq!(with(&ec, "x", json!(1)), invalid);
    assert_eq!(with(&ec, "crv", json!("P-384")), invalid);
    assert_eq!(with(&ec, "crv", json!("P-192")), Err(Error::KeyUnsupported));
    assert_eq!(with(&okp, "crv", json!("X25519")), Err(Error::KeyUnsupported));
    assert_eq!(with(&akp, "alg", json!("ML-DSA-65")), invalid);
    assert_eq!(with(&akp, "alg", Value::Null), invalid);
    assert_eq!(
        with(&akp, "alg", json!("SLH-DSA-SHA2-128s")),
        Err(Error::KeyUnsupported)
    );
    assert_eq!(with(&rsa, "oth", json!([])), Err(Error::KeyUnsupported));
    assert_eq!(with(&rsa, "e", json!("Ag")), invalid);
    // Some of the five factors, but not all; then none.
    assert_eq!(with(&rsa, "qi", Value::Null), invalid);
    let mut short = rsa.clone();
    for member in ["p", "q", "dp", "dq", "qi"] {
        short[member] = Value::Null;
    }
    let found = Jwk::from_json(short.to_string().as_bytes()).unwrap().to_key().unwrap();
    let found = jwk(&found);
    assert!(found["p"] == rsa["p"] || found["p"] == rsa["q"]);
    // A member that stands twice, no type, a foreign type, a public key for a secret.
    for (json, error) in [
        (r#"{"kty":"oct","k":"AA","k":"AQ"}"#, Error::KeyInvalid),
        (r#"{"k":"AA"}"#, Error::KeyInvalid),
        (r#"{"kty":"oct"}"#, Error::KeyInvalid),
        (r#"{"kty":"Klingon"}"#, Error::KeyUnsupported),
        (
            r#"{"kty":"oct","k":"LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0"}"#,
            Error::KeyInvalid,
        ),
    ] {
        let read = Jwk::from_json(json.as_bytes()).and_then(|jwk| jwk.to_key());
        assert_eq!(read.unwrap_err(), error, "{json}");
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
