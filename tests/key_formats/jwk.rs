//! Keys as JSON Web Keys (RFC 7517).

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use serde_json::{Value, json};
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::keys::{Jwk, Jwks, Key, PrivateKey, Purpose, pem, thumbprint};

use super::private;

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
    let set = Jwks::from_json(include_bytes!("../vectors/rfc/rfc7517-a2.json")).unwrap();
    assert_eq!(set.keys().len(), 2);
    for key in set.keys() {
        assert!(matches!(key.to_key(), Ok(Key::Private(_))), "{:?}", key.kid);
    }
    let chosen = set
        .select(Some("2011-04-29"), Algorithm::Rs256, Purpose::Verify)
        .unwrap();
    assert!(matches!(chosen.to_key(), Ok(Key::Private(PrivateKey::Rsa(_)))));

    let examples: Vec<Value> = serde_json::from_str(include_str!("../vectors/rfc/thumbprints.json")).unwrap();
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
