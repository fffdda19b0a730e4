//! Signing: JSON in, compact token out (RFC 7515 §5.1).

use crate::Error;
use crate::crypto::hmac::{HmacAlgorithm, HmacKey};
use crate::jose::compact::MAX_LEN;
use crate::jose::{base64url, header};

/// The protected header of a token to be signed.
#[derive(Clone, Copy, Debug)]
pub enum Header<'a> {
    /// `{"alg":…,"typ":"JWT"}`, stored already encoded.
    Default,
    /// The JSON text of any other header. The caller is responsible for its `alg`.
    Json(&'a [u8]),
}

/// The length of a signed token in characters, or [`Error::TokenTooLarge`] over 8 MiB.
pub fn signed_len(header: Header<'_>, payload: &[u8], algorithm: HmacAlgorithm) -> Result<usize, Error> {
    let header = match header {
        Header::Default => header::default_header(algorithm).len(),
        Header::Json(json) if json.len() <= MAX_LEN => base64url::encoded_len(json.len()),
        Header::Json(_) => return Err(Error::TokenTooLarge),
    };
    if payload.len() > MAX_LEN {
        return Err(Error::TokenTooLarge);
    }
    let len = header + 1 + base64url::encoded_len(payload.len()) + 1 + base64url::encoded_len(algorithm.mac_len());
    if len <= MAX_LEN {
        Ok(len)
    } else {
        Err(Error::TokenTooLarge)
    }
}

/// Writes the token to the start of `out` and returns its length; [`Error::TokenTooLarge`] if it does not fit.
pub fn sign_into(
    header: Header<'_>,
    payload: &[u8],
    key: &HmacKey,
    algorithm: HmacAlgorithm,
    out: &mut [u8],
) -> Result<usize, Error> {
    let len = signed_len(header, payload, algorithm)?;
    let out = out.get_mut(..len).ok_or(Error::TokenTooLarge)?;

    let mut end = match header {
        Header::Default => put(out, 0, header::default_header(algorithm))?,
        Header::Json(json) => base64url::encode_into(json, out)?,
    };
    end = put(out, end, b".")?;
    end += base64url::encode_into(payload, out.get_mut(end..).ok_or(Error::TokenTooLarge)?)?;

    let (signing_input, rest) = out.split_at_mut_checked(end).ok_or(Error::TokenTooLarge)?;
    let tag = key.mac(algorithm, signing_input);
    let start = put(rest, 0, b".")?;
    base64url::encode_into(tag.as_bytes(), rest.get_mut(start..).ok_or(Error::TokenTooLarge)?)?;
    Ok(len)
}

/// Signs into a string.
///
/// ```
/// use tandem_jwt::crypto::hmac::{HmacAlgorithm, HmacKey};
/// use tandem_jwt::token::{Header, sign};
///
/// let key = HmacKey::new(b"a secret of at least thirty-two bytes");
/// let token = sign(Header::Default, br#"{"sub":"ada"}"#, &key, HmacAlgorithm::Hs256)?;
/// assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ."));
/// # Ok::<(), tandem_jwt::Error>(())
/// ```
pub fn sign(header: Header<'_>, payload: &[u8], key: &HmacKey, algorithm: HmacAlgorithm) -> Result<String, Error> {
    let mut out = vec![0; signed_len(header, payload, algorithm)?];
    sign_into(header, payload, key, algorithm, &mut out)?;
    String::from_utf8(out).map_err(|_| Error::TokenMalformed)
}

/// Writes an unsecured token (RFC 7519 §6): header, payload and an empty signature.
pub fn unsecured_into(header: &[u8], payload: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    let mut end = base64url::encode_into(header, out)?;
    end = put(out, end, b".")?;
    end += base64url::encode_into(payload, out.get_mut(end..).ok_or(Error::TokenTooLarge)?)?;
    put(out, end, b".")
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) -> Result<usize, Error> {
    let end = at + bytes.len();
    out.get_mut(at..end).ok_or(Error::TokenTooLarge)?.copy_from_slice(bytes);
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.1.
    #[test]
    fn the_token_of_rfc_7515() {
        let secret = base64url::decode(
            b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        )
        .unwrap();
        let header = Header::Json(b"{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
        let payload = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        assert_eq!(
            sign(header, payload, &HmacKey::new(&secret), HmacAlgorithm::Hs256).unwrap(),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
             .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
             .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    /// RFC 7519 §6.1.
    #[test]
    fn the_unsecured_token_of_rfc_7519() {
        let payload = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let mut out = [0; 256];
        let len = unsecured_into(br#"{"alg":"none"}"#, payload, &mut out).unwrap();
        assert_eq!(
            std::str::from_utf8(&out[..len]).unwrap(),
            "eyJhbGciOiJub25lIn0\
             .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        );
        assert_eq!(
            unsecured_into(b"{}", payload, &mut out[..20]),
            Err(Error::TokenTooLarge)
        );
    }

    #[test]
    fn the_limit_is_on_the_whole_token() {
        let key = HmacKey::new(b"secret");
        let payload = vec![b' '; MAX_LEN];
        assert_eq!(
            sign(Header::Default, &payload, &key, HmacAlgorithm::Hs256),
            Err(Error::TokenTooLarge)
        );
        assert!(sign(Header::Default, &payload[..6_000_000], &key, HmacAlgorithm::Hs512).is_ok());
        let mut short = [0; 10];
        assert_eq!(
            sign_into(Header::Default, b"{}", &key, HmacAlgorithm::Hs256, &mut short),
            Err(Error::TokenTooLarge)
        );
    }
}
