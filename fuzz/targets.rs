//! One function for each group of parsers. It takes bytes and says whether any parser accepted them.
//!
//! None may panic, and each asserts what its parsers promise. libFuzzer runs them from `fuzz_targets`, and the test
//! `parsers_survive` runs the same functions on a small corpus and on mutations of it.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken promise has to panic"
)]

#[path = "keys.rs"]
pub mod keys;
#[path = "sessions.rs"]
pub mod sessions;
#[path = "signatures.rs"]
pub mod signatures;
#[path = "wire.rs"]
pub mod wire;

use std::sync::LazyLock;
use tandem_jwt::crypto::algorithm::{Algorithm, MlDsaSet};
use tandem_jwt::keys::material::PrivateMaterial;
use tandem_jwt::keys::{Key, PrivateKey, Purpose};
use tandem_jwt::session::access_token::Grant;
use tandem_jwt::session::dpop::Expected;
use tandem_jwt::session::{AccessKeys, Epoch, RefreshKeys};

pub use keys::{encrypted_keys, keys};
pub use sessions::{command, dpop, outcome, record, session_tokens, settings};
pub use signatures::{curve_signatures, rsa_signatures};
pub use wire::{base64url, json, token};

/// A group of parsers.
pub type Target = fn(&[u8]) -> bool;

/// All groups, by the names that their corpora have.
pub const ALL: [(&str, Target); 13] = [
    ("base64url", base64url),
    ("json", json),
    ("keys", keys),
    ("encrypted_keys", encrypted_keys),
    ("token", token),
    ("session_tokens", session_tokens),
    ("dpop", dpop),
    ("record", record),
    ("command", command),
    ("outcome", outcome),
    ("settings", settings),
    ("rsa_signatures", rsa_signatures),
    ("curve_signatures", curve_signatures),
];

/// The passphrase of the corpus's encrypted keys.
pub const PASSPHRASE: &[u8] = b"correct horse";

/// The secret that signs whatever in the corpus is signed with one.
pub const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

/// The issuer of the sessions of the corpus.
pub const ISSUER: &str = "https://id.example";

/// The claims of the corpus's access tokens beside those of their sessions.
pub const GRANT: Grant<'_> = Grant {
    audience: r#"["https://api.example"]"#,
    client_id: "web",
    scope: None,
    lifetime: 900,
};

/// The request that the proofs of the corpus came with.
pub const PROOF: Expected<'_> = Expected {
    method: "POST",
    now: 1_000,
    max_age: Some(60),
    access_token: None,
};

/// The epoch of the corpus's subject.
pub const EPOCH: Epoch<'_> = Epoch {
    value: 5_000,
    keep: Some("s2"),
    kept_from: 4_000,
    clock_ms: None,
};

/// A key for each kind of signature, and the algorithm that it signs the tokens of the corpus with.
pub static KEYS: LazyLock<Vec<(Algorithm, Key)>> = LazyLock::new(|| {
    let file = |bytes: &[u8]| Key::read(bytes, None, Purpose::Sign).unwrap();
    let parts = PrivateMaterial::MlDsa {
        set: MlDsaSet::MlDsa44,
        seed: vec![7; 32].into(),
    };
    let rsa = || file(include_bytes!("../tests/vectors/openssl/rsa.pkcs8.pem"));
    vec![
        (Algorithm::Hs256, Key::read_secret(SECRET).unwrap()),
        (Algorithm::Hs384, Key::read_secret(SECRET).unwrap()),
        (Algorithm::Hs512, Key::read_secret(SECRET).unwrap()),
        (Algorithm::Rs256, rsa()),
        (Algorithm::Ps256, rsa()),
        (
            Algorithm::Es256,
            file(include_bytes!("../tests/vectors/openssl/prime256v1.pkcs8.pem")),
        ),
        (
            Algorithm::Es256k,
            file(include_bytes!("../tests/vectors/openssl/secp256k1.pkcs8.pem")),
        ),
        (
            Algorithm::EdDsa,
            file(include_bytes!("../tests/vectors/openssl/ed25519.pkcs8.pem")),
        ),
        (
            Algorithm::MlDsa44,
            Key::Private(PrivateKey::from_material(parts, None).unwrap()),
        ),
    ]
});

/// The keys that verify what [`KEYS`] sign.
static PUBLIC_KEYS: LazyLock<Vec<(Algorithm, Key)>> = LazyLock::new(|| {
    let public = |key: &Key| match key {
        Key::Private(key) => Key::Public(key.public_key()),
        _ => Key::read_secret(SECRET).unwrap(),
    };
    KEYS.iter().map(|(algorithm, key)| (*algorithm, public(key))).collect()
});

/// The keys of the corpus's access tokens.
pub static ACCESS_KEYS: LazyLock<AccessKeys> = LazyLock::new(|| {
    let mut keys = AccessKeys::default();
    keys.add(Some("a1"), SECRET).unwrap();
    keys
});

/// The keys of the corpus's refresh tokens.
pub static REFRESH_KEYS: LazyLock<RefreshKeys> = LazyLock::new(|| {
    let mut keys = RefreshKeys::default();
    keys.add(Some("k1"), SECRET).unwrap();
    keys.add(Some("k2"), b"another secret, as long as the first").unwrap();
    keys
});
