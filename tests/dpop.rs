//! Proofs of possession against the examples of RFC 9449, and everything that is no proof.
#![cfg(feature = "keys")]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing test may panic, and a value is bent where it stands"
)]

use proptest::prelude::*;
use serde_json::{Value, json};

use tandem_jwt::Error;
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::crypto::random;
use tandem_jwt::keys::{Jwk, Key, Purpose, thumbprint};
use tandem_jwt::session::RefreshKeys;
use tandem_jwt::session::dpop::{Expected, Good, MAX_PROOF, PROOF_TOLERANCE, Proof, parse, read};
use tandem_jwt::session::nonces::Nonces;
use tandem_jwt::token::sign_any;

/// RFC 9449 §4.1, figure 2.
const OF_A_TOKEN_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

/// RFC 9449 §7.1, figure 12, and the access token that it is for.
const OF_AN_ACCESS: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

const NOW: u64 = 1_562_262_616;
const EXPECTED: Expected<'_> = Expected {
    method: "POST",
    now: NOW,
    max_age: Some(60),
    access_token: None,
};

fn key(algorithm: Algorithm) -> Key {
    Key::generate(algorithm, 2048, &mut random::from_seed(&[7; 32])).unwrap()
}

fn header(key: &Key, algorithm: Algorithm) -> Value {
    let Key::Private(key) = key else { unreachable!() };
    json!({ "typ": "dpop+jwt", "alg": algorithm.name(), "jwk": Jwk::from_public(&key.public_key()) })
}

fn claims() -> Value {
    json!({ "jti": "j", "htm": "POST", "htu": "https://id.example/token", "iat": NOW })
}

fn signed(key: &Key, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    let rng = &mut random::from_seed(&[8; 32]);
    sign_any(header.as_bytes(), claims.as_bytes(), key, algorithm, rng).unwrap()
}

/// The verdict on a proof by an Ed25519 key whose header or claims have one member changed; null takes it out.
fn bent(part: &str, member: &str, value: Value) -> Result<Proof, Error> {
    let key = key(Algorithm::EdDsa);
    let (mut header, mut claims) = (header(&key, Algorithm::EdDsa), claims());
    let bent = if part == "header" { &mut header } else { &mut claims };
    let members = bent.as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.remove(member)),
        value => drop(members.insert(member.into(), value)),
    }
    read(signed(&key, Algorithm::EdDsa, &header, &claims).as_bytes(), &EXPECTED)
}

#[test]
fn the_examples_of_the_rfc() {
    let proof = read(OF_A_TOKEN_REQUEST.as_bytes(), &EXPECTED).unwrap();
    assert_eq!(
        (proof.jkt.as_str(), proof.target.as_str()),
        (JKT, "https://server.example.com/token")
    );
    assert_eq!(proof.good, Good::Until(NOW + 61));

    let accessing = Expected {
        method: "GET",
        access_token: Some(ACCESS_TOKEN),
        ..EXPECTED
    };
    let proof = read(OF_AN_ACCESS.as_bytes(), &accessing).unwrap();
    assert_eq!(
        (proof.jkt.as_str(), proof.target.as_str()),
        (JKT, "https://resource.example.org/protectedresource")
    );
    for other in [
        Expected {
            access_token: Some("another"),
            ..accessing
        },
        Expected {
            method: "get",
            ..accessing
        },
    ] {
        assert_eq!(read(OF_AN_ACCESS.as_bytes(), &other), Err(Error::ProofMismatch));
    }
    let without = Expected {
        access_token: Some(ACCESS_TOKEN),
        ..EXPECTED
    };
    assert_eq!(read(OF_A_TOKEN_REQUEST.as_bytes(), &without), Err(Error::ProofMismatch));
}

#[test]
fn every_family_proves() {
    for algorithm in [
        Algorithm::Ps256,
        Algorithm::Es512,
        Algorithm::Es256k,
        Algorithm::Ed25519,
        Algorithm::MlDsa87,
    ] {
        let key = key(algorithm);
        let proof = signed(&key, algorithm, &header(&key, algorithm), &claims());
        assert_eq!(
            read(proof.as_bytes(), &EXPECTED).unwrap().jkt,
            thumbprint(&key).unwrap()
        );
    }
}

#[test]
fn what_is_no_proof() {
    let secret = Key::read_secret(&[7; 32]).unwrap();
    let oct = json!({ "typ": "dpop+jwt", "alg": "HS256", "jwk": Jwk::from_key(&secret).unwrap() });
    let by_secret = signed(&secret, Algorithm::Hs256, &oct, &claims());
    let pair = key(Algorithm::EdDsa);
    let both_halves = json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": Jwk::from_key(&pair).unwrap() });
    let by_private = signed(&pair, Algorithm::EdDsa, &both_halves, &claims());
    let mut other = header(&pair, Algorithm::EdDsa);
    other["jwk"] = header(&key(Algorithm::Es256), Algorithm::Es256)["jwk"].clone();
    let by_other = signed(&pair, Algorithm::EdDsa, &other, &claims());
    let long = format!("{OF_A_TOKEN_REQUEST}{}", "A".repeat(MAX_PROOF));
    for proof in [
        by_secret.as_str(),
        &by_private,
        &by_other,
        &long,
        "",
        "a.b.c",
        "..",
        &OF_A_TOKEN_REQUEST[1..],
    ] {
        assert_eq!(
            read(proof.as_bytes(), &EXPECTED),
            Err(Error::ProofInvalid),
            "{proof:.40}"
        );
    }
    for (part, member, value) in [
        ("header", "typ", json!("JWT")),
        ("header", "typ", Value::Null),
        ("header", "alg", json!("none")),
        ("header", "alg", json!("HS256")),
        ("header", "alg", json!("ES256")),
        ("header", "jwk", Value::Null),
        ("header", "crit", json!(["exp"])),
        ("header", "crit", json!(false)),
        ("claims", "jti", json!("")),
        ("claims", "jti", json!(5)),
        ("claims", "jti", Value::Null),
        ("claims", "htm", Value::Null),
        ("claims", "htu", Value::Null),
        ("claims", "iat", Value::Null),
        ("claims", "iat", json!("5")),
        ("claims", "iat", json!(-1)),
        ("claims", "iat", json!(1e300)),
    ] {
        assert_eq!(
            bent(part, member, value.clone()),
            Err(Error::ProofInvalid),
            "{part} {member} {value}"
        );
    }
    assert_eq!(bent("claims", "htm", json!("GET")), Err(Error::ProofMismatch));
    assert!(bent("claims", "more", json!(true)).is_ok());
}

#[test]
fn parts_are_objects_and_nothing_is_null() {
    let key = key(Algorithm::EdDsa);
    let (good, claims) = (header(&key, Algorithm::EdDsa), claims());
    let jwk = &good["jwk"];
    let jwk_array = json!(["OKP", null, null, null, null, "Ed25519", jwk["x"]]);
    for (header, claims) in [
        (json!(["dpop+jwt", "EdDSA", jwk, false]), claims.clone()),
        (
            json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk_array }),
            claims.clone(),
        ),
        (
            json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk, "crit": null }),
            claims.clone(),
        ),
        (
            good.clone(),
            json!(["j", "POST", "https://id.example/token", NOW, null, null]),
        ),
    ] {
        let proof = signed(&key, Algorithm::EdDsa, &header, &claims);
        assert_eq!(read(proof.as_bytes(), &EXPECTED), Err(Error::ProofInvalid), "{header}");
    }
}

#[test]
fn keys_that_are_weak_or_laborious_or_not_only_public_prove_nothing() {
    let pem = include_bytes!("vectors/openssl/rsa-1024.pkcs8.pem");
    let weak = Key::read(pem, None, Purpose::Sign).unwrap();
    let proof = signed(&weak, Algorithm::Rs256, &header(&weak, Algorithm::Rs256), &claims());
    assert_eq!(read(proof.as_bytes(), &EXPECTED), Err(Error::ProofInvalid));
    let large = Key::generate(Algorithm::Rs256, 4104, &mut random::from_seed(&[3; 32])).unwrap();
    let proof = signed(&large, Algorithm::Rs256, &header(&large, Algorithm::Rs256), &claims());
    assert_eq!(read(proof.as_bytes(), &EXPECTED), Err(Error::ProofInvalid));
    let key = key(Algorithm::Es256);
    for member in ["d", "p", "q", "dp", "dq", "qi", "k", "priv"] {
        let mut header = header(&key, Algorithm::Es256);
        header["jwk"][member] = "AQ".into();
        let proof = signed(&key, Algorithm::Es256, &header, &claims());
        assert_eq!(read(proof.as_bytes(), &EXPECTED), Err(Error::ProofInvalid), "{member}");
    }
}

#[test]
fn a_key_may_say_what_it_is_for() {
    let key = key(Algorithm::EdDsa);
    for (member, value, good) in [
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("alg", json!("RS256"), false),
    ] {
        let mut header = header(&key, Algorithm::EdDsa);
        header["jwk"][member] = value;
        let proof = signed(&key, Algorithm::EdDsa, &header, &claims());
        assert_eq!(read(proof.as_bytes(), &EXPECTED).is_ok(), good, "{header}");
    }
}

#[test]
fn times() {
    let at = |now| read(OF_A_TOKEN_REQUEST.as_bytes(), &Expected { now, ..EXPECTED }).map(|proof| proof.good);
    for now in [NOW - PROOF_TOLERANCE, NOW, NOW + 60] {
        assert_eq!(at(now), Ok(Good::Until(NOW + 61)));
    }
    for now in [0, NOW - PROOF_TOLERANCE - 1, NOW + 61, u64::MAX] {
        assert_eq!(at(now), Err(Error::ProofExpired));
    }
    assert_eq!(
        bent("claims", "iat", json!(1_562_262_616.9)).unwrap().good,
        Good::Until(NOW + 61)
    );
}

#[test]
fn nonces_take_the_place_of_the_clock() {
    let mut keys = RefreshKeys::default();
    keys.add(None, &[1; 32]).unwrap();
    keys.add(None, &[2; 32]).unwrap();
    let nonces = Nonces {
        keys: &keys,
        period: 100,
    };
    let expected = Expected {
        max_age: None,
        ..EXPECTED
    };
    let key = key(Algorithm::EdDsa);
    let with = |nonce: &str, now: u64| {
        let mut claims = claims();
        claims["nonce"] = nonce.into();
        claims["iat"] = 5.into();
        let proof = signed(&key, Algorithm::EdDsa, &header(&key, Algorithm::EdDsa), &claims);
        let Good::AsLongAs(nonce) = read(proof.as_bytes(), &Expected { now, ..expected })?.good else {
            panic!("a proof that a nonce was asked of");
        };
        nonces.good_until(&nonce, now)
    };
    let start = NOW - NOW % 100;
    let current = nonces.current(start).unwrap();
    // From the period before, whose servers' clocks may be behind.
    for now in [start - 1, start, start + 99, start + 100, start + 199] {
        assert_eq!(with(&current, now), Ok(start + 200));
    }
    for now in [start - 101, start + 200] {
        assert_eq!(with(&current, now), Err(Error::ProofNonce));
    }
    // A server that signs with the next key already, or still with the one before, takes it too.
    let second = keys.iter().nth(1).unwrap().nonce(start / 100);
    assert_eq!(with(&second, start), Ok(start + 200));
    assert_eq!(with("", start), Err(Error::ProofNonce));
    assert_eq!(read(OF_A_TOKEN_REQUEST.as_bytes(), &expected), Err(Error::ProofNonce));
}

#[test]
fn a_proof_can_be_judged_before_its_signature_is_verified() {
    let key = key(Algorithm::Es256);
    let proof = signed(&key, Algorithm::Es256, &header(&key, Algorithm::Es256), &claims());
    let forged = format!("{}.{}", proof.rsplit_once('.').unwrap().0, "A".repeat(86));
    let unverified = parse(forged.as_bytes(), &EXPECTED).unwrap();
    assert_eq!(unverified.algorithm, Algorithm::Es256);
    assert_eq!(*unverified.proof(), read(proof.as_bytes(), &EXPECTED).unwrap());
    assert_eq!(unverified.verify(), Err(Error::ProofInvalid));
}

#[test]
fn proofs_are_told_apart_by_key_and_identifier() {
    let id = |jti: &str| bent("claims", "jti", jti.into()).unwrap().id;
    assert_eq!(id("a"), id("a"));
    assert_ne!(id("a"), id("b"));
    assert_eq!(id(&"long".repeat(1_000)).len(), 43);
    let other = key(Algorithm::Es256);
    let proof = signed(&other, Algorithm::Es256, &header(&other, Algorithm::Es256), &claims());
    assert_ne!(read(proof.as_bytes(), &EXPECTED).unwrap().id, id("j"));
}

proptest! {
    #[test]
    fn one_bit_is_enough(at in 0..OF_A_TOKEN_REQUEST.len(), bit in 0..8_u8) {
        let mut proof = OF_A_TOKEN_REQUEST.as_bytes().to_vec();
        proof[at] ^= 1_u8 << bit;
        prop_assert!(read(&proof, &EXPECTED).is_err());
    }

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        prop_assert_eq!(read(&bytes, &EXPECTED), Err(Error::ProofInvalid));
    }
}
