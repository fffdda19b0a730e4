//! Tokens of the crate `jsonwebtoken`, through our provider and our keys, in both directions.
#![cfg(feature = "keys")]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use tandem_jwt::bridge::{PROVIDER, decoding_key, encoding_key, from_jwk, to_jwk};
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::jose::base64url;
use tandem_jwt::jose::compact::Compact;
use tandem_jwt::keys::{Key, Purpose, thumbprint};

const RSA: &[u8] = include_bytes!("vectors/openssl/rsa.pkcs8.pem");

#[test]
fn both_sides_read_each_other() {
    // One test installs it for the process.
    PROVIDER.install_default().unwrap();
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    let claims = json!({ "sub": "ada", "exp": 4_102_444_800_u64 });
    for name in [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ] {
        let their: jsonwebtoken::Algorithm = name.parse().unwrap();
        let ours = Algorithm::from_name(name).unwrap();
        let key = if name.starts_with(['R', 'P']) {
            Key::read(RSA, None, Purpose::Sign).unwrap()
        } else {
            Key::generate(ours, 0, &mut rng).unwrap()
        };
        let (signs, verifies) = if let Key::Private(key) = &key {
            (encoding_key(key).unwrap(), decoding_key(&key.public_key()).unwrap())
        } else {
            let jwk = tandem_jwt::keys::Jwk::from_key(&key).unwrap();
            let secret = base64url::decode(jwk.k.unwrap().as_bytes()).unwrap();
            (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret))
        };

        let token = jsonwebtoken::encode(&Header::new(their), &claims, &signs).unwrap();
        let parts = Compact::split(token.as_bytes()).unwrap();
        let signature = base64url::decode(parts.signature).unwrap();
        assert_eq!(key.verify(ours, parts.signing_input, &signature), Ok(()), "{name}");
        let decoded = jsonwebtoken::decode::<Value>(&token, &verifies, &Validation::new(their)).unwrap();
        assert_eq!(decoded.claims, claims, "{name}");
        let forged = format!("{token}A");
        assert!(jsonwebtoken::decode::<Value>(&forged, &verifies, &Validation::new(their)).is_err());

        let Key::Private(private) = &key else { continue };
        let jwk = to_jwk(&private.public_key()).unwrap();
        assert_eq!(thumbprint(&from_jwk(&jwk).unwrap()), thumbprint(&key), "{name}");
        assert_eq!(
            jwk.thumbprint(ThumbprintHash::SHA256).unwrap(),
            thumbprint(&key).unwrap(),
            "{name}"
        );
        // The crate makes the same JWK of its own form of the key.
        let theirs = Jwk::from_encoding_key(&signs, their).unwrap();
        assert_eq!(theirs.algorithm, jwk.algorithm, "{name}");
    }
}
