//! Why bytes are not a key, in words for whoever has to correct them.
//!
//! A reader has refused the bytes already. This module looks at their form once more, and never reads a key.

use crate::Error;
use crate::keys::secret::looks_asymmetric;

/// Explains why a reader refused these bytes. The answer quotes none of them: they may be a secret.
///
/// Only [`Error::KeyInvalid`] and [`Error::KeyUnsupported`] need an explanation. The other errors already say what is
/// wrong: a passphrase, a size, a cost.
#[must_use]
pub fn explain(bytes: &[u8], error: Error) -> &'static str {
    if !matches!(error, Error::KeyInvalid | Error::KeyUnsupported) {
        return error.message();
    }
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    // In UTF-16 a zero stands beside each ASCII letter, so none of the marks below would be found.
    if !has(b"-----BEGIN") && has(b"-\0-\0-\0-\0-") {
        return "the PEM is UTF-16; save it as UTF-8";
    }
    if has(b"-----BEGIN") {
        return explain_pem(&has, error);
    }
    if bytes.trim_ascii_start().starts_with(b"{") {
        return match error {
            Error::KeyUnsupported => "the JWK has a type or curve that is not supported",
            _ => "not a valid JWK: a member is missing, repeated, wrong, or not base64url without padding (RFC 7517)",
        };
    }
    // Public keys of OpenSSH; its private keys are PEM, and are explained there.
    if has(b"ssh-") || has(b"ecdsa-sha2-") || has(b"SSH2 PUBLIC KEY") {
        return "OpenSSH keys are not supported: convert it with ssh-keygen -e -m PKCS8";
    }
    match error {
        Error::KeyUnsupported => error.message(),
        // The tags and lengths of DER are control characters, which text does not have.
        _ if bytes.first() == Some(&0x30) && bytes.iter().any(|&byte| byte < 9) => {
            "the DER is damaged, or its format is not known"
        }
        _ if looks_asymmetric(bytes) => {
            "a public or private key as bare text: PEM needs its BEGIN and END lines, and DER must be bytes"
        }
        _ => error.message(),
    }
}

/// Explains a text with a BEGIN line. The mistakes that hide others come first, and the vaguest explanation comes last.
fn explain_pem(has: &impl Fn(&[u8]) -> bool, error: Error) -> &'static str {
    // A file that came through an environment variable or a JSON string and was never unescaped.
    if has(b"\\n") {
        r#"the line breaks of the PEM are written as "\n": replace each with a real line break"#
    } else if !has(b"-----END") {
        "the PEM has no END line"
    } else if has(b"BEGIN OPENSSH PRIVATE KEY") {
        "OpenSSH keys are not supported: convert it with ssh-keygen -p -m PKCS8"
    } else if error == Error::KeyUnsupported {
        "the PEM holds no key, or one of a type, cipher or format that is not supported"
    } else {
        "the PEM is damaged: its labels, its base64 or the key inside is wrong"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Key, Purpose};

    /// An Ed25519 key in DER that is no point on the curve, and ASCII throughout.
    fn ascii_der() -> Vec<u8> {
        [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), &[2; 32]].concat()
    }

    #[test]
    fn each_dress_has_its_sentence() {
        let spki = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        let utf16: Vec<u8> = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, words) in [
            (
                format!(r"-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----").into(),
                "written as",
            ),
            (format!("-----BEGIN PUBLIC KEY-----\n{spki}").into(), "no END line"),
            (
                format!("-----BEGIN PUBLIC KEY-----\n{spki}?\n-----END PUBLIC KEY-----").into(),
                "damaged",
            ),
            (b"-----BEGIN X-----\nAAAA\n-----END X-----".to_vec(), "holds no key"),
            (
                b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----"
                    .to_vec(),
                "ssh-keygen",
            ),
            (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ada".to_vec(), "ssh-keygen"),
            (spki.into(), "BEGIN and END lines"),
            (ascii_der(), "the DER is damaged"),
            (br#"{"kty":"RSA","n":"AQAB=","e":"AQAB"}"#.to_vec(), "not a valid JWK"),
            (br#"{"kty":"EC","crv":"P-192"}"#.to_vec(), "not supported"),
            ([&[0xff, 0xfe], utf16.as_slice()].concat(), "UTF-16"),
            (utf16, "UTF-16"),
        ] {
            let error = Key::read(&bytes, None, Purpose::Verify).unwrap_err();
            let why = explain(&bytes, error);
            assert!(why.contains(words), "{:?}: {why}", String::from_utf8_lossy(&bytes));
        }
    }
}
