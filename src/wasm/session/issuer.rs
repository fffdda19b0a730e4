//! Issuers: keys and policy, decoded once and held by a number.
//!
//! JavaScript keeps the bytes that an issuer is made of, and makes it again when its number is no longer known: after
//! the instance was replaced, or after so many other issuers that this one had to make room.
//!
//! Keys that were decoded at each call would derive the states of their MACs each time anew.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::session::keys::AccessKey;
use crate::session::{AccessKeys, Policy, RefreshKeys};
use crate::wasm::handles::Table;
use crate::wasm::message::Message;
use crate::wasm::reply::{self, Reply, reply};

/// The keys and the policy of one issuer.
pub(super) struct Issuer {
    /// The issuer's name, which is in every token and record of its sessions.
    pub(super) iss: String,
    /// As it goes into access tokens: JSON text.
    pub(super) audience: String,
    /// The client that access tokens are given to (RFC 9068 §2.2).
    pub(super) client_id: String,
    /// The keys of access tokens; the private halves of pairs are not here.
    pub(super) access: AccessKeys,
    /// The keys of refresh tokens, of their identifiers and of nonces.
    pub(super) refresh: RefreshKeys,
    /// How long everything lasts.
    pub(super) policy: Policy,
}

/// How many issuers are held at once; the one that was made first makes room. A server has one, or one for each tenant.
const MAX_ISSUERS: usize = 64;

#[derive(Default)]
struct Issuers {
    table: Table<Rc<Issuer>>,
    /// The handles in the order in which they were made.
    by_age: VecDeque<u32>,
}

thread_local! {
    static ISSUERS: RefCell<Issuers> = RefCell::default();
}

/// Gives `f` the issuer of a number; [`Error::KeyUnknown`] if there is none.
pub(super) fn with<T>(number: u32, f: impl FnOnce(&Issuer) -> Result<T, Error>) -> Result<T, Error> {
    // The table must not stay borrowed, because the host may call back when it is asked for random bytes.
    let issuer = ISSUERS.with_borrow(|issuers| issuers.table.get(number).cloned());
    f(&*issuer.ok_or(Error::KeyUnknown)?)
}

/// Makes an issuer from `iss`, `audience`, `clientId`, `accessKeys`, `refreshKeys` and `policy`, and returns its number
/// in 4 bytes.
#[wasm_bindgen]
pub fn issuer_new(message: &[u8]) -> Reply {
    reply(|| {
        let mut message = Message::read(message)?;
        let issuer = Issuer {
            iss: message.text("iss")?.into(),
            audience: message.text("audience")?.into(),
            client_id: message.text("clientId")?.into(),
            access: AccessKeys::decode(message.bytes("accessKeys")?)?,
            refresh: RefreshKeys::decode(message.bytes("refreshKeys")?)?,
            policy: Policy::decode(message.bytes("policy")?)?,
        };
        message.end()?;
        ISSUERS.with_borrow_mut(|issuers| {
            // The table shares its issuers, so a call that still runs keeps its own alive.
            if issuers.by_age.len() == MAX_ISSUERS
                && let Some(oldest) = issuers.by_age.pop_front()
            {
                issuers.table.remove(oldest);
            }
            let number = issuers.table.add(Rc::new(issuer)).ok_or(Error::KeyInvalid)?;
            issuers.by_age.push_back(number);
            Ok(number.to_be_bytes().to_vec())
        })
    })
}

/// Checks a policy and gives it as bytes; `jitter` is in ten-thousandths. The error is a sentence that names the option.
#[wasm_bindgen]
pub fn session_policy(message: &[u8]) -> Reply {
    match policy_of(message).map(Policy::check) {
        Ok(Ok(policy)) => reply::ok(&policy.encode()),
        Ok(Err(error)) => reply::refusal(error.message()),
        Err(error) => reply::refusal(error.code()),
    }
}

/// The policy of a message, not checked.
fn policy_of(message: &[u8]) -> Result<Policy, Error> {
    let mut message = Message::read(message)?;
    let policy = Policy {
        access_ttl: message.integer("accessTtl")?,
        refresh_idle: message.integer("refreshIdle")?,
        absolute: message.integer("absolute")?,
        grace: message.integer("grace")?,
        recovery: message.integer("recovery")?,
        hand_outs: message.integer("handOuts")?,
        jitter: message.integer("jitter")?,
    };
    message.end()?;
    Ok(policy)
}

/// Adds a key to those of access tokens; without a name it gets its fingerprint.
/// Lists of keys go in and out as bytes, so that nothing has to be kept while JavaScript adds one after another.
#[wasm_bindgen]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is optional crosses the boundary only by value"
)]
pub fn session_add_access_key(keys: &[u8], kid: Option<String>, secret: &[u8]) -> Reply {
    reply(|| {
        let mut keys = AccessKeys::decode(keys)?;
        keys.add(kid.as_deref(), secret)?;
        Ok(keys.encode().to_vec())
    })
}

/// Adds a key pair that JavaScript holds to the keys of access tokens, by its name and algorithm.
/// `signs` tells whether the private half is there.
#[wasm_bindgen]
pub fn session_add_access_pair(keys: &[u8], kid: &str, algorithm: &str, signs: bool) -> Reply {
    reply(|| {
        let mut keys = AccessKeys::decode(keys)?;
        let algorithm = Algorithm::from_name(algorithm).ok_or(Error::KeyUnsupported)?;
        keys.add_pair(kid, algorithm, signs)?;
        Ok(keys.encode().to_vec())
    })
}

/// Whether access keys can sign, as a byte: 0 none of them, 1 the first one, 2 another one.
#[wasm_bindgen]
pub fn session_access_signs(keys: &[u8]) -> Reply {
    reply(|| {
        let keys = AccessKeys::decode(keys)?;
        let place = keys.iter().position(AccessKey::signs);
        Ok(vec![place.map_or(0, |place| if place == 0 { 1 } else { 2 })])
    })
}

/// Derives a key of refresh tokens and adds it; without a name it gets its fingerprint.
///
/// The secret itself is not kept. What is derived from it signs, so no refresh token verifies by the secret.
#[wasm_bindgen]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is optional crosses the boundary only by value"
)]
pub fn session_add_refresh_key(keys: &[u8], kid: Option<String>, secret: &[u8]) -> Reply {
    reply(|| {
        let mut keys = RefreshKeys::decode(keys)?;
        keys.add(kid.as_deref(), secret)?;
        Ok(keys.encode().to_vec())
    })
}

/// Takes a key of refresh tokens out of use, by its name. Its tokens are then refused for good, whereas those of an
/// unknown key are answered with "not now".
#[wasm_bindgen]
pub fn session_retire_refresh_key(keys: &[u8], kid: &str) -> Reply {
    reply(|| {
        let mut keys = RefreshKeys::decode(keys)?;
        keys.retire(kid)?;
        Ok(keys.encode().to_vec())
    })
}
