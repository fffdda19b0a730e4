//! The refresh token: a JSON Web Token with its own `typ`, which can be made again from the record of its session.

use super::keys::{Jti, RefreshKeys};
use super::record::Session;
use crate::Error;
use crate::crypto::hmac::HmacAlgorithm;
use crate::jose::base64url;
use crate::jose::compact::Compact;
use crate::jose::json::{self, Reader};
use crate::token::{Header, sign, verify_signature};

/// The longest refresh token, in characters. Ours are far shorter, so a longer one is refused before it is hashed.
pub const MAX_REFRESH_TOKEN: usize = 16 << 10;

/// The content of a refresh token whose signature and issuer are right. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The subject of its session.
    pub sub: String,
    /// Its session.
    pub sid: String,
    /// Its generation in that session.
    pub generation: u64,
    /// Its identifier.
    pub jti: Jti,
    /// When its session was to end at the time it was made. The record decides; this only tells a lost record from an
    /// old one.
    pub exp: u64,
    /// The key that signed it.
    pub kid: String,
}

/// Makes the current refresh token of a session, the same one every time.
///
/// So a retry is answered with an equal token, and no store has to keep anything that a thief could use.
///
/// [`Error::KidUnknown`] if another server made it with a key that is not among these.
pub fn write(keys: &RefreshKeys, session: &Session) -> Result<String, Error> {
    let key = keys.find(&session.kid)?;
    let facts = session.bound.then(|| session.facts());
    let jti = key
        .jti_key(&session.sid)
        .jti(session.generation, &session.salt, facts.as_ref());

    let mut header = String::from(HEADER);
    // The `kid` of the record: a token of the previous format has the bare name, and has to be made again unchanged.
    json::push_string(&mut header, &session.kid);
    header.push('}');

    let mut payload = String::from("{");
    json::push_string_member(&mut payload, "iss", &session.iss);
    json::push_string_member(&mut payload, "sub", &session.sub);
    json::push_string_member(&mut payload, "sid", &session.sid);
    json::push_integer_member(&mut payload, "gen", session.generation);
    json::push_string_member(&mut payload, "jti", &base64url::encode(&jti));
    json::push_integer_member(&mut payload, "iat", session.issued_at);
    json::push_integer_member(&mut payload, "exp", session.expires_at());
    payload.push('}');

    let header = Header::Json(header.as_bytes());
    sign(header, payload.as_bytes(), key.mac(), HmacAlgorithm::Hs256)
}

/// Verifies a refresh token, without any record.
///
/// [`Error::KidUnknown`] if it may be good but its key is not among these, [`Error::KidRetired`] if it never will be,
/// because its key was retired or its own time is over at `now`, in seconds; [`Error::TokenForeign`] if another issuer
/// made it with the same keys; [`Error::TokenMalformed`] or [`Error::SignatureInvalid`] if it was not made here.
pub fn read(keys: &RefreshKeys, issuer: &str, token: &[u8], now: u64) -> Result<Presented, Error> {
    if token.len() > MAX_REFRESH_TOKEN {
        return Err(Error::TokenTooLarge);
    }
    let token = Compact::split(token)?;
    let header = base64url::decode(token.header).map_err(|_| Error::TokenMalformed)?;
    let mut header = Reader::new(&header)?;
    // Our own header, byte for byte: whatever else a header could say (another `alg`, `crit`, a key of its own) has
    // nowhere to stand.
    header.literal(HEADER)?;
    let kid = header.string()?;
    header.literal("}")?;
    header.end()?;

    // Before the signature: a key that was retired verifies nothing, whatever other keys would say.
    if keys.is_retired(&kid) {
        return Err(Error::KidRetired);
    }
    let verified = keys.find(&kid).and_then(|key| {
        // The algorithm is ours and not the token's (RFC 8725 §3.1).
        let verified = verify_signature(&token, key.mac(), HmacAlgorithm::Hs256);
        // A kid without a fingerprint may be reused for another key.
        let of_another = key.kid() != kid;
        verified.map_err(|error| if of_another { Error::KidUnknown } else { error })
    });
    match verified {
        Err(Error::KidUnknown) => {
            // The signature was not checked, so `exp` may be forged. That only changes how a useless token is refused.
            let over = payload(&token, kid)?.1.exp <= now;
            Err(if over { Error::KidRetired } else { Error::KidUnknown })
        }
        Err(error) => Err(error),
        Ok(()) => match payload(&token, kid)? {
            (iss, presented) if iss == issuer => Ok(presented),
            _ => Err(Error::TokenForeign),
        },
    }
}

/// The issuer, and the rest of the payload.
/// Only the spelling of [`write`] is read: a token that was signed here has no other.
fn payload(token: &Compact<'_>, kid: String) -> Result<(String, Presented), Error> {
    let payload = base64url::decode(token.payload).map_err(|_| Error::TokenMalformed)?;
    let mut payload = Reader::new(&payload)?;
    payload.literal("{\"iss\":")?;
    let iss = payload.string()?;
    payload.literal(",\"sub\":")?;
    let sub = payload.string()?;
    payload.literal(",\"sid\":")?;
    let sid = payload.string()?;
    payload.literal(",\"gen\":")?;
    let generation = payload.integer()?;
    payload.literal(",\"jti\":")?;
    let jti = base64url::decode(payload.string()?.as_bytes()).map_err(|_| Error::TokenMalformed)?;
    payload.literal(",\"iat\":")?;
    payload.integer()?;
    payload.literal(",\"exp\":")?;
    let exp = payload.integer()?;
    payload.literal("}")?;
    payload.end()?;

    let jti = jti.try_into().map_err(|_| Error::TokenMalformed)?;
    let presented = Presented {
        sub,
        sid,
        generation,
        jti,
        exp,
        kid,
    };
    Ok((iss, presented))
}

/// The header up to the name of the key; nothing but that name varies.
const HEADER: &str = r#"{"alg":"HS256","typ":"rt+jwt","kid":"#;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::record::tests::a_session;

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    fn keys() -> RefreshKeys {
        let mut keys = RefreshKeys::default();
        keys.add(Some("k1"), SECRET).unwrap();
        keys.add(Some("k2"), b"another secret, as long as the first").unwrap();
        keys
    }

    #[test]
    fn header_and_claims_are_exactly_these() {
        let token = write(&keys(), &a_session()).unwrap();
        let token = Compact::split(token.as_bytes()).unwrap();
        assert_eq!(
            base64url::decode(token.header).unwrap(),
            br#"{"alg":"HS256","typ":"rt+jwt","kid":"k1"}"#,
            "as the record has it"
        );
        let payload = String::from_utf8(base64url::decode(token.payload).unwrap()).unwrap();
        let (front, back) = payload.split_once(",\"jti\":\"").unwrap();
        assert_eq!(front, r#"{"iss":"https://id.example","sub":"ada","sid":"s1","gen":0"#);
        assert_eq!(&back[22..], r#"","iat":1000,"exp":2000}"#);
    }

    #[test]
    fn it_is_made_again_the_same() {
        let session = a_session();
        let again = Session::decode(&session.encode().unwrap()).unwrap();
        assert_eq!(write(&keys(), &session), write(&keys(), &again));
    }

    #[test]
    fn other_keys_issuers_and_types_are_refused() {
        let session = a_session();
        let token = write(&keys(), &session).unwrap();
        let mut others = RefreshKeys::default();
        others.add(Some("other"), SECRET).unwrap();
        assert_eq!(read(&others, &session.iss, token.as_bytes(), 0), Err(Error::KidUnknown));
        assert_eq!(write(&others, &session), Err(Error::KidUnknown));
        let mut same_name = RefreshKeys::default();
        same_name.add(Some("k1"), &[7; 32]).unwrap();
        // Its name is used again for another secret.
        assert_eq!(
            read(&same_name, &session.iss, token.as_bytes(), 0),
            Err(Error::KidUnknown)
        );
        let kid = same_name.signing().unwrap().kid().to_owned();
        let forged = write(&keys(), &session).unwrap();
        let header = base64url::encode(format!("{HEADER}\"{kid}\"}}").as_bytes());
        let forged = format!("{header}{}", &forged[forged.find('.').unwrap()..]);
        assert_eq!(
            read(&same_name, &session.iss, forged.as_bytes(), 0),
            Err(Error::SignatureInvalid)
        );
        assert_eq!(
            read(&keys(), "https://elsewhere", token.as_bytes(), 0),
            Err(Error::TokenForeign)
        );

        let other_type = Header::Json(br#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#);
        let keys = keys();
        let mac = keys.signing().unwrap().mac();
        let token = sign(other_type, b"{}", mac, HmacAlgorithm::Hs256).unwrap();
        assert_eq!(
            read(&keys, &session.iss, token.as_bytes(), 0),
            Err(Error::TokenMalformed)
        );
        assert_eq!(
            read(&keys, &session.iss, &vec![b'a'; MAX_REFRESH_TOKEN + 1], 0),
            Err(Error::TokenTooLarge)
        );
    }

    #[test]
    fn a_key_that_is_not_known_may_come_but_not_after_the_tokens_end() {
        let session = a_session();
        let token = write(&keys(), &session).unwrap();
        let mut others = RefreshKeys::default();
        others.add(Some("k2"), SECRET).unwrap();
        let standing = |keys: &RefreshKeys, now| read(keys, &session.iss, token.as_bytes(), now);
        assert_eq!(standing(&others, 1_999), Err(Error::KidUnknown));
        assert_eq!(standing(&others, 2_000), Err(Error::KidRetired));
        assert!(
            standing(&keys(), 2_000).is_ok(),
            "where the key is known the record decides"
        );
        others.retire("k1").unwrap();
        assert_eq!(standing(&others, 0), Err(Error::KidRetired));
    }

    #[test]
    fn the_secret_itself_verifies_nothing() {
        use crate::crypto::hmac::HmacKey;
        let token = write(&keys(), &a_session()).unwrap();
        let token = Compact::split(token.as_bytes()).unwrap();
        for &algorithm in HmacAlgorithm::ALL {
            assert_eq!(
                verify_signature(&token, &HmacKey::new(SECRET), algorithm),
                Err(Error::SignatureInvalid)
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(sub: String, sid: String, generation: u64, salt: [u8; 16], second: bool) {
            let mut session = a_session();
            let kid = if second { "k2" } else { "k1" };
            (session.sub, session.sid, session.generation, session.salt, session.kid) = (sub.clone(), sid.clone(), generation, salt, kid.into());
            let keys = keys();
            let presented = read(&keys, &session.iss, write(&keys, &session).unwrap().as_bytes(), 0).unwrap();
            let jti = keys.find(kid).unwrap().jti_key(&sid).jti(generation, &salt, Some(&session.facts()));
            prop_assert_eq!(presented, Presented { sub, sid, generation, jti, exp: 2_000, kid: kid.into() });
        }

        #[test]
        fn one_bit_flipped_anywhere_fails(at: prop::sample::Index, bit in 0..8_u32) {
            let session = a_session();
            let mut token = write(&keys(), &session).unwrap().into_bytes();
            *at.get_mut(&mut token) ^= 1_u8 << bit;
            prop_assert!(read(&keys(), &session.iss, &token, 0).is_err());
        }

        #[test]
        fn any_bytes_are_answered(token: Vec<u8>) {
            prop_assert!(read(&keys(), "", &token, 0).is_err());
        }
    }
}
