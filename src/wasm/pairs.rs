//! Keys of every kind across the boundary: read, describe, write, make, and sign and verify with them.
//!
//! Functions that return an integer return a negative number for an error; functions that return a value return that
//! number instead.
//!
//! Functions that handle private halves overwrite the stack that they used, and those that read a key also wipe the
//! input.

use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::keys::Held;
use super::{buffers, code, keys, length};
use crate::Error;
use crate::crypto::algorithm::{Algorithm, MAX_SIGNATURE_LEN};
use crate::crypto::random;
use crate::crypto::stack::deeply_wiped;
use crate::jose::base64url;
use crate::jose::compact::Compact;
use crate::keys::encrypted::Passphrase;
use crate::keys::explain::explain;
use crate::keys::material::Description;
use crate::keys::{Jwk, Jwks, Key, PrivateKey, PublicKey, Purpose, Restrictions, der, pem, thumbprint};
use crate::token::{sign_any, verify_any};

/// A key as Node's `KeyObject` describes itself, so that one check serves both.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyObject {
    /// `secret`, `public` or `private`.
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    asymmetric_key_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asymmetric_key_details: Option<Details>,
}

/// Node's `asymmetricKeyDetails`, of which each type of key sets some.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    modulus_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mgf1_hash_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_curve: Option<&'static str>,
}

impl From<Description> for Details {
    fn from(is: Description) -> Self {
        Self {
            // The size of a curve is not among Node's details; its name says it.
            modulus_length: is.bits.filter(|_| is.curve.is_none()),
            hash_algorithm: is.pss.map(|pss| pss.hash),
            mgf1_hash_algorithm: is.pss.map(|pss| pss.mgf1_hash),
            salt_length: is.pss.map(|pss| pss.salt_len),
            named_curve: is.curve,
        }
    }
}

/// Reads a key of any kind from the input, wipes it there, and returns the key's handle.
///
/// The first `len` bytes are PEM, JWK text, DER or a secret, told apart by what they are; then come `passphrase_len`
/// bytes of a passphrase, or none if it is negative. `to_sign` prefers a private key where there are several; else a
/// private key is reduced to its public half. `may_be_expensive` lets a passphrase take minutes to try.
#[wasm_bindgen]
pub fn key_read(len: u32, passphrase_len: i32, to_sign: bool, may_be_expensive: bool) -> i32 {
    deeply_wiped(|| {
        // A sum that overflows names more bytes than were reserved, and is refused for that.
        let key = buffers::with_input(len.saturating_add_signed(passphrase_len.max(0)), |input| {
            let len = usize::try_from(len).map_err(|_| Error::KeyTooLarge)?;
            let (key, passphrase) = input.split_at_checked(len).ok_or(Error::KeyTooLarge)?;
            let passphrase = (passphrase_len >= 0).then(|| {
                if may_be_expensive {
                    Passphrase::expensive(passphrase)
                } else {
                    Passphrase::from(passphrase)
                }
            });
            let read = Key::read_with_restrictions(key, passphrase, purpose(to_sign));
            // The bytes are needed for this, and are wiped below. The sentence quotes none of them.
            if let Err(error) = &read {
                keys::refuse_because(explain(key, *error));
            }
            read
        });
        // Also if the key was refused: its bytes may still be a secret.
        buffers::wipe_input();
        keys::add(key.map(|(key, restrictions)| Held { key, restrictions }))
    })
}

/// Reads a JWK, JSON text in the input, and returns the key's handle. Text that is not a JWK is never used as a secret.
#[wasm_bindgen]
pub fn key_from_jwk(len: u32, to_sign: bool) -> i32 {
    deeply_wiped(|| {
        let key = buffers::with_input(len, |json| {
            let read = Jwk::from_json(json).and_then(|jwk| held(&jwk, purpose(to_sign)));
            if let Err(error) = &read {
                keys::refuse_because(explain(json, *error));
            }
            read
        });
        buffers::wipe_input();
        keys::add(key)
    })
}

/// Reads the one key of a JWKS, JSON text in the input, that has this `kid` (if there is one) and serves the algorithm.
///
/// `asked` says what for: 0 to sign, 1 to verify by an algorithm that the caller has named, 2 to verify by the one that
/// the token's header names.
///
/// From a set of secrets and public keys the header would choose between them, so in the last case such a set is
/// refused (RFC 8725 §3.1).
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "strings come over the boundary owned")]
pub fn key_from_jwks(len: u32, kid: Option<String>, algorithm_number: u32, asked: u32) -> i32 {
    deeply_wiped(|| {
        let purpose = purpose(asked == 0);
        let key = buffers::with_input(len, |json| {
            let set = Jwks::from_json(json)?;
            if asked > 1 && set.is_mixed() {
                return Err(Error::KeySetMixed);
            }
            held(
                set.select(kid.as_deref(), algorithm(algorithm_number)?, purpose)?,
                purpose,
            )
        });
        buffers::wipe_input();
        keys::add_or_explain(key)
    })
}

/// The algorithms that a key's JWK lets it serve, a bit for each number; all of them for a key of another form.
///
/// JavaScript asks for them before it lends a key to the host, which does not know the restrictions.
#[wasm_bindgen]
pub fn key_allows(key: u32, to_sign: bool) -> u32 {
    keys::with_key(key, |held| {
        let allowed = Algorithm::ALL
            .iter()
            .zip(0..)
            .filter(|&(&algorithm, _)| held.restrictions.allow(algorithm, purpose(to_sign)));
        Ok(allowed.fold(0, |bits, (_, number): (_, u32)| bits | 1 << number))
    })
    // An unknown handle serves nothing.
    .unwrap_or(0)
}

/// Makes a key for an algorithm and returns its handle. `rsa_bits` is the size of an RSA modulus, at least 2048.
///
/// One seed feeds a generator on this side: an RSA key takes thousands of draws, each of which would cross the
/// boundary.
#[wasm_bindgen]
pub fn key_generate(algorithm_number: u32, rsa_bits: u32) -> i32 {
    deeply_wiped(|| {
        keys::add((|| {
            let rsa_bits = usize::try_from(rsa_bits).map_err(|_| Error::KeyInvalid)?;
            Key::generate(algorithm(algorithm_number)?, rsa_bits, &mut random::rng()?).map(Held::from)
        })())
    })
}

/// The key's `type`, `asymmetricKeyType` and `asymmetricKeyDetails`, as a `KeyObject` of Node has them.
#[wasm_bindgen]
pub fn key_describe(key: u32) -> JsValue {
    value(keys::with_key(key, |held| {
        let (r#type, is) = match &held.key {
            Key::Secret(_) => ("secret", None),
            Key::Public(key) => ("public", Some(key.describe())),
            Key::Private(key) => ("private", Some(key.describe())),
        };
        to_value(&KeyObject {
            r#type,
            asymmetric_key_type: is.map(|is| is.type_name),
            asymmetric_key_details: is.map(Details::from),
        })
    }))
}

/// The key as a JWK object; `private` asks for both halves, or for a secret.
///
/// [`Error::KeyInvalid`] if the key is not of the kind that was asked for: a secret has no public half, and a public
/// key no private one.
#[wasm_bindgen]
pub fn key_to_jwk(key: u32, private: bool) -> JsValue {
    deeply_wiped(|| {
        value(keys::with_key(key, |held| {
            to_value(&match (&held.key, private) {
                (Key::Private(key), false) => Jwk::from_public(&key.public_key()),
                (Key::Public(_), true) | (Key::Secret(_), false) => return Err(Error::KeyInvalid),
                _ => Jwk::from_key(&held.key)?,
            })
        }))
    })
}

/// The key as DER: `SubjectPublicKeyInfo`, or `PrivateKeyInfo` for both halves.
/// A host imports keys in these forms. A secret has neither.
#[wasm_bindgen]
pub fn key_to_der(key: u32, private: bool) -> JsValue {
    deeply_wiped(|| {
        value(keys::with_key(key, |Held { key, .. }| {
            let der = if private {
                der::write_pkcs8(as_private(key)?)?
            } else {
                der::write_spki(&as_public(key)?)?.into()
            };
            Ok(Uint8Array::from(der.as_slice()).into())
        }))
    })
}

/// The key as PEM of the same two forms.
#[wasm_bindgen]
pub fn key_to_pem(key: u32, private: bool) -> JsValue {
    deeply_wiped(|| {
        value(keys::with_key(key, |Held { key, .. }| {
            Ok(JsValue::from_str(&if private {
                pem::write_private(as_private(key)?)?
            } else {
                pem::write_public(&as_public(key)?)?.into()
            }))
        }))
    })
}

/// The RFC 7638 thumbprint of the key, with SHA-256, in base64url.
#[wasm_bindgen]
pub fn key_thumbprint(key: u32) -> JsValue {
    value(keys::with_key(key, |held| {
        Ok(JsValue::from_str(&thumbprint(&held.key)?))
    }))
}

/// Signs with a key of any kind, and returns the length of the token in the output.
///
/// The input holds `header_len` bytes of header JSON and then the payload. The header is never left out here: only HMAC
/// keeps its default header encoded.
#[wasm_bindgen]
pub fn any_sign(key: u32, algorithm_number: u32, header_len: u32, payload_len: u32) -> i32 {
    deeply_wiped(|| {
        length((|| {
            let algorithm = algorithm(algorithm_number)?;
            let len = header_len.checked_add(payload_len).ok_or(Error::TokenTooLarge)?;
            let header_len = usize::try_from(header_len).map_err(|_| Error::TokenTooLarge)?;
            let parts = usize::try_from(len).map_err(|_| Error::TokenTooLarge)?;
            // Room for the longest signature, since its length depends on the key.
            let out_len = base64url::encoded_len(parts) + base64url::encoded_len(MAX_SIGNATURE_LEN) + 4;
            // Drawn before anything is borrowed, because drawing calls the host.
            let mut rng = random::rng()?;
            keys::with_key(key, |held| {
                let key = allowed(held, algorithm, Purpose::Sign)?;
                buffers::with(len, out_len, |input, output| {
                    let (header, payload) = input.split_at_checked(header_len).ok_or(Error::TokenTooLarge)?;
                    let token = sign_any(header, payload, key, algorithm, &mut rng)?;
                    let target = output.get_mut(..token.len()).ok_or(Error::TokenTooLarge)?;
                    target.copy_from_slice(token.as_bytes());
                    Ok(token.len())
                })
            })
        })())
    })
}

/// Whether the signature of the token in the input is right for this key and algorithm: 1, or a negative error.
#[wasm_bindgen]
pub fn any_matches(key: u32, algorithm_number: u32, token_len: u32) -> i32 {
    length((|| {
        let algorithm = algorithm(algorithm_number)?;
        keys::with_key(key, |held| {
            let key = allowed(held, algorithm, Purpose::Verify)?;
            buffers::with_input(token_len, |token| {
                verify_any(&Compact::split(token)?, key, algorithm).map(|()| 1)
            })
        })
    })())
}

/// The name of an algorithm's number, so that JavaScript keeps no second list; nothing if this build lacks it.
#[wasm_bindgen]
pub fn algorithm_name(number: u32) -> Option<String> {
    let found = algorithm(number).ok()?;
    Some(found.name().to_owned())
}

/// The algorithm of a number, in the order of `pkg/src/jwt/algorithms.ts`.
fn algorithm(number: u32) -> Result<Algorithm, Error> {
    let index = usize::try_from(number).map_err(|_| Error::AlgorithmNotAllowed)?;
    Algorithm::ALL.get(index).copied().ok_or(Error::AlgorithmNotAllowed)
}

/// A JWK as it is kept: the key for its purpose, and beside it what the JWK allows.
fn held(jwk: &Jwk, purpose: Purpose) -> Result<Held, Error> {
    Ok(Held {
        key: jwk.to_key()?.for_purpose(purpose),
        restrictions: Restrictions::of(jwk),
    })
}

/// The key, if its restrictions allow the algorithm and the purpose.
fn allowed(held: &Held, algorithm: Algorithm, purpose: Purpose) -> Result<&Key, Error> {
    held.restrictions.check(algorithm, purpose)?;
    Ok(&held.key)
}

const fn purpose(to_sign: bool) -> Purpose {
    if to_sign { Purpose::Sign } else { Purpose::Verify }
}

/// The private key, if it is one.
fn as_private(key: &Key) -> Result<&PrivateKey, Error> {
    match key {
        Key::Private(key) => Ok(key),
        Key::Secret(_) | Key::Public(_) => Err(Error::KeyInvalid),
    }
}

/// The public key, also of a private one. A secret has no public half.
fn as_public(key: &Key) -> Result<PublicKey, Error> {
    match key {
        Key::Public(key) => Ok(key.clone()),
        Key::Private(key) => Ok(key.public_key()),
        Key::Secret(_) => Err(Error::KeyInvalid),
    }
}

/// An object for JavaScript. It may hold secret members, which from then on are the garbage collector's.
fn to_value(value: &impl Serialize) -> Result<JsValue, Error> {
    serde_wasm_bindgen::to_value(value).map_err(|_| Error::KeyInvalid)
}

/// The value, or the number of the error; no value that succeeds is a number.
fn value(result: Result<JsValue, Error>) -> JsValue {
    result.unwrap_or_else(|error| JsValue::from(code(error)))
}
