//! What must never be taken for a secret.
//!
//! Whoever verifies with a public key hands it to the same argument that takes secrets. If its bytes were used for HMAC,
//! anyone who knows the public key could sign (RFC 8725 §2.1).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::keys::asn1::{BIT_STRING, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};

/// Either alphabet comes about: a key pasted without its armour.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Text that stands in a key and in no secret, wherever it stands.
const MARKS: [&[u8]; 5] = [
    b"-----BEGIN ",
    b"---- BEGIN SSH2",
    b"ssh-rsa AAAA",
    b"ssh-ed25519 AAAA",
    b"ecdsa-sha2-nistp",
];

/// Whether these bytes are, or hold, a key of a pair, a certificate or a JSON Web Key: PEM, DER, bare base64 of DER, JSON,
/// or a line of OpenSSH, also in UTF-16 and whatever stands before it.
#[must_use]
pub fn looks_asymmetric(bytes: &[u8]) -> bool {
    if bytes.contains(&0) && looks_like_text(&without(bytes, |byte| byte == 0)) {
        return true;
    }
    looks_like_text(bytes) || is_der_key(bytes) || is_base64_key(bytes)
}

fn looks_like_text(bytes: &[u8]) -> bool {
    // Secrets in bytes come this way at every call, so most positions are passed over by their first byte.
    let mut braces = false;
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.first() {
            Some(b'{') => {
                braces = true;
                false
            }
            Some(b'"') => braces && rest.starts_with(b"\"kty\""),
            Some(b'-' | b's' | b'e') => MARKS.iter().any(|mark| rest.starts_with(mark)),
            _ => false,
        }
    })
}

fn is_base64_key(bytes: &[u8]) -> bool {
    // No key is that short, and no secret needs to be decoded that is longer than any key.
    if !(40..=2 * super::MAX_LEN).contains(&bytes.len()) {
        return false;
    }
    // The first six bits of a sequence.
    if !bytes.trim_ascii_start().starts_with(b"M") {
        return false;
    }
    let text = without(bytes, |byte| byte.is_ascii_whitespace());
    let url_safe = text.contains(&b'-') || text.contains(&b'_');
    let alphabet = if url_safe {
        &alphabet::URL_SAFE
    } else {
        &alphabet::STANDARD
    };
    GeneralPurpose::new(alphabet, LENIENT)
        .decode(&text)
        .is_ok_and(|der| is_der_key(&der))
}

/// Whether the outermost sequence ends with the bytes and its members have the tags of a key file.
fn is_der_key(bytes: &[u8]) -> bool {
    let shape = || {
        let mut whole = Reader::new(bytes);
        let mut members = whole.sequence()?;
        whole.end()?;
        let (first, content) = members.any()?;
        let (second, _) = members.any()?;
        let mut starts_with_oid = Reader::new(content);
        Ok::<_, crate::Error>(match (first, second) {
            // SubjectPublicKeyInfo, EncryptedPrivateKeyInfo.
            (SEQUENCE, BIT_STRING | OCTET_STRING) => starts_with_oid.read(OID).is_ok(),
            // A certificate; the numbers of an RSA key; PKCS#8; SEC 1.
            (SEQUENCE, SEQUENCE) => members.bits().is_ok(),
            (INTEGER, INTEGER | SEQUENCE | OCTET_STRING) => true,
            _ => false,
        })
    };
    shape().unwrap_or(false)
}

fn without(bytes: &[u8], dropped: impl Fn(u8) -> bool) -> zeroize::Zeroizing<Vec<u8>> {
    zeroize::Zeroizing::new(bytes.iter().copied().filter(|&byte| !dropped(byte)).collect())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    /// RFC 8410 §10.1, the content of the PEM.
    const SPKI: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn keys_are_seen_in_every_dress() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{SPKI}\n-----END PUBLIC KEY-----\n");
        let der = STANDARD.decode(SPKI).unwrap();
        let utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let dresses: Vec<Vec<u8>> = vec![
            pem.clone().into_bytes(),
            format!("\u{feff} \r\n\t{pem}").into_bytes(),
            format!("\0\x01garbage{pem}").into_bytes(),
            pem.replace('\n', "").into_bytes(),
            utf16,
            SPKI.into(),
            format!(" {}\n{}\n", &SPKI[..20], &SPKI[20..]).into_bytes(),
            URL_SAFE_NO_PAD.encode(&der).into_bytes(),
            der,
            br#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_vec(),
            br#"  {"keys": [{"e":"AQAB", "kty" : "RSA"}]}"#.to_vec(),
            b"ssh-rsa AAAAB3NzaC1yc2E= ada@example.com".to_vec(),
        ];
        for dress in dresses {
            assert!(looks_asymmetric(&dress), "{:?}", String::from_utf8_lossy(&dress));
        }
    }

    #[test]
    fn secrets_are_left_alone() {
        for secret in [
            "",
            "secret",
            "-----",
            "kty",
            "{\"k\":1}",
            "MCowBQYDK2VwAyEA",
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        ] {
            assert!(!looks_asymmetric(secret.as_bytes()), "{secret:?}");
        }
    }

    proptest! {
        #[test]
        fn random_secrets_are_left_alone(secret: [u8; 32]) {
            prop_assert!(!looks_asymmetric(&secret));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = looks_asymmetric(&bytes);
        }
    }
}
