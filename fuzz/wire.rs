//! The wire: base64url, JSON and tokens.

use serde_json::Value;
use tandem_jwt::Error;
use tandem_jwt::crypto::hmac::{HmacAlgorithm, HmacKey};
use tandem_jwt::crypto::random;
use tandem_jwt::jose::compact::Compact;
use tandem_jwt::jose::json::Reader;
use tandem_jwt::jose::{base64url as base64, json as text};
use tandem_jwt::token::{Header, sign, verify_any, verify_default_into};

use super::{KEYS, PUBLIC_KEYS, SECRET};

/// Base64url: only one spelling of each byte string is read.
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

/// The JSON reader: it reads only the writer's spelling, and another parser reads the same value.
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

/// Compact tokens: where signing is deterministic, only the token that signing makes verifies, to the last character.
pub fn token(bytes: &[u8]) -> bool {
    let secret = HmacKey::new(SECRET);
    let mut out = vec![0; bytes.len()];
    let usual = verify_default_into(bytes, &secret, |_| true, &mut out);
    let Ok(token) = Compact::split(bytes) else {
        assert!(usual.is_err());
        return false;
    };
    assert_eq!([token.header, token.payload, token.signature].join(&b'.'), bytes);
    if let Ok(verified) = usual {
        let payload = &out[..verified.payload_len];
        assert_eq!(verified.ascii, payload.is_ascii());
        assert!(HmacAlgorithm::ALL.iter().any(|&algorithm| {
            sign(Header::Default, payload, &secret, algorithm).is_ok_and(|signed| signed.as_bytes() == bytes)
        }));
    }

    // By the algorithm that the token names, or by one that its length chooses where it names none of them.
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
