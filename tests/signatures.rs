//! Every algorithm against the examples of its RFC, against OpenSSL, and against its own properties.
#![cfg(feature = "keys")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing test may panic"
)]

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use proptest::prelude::*;
use serde_json::Value;
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::{Algorithm, Family, RsaScheme};
use tandem_jwt::jose::base64url;
use tandem_jwt::jose::compact::Compact;
use tandem_jwt::keys::{Jwk, Key, Purpose, thumbprint};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([7; 32])
}

fn openssl(name: &str, purpose: Purpose) -> Key {
    let path = format!("{}/tests/vectors/openssl/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    Key::read(&std::fs::read(path).unwrap(), None, purpose).unwrap()
}

#[test]
fn the_examples_of_the_rfcs() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("vectors/rfc/signatures.json")).unwrap();
    assert_eq!(examples.len(), 11);
    for example in examples {
        let source = example["source"].as_str().unwrap();
        let algorithm = Algorithm::from_name(example["alg"].as_str().unwrap()).unwrap();
        let token = Compact::split(example["token"].as_str().unwrap().as_bytes()).unwrap();
        let signature = base64url::decode(token.signature).unwrap();
        let key = Jwk::from_json(example["key"].to_string().as_bytes())
            .unwrap()
            .to_key()
            .unwrap();

        assert_eq!(
            key.verify(algorithm, token.signing_input, &signature),
            Ok(()),
            "{source}"
        );
        let made = key.sign(algorithm, token.signing_input, &mut rng()).unwrap();
        assert_eq!(key.verify(algorithm, token.signing_input, &made), Ok(()), "{source}");
        if example["deterministic"] == true {
            assert_eq!(made, signature, "{source}");
        }
        if let Some(expected) = example["thumbprint"].as_str() {
            assert_eq!(thumbprint(&key).unwrap(), expected, "{source}");
        }
        // No other algorithm takes this key and signature.
        for &other in Algorithm::ALL
            .iter()
            .filter(|other| other.family() != algorithm.family())
        {
            assert!(
                key.verify(other, token.signing_input, &signature).is_err(),
                "{source} {}",
                other.name()
            );
        }
    }
}

#[test]
fn what_openssl_signed_verifies() {
    let message = include_bytes!("vectors/openssl/message.txt");
    let lines = include_str!("vectors/openssl/signatures.txt").lines();
    let mut count = 0;
    for line in lines {
        let [alg, name, signature] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("three columns");
        };
        let algorithm = Algorithm::from_name(alg).unwrap();
        let key = openssl(&format!("{name}.spki"), Purpose::Verify);
        let signature = base64url::decode(signature.as_bytes()).unwrap();
        assert_eq!(key.verify(algorithm, message, &signature), Ok(()), "{line}");
        assert_eq!(
            key.verify(algorithm, b"made by another", &signature),
            Err(Error::SignatureInvalid),
            "{line}"
        );
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn signatures_of_a_wrong_length_are_invalid() {
    for (&algorithm, key) in Algorithm::ALL.iter().zip(&*KEYS) {
        let signature = key.sign(algorithm, b"message", &mut rng()).unwrap();
        let mut longer = signature.clone();
        longer.push(0);
        let mut leading = signature.clone();
        leading.insert(0, 0);
        for wrong in [
            &[][..],
            &signature[1..],
            &signature[..signature.len() - 1],
            &longer,
            &leading,
        ] {
            assert_eq!(
                key.verify(algorithm, b"message", wrong),
                Err(Error::SignatureInvalid),
                "{} {}",
                algorithm.name(),
                wrong.len()
            );
        }
        assert_eq!(
            key.verify(algorithm, b"message", &vec![0; signature.len()]),
            Err(Error::SignatureInvalid)
        );
    }
}

#[test]
fn both_values_of_s_verify() {
    // The orders of the two curves, less the `s` of a signature, give its other value.
    let orders = [
        (
            Algorithm::Es256,
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        (
            Algorithm::Es256k,
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ),
    ];
    for (algorithm, order) in orders {
        let key = Key::generate(algorithm, 0, &mut rng()).unwrap();
        let mut signature = key.sign(algorithm, b"message", &mut rng()).unwrap();
        let mut borrow = 0_i16;
        for at in (0..32).rev() {
            let digit = i16::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap();
            let difference = digit - i16::from(signature[32 + at]) - borrow;
            borrow = i16::from(difference < 0);
            signature[32 + at] = u8::try_from(difference.rem_euclid(256)).unwrap();
        }
        assert_eq!(
            key.verify(algorithm, b"message", &signature),
            Ok(()),
            "{}",
            algorithm.name()
        );
    }
}

#[test]
fn a_key_serves_its_own_family_only() {
    for (&own, key) in Algorithm::ALL.iter().zip(&*KEYS) {
        for &other in Algorithm::ALL {
            let serves = match (own.family(), other.family()) {
                (Family::Hmac(_), Family::Hmac(_)) | (Family::Rsa(..), Family::Rsa(..)) => true,
                (own, other) => own == other,
            };
            let signed = key.sign(other, b"", &mut rng());
            assert_eq!(signed.is_ok(), serves, "{} {}", own.name(), other.name());
            if !serves {
                assert_eq!(signed, Err(Error::KeyInvalid));
                assert_eq!(key.verify(other, b"", &[0; 64]), Err(Error::KeyInvalid));
            }
        }
    }
}

#[test]
fn a_public_key_does_not_sign() {
    let key = openssl("rsa.spki", Purpose::Sign);
    assert_eq!(key.sign(Algorithm::Rs256, b"", &mut rng()), Err(Error::KeyInvalid));
}

#[test]
fn a_pss_key_keeps_to_its_parameters() {
    let key = openssl("rsa-pss.pkcs8", Purpose::Sign);
    for &algorithm in Algorithm::ALL {
        let allowed = algorithm == Algorithm::Ps256;
        assert_eq!(
            key.sign(algorithm, b"", &mut rng()).is_ok(),
            allowed,
            "{}",
            algorithm.name()
        );
    }
    let any = openssl("rsa-pss-any.pkcs8", Purpose::Sign);
    for &algorithm in Algorithm::ALL {
        let allowed = matches!(algorithm.family(), Family::Rsa(RsaScheme::Pss, _));
        assert_eq!(
            any.sign(algorithm, b"", &mut rng()).is_ok(),
            allowed,
            "{}",
            algorithm.name()
        );
    }
}

#[test]
fn a_modulus_too_short_for_the_padding_is_an_error() {
    let key = openssl("rsa-1024.pkcs8", Purpose::Sign);
    assert!(key.sign(Algorithm::Ps256, b"", &mut rng()).is_ok());
    assert_eq!(key.sign(Algorithm::Ps512, b"", &mut rng()), Err(Error::KeyInvalid));
    assert_eq!(
        key.verify(Algorithm::Ps512, b"", &[1; 128]),
        Err(Error::SignatureInvalid)
    );
}

#[test]
fn hedged_and_salted_signatures_differ_and_the_others_do_not() {
    for (&algorithm, key) in Algorithm::ALL.iter().zip(&*KEYS) {
        let mut rng = rng();
        let (first, second) = (key.sign(algorithm, b"", &mut rng), key.sign(algorithm, b"", &mut rng));
        let fresh = matches!(algorithm.family(), Family::Rsa(RsaScheme::Pss, _) | Family::MlDsa(_));
        assert_eq!(first != second, fresh, "{}", algorithm.name());
    }
}

/// One key for each algorithm; the RSA ones are the same key, which would take seconds to make.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let make = |&algorithm: &Algorithm| match algorithm.family() {
        Family::Rsa(..) => openssl("rsa.pkcs8", Purpose::Sign),
        _ => Key::generate(algorithm, 0, &mut rng()).unwrap(),
    };
    Algorithm::ALL.iter().map(make).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_signed_verifies(message: Vec<u8>, which in 0..Algorithm::ALL.len(), seed: [u8; 32]) {
        let (key, algorithm) = (&KEYS[which], Algorithm::ALL[which]);
        let signature = key.sign(algorithm, &message, &mut ChaCha20Rng::from_seed(seed)).unwrap();
        prop_assert_eq!(key.verify(algorithm, &message, &signature), Ok(()));
    }

    #[test]
    fn one_bit_flipped_fails(
        message in prop::collection::vec(any::<u8>(), 1..64),
        which in 0..Algorithm::ALL.len(),
        at: prop::sample::Index,
        bit in 0..8_u32,
        in_message: bool,
    ) {
        let (key, algorithm) = (&KEYS[which], Algorithm::ALL[which]);
        let mut signature = key.sign(algorithm, &message, &mut rng()).unwrap();
        let mut message = message;
        *at.get_mut(if in_message { &mut message } else { &mut signature }) ^= 1_u8 << bit;
        prop_assert_eq!(key.verify(algorithm, &message, &signature), Err(Error::SignatureInvalid));
    }

    #[test]
    fn any_bytes_are_no_signature(signature: Vec<u8>, which in 0..Algorithm::ALL.len()) {
        prop_assert_eq!(KEYS[which].verify(Algorithm::ALL[which], b"", &signature), Err(Error::SignatureInvalid));
    }
}
