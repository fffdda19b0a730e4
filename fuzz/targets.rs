//! One function for each group of parsers: bytes in, whether something took them for good out.
//!
//! Beyond not panicking, each asserts what its parsers promise. libFuzzer runs them from `fuzz_targets`, and the test
//! `parsers_survive` runs the very same on a small corpus and on mutations of it.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken promise has to panic"
)]

#[path = "signatures.rs"]
pub mod signatures;

use std::sync::LazyLock;

use serde_json::Value;
use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::{Algorithm, MlDsaSet};
use tandem_jwt::crypto::hmac::{HmacAlgorithm, HmacKey};
use tandem_jwt::crypto::random;
use tandem_jwt::jose::compact::Compact;
use tandem_jwt::jose::json::Reader;
use tandem_jwt::jose::{base64url as base64, json as text};
use tandem_jwt::keys::material::PrivateMaterial;
use tandem_jwt::keys::secret::looks_asymmetric;
use tandem_jwt::keys::{Jwk, Jwks, Key, MAX_LEN, PrivateKey, PublicKey, Purpose, der, encrypted, pem, thumbprint};
use tandem_jwt::session::access_token::{self, Grant, Read};
use tandem_jwt::session::dpop::{self as proofs, Expected, Good};
use tandem_jwt::session::{
    AccessKeys, Command, Epoch, Outcome, Policy, RefreshKeys, Row, Status, refresh_token, run_step,
};
use tandem_jwt::token::{Header, sign, verify_any, verify_usual_into};
use tandem_jwt::{session, timespan as span};

pub use signatures::{curve_signatures, rsa_signatures};

/// A group of parsers.
pub type Target = fn(&[u8]) -> bool;

/// All groups, by the names that their corpora have.
pub const ALL: [(&str, Target); 14] = [
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
    ("timespan", timespan),
    ("rsa_signatures", rsa_signatures),
    ("curve_signatures", curve_signatures),
];

/// What opens the encrypted keys of the corpus.
pub const PASSPHRASE: &[u8] = b"correct horse";

/// The secret behind everything of the corpus that is signed with one.
pub const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

/// The issuer of the sessions of the corpus.
pub const ISSUER: &str = "https://id.example";

/// What the access tokens of the corpus say beyond their session.
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

/// What verifies what [`KEYS`] sign.
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

/// Base64url: what is read is the one spelling of its bytes.
pub fn base64url(bytes: &[u8]) -> bool {
    let encoded = base64::encode(bytes);
    assert_eq!(encoded.len(), base64::encoded_len(bytes.len()));
    assert_eq!(base64::decode(encoded.as_bytes()).as_deref(), Ok(bytes));

    let decoded = base64::decode(bytes);
    let mut out = vec![0; bytes.len()];
    let len = base64::decode_into(bytes, &mut out);
    assert_eq!(decoded.as_deref(), len.map(|len| &out[..len]).as_deref());
    decoded.is_ok_and(|decoded| {
        assert_eq!(base64::encode(&decoded).as_bytes(), bytes);
        true
    })
}

/// The JSON reader: what is read is the writer's own spelling, and another parser reads the same.
pub fn json(bytes: &[u8]) -> bool {
    let Ok(start) = Reader::new(bytes) else {
        assert!(std::str::from_utf8(bytes).is_err());
        return false;
    };
    let mut reader = start;
    if let Ok(string) = reader.string() {
        let mut written = String::new();
        text::push_string(&mut written, &string);
        assert!(bytes.starts_with(written.as_bytes()));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), string);
    }
    let mut reader = start;
    if let Ok(number) = reader.integer() {
        let mut written = String::new();
        text::push_integer(&mut written, number);
        assert!(bytes.starts_with(written.as_bytes()));
        assert_eq!(reader.end().is_ok(), bytes == written.as_bytes());
    }
    json_object(start).is_ok_and(|written| {
        assert_eq!(written.as_bytes(), bytes);
        assert!(serde_json::from_str::<Value>(&written).is_ok_and(|value| value.is_object()));
        let mut again = String::from("{");
        text::push_members(&mut again, &written).unwrap();
        again.push('}');
        assert_eq!(again, written);
        true
    })
}

/// An object of strings and numbers, read and written again.
fn json_object(mut reader: Reader<'_>) -> Result<String, Error> {
    let mut written = String::from("{");
    reader.literal("{")?;
    loop {
        let name = reader.string()?;
        reader.literal(":")?;
        let mut string = reader;
        if let Ok(value) = string.string() {
            reader = string;
            text::push_string_member(&mut written, &name, &value);
        } else {
            text::push_integer_member(&mut written, &name, reader.integer()?);
        }
        if reader.literal(",").is_err() {
            break;
        }
    }
    reader.literal("}")?;
    reader.end()?;
    written.push('}');
    Ok(written)
}

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
        // Other primes are a reason for refusal, not part of a key.
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

/// Keys behind a passphrase: no other opens them.
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

/// Reads bytes as [`Key::read`] does; whether they are a key, and no mere secret.
fn any_key(bytes: &[u8]) -> bool {
    let mut good = false;
    for purpose in [Purpose::Sign, Purpose::Verify] {
        let Ok((key, limits)) = Key::read_with_limits(bytes, Some(PASSPHRASE.into()), purpose) else {
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
            let _ = limits.allow(algorithm, purpose);
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
    if matches!(key, PublicKey::Foreign(_)) {
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
    if matches!(key, PrivateKey::Foreign(_)) {
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
    if json.len() > MAX_LEN {
        return;
    }
    let again = Jwk::from_json(json.as_bytes()).and_then(|jwk| jwk.to_key()).unwrap();
    assert_eq!(Jwk::from_key(&again).unwrap().to_json().unwrap(), json);
    assert_eq!(thumbprint(&again).unwrap(), thumbprint(key).unwrap());
}

/// Compact tokens: where signing is deterministic, what verifies is what signing makes, to the last character.
pub fn token(bytes: &[u8]) -> bool {
    let secret = HmacKey::new(SECRET);
    let mut out = vec![0; bytes.len()];
    let usual = verify_usual_into(bytes, &secret, |_| true, &mut out);
    let Ok(token) = Compact::split(bytes) else {
        assert!(usual.is_err());
        return false;
    };
    assert_eq!([token.header, token.payload, token.signature].join(&b'.'), bytes);
    if let Ok(verified) = usual {
        let payload = &out[..verified.payload_len];
        assert_eq!(verified.ascii, payload.is_ascii());
        assert!(HmacAlgorithm::ALL.iter().any(|&algorithm| {
            sign(Header::Usual, payload, &secret, algorithm).is_ok_and(|signed| signed.as_bytes() == bytes)
        }));
    }

    // By the algorithm that it names itself; by one that its length chooses where it names none of them.
    let header = base64::decode(token.header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    let named = PUBLIC_KEYS
        .iter()
        .position(|(algorithm, _)| header["alg"] == algorithm.name());
    let at = named.unwrap_or(bytes.len() % PUBLIC_KEYS.len());
    let (algorithm, key) = &PUBLIC_KEYS[at];
    let good = verify_any(&token, key, *algorithm).is_ok();
    if good && !algorithm.is_randomized() {
        let mut rng = random::rng().unwrap();
        let signature = KEYS[at].1.sign(*algorithm, token.signing_input, &mut rng).unwrap();
        assert_eq!(base64::encode(&signature).as_bytes(), token.signature);
    }
    assert!(good || usual.is_err());
    good
}

/// The tokens of a session: what verifies is ours, under a header of ours.
pub fn session_tokens(bytes: &[u8]) -> bool {
    let refresh = refresh_token::read(&REFRESH_KEYS, ISSUER, bytes, 0);
    if let Ok(presented) = &refresh {
        assert!(REFRESH_KEYS.find(&presented.kid).is_ok());
    }
    let access = access_token::read(&ACCESS_KEYS, bytes);
    if let Ok(read) = &access {
        assert!(refresh.is_err());
        let Read::Verified(payload) = read else {
            panic!("there is no key pair among the keys");
        };
        let payload: Value = serde_json::from_slice(payload).unwrap();
        assert_eq!(payload["iss"], ISSUER);
    }
    refresh.is_ok() || access.is_ok()
}

/// Proofs of possession: what is taken for one is of the key that it shows, and of no other time.
pub fn dpop(bytes: &[u8]) -> bool {
    let Ok(proof) = proofs::read(bytes, &PROOF) else {
        return false;
    };
    assert_eq!((proof.jkt.len(), proof.id.len()), (43, 43));
    let Good::Until(now) = proof.good else {
        panic!("no nonce was asked for");
    };
    let later = Expected { now, ..PROOF };
    assert_eq!(proofs::read(bytes, &later), Err(Error::ProofExpired));
    true
}

/// Records: one spelling for each, and the tokens of whatever is read can be read too.
pub fn record(bytes: &[u8]) -> bool {
    let Ok(row) = Row::decode(bytes) else {
        return false;
    };
    let written = row.encode().unwrap();
    // The previous format is read and no more written.
    if bytes[0] == written[0] {
        assert_eq!(written, bytes);
    }
    let _ = row.lives(&EPOCH, 2_000, 30);
    if let Ok(token) = refresh_token::write(&REFRESH_KEYS, &row) {
        // A record that no session can have grown to may have a token that is longer than any that is read.
        if row.check_size().is_ok() || token.len() <= refresh_token::MAX_REFRESH_TOKEN {
            let presented = refresh_token::read(&REFRESH_KEYS, &row.iss, token.as_bytes(), 0).unwrap();
            assert_eq!(
                (&presented.sub, &presented.sid, &presented.kid),
                (&row.sub, &row.sid, &row.kid)
            );
            assert_eq!(
                (presented.generation, presented.exp),
                (row.generation, row.expires_at())
            );
        }
    }
    let key = ACCESS_KEYS.signing().unwrap();
    match access_token::write(key, &row, &GRANT, 1_100, &[0; 16]) {
        Ok(written) => assert_eq!(
            access_token::read(&ACCESS_KEYS, written.token.as_bytes()),
            Ok(Read::Verified(written.payload.into_bytes()))
        ),
        Err(error) => assert_eq!(error, Error::ClaimsInvalid),
    }
    true
}

/// Commands on records: two bytes of length, a record (none if it is empty), a command.
///
/// Whatever the record is, a command is answered; what is to be written can be read; what has ended stays so.
pub fn command(bytes: &[u8]) -> bool {
    let Some((len, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let len = usize::from(u16::from_be_bytes(*len)).min(rest.len());
    let (record, command) = rest.split_at(len);
    let record = (!record.is_empty()).then_some(record);
    let step = run_step(record, &EPOCH, command, None);
    match Command::decode(command) {
        Ok(decoded) => {
            let written = decoded.encode();
            if command[0] == written[0] {
                assert_eq!(written.as_slice(), command);
            }
        }
        Err(error) => {
            assert_eq!(step, Err(error));
            assert_eq!(error, Error::CommandInvalid);
            return false;
        }
    }

    let step = step.unwrap();
    let outcome = Outcome::decode(&step.outcome).unwrap();
    let before = record.and_then(|record| Row::decode(record).ok());
    let after = step.record.as_deref().map(|record| Row::decode(record).unwrap());
    if outcome.verdict.gives_access() {
        assert_eq!(outcome.row.as_ref().unwrap().status, Status::Active);
    }
    if let Some(after) = after {
        let before = before.unwrap();
        // The previous format has less to say.
        if command[0] > 1 {
            assert_eq!(outcome.row.as_ref(), Some(&after));
        }
        assert_eq!(
            (after.status == Status::Active, after.expires_at()),
            (step.active, step.expires_at)
        );
        assert!(after.version > before.version || before.version == u64::MAX);
        assert!(before.status == Status::Active || after.status != Status::Active);
        assert_eq!((after.iss, after.sub, after.sid), (before.iss, before.sub, before.sid));
    } else {
        assert_eq!((step.active, step.expires_at), (false, 0));
    }
    true
}

/// Answers: one spelling for each, and nothing is given without a record.
pub fn outcome(bytes: &[u8]) -> bool {
    let Ok(outcome) = Outcome::decode(bytes) else {
        return false;
    };
    let written = outcome.encode().unwrap();
    if bytes[0] == written[0] {
        assert_eq!(written, bytes);
    }
    assert!(outcome.row.is_some() || !outcome.verdict.gives_access());
    true
}

/// Policies and keys as a host keeps them: one spelling for each.
pub fn settings(bytes: &[u8]) -> bool {
    let policy = Policy::decode(bytes);
    if let Ok(policy) = policy {
        assert_eq!(policy.encode(), bytes);
        assert!(policy.check().is_ok());
        for random in [0, 1, u32::MAX] {
            let lifetime = policy.access_lifetime(random);
            assert!(lifetime > 0 && lifetime <= policy.access_ttl);
        }
    }
    let access = AccessKeys::decode(bytes);
    if let Ok(keys) = &access {
        assert_eq!(keys.encode().as_slice(), bytes);
        assert!(keys.iter().all(|key| key.kid().len() <= session::keys::MAX_KID));
    }
    let refresh = RefreshKeys::decode(bytes);
    if let Ok(keys) = &refresh {
        assert_eq!(keys.encode().as_slice(), bytes);
    }
    policy.is_ok() || access.is_ok() || refresh.is_ok()
}

/// Time spans: a number and a unit, and their product.
pub fn timespan(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok((number, unit)) = span::split(text) else {
        assert_eq!(span::milliseconds(text), Err(Error::TimespanInvalid));
        return false;
    };
    let milliseconds = span::milliseconds(text).unwrap();
    assert!(text.starts_with(number));
    assert!(milliseconds.is_finite());
    let bare = span::milliseconds(number).unwrap();
    assert_eq!((bare * unit).to_bits(), milliseconds.to_bits());
    true
}
