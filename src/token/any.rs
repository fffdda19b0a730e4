//! Signing and verifying with a key of any family. HMAC has its own, faster path.

use rand_core::CryptoRng;

use crate::Error;
use crate::crypto::algorithm::Algorithm;
use crate::jose::base64url;
use crate::jose::compact::{Compact, MAX_LEN};
use crate::keys::Key;

/// Signs a payload under the given header; the caller is responsible for its `alg` (RFC 7515 §5.1).
///
/// ```
/// use tandem_jwt::crypto::algorithm::Algorithm;
/// use tandem_jwt::crypto::random;
/// use tandem_jwt::jose::compact::Compact;
/// use tandem_jwt::keys::Key;
/// use tandem_jwt::token::{sign_any, verify_any};
///
/// let mut rng = random::rng()?;
/// let key = Key::generate(Algorithm::EdDsa, 0, &mut rng)?;
/// let token = sign_any(br#"{"alg":"EdDSA"}"#, b"{}", &key, Algorithm::EdDsa, &mut rng)?;
/// verify_any(&Compact::split(token.as_bytes())?, &key, Algorithm::EdDsa)?;
/// # Ok::<(), tandem_jwt::Error>(())
/// ```
pub fn sign_any(
    header: &[u8],
    payload: &[u8],
    key: &Key,
    algorithm: Algorithm,
    rng: &mut dyn CryptoRng,
) -> Result<String, Error> {
    if header.len() > MAX_LEN || payload.len() > MAX_LEN {
        return Err(Error::TokenTooLarge);
    }
    let mut token = base64url::encode(header);
    token.push('.');
    token.push_str(&base64url::encode(payload));
    let signature = key.sign(algorithm, token.as_bytes(), rng)?;
    token.push('.');
    token.push_str(&base64url::encode(&signature));
    if token.len() > MAX_LEN {
        return Err(Error::TokenTooLarge);
    }
    Ok(token)
}

/// Verifies a token's signature (RFC 7515 §5.2). Only the canonical base64url encoding is accepted.
pub fn verify_any(token: &Compact<'_>, key: &Key, algorithm: Algorithm) -> Result<(), Error> {
    let signature = base64url::decode(token.signature).map_err(|_| Error::SignatureInvalid)?;
    key.verify(algorithm, token.signing_input, &signature)
}
