//! The access token of a session (RFC 9068).

use super::keys::{AccessKey, AccessKeys};
use super::record::Row;
use crate::Error;
use crate::jose::compact::Compact;
use crate::jose::{base64url, json};

/// What an access token says beyond the record of its session.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// For whom it is meant: the JSON text of a string or of an array of strings.
    pub audience: &'a str,
    /// The client that it is given to.
    pub client_id: &'a str,
    /// A scope within the session's, where one was asked for.
    pub scope: Option<&'a str>,
    /// How long it is good, in seconds; the session's absolute end cuts it.
    pub lifetime: u64,
}

/// What chance has a part in: the identifier, and the seed of a signature that draws random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chance {
    /// 16 random bytes.
    pub jti: [u8; 16],
    /// 32 of them.
    pub seed: [u8; 32],
}

/// Makes an access token; `now` is the raw clock in seconds.
pub fn write(key: &AccessKey, row: &Row, grant: &Grant<'_>, now: u64, chance: &Chance) -> Result<String, Error> {
    let mut payload = String::from("{");
    json::push_string_member(&mut payload, "iss", &row.iss);
    json::push_string_member(&mut payload, "sub", &row.sub);
    json::push_name(&mut payload, "aud");
    payload.push_str(grant.audience);
    json::push_string_member(&mut payload, "client_id", grant.client_id);
    json::push_integer_member(&mut payload, "iat", now);
    json::push_integer_member(&mut payload, "exp", now.saturating_add(grant.lifetime).min(row.abs_exp));
    json::push_string_member(&mut payload, "jti", &base64url::encode(&chance.jti));
    json::push_string_member(&mut payload, "sid", &row.sid);
    if let Some(scope) = grant.scope.or(row.scope.as_deref()) {
        json::push_string_member(&mut payload, "scope", scope);
    }
    json::push_integer_member(&mut payload, "auth_time", row.auth_time);
    if let Some(acr) = &row.acr {
        json::push_string_member(&mut payload, "acr", acr);
    }
    if let Some(jkt) = &row.jkt {
        json::push_name(&mut payload, "cnf");
        payload.push('{');
        json::push_string_member(&mut payload, "jkt", jkt);
        payload.push('}');
    }
    json::push_members(&mut payload, &row.claims)?;
    payload.push('}');

    key.sign(header(key).as_bytes(), payload.as_bytes(), &chance.seed)
}

/// Verifies that one of the keys made an access token, and returns its payload; times and audience are the caller's to judge.
pub fn read(keys: &AccessKeys, token: &[u8]) -> Result<Vec<u8>, Error> {
    let token = Compact::split(token)?;
    let key = keys
        .iter()
        .find(|key| base64url::encode(header(key).as_bytes()).as_bytes() == token.header)
        .ok_or(Error::TokenForeign)?;
    key.verify(&token)?;
    base64url::decode(token.payload).map_err(|_| Error::TokenMalformed)
}

fn header(key: &AccessKey) -> String {
    let mut header = String::from("{");
    json::push_string_member(&mut header, "alg", key.algorithm().name());
    json::push_string_member(&mut header, "typ", "at+jwt");
    json::push_string_member(&mut header, "kid", key.kid());
    header.push('}');
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
    use crate::session::record::tests::a_row;
    use crate::token::{Header, sign};

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    const GRANT: Grant<'_> = Grant {
        audience: r#"["https://api.example"]"#,
        client_id: "web",
        scope: None,
        lifetime: 900,
    };

    fn keys() -> AccessKeys {
        let mut keys = AccessKeys::default();
        keys.add(Some("a1"), SECRET).unwrap();
        keys
    }

    fn payload(row: &Row, grant: &Grant<'_>, now: u64) -> serde_json::Value {
        let keys = keys();
        let token = write(keys.signing().unwrap(), row, grant, now, &Chance::default()).unwrap();
        serde_json::from_slice(&read(&keys, token.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn it_holds_what_rfc_9068_wants() {
        let mut row = a_row();
        row.claims = r#"{"role":"admin"}"#.into();
        row.acr = Some("mfa".into());
        row.jkt = Some("thumb".into());
        assert_eq!(
            payload(&row, &GRANT, 1_100),
            serde_json::json!({
                "iss": "https://id.example", "sub": "ada", "aud": ["https://api.example"], "client_id": "web",
                "iat": 1100, "exp": 2000, "jti": "AAAAAAAAAAAAAAAAAAAAAA", "sid": "s1", "scope": "read write",
                "auth_time": 1000, "acr": "mfa", "cnf": { "jkt": "thumb" }, "role": "admin",
            })
        );
        assert_eq!(
            payload(
                &row,
                &Grant {
                    scope: Some("read"),
                    ..GRANT
                },
                1_100
            )["scope"],
            "read"
        );
    }

    #[test]
    fn only_its_own_type_and_keys_verify() {
        let keys = keys();
        let key = keys.signing().unwrap();
        let usual = sign(Header::Default, b"{}", &HmacKey::new(SECRET), HmacAlgorithm::Hs256).unwrap();
        assert_eq!(read(&keys, usual.as_bytes()), Err(Error::TokenForeign));
        let mut others = AccessKeys::default();
        others.add(Some("a1"), &[9; 32]).unwrap();
        let token = write(key, &a_row(), &GRANT, 1_000, &Chance::default()).unwrap();
        assert_eq!(read(&others, token.as_bytes()), Err(Error::SignatureInvalid));
        assert_eq!(read(&keys, b"a.b"), Err(Error::TokenMalformed));
    }

    proptest! {
        #[test]
        fn it_never_outlives_the_session(now: u64, lifetime: u64, abs_exp: u64) {
            let mut row = a_row();
            row.abs_exp = abs_exp;
            let payload = payload(&row, &Grant { lifetime, ..GRANT }, now);
            prop_assert!(payload["exp"].as_u64().unwrap() <= abs_exp);
        }
    }
}
