//! The access token of a session (RFC 9068), signed with HMAC-SHA-256.

use super::keys::{AccessKey, AccessKeys};
use super::record::Row;
use crate::Error;
use crate::crypto::hmac::HmacAlgorithm;
use crate::jose::compact::Compact;
use crate::jose::{base64url, json};
use crate::token::{Header, sign, verify_signature};

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

/// Makes an access token; `now` is the raw clock in seconds, `jti` 16 random bytes.
pub fn write(key: &AccessKey, row: &Row, grant: &Grant<'_>, now: u64, jti: &[u8; 16]) -> Result<String, Error> {
    let mut payload = String::from("{");
    json::push_string_member(&mut payload, "iss", &row.iss);
    json::push_string_member(&mut payload, "sub", &row.sub);
    json::push_name(&mut payload, "aud");
    payload.push_str(grant.audience);
    json::push_string_member(&mut payload, "client_id", grant.client_id);
    json::push_integer_member(&mut payload, "iat", now);
    json::push_integer_member(&mut payload, "exp", now.saturating_add(grant.lifetime).min(row.abs_exp));
    json::push_string_member(&mut payload, "jti", &base64url::encode(jti));
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

    let header = header(key);
    sign(
        Header::Json(header.as_bytes()),
        payload.as_bytes(),
        key.mac(),
        HmacAlgorithm::Hs256,
    )
}

/// Verifies that one of the keys made an access token, and returns its payload; times and audience are the caller's to judge.
pub fn read(keys: &AccessKeys, token: &[u8]) -> Result<Vec<u8>, Error> {
    let token = Compact::split(token)?;
    let key = keys
        .iter()
        .find(|key| base64url::encode(header(key).as_bytes()).as_bytes() == token.header)
        .ok_or(Error::TokenForeign)?;
    verify_signature(&token, key.mac(), HmacAlgorithm::Hs256)?;
    base64url::decode(token.payload).map_err(|_| Error::TokenMalformed)
}

fn header(key: &AccessKey) -> String {
    let mut header = String::from(r#"{"alg":"HS256","typ":"at+jwt","kid":"#);
    json::push_string(&mut header, key.kid());
    header.push('}');
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::record::tests::a_row;

    const GRANT: Grant<'_> = Grant {
        audience: r#"["https://api.example"]"#,
        client_id: "web",
        scope: None,
        lifetime: 900,
    };

    fn keys() -> AccessKeys {
        let mut keys = AccessKeys::default();
        keys.add(Some("a1"), b"a secret of at least thirty-two bytes").unwrap();
        keys
    }

    fn payload(row: &Row, grant: &Grant<'_>, now: u64) -> serde_json::Value {
        let keys = keys();
        let token = write(keys.signing().unwrap(), row, grant, now, &[0; 16]).unwrap();
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
        let usual = sign(Header::Usual, b"{}", key.mac(), HmacAlgorithm::Hs256).unwrap();
        assert_eq!(read(&keys, usual.as_bytes()), Err(Error::TokenForeign));
        let mut others = AccessKeys::default();
        others.add(Some("a1"), &[9; 32]).unwrap();
        let token = write(key, &a_row(), &GRANT, 1_000, &[0; 16]).unwrap();
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
