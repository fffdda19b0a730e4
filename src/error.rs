use std::fmt;

/// Everything that can go wrong, with a stable code and a static message.
///
/// No variant carries a token, a claim or key material, so an error can always be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// The token is not three base64url parts (RFC 7515 §3.1).
    TokenMalformed,
    /// The token or payload is longer than the 8 MiB that are accepted.
    TokenTooLarge,
    /// The signature does not belong to this token and key (RFC 7515 §5.2).
    SignatureInvalid,
    /// The token's algorithm is not among those that were allowed.
    AlgorithmNotAllowed,
    /// Bytes that are no strict base64url (RFC 4648 §5, without padding).
    Base64Invalid,
    /// The key is not usable for this algorithm, or no key at all.
    KeyInvalid,
    /// A key of a type or form that is recognised but not served, or not by this build.
    KeyUnsupported,
    /// An encrypted key without its passphrase, or with a wrong one.
    KeyPassphrase,
    /// A key longer than the 64 KiB that are read.
    KeyTooLarge,
    /// No key of the set fits (RFC 7517 §5).
    KeyNotFound,
    /// More than one key of the set fits, and a guess among several would be the attacker's to steer.
    KeyAmbiguous,
    /// A set holds secrets beside public keys, and nothing says which of them are meant.
    KeySetMixed,
    /// The secret of a JWK is shorter than the hash of the algorithm (RFC 7518 §3.2).
    KeyTooShort,
    /// An RSA modulus that can be factored (CVE-2017-15361).
    KeyWeak,
    /// A key file whose passphrase would take more than a second or so to try.
    KeyExpensive,
    /// A handle names a key that was dropped.
    KeyUnknown,
    /// A time span that npm `ms` would not read either.
    TimespanInvalid,
    /// The host gave no random bytes.
    RandomUnavailable,
    /// A token that verifies, but is of another kind or of another issuer.
    TokenForeign,
    /// A refresh token names a key that this server does not have.
    KidUnknown,
    /// A refresh token of a key that counts no more, or of one that is not known and will not be in time.
    KidRetired,
    /// The name of a key is empty, longer than 64 bytes or taken.
    KidInvalid,
    /// A secret for sessions is shorter than 32 bytes.
    SecretTooShort,
    /// The policy of sessions is not one that was checked.
    PolicyInvalid,
    /// The record of a session cannot be read.
    RecordInvalid,
    /// The command for a session cannot be read.
    CommandInvalid,
    /// A session is larger than a record may be, or its claims and notes are larger than 2 KB.
    SessionTooLarge,
    /// Claims that are not the text of a JSON object.
    ClaimsInvalid,
    /// A scope is not a list of names with single spaces between them (RFC 6749 §3.3).
    ScopeInvalid,
    /// A DPoP proof that is malformed, of another type, or not signed by the key that it shows (RFC 9449 §4.3).
    ProofInvalid,
    /// A DPoP proof for another request or access token.
    ProofMismatch,
    /// A DPoP proof that was made too long ago, or in the future.
    ProofExpired,
    /// A DPoP proof without a nonce that is good now (RFC 9449 §8).
    ProofNonce,
}

impl Error {
    /// All variants, in the order of their numbers at the wasm boundary.
    pub const ALL: &'static [Self] = &[
        Self::TokenMalformed,
        Self::TokenTooLarge,
        Self::SignatureInvalid,
        Self::AlgorithmNotAllowed,
        Self::Base64Invalid,
        Self::KeyInvalid,
        Self::KeyUnsupported,
        Self::KeyPassphrase,
        Self::KeyTooLarge,
        Self::KeyNotFound,
        Self::KeyAmbiguous,
        Self::KeySetMixed,
        Self::KeyTooShort,
        Self::KeyWeak,
        Self::KeyExpensive,
        Self::KeyUnknown,
        Self::TimespanInvalid,
        Self::RandomUnavailable,
        Self::TokenForeign,
        Self::KidUnknown,
        Self::KidInvalid,
        Self::SecretTooShort,
        Self::PolicyInvalid,
        Self::RecordInvalid,
        Self::CommandInvalid,
        Self::SessionTooLarge,
        Self::ClaimsInvalid,
        Self::ScopeInvalid,
        Self::ProofInvalid,
        Self::ProofMismatch,
        Self::ProofExpired,
        Self::ProofNonce,
        Self::KidRetired,
    ];

    /// The code that callers branch on; it does not change between releases.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMalformed => "ERR_JWT_MALFORMED",
            Self::TokenTooLarge => "ERR_JWT_TOO_LARGE",
            Self::SignatureInvalid => "ERR_JWT_SIGNATURE",
            Self::AlgorithmNotAllowed => "ERR_JWT_ALGORITHM",
            Self::Base64Invalid => "ERR_BASE64URL",
            Self::KeyInvalid => "ERR_KEY_INVALID",
            Self::KeyUnsupported => "ERR_KEY_UNSUPPORTED",
            Self::KeyPassphrase => "ERR_KEY_PASSPHRASE",
            Self::KeyTooLarge => "ERR_KEY_TOO_LARGE",
            Self::KeyNotFound => "ERR_KEY_NOT_FOUND",
            Self::KeyAmbiguous => "ERR_KEY_AMBIGUOUS",
            Self::KeySetMixed => "ERR_KEY_SET_MIXED",
            Self::KeyTooShort => "ERR_KEY_TOO_SHORT",
            Self::KeyWeak => "ERR_KEY_WEAK",
            Self::KeyExpensive => "ERR_KEY_EXPENSIVE",
            Self::KeyUnknown => "ERR_KEY_UNKNOWN",
            Self::TimespanInvalid => "ERR_TIMESPAN",
            Self::RandomUnavailable => "ERR_RANDOM_UNAVAILABLE",
            Self::TokenForeign => "ERR_JWT_FOREIGN",
            Self::KidUnknown => "ERR_KID_UNKNOWN",
            Self::KidInvalid => "ERR_KID_INVALID",
            Self::SecretTooShort => "ERR_SECRET_TOO_SHORT",
            Self::PolicyInvalid => "ERR_POLICY",
            Self::RecordInvalid => "ERR_SESSION_RECORD",
            Self::CommandInvalid => "ERR_SESSION_COMMAND",
            Self::SessionTooLarge => "ERR_SESSION_TOO_LARGE",
            Self::ClaimsInvalid => "ERR_CLAIMS",
            Self::ScopeInvalid => "ERR_SCOPE",
            Self::ProofInvalid => "ERR_DPOP_PROOF",
            Self::ProofMismatch => "ERR_DPOP_MISMATCH",
            Self::ProofExpired => "ERR_DPOP_EXPIRED",
            Self::ProofNonce => "ERR_DPOP_NONCE",
            Self::KidRetired => "ERR_KID_RETIRED",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error {
    /// A sentence without a full stop.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TokenMalformed => "the token is not three base64url parts",
            Self::TokenTooLarge => "the token is longer than 8 MiB",
            Self::SignatureInvalid => "the signature does not match",
            Self::AlgorithmNotAllowed => "the algorithm of the token is not allowed",
            Self::Base64Invalid => "not strict base64url",
            Self::KeyInvalid => "the key cannot be used for this algorithm",
            Self::KeyUnsupported => "keys of this type or form are not supported",
            Self::KeyPassphrase => "the passphrase of the key is missing or wrong",
            Self::KeyTooLarge => "a key may be 64 KiB long, and what is no key of a pair 1 MiB",
            Self::KeyNotFound => "no key of the set fits",
            Self::KeyAmbiguous => "more than one key of the set fits",
            Self::KeySetMixed => {
                "the set holds secrets beside public keys, so \"algorithms\" has to say which are meant"
            }
            Self::KeyTooShort => "the k of the JWK is shorter than the hash of the algorithm (RFC 7518 section 3.2)",
            Self::KeyWeak => "the RSA modulus can be factored (ROCA, CVE-2017-15361)",
            Self::KeyExpensive => {
                "its passphrase takes longer to try than a second or so (half a minute with allowExpensivePassphrase)"
            }
            Self::KeyUnknown => "the key handle is not known",
            Self::TimespanInvalid => "not a time span",
            Self::RandomUnavailable => "the host gave no random bytes",
            Self::TokenForeign => "the token is of another kind or issuer",
            Self::KidUnknown => "the key that the token names is not known",
            Self::KidRetired => "the key that the token names counts no more",
            Self::KidInvalid => "the name of a key must be 1 to 64 bytes and its own",
            Self::SecretTooShort => "a secret must be at least 32 bytes",
            Self::PolicyInvalid => "the policy is not valid",
            Self::RecordInvalid => "the record of the session cannot be read",
            Self::CommandInvalid => "the command for the session cannot be read",
            Self::SessionTooLarge => "the session is larger than 4 KB, or its claims and notes than 2 KB",
            Self::ClaimsInvalid => "claims must be the text of a JSON object",
            Self::ScopeInvalid => "a scope must be names with single spaces between them",
            Self::ProofInvalid => "not a DPoP proof, or not signed by the key that it shows",
            Self::ProofMismatch => "the DPoP proof is for another request or access token",
            Self::ProofExpired => "the DPoP proof was made too long ago, or in the future",
            Self::ProofNonce => "the DPoP proof has no nonce that is good now",
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_messages_are_distinct() {
        let mut codes: Vec<_> = Error::ALL.iter().map(|e| e.code()).collect();
        let mut messages: Vec<_> = Error::ALL.iter().map(ToString::to_string).collect();
        codes.sort_unstable();
        codes.dedup();
        messages.sort();
        messages.dedup();
        assert_eq!((codes.len(), messages.len()), (Error::ALL.len(), Error::ALL.len()));
    }
}
