//! Makes the corpus of `fuzz/corpus`, all but the encrypted keys, which `fuzz/encrypted-keys.sh` makes with OpenSSL.

use std::fs;

use serde_json::{Value, json};
use tandem_jwt::crypto::algorithm::Algorithm;
use tandem_jwt::crypto::random;
use tandem_jwt::keys::{Jwk, Key, Purpose, der};
use tandem_jwt::session::access_token;
use tandem_jwt::session::record::MAX_RECORD;
use tandem_jwt::session::{
    AccessKeys, Action, Began, Command, NewClaims, NewSession, Outcome, Policy, Reason, Refresh, Session, Status,
    Transport, Verdict, issue, refresh_token, run_step,
};
use tandem_jwt::token::sign_any;

use crate::directory;
use crate::targets::{ACCESS_KEYS, EPOCH, GRANT, ISSUER, KEYS, REFRESH_KEYS, SECRET, signatures};

const COOKIE: NewSession<'_> = NewSession {
    iss: ISSUER,
    sub: "ada",
    sid: "s1",
    kid: "k1",
    salt: [1; 16],
    transport: Transport::Cookie,
    jkt: None,
    replaces: None,
    scope: Some("read write"),
    auth_time: 1_000,
    acr: Some("mfa"),
    claims: r#"{"role":"admin"}"#,
    meta: r#"{"device":"a phone"}"#,
};

const BOUND: NewSession<'_> = NewSession {
    transport: Transport::Bearer,
    jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ..COOKIE
};

/// Writes every seed; signatures that draw from randomness come out anew each time.
pub fn write() {
    write_text();
    write_keys();
    write_tokens();
    write_sessions();
    write_proofs();
    for (target, file, bytes) in signatures::seeds() {
        put(target, &file, &bytes);
    }
}

fn put(target: &str, file: &str, bytes: &[u8]) {
    let directory = directory(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(file), bytes).unwrap();
}

fn write_text() {
    for (file, text) in [
        ("one", "AQ"),
        ("two", "AQI"),
        ("header", "eyJhbGciOiJub25lIn0"),
        ("both", "-_-_"),
    ] {
        put("base64url", file, text.as_bytes());
    }
    for (file, text) in [
        ("escapes", "{\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f\":\"é💧\u{7f}\"}"),
        (
            "refresh",
            r#"{"iss":"https://id.example","sub":"ada","gen":0,"iat":1000}"#,
        ),
        ("largest", r#"{"n":18446744073709551615}"#),
    ] {
        put("json", file, text.as_bytes());
    }
    put("json", "refused-string", br#""alone""#);
    put("json", "refused-number", b"1300819380");
}

fn write_keys() {
    for name in [
        "rsa-1024.pkcs8",
        "rsa.spki",
        "rsa.pkcs1-public",
        "rsa-pss.spki",
        "prime256v1.certificate",
        "prime256v1.compressed",
        "prime256v1.sec1",
        "secp384r1.spki",
        "secp521r1.pkcs8",
        "secp256k1.sec1",
        "ed25519.pkcs8",
        "ed25519.spki",
        "foreign.dsa.spki",
        "foreign.x25519.pkcs8",
    ] {
        let path = format!("{}/tests/vectors/openssl/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        let pem = fs::read(path).unwrap();
        put("keys", &format!("{name}.pem"), &pem);
        match Key::read(&pem, None, Purpose::Sign) {
            Ok(Key::Private(key)) => {
                let Ok(pkcs8) = der::write_pkcs8(&key) else { continue };
                put("keys", &format!("{name}.der"), &pkcs8);
                let jwk = Jwk::from_private(&key).unwrap().to_json().unwrap();
                put("keys", &format!("{name}.json"), jwk.as_bytes());
            }
            Ok(Key::Public(key)) => {
                let Ok(spki) = der::write_spki(&key) else { continue };
                put("keys", &format!("{name}.der"), &spki);
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let ml_dsa = &KEYS
        .iter()
        .find(|(algorithm, _)| *algorithm == Algorithm::MlDsa44)
        .unwrap()
        .1;
    let Key::Private(ml_dsa) = ml_dsa else { panic!("a pair") };
    put("keys", "ml-dsa-44.der", &der::write_pkcs8(ml_dsa).unwrap());
    put("keys", "set.json", br#"{"keys":[{"kty":"OKP","kid":"1","alg":"EdDSA","use":"sig","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},{"kty":"oct","kid":"2","key_ops":["sign"],"k":"AAEC"},{"kty":"Klingon"}]}"#);
    // Without its primes, which are found again.
    let rsa = fs::read(directory("keys").join("rsa-1024.pkcs8.json")).unwrap();
    let mut rsa: Value = serde_json::from_slice(&rsa).unwrap();
    for member in ["p", "q", "dp", "dq", "qi"] {
        rsa.as_object_mut().unwrap().remove(member);
    }
    put("keys", "rsa-1024.short.json", rsa.to_string().as_bytes());
    put("keys", "refused-secret", SECRET);
    put(
        "keys",
        "refused-oct.json",
        br#"{"kty":"oct","alg":"HS256","k":"AAECAwQF"}"#,
    );
}

fn write_tokens() {
    let mut rng = random::rng().unwrap();
    for (algorithm, key) in KEYS.iter() {
        let name = algorithm.name();
        for (kind, header) in [
            ("usual", format!(r#"{{"alg":"{name}","typ":"JWT"}}"#)),
            ("kid", format!(r#"{{"kid":"k1","alg":"{name}"}}"#)),
        ] {
            let payload = br#"{"sub":"ada","iat":1300819380}"#;
            let token = sign_any(header.as_bytes(), payload, key, *algorithm, &mut rng).unwrap();
            put("token", &format!("{name}.{kind}"), token.as_bytes());
        }
    }
    put("token", "refused-unsecured", b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.");
    let examples: Vec<Value> = serde_json::from_str(include_str!("../tests/vectors/rfc/signatures.json")).unwrap();
    let example = examples.iter().find(|example| example["alg"] == "ES512").unwrap();
    put(
        "token",
        "refused-foreign-key",
        example["token"].as_str().unwrap().as_bytes(),
    );
}

fn write_sessions() {
    for (name, new) in [("cookie", COOKIE), ("bound", BOUND)] {
        let mut session = issue(&new, &Policy::DEFAULT, 1_000).unwrap();
        for (now, action) in [
            (1_000, "settle"),
            (2_000, "rotate"),
            (2_010, "repeat"),
            (2_500, "recover"),
            (2_600, "raise"),
            (2_650, "supersede"),
            (2_700, "revoke"),
        ] {
            let name = format!("{name}.{action}");
            let record = session.encode().unwrap();
            put("record", &name, &record);
            let command = put_command(&name, &session, now, action);
            let step = run_step(Some(&record), &EPOCH, &command, None).unwrap();
            put("outcome", &name, &step.outcome);
            session = Session::decode(&step.record.unwrap()).unwrap();
            let refresh = refresh_token::write(&REFRESH_KEYS, &session).unwrap();
            put("session_tokens", &format!("{name}.refresh"), refresh.as_bytes());
        }
        let access = access_token::write(ACCESS_KEYS.signing().unwrap(), &session, &GRANT, 1_100, &[3; 16]).unwrap();
        put("session_tokens", &format!("{name}.access"), access.token.as_bytes());
        let refused = Outcome::refused(Verdict::Missing).encode().unwrap();
        put("outcome", &format!("{name}.missing"), &refused);
    }
    write_odd_records();
    put("settings", "policy", &Policy::DEFAULT.encode());
    put("settings", "access-keys", &ACCESS_KEYS.encode());
    put("settings", "access-pairs", &access_pairs());
    put("settings", "refresh-keys", &REFRESH_KEYS.encode());
}

/// A key pair that signs, and a public key of before.
fn access_pairs() -> Vec<u8> {
    let mut keys = AccessKeys::default();
    keys.add_pair("now", Algorithm::EdDsa, true).unwrap();
    keys.add_pair("before", Algorithm::Es256, false).unwrap();
    keys.encode().to_vec()
}

fn write_proofs() {
    for (algorithm, key) in KEYS.iter() {
        let Key::Private(private) = key else { continue };
        let header =
            json!({ "typ": "dpop+jwt", "alg": algorithm.name(), "jwk": Jwk::from_public(&private.public_key()) });
        let claims = json!({ "jti": "j", "htm": "POST", "htu": "https://id.example/token", "iat": 1_000, "ath": "x" });
        let (header, claims) = (header.to_string(), claims.to_string());
        let rng = &mut random::rng().unwrap();
        let proof = sign_any(header.as_bytes(), claims.as_bytes(), key, *algorithm, rng).unwrap();
        put("dpop", algorithm.name(), proof.as_bytes());
    }
}

/// Records that nothing here leaves behind, but a store may hold.
fn write_odd_records() {
    let fresh = issue(&COOKIE, &Policy::DEFAULT, 1_000).unwrap();
    let settled = Session {
        epoch: Some(EPOCH.value),
        ..fresh.clone()
    };
    let revoked = Session {
        status: Status::Revoked {
            at: 1_000,
            reason: Reason::Request,
        },
        ..fresh
    };
    put_command("unsettled-and-revoked", &revoked, 2_000, "settle");
    let last = Session {
        generation: u64::MAX,
        ..settled.clone()
    };
    put_command("last-generation", &last, 2_000, "rotate");
    let mut full = Session {
        acr: Some("x".repeat(MAX_RECORD)),
        ..settled
    };
    while full.encode().is_err() {
        full.acr.as_mut().unwrap().pop();
    }
    put_command("full", &full, 2_000, "rotate");
}

/// Puts a command on a record, and returns the command.
fn put_command(name: &str, session: &Session, now: u64, action: &str) -> Vec<u8> {
    let jti_key = REFRESH_KEYS.signing().unwrap().jti_key(&session.sid);
    let (generation, salt) = match (action, session.parent) {
        ("repeat" | "recover", Some(parent)) => (parent.generation, parent.salt),
        _ => (session.generation, session.salt),
    };
    let request = Refresh {
        policy: Policy::DEFAULT,
        generation,
        jti: jti_key.jti(generation, &salt, Some(&session.facts())),
        jti_key,
        signing_kid: "k2",
        binds: true,
        replaced: true,
        transport: session.transport,
        jkt: session.jkt.as_deref(),
        scope: Some("read"),
        claims: Some(NewClaims {
            version: session.version,
            json: r#"{"role":"user"}"#,
        }),
    };
    let command = Command {
        iss: &session.iss,
        sub: &session.sub,
        sid: &session.sid,
        now,
        action: match action {
            "settle" => Action::Settle {
                began: Began::Ago { ms: 0, now_ms: 5_000 },
            },
            "raise" => Action::Raise { sid: "s2", grace: 30 },
            "supersede" => Action::Supersede { by: Some("s2") },
            "revoke" => Action::Revoke,
            _ => Action::Refresh {
                request: Box::new(request),
                exp: 9_000,
                salt: [u8::try_from(now % 251).unwrap(); 16],
            },
        },
    };
    let command = command.encode().unwrap().to_vec();
    let record = session.encode().unwrap();
    let len = u16::try_from(record.len()).unwrap().to_be_bytes();
    put("command", name, &[&len, record.as_slice(), &command].concat());
    put(
        "command",
        &format!("{name}.no-record"),
        &[&[0, 0], command.as_slice()].concat(),
    );
    command
}
