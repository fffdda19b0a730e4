//! The access token of a session (RFC 9068).
//!
//! Its own claims are written in one order and one spelling. The application's follow as text, which is never parsed
//! here.

use super::keys::{AccessKey, AccessKeys};
use super::record::Session;
use super::scope::is_within;
use crate::Error;
use crate::crypto::hmac::HmacAlgorithm;
use crate::jose::compact::Compact;
use crate::jose::{base64url, json};
use crate::token::{Header, sign, verify_signature};

/// The parts of an access token that the record of its session does not hold.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// Its audience: the JSON text of a string or of an array of strings.
    pub audience: &'a str,
    /// The client that it is given to.
    pub client_id: &'a str,
    /// A scope within the session's, where one was asked for.
    pub scope: Option<&'a str>,
    /// How long it is good, in seconds; the session's absolute end cuts it.
    pub lifetime: u64,
}

/// An access token: complete where a secret signs it, without its signature where a key pair does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The claims, as JSON text.
    pub payload: String,
    /// The token, or the signing input of one that is not signed yet (RFC 7515 §5.1).
    pub token: String,
    /// Whether the signature is there. Key pairs are held elsewhere, and sign there.
    pub is_signed: bool,
}

/// The payload of an access token that names one of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A secret signed the token, and its signature is right: this is its payload.
    Verified(Vec<u8>),
    /// It names a key pair, which is held elsewhere. The payload must not be used before that key has verified the
    /// token.
    Unverified {
        /// The index of the key among the keys.
        index: usize,
        /// The payload, which anyone may have written.
        payload: Vec<u8>,
    },
}

/// Makes an access token; `now` is the raw clock in seconds, and `jti` 16 random bytes.
///
/// [`Error::CommandInvalid`] for a scope beyond the session's: the step has refused it before, and this is where it
/// would count.
///
/// The raw clock counts, because others judge `iat` and `exp` by theirs. The time of the step may run ahead, where the
/// record does.
pub fn write(
    key: &AccessKey,
    session: &Session,
    grant: &Grant<'_>,
    now: u64,
    jti: &[u8; 16],
) -> Result<Written, Error> {
    if grant
        .scope
        .is_some_and(|asked| !is_within(asked, session.scope.as_deref()))
    {
        return Err(Error::CommandInvalid);
    }
    let mut payload = String::from("{");
    json::push_string_member(&mut payload, "iss", &session.iss);
    json::push_string_member(&mut payload, "sub", &session.sub);
    json::push_name(&mut payload, "aud");
    payload.push_str(grant.audience);
    json::push_string_member(&mut payload, "client_id", grant.client_id);
    json::push_integer_member(&mut payload, "iat", now);
    json::push_integer_member(
        &mut payload,
        "exp",
        // An access token must not outlive the absolute end of its session.
        now.saturating_add(grant.lifetime).min(session.abs_exp),
    );
    json::push_string_member(&mut payload, "jti", &base64url::encode(jti));
    json::push_string_member(&mut payload, "sid", &session.sid);
    // A narrower scope is for this token only; the session keeps all that was granted (RFC 6749 §6).
    if let Some(scope) = grant.scope.or(session.scope.as_deref()) {
        json::push_string_member(&mut payload, "scope", scope);
    }
    json::push_integer_member(&mut payload, "auth_time", session.auth_time);
    if let Some(acr) = &session.acr {
        json::push_string_member(&mut payload, "acr", acr);
    }
    // Every server that accepts the token has to demand a proof by this key (RFC 9449 §6.1).
    if let Some(jkt) = &session.jkt {
        json::push_name(&mut payload, "cnf");
        payload.push('{');
        json::push_string_member(&mut payload, "jkt", jkt);
        payload.push('}');
    }
    // The application's claims come last. The host has refused the names above, since many parsers take the last of two
    // members.
    json::push_members(&mut payload, &session.claims)?;
    payload.push('}');

    let header = header(key);
    Ok(match key.secret() {
        Some(mac) => Written {
            token: sign(
                Header::Json(header.as_bytes()),
                payload.as_bytes(),
                mac,
                HmacAlgorithm::Hs256,
            )?,
            payload,
            is_signed: true,
        },
        None => Written {
            token: [
                base64url::encode(header.as_bytes()),
                base64url::encode(payload.as_bytes()),
            ]
            .join("."),
            payload,
            is_signed: false,
        },
    })
}

/// Finds the key of an access token by its header, which has to be the one that this module writes for that key. Where
/// the key is a secret, it also verifies the token. Times and audience are the caller's to judge.
pub fn read(keys: &AccessKeys, token: &[u8]) -> Result<Read, Error> {
    let token = Compact::split(token)?;
    let (index, key) = keys
        .iter()
        .enumerate()
        // A whole header is compared, so `alg`, `typ` and `kid` are all decided at once and none is parsed.
        .find(|(_, key)| base64url::encode(header(key).as_bytes()).as_bytes() == token.header)
        .ok_or(Error::TokenForeign)?;
    if let Some(mac) = key.secret() {
        verify_signature(&token, mac, HmacAlgorithm::Hs256)?;
    }
    let payload = base64url::decode(token.payload).map_err(|_| Error::TokenMalformed)?;
    Ok(match key.secret() {
        Some(_) => Read::Verified(payload),
        None => Read::Unverified { index, payload },
    })
}

/// The header, whose `typ` keeps an ID token or a refresh token from being taken for an access token (RFC 9068 §2.1).
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
    use crate::crypto::algorithm::Algorithm;
    use crate::crypto::hmac::HmacKey;
    use crate::session::record::tests::a_session;

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

    fn payload(session: &Session, grant: &Grant<'_>, now: u64) -> serde_json::Value {
        let keys = keys();
        let written = write(keys.signing().unwrap(), session, grant, now, &[0; 16]).unwrap();
        let Ok(Read::Verified(payload)) = read(&keys, written.token.as_bytes()) else {
            panic!("a token that this module has signed");
        };
        assert_eq!(payload, written.payload.as_bytes());
        serde_json::from_slice(&payload).unwrap()
    }

    #[test]
    fn it_holds_what_rfc_9068_wants() {
        let mut session = a_session();
        session.claims = r#"{"role":"admin"}"#.into();
        session.acr = Some("mfa".into());
        session.jkt = Some("thumb".into());
        assert_eq!(
            payload(&session, &GRANT, 1_100),
            serde_json::json!({
                "iss": "https://id.example", "sub": "ada", "aud": ["https://api.example"], "client_id": "web",
                "iat": 1100, "exp": 2000, "jti": "AAAAAAAAAAAAAAAAAAAAAA", "sid": "s1", "scope": "read write",
                "auth_time": 1000, "acr": "mfa", "cnf": { "jkt": "thumb" }, "role": "admin",
            })
        );
        assert_eq!(
            payload(
                &session,
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
    fn no_token_has_a_scope_beyond_the_sessions() {
        let keys = keys();
        for scope in ["admin", "read admin", ""] {
            let grant = Grant {
                scope: Some(scope),
                ..GRANT
            };
            let written = write(keys.signing().unwrap(), &a_session(), &grant, 1_000, &[0; 16]);
            assert_eq!(written, Err(Error::CommandInvalid), "{scope:?}");
        }
    }

    #[test]
    fn only_its_own_type_and_keys_verify() {
        let keys = keys();
        let key = keys.signing().unwrap();
        let usual = sign(Header::Default, b"{}", &HmacKey::new(SECRET), HmacAlgorithm::Hs256).unwrap();
        assert_eq!(read(&keys, usual.as_bytes()), Err(Error::TokenForeign));
        let mut others = AccessKeys::default();
        others.add(Some("a1"), &[9; 32]).unwrap();
        let token = write(key, &a_session(), &GRANT, 1_000, &[0; 16]).unwrap().token;
        assert_eq!(read(&others, token.as_bytes()), Err(Error::SignatureInvalid));
        assert_eq!(read(&keys, b"a.b"), Err(Error::TokenMalformed));
    }

    #[test]
    fn a_key_pair_signs_and_verifies_elsewhere() {
        let mut keys = keys();
        keys.add_pair("p1", Algorithm::Es256, true).unwrap();
        let pair = keys.iter().nth(1).unwrap();
        let written = write(pair, &a_session(), &GRANT, 1_000, &[0; 16]).unwrap();
        assert!(!written.is_signed);
        let payload = written.payload.into_bytes();
        let token = format!("{}.a-signature", written.token);
        assert_eq!(
            read(&keys, token.as_bytes()),
            Ok(Read::Unverified { index: 1, payload })
        );
    }

    proptest! {
        #[test]
        fn it_never_outlives_the_session(now: u64, lifetime: u64, abs_exp: u64) {
            let mut session = a_session();
            session.abs_exp = abs_exp;
            let payload = payload(&session, &Grant { lifetime, ..GRANT }, now);
            prop_assert!(payload["exp"].as_u64().unwrap() <= abs_exp);
        }
    }
}
