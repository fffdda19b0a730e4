//! DPoP: a proof that whoever sends a token holds the key that the token is bound to (RFC 9449).
//!
//! Three things about a proof are judged elsewhere: whether its target is that of the request, which takes a parser of
//! URLs; whether it was seen before, which takes a memory; and whether its nonce is good, which takes the keys of
//! sessions.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::jose::base64url;
use crate::jose::compact::Compact;
use crate::keys::{Jwk, Key, PublicKey, Purpose, Restrictions, thumbprint};
use crate::token::verify_any;

/// The longest proof, in characters: one by the largest ML-DSA key is shorter.
/// Anyone may send one, so the length is bounded before anything is decoded.
pub const MAX_PROOF: usize = 16 << 10;

/// How far a clock of the sender may run ahead, in seconds.
/// A proof from the future could otherwise be made today and used for longer than the server allows.
pub const PROOF_TOLERANCE: u64 = 10;

/// The request and the limits that a proof must match.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The method of the request that it came with.
    pub method: &'a str,
    /// The clock, in seconds.
    pub now: u64,
    /// How long after it was made a proof is good, in seconds. None where a nonce is required, which bounds the age
    /// instead.
    pub max_age: Option<u64>,
    /// The access token that it came with; none with a refresh token.
    pub access_token: Option<&'a str>,
}

/// The claims of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub jkt: String,
    /// Its `htu`: the target that it is for, still to be compared with that of the request.
    pub target: String,
    /// Identifies the proof among all others, at a fixed length however long its `jti` is.
    pub id: String,
    /// How long it is good.
    pub good: Good,
}

/// How long a proof is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Good {
    /// Until this time, in seconds. Until then it must not be seen again.
    Until(u64),
    /// As long as this nonce is good, which its issuer has to judge ([`super::nonces`]).
    AsLongAs(String),
}

/// A proof whose signature is still to be verified by its own key: here, or where there is a faster way.
#[derive(Debug)]
pub struct Unverified<'a> {
    /// The key in its header: public, of a reasonable size, and one that may serve the algorithm.
    pub key: PublicKey,
    /// The algorithm that it names.
    pub algorithm: Algorithm,
    token: Compact<'a>,
    proof: Proof,
}

/// Judges a proof (RFC 9449 §4.3).
///
/// [`Error::ProofInvalid`] for anything that is not a proof, [`Error::ProofMismatch`] for one of another request or
/// access token, [`Error::ProofExpired`] for one of another time, and [`Error::ProofNonce`] for one without a nonce
/// where one is asked for.
pub fn read(proof: &[u8], expected: &Expected<'_>) -> Result<Proof, Error> {
    parse(proof, expected)?.verify()
}

/// Judges a proof in all but its signature, with the errors of [`read`].
pub fn parse<'a>(proof: &'a [u8], expected: &Expected<'_>) -> Result<Unverified<'a>, Error> {
    if proof.len() > MAX_PROOF {
        return Err(Error::ProofInvalid);
    }
    let token = Compact::split(proof).map_err(|_| Error::ProofInvalid)?;
    let header = text(token.header)?;
    let header: Header<'_> = json(&header)?;
    // The type keeps any other token of the same key from serving as a proof; an extension that is marked critical
    // must be understood (RFC 7515 §4.1.11), and none is.
    if header.typ != "dpop+jwt" || header.crit {
        return Err(Error::ProofInvalid);
    }
    let (key, algorithm) = key_of(&header)?;
    let claims: Claims = json(&text(token.payload)?)?;
    // The identifier of a proof must be unique (RFC 9449 §4.2), which an empty one cannot be.
    if claims.jti.is_empty() {
        return Err(Error::ProofInvalid);
    }
    // Methods are compared as they are: they are case-sensitive (RFC 9110 §9.1).
    if claims.htm != expected.method {
        return Err(Error::ProofMismatch);
    }
    if let Some(access_token) = expected.access_token {
        // Without `ath`, a proof captured in one place would go with another token of the same key (RFC 9449 §7).
        let hash = base64url::encode(&Sha256::digest(access_token));
        if claims.ath.as_deref() != Some(&hash) {
            return Err(Error::ProofMismatch);
        }
    }
    let good = match expected.max_age {
        Some(max_age) => Good::Until(good_until(claims.iat, max_age, expected.now)?),
        // A nonce says by the server's own clock how old a proof can be, whatever the sender's clock says.
        None => Good::AsLongAs(claims.nonce.ok_or(Error::ProofNonce)?),
    };
    let jkt = thumbprint(&Key::Public(key.clone()))?;
    // The identifier includes the key, so that a sender cannot use up the `jti` of another. A thumbprint holds no dot,
    // so the parts stay apart.
    let id = Sha256::digest([jkt.as_bytes(), b".", claims.jti.as_bytes()].concat());
    let proof = Proof {
        jkt,
        target: claims.htu,
        id: base64url::encode(&id),
        good,
    };
    Ok(Unverified {
        key,
        algorithm,
        token,
        proof,
    })
}

impl Unverified<'_> {
    /// Verifies the signature; [`Error::ProofInvalid`] if it is wrong.
    pub fn verify(self) -> Result<Proof, Error> {
        verify_any(&self.token, &Key::Public(self.key), self.algorithm).map_err(|_| Error::ProofInvalid)?;
        Ok(self.proof)
    }

    /// The proof's parts, for a caller that verifies the signature elsewhere.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    typ: String,
    alg: String,
    #[serde(borrow)]
    jwk: &'a RawValue,
    /// Whether the member is there, whatever it holds.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// Claims that do not concern the request are ignored.
#[derive(Deserialize)]
struct Claims {
    /// Tells this proof from all others.
    jti: String,
    htm: String,
    htu: String,
    /// A number of JSON, which may have a fraction (RFC 7519 §2).
    iat: f64,
    /// The hash of the access token (RFC 9449 §4.2).
    ath: Option<String>,
    nonce: Option<String>,
}

/// True: serde calls this only for a member that is there.
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

/// Reads the members that are asked for. One of them that is there twice is an error.
fn json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|_| Error::ProofInvalid)
}

/// The key in the header, which must be a public one, and its algorithm one that the key may serve.
fn key_of(header: &Header<'_>) -> Result<(PublicKey, Algorithm), Error> {
    let algorithm = Algorithm::from_name(&header.alg).ok_or(Error::ProofInvalid)?;
    let jwk = Jwk::from_json(header.jwk.get().as_bytes()).map_err(|_| Error::ProofInvalid)?;
    // A header with a private key has given it away to everyone on the path (RFC 9449 §4.3, point 7).
    if jwk.has_private_members() || !Restrictions::of(&jwk).allow(algorithm, Purpose::Verify) {
        return Err(Error::ProofInvalid);
    }
    let Ok(Key::Public(key)) = jwk.to_key() else {
        return Err(Error::ProofInvalid);
    };
    // The restrictions above say what the key may do. Whether it can do it, and how fast, is checked here.
    if key.serves(algorithm) && !is_too_expensive(&key) {
        Ok((key, algorithm))
    } else {
        Err(Error::ProofInvalid)
    }
}

/// Anyone may send a key, even one that is made only to keep the server busy.
fn is_too_expensive(key: &PublicKey) -> bool {
    key.describe().bits > Some(4096)
}

/// Until when a proof with this `iat` is good, in seconds; [`Error::ProofExpired`] before that time begins or after it.
fn good_until(iat: f64, max_age: u64, now: u64) -> Result<u64, Error> {
    if !(0.0..=MAX_TIME).contains(&iat) {
        return Err(Error::ProofInvalid);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let made_at = iat as u64;
    let until = made_at.saturating_add(max_age);
    if made_at > now.saturating_add(PROOF_TOLERANCE) || until < now {
        return Err(Error::ProofExpired);
    }
    Ok(until.saturating_add(1))
}

/// The largest whole number that every JSON reader reads alike.
const MAX_TIME: f64 = 9_007_199_254_740_991.0;
