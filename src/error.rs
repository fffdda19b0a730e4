use std::fmt;

use crate::listed::listed;

listed! {
    /// Everything that can go wrong, with a stable code and a static message.
    ///
    /// No variant contains a token, a claim or key material, so an error is always safe to log. The order defines the
    /// numbers at the wasm boundary.
    #[non_exhaustive]
    pub enum Error: (&'static str, &'static str) {
        /// The token is not three base64url parts (RFC 7515 §3.1).
        TokenMalformed = ("ERR_JWT_MALFORMED", "the token is not three base64url parts"),
        /// The token or payload is longer than the 8 MiB that are accepted.
        TokenTooLarge = ("ERR_JWT_TOO_LARGE", "the token is longer than 8 MiB"),
        /// The signature does not belong to this token and key (RFC 7515 §5.2).
        SignatureInvalid = ("ERR_JWT_SIGNATURE", "the signature does not match"),
        /// The token's algorithm is not among the allowed ones.
        AlgorithmNotAllowed = ("ERR_JWT_ALGORITHM", "the token's algorithm is not allowed"),
        /// Text that is not strict base64url (RFC 4648 §5, without padding).
        Base64Invalid = ("ERR_BASE64URL", "not strict base64url"),
        /// The key cannot be used for this algorithm, or is not a key at all.
        KeyInvalid = ("ERR_KEY_INVALID", "the key cannot be used for this algorithm"),
        /// A key of a recognised type or form that is not supported, or not by this build.
        KeyUnsupported = ("ERR_KEY_UNSUPPORTED", "this key type or format is not supported"),
        /// An encrypted key without its passphrase, or with a wrong one.
        KeyPassphrase = ("ERR_KEY_PASSPHRASE", "the key's passphrase is missing or wrong"),
        /// A key longer than 64 KiB, or a secret or set longer than 1 MiB.
        KeyTooLarge = (
            "ERR_KEY_TOO_LARGE",
            "the key is longer than 64 KiB, or the secret or key set longer than 1 MiB",
        ),
        /// No key in the set matches (RFC 7517 §5).
        KeyNotFound = ("ERR_KEY_NOT_FOUND", "no key in the set matches"),
        /// More than one key in the set matches. Guessing would let an attacker choose among them.
        KeyAmbiguous = ("ERR_KEY_AMBIGUOUS", "more than one key in the set matches"),
        /// The set contains both secrets and public keys, and the caller has not said which to use.
        KeySetMixed = (
            "ERR_KEY_SET_MIXED",
            "the set holds both secrets and public keys: choose with \"algorithms\"",
        ),
        /// The secret of a JWK is shorter than the hash of the algorithm (RFC 7518 §3.2).
        KeyTooShort = (
            "ERR_KEY_TOO_SHORT",
            "the \"k\" of the JWK is shorter than the algorithm's hash (RFC 7518 section 3.2)",
        ),
        /// An RSA modulus that can be factored (CVE-2017-15361).
        KeyWeak = ("ERR_KEY_WEAK", "the RSA modulus can be factored (ROCA, CVE-2017-15361)"),
        /// A key file whose passphrase would take more than about a second to try.
        KeyExpensive = (
            "ERR_KEY_EXPENSIVE",
            "checking its passphrase takes over a second (half a minute with allowExpensivePassphrase)",
        ),
        /// A handle names a key that was dropped.
        KeyUnknown = ("ERR_KEY_UNKNOWN", "the key handle is not known"),
        /// The host provided no random bytes.
        RandomUnavailable = ("ERR_RANDOM_UNAVAILABLE", "the host gave no random bytes"),
        /// A token that verifies, but is of another type or from another issuer.
        TokenForeign = ("ERR_JWT_FOREIGN", "the token is of another type or issuer"),
        /// A refresh token names a key that this server does not have.
        KidUnknown = ("ERR_KID_UNKNOWN", "the token's kid is not known"),
        /// A refresh token of a retired key, or of an unknown key that can no longer arrive before the token expires.
        KidRetired = ("ERR_KID_RETIRED", "the token's kid is retired"),
        /// A key's name is empty, longer than 64 bytes, or already in use.
        KidInvalid = ("ERR_KID_INVALID", "a kid must be 1 to 64 bytes and unique"),
        /// A secret for sessions is shorter than 32 bytes.
        SecretTooShort = ("ERR_SECRET_TOO_SHORT", "a secret must be at least 32 bytes"),
        /// The bytes are not a validated session policy.
        PolicyInvalid = ("ERR_POLICY", "the policy is not valid"),
        /// The record of a session cannot be read.
        RecordInvalid = ("ERR_SESSION_RECORD", "the record of the session cannot be read"),
        /// The command for a session cannot be read.
        CommandInvalid = ("ERR_SESSION_COMMAND", "the command for the session cannot be read"),
        /// A session exceeds the maximum record size, or its claims and notes exceed 2 KB.
        SessionTooLarge = (
            "ERR_SESSION_TOO_LARGE",
            "the session exceeds 4 KB, or its claims and notes exceed 2 KB",
        ),
        /// Claims that are not the text of a JSON object.
        ClaimsInvalid = ("ERR_CLAIMS", "claims must be a JSON object"),
        /// A scope is not a list of names with single spaces between them (RFC 6749 §3.3).
        ScopeInvalid = ("ERR_SCOPE", "a scope must be names separated by single spaces"),
        /// A DPoP proof that is malformed, of another type, or not signed by the key in its header (RFC 9449 §4.3).
        ProofInvalid = ("ERR_DPOP_PROOF", "the DPoP proof is malformed, or not signed by the key in its header"),
        /// A DPoP proof for another request or access token.
        ProofMismatch = ("ERR_DPOP_MISMATCH", "the DPoP proof is for another request or access token"),
        /// A DPoP proof that was made too long ago, or in the future.
        ProofExpired = ("ERR_DPOP_EXPIRED", "the DPoP proof is too old, or dated in the future"),
        /// A DPoP proof without a current nonce (RFC 9449 §8).
        ProofNonce = ("ERR_DPOP_NONCE", "the DPoP proof has no current nonce"),
    }
}

impl Error {
    /// The code for programs to branch on; it does not change between releases.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// A sentence without a full stop.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.row().1
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
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
