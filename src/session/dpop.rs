//! DPoP: a proof that whoever sends a token holds the key that the token is bound to (RFC 9449).
//!
//! All of a proof is judged here but two things that need the host: whether its target is that of the request, which takes
//! a parser of URLs, and whether it was seen before, which takes a memory.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::keys::RefreshKeys;
use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::jose::base64url;
use crate::jose::compact::Compact;
use crate::keys::{Jwk, Key, PublicKey, Purpose, Restrictions, thumbprint};
use crate::token::verify_any;

/// The longest proof, in characters: one by the largest ML-DSA key is shorter.
pub const MAX_PROOF: usize = 16 << 10;

/// How far a clock of the sender may run ahead, in seconds.
pub const CLOCK_TOLERANCE: u64 = 10;

/// What a proof has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The method of the request that it came with.
    pub method: &'a str,
    /// The clock, in seconds.
    pub now: u64,
    /// How long after it was made a proof is good, in seconds. Where nonces are asked for they decide instead.
    pub max_age: u64,
    /// The nonces that it must hold one of, where they are asked for.
    pub nonces: Option<Nonces<'a>>,
    /// The access token that it came with; none with a refresh token.
    pub access_token: Option<&'a str>,
}

/// Nonces that are not remembered but made again: one for each stretch of time, by keys that all servers share.
#[derive(Clone, Copy, Debug)]
pub struct Nonces<'a> {
    /// The keys that make them, the newest first.
    pub keys: &'a RefreshKeys,
    /// How long each is the current one, in seconds; it is good for as long again.
    pub stretch: u64,
}

/// What a proof says that was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub jkt: String,
    /// Its `htu`: the target that it is for, still to be compared with that of the request.
    pub target: String,
    /// What tells it from all other proofs, of a fixed length whatever its `jti` is.
    pub id: String,
    /// Until when it is good and must not be seen again, in seconds.
    pub until: u64,
}

/// Judges a proof (RFC 9449 §4.3).
///
/// [`Error::ProofInvalid`] for what is none, [`Error::ProofMismatch`] for one of another request or access token,
/// [`Error::ProofExpired`] for one of another time, and [`Error::ProofNonce`] for one without a current nonce.
pub fn read(proof: &[u8], expected: &Expected<'_>) -> Result<Proof, Error> {
    if proof.len() > MAX_PROOF {
        return Err(Error::ProofInvalid);
    }
    let token = Compact::split(proof).map_err(|_| Error::ProofInvalid)?;
    let header = text(token.header)?;
    let header: Header<'_> = json(&header)?;
    if header.typ != "dpop+jwt" || header.crit {
        return Err(Error::ProofInvalid);
    }
    let key = verified_by(&token, &header)?;
    let claims: Claims = json(&text(token.payload)?)?;
    if claims.jti.is_empty() {
        return Err(Error::ProofInvalid);
    }
    if claims.htm != expected.method {
        return Err(Error::ProofMismatch);
    }
    if let Some(access_token) = expected.access_token {
        let hash = base64url::encode(&Sha256::digest(access_token));
        if claims.ath.as_deref() != Some(&hash) {
            return Err(Error::ProofMismatch);
        }
    }
    let until = good_until(&claims, expected)?;
    let jkt = thumbprint(&key)?;
    let id = Sha256::digest([jkt.as_bytes(), b".", claims.jti.as_bytes()].concat());
    Ok(Proof {
        jkt,
        target: claims.htu,
        id: base64url::encode(&id),
        until,
    })
}

impl Nonces<'_> {
    /// The one to give out; [`Error::KeyInvalid`] if there is no key.
    pub fn current(&self, now: u64) -> Result<String, Error> {
        Ok(self.keys.signing()?.nonce(self.number(now)))
    }

    fn number(&self, now: u64) -> u64 {
        now / self.stretch.max(1)
    }

    /// Until when a nonce is good, if it is. The next one is too: a server whose clock is a little ahead gives it out.
    fn good_until(&self, nonce: &str, now: u64) -> Option<u64> {
        let current = self.number(now);
        let number = [Some(current), current.checked_sub(1), current.checked_add(1)]
            .into_iter()
            .flatten()
            .find(|&number| self.keys.iter().any(|key| key.nonce(number) == nonce))?;
        Some(number.saturating_add(2).saturating_mul(self.stretch))
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    typ: String,
    alg: String,
    #[serde(borrow)]
    jwk: &'a RawValue,
    /// Whether it is there, whatever it holds.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// Claims that the request has nothing to do with are passed over.
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: f64,
    ath: Option<String>,
    nonce: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value).map(|_| true)
}

/// The JSON text of a part. It must be an object: an array of the members in their order would be read too.
fn text(part: &[u8]) -> Result<Vec<u8>, Error> {
    let text = base64url::decode(part).map_err(|_| Error::ProofInvalid)?;
    if text.trim_ascii_start().starts_with(b"{") {
        Ok(text)
    } else {
        Err(Error::ProofInvalid)
    }
}

fn json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|_| Error::ProofInvalid)
}

/// The key in the header, which must be a public one that its algorithm is for and that signed the proof.
fn verified_by(token: &Compact<'_>, header: &Header<'_>) -> Result<Key, Error> {
    let algorithm = Algorithm::from_name(&header.alg).ok_or(Error::ProofInvalid)?;
    let jwk = Jwk::from_json(header.jwk.get().as_bytes()).map_err(|_| Error::ProofInvalid)?;
    if jwk.has_private_members() || !Restrictions::of(&jwk).allow(algorithm, Purpose::Verify) {
        return Err(Error::ProofInvalid);
    }
    let Ok(Key::Public(key)) = jwk.to_key() else {
        return Err(Error::ProofInvalid);
    };
    if !key.serves(algorithm) || is_laborious(&key) {
        return Err(Error::ProofInvalid);
    }
    let key = Key::Public(key);
    verify_any(token, &key, algorithm).map_err(|_| Error::ProofInvalid)?;
    Ok(key)
}

/// Anyone may show a key here, also one whose only purpose is to keep the server busy.
fn is_laborious(key: &PublicKey) -> bool {
    key.describe().bits > Some(4096)
}

/// The end of the time in which a proof is good, that time having begun.
fn good_until(claims: &Claims, expected: &Expected<'_>) -> Result<u64, Error> {
    let now = expected.now;
    // A nonce says by the server's own clock how old a proof can be, whatever the sender's clock says.
    if let Some(nonces) = expected.nonces {
        let nonce = claims.nonce.as_deref().ok_or(Error::ProofNonce)?;
        return nonces.good_until(nonce, now).ok_or(Error::ProofNonce);
    }
    if !(0.0..=MAX_TIME).contains(&claims.iat) {
        return Err(Error::ProofInvalid);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let made_at = claims.iat as u64;
    let until = made_at.saturating_add(expected.max_age);
    if made_at > now.saturating_add(CLOCK_TOLERANCE) || until < now {
        return Err(Error::ProofExpired);
    }
    Ok(until.saturating_add(1))
}

/// The largest whole number that every JSON reader reads alike.
const MAX_TIME: f64 = 9_007_199_254_740_991.0;
