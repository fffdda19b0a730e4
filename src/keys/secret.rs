//! Recognises bytes that must never be used as a secret.
//!
//! A program that verifies with a public key passes it in the argument that also takes secrets. If its bytes were used for
//! HMAC, anyone who knows the public key could sign (RFC 8725 §2.1).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::keys::asn1::{BIT_STRING, DerReader, INTEGER, OCTET_STRING, OID, SEQUENCE};

/// Accepts missing padding and left-over bits. The decoded bytes are only searched for keys, and sloppy base64 must not
/// hide one.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Text that occurs in keys and in no secret. The last ones are the type names in the blobs of OpenSSH, plain and in
/// base64.
const MARKS: [&[u8]; 16] = [
    // PEM (RFC 7468 §2), and the public keys of RFC 4716 §3.2.
    b"-----BEGIN",
    b"---- BEGIN SSH2",
    // XML, as .NET and XML signatures write it.
    b"RSAKeyValue",
    b"ECDSAKeyValue",
    b"DSAKeyValue",
    b"RSAParameters",
    b"PuTTY-User-Key-File",
    // A blob of OpenSSH begins with the length of the name of its type (RFC 4253 §6.6).
    b"ecdsa-sha2-nistp",
    b"\0\0\0\x07ssh-rsa",
    b"\0\0\0\x07ssh-dss",
    b"\0\0\0\x0bssh-ed25519",
    // The same lengths and names in base64. The last two are `sk-ssh-ed25519@openssh.com` and
    // `sk-ecdsa-sha2-nistp256@openssh.com`, keys in hardware.
    b"AAAAB3NzaC1",
    b"AAAAC3NzaC1",
    b"AAAAE2VjZHNh",
    b"AAAAGnNr",
    b"AAAAInNr",
];

/// The shortest DER of a key, in bytes: a scalar of P-256 and nothing else.
const SHORTEST_DER: usize = 38;

/// The shortest base64 of one.
/// Shorter runs are skipped, which spares almost every passphrase the work of decoding.
const SHORTEST_BASE64: usize = SHORTEST_DER * 4 / 3;

/// How many encodings around a key are undone. The base64 of a PEM in a JSON string has two.
///
/// The bound is needed: each level of base64 is tried at four alignments, and triples the work.
const MAX_DEPTH: u32 = 3;

/// Whether these bytes are, or hold, a key of a pair, a certificate or a JSON Web Key.
///
/// Recognised are PEM, JWK, the text forms of OpenSSH, `PuTTY` and .NET, and DER of PKCS#1, PKCS#8, SEC 1, SPKI and
/// X.509; each also in base64, base64url, hexadecimal, UTF-16, with escapes of JSON or of URLs, and with any bytes
/// around it. A bare point or modulus cannot be told from a random secret.
///
/// Doubtful bytes count as a key. A refused secret is noticed at once, but a public key that is used as a secret goes
/// unnoticed until somebody forges tokens with it.
#[must_use]
pub fn looks_asymmetric(bytes: &[u8]) -> bool {
    holds_key(bytes, MAX_DEPTH)
}

/// Whether a key lies in the bytes as they are, or under up to `depth` encodings.
fn holds_key(bytes: &[u8], depth: u32) -> bool {
    if has_mark(bytes) || has_der_key(bytes) {
        return true;
    }
    // Each encoding leads back here with one level less, so encodings may be mixed in any order.
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let holds = |inner: Zeroizing<Vec<u8>>| holds_key(&inner, depth);
    // UTF-16 of ASCII is ASCII with a zero beside each letter, in either byte order.
    bytes.contains(&0) && holds(without(bytes, |byte| byte == 0))
        || unescaped(bytes).is_some_and(holds)
        || has_hex_key(bytes, depth)
        || has_base64_key(bytes, depth)
}

/// Whether one of the [`MARKS`] occurs, or a member `kty` after an opening brace: a JWK need not begin the text, it may
/// be a member of a set.
fn has_mark(bytes: &[u8]) -> bool {
    // Secrets in bytes come this way at every call, so most positions are rejected by their first byte.
    let mut braces = false;
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.first() {
            Some(b'{') => {
                braces = true;
                false
            }
            Some(b'k') => braces && rest.starts_with(b"kty") && is_name(bytes, at),
            // The first bytes of all marks; a new mark needs its own here.
            Some(b'-' | b'R' | b'E' | b'D' | b'P' | b'e' | b'A' | 0) => MARKS.iter().any(|mark| rest.starts_with(mark)),
            _ => false,
        }
    })
}

/// Whether the three letters at this position name a member: a colon follows, perhaps after quotes.
///
/// A good passphrase may hold a brace and these letters, so their presence is not enough. The backslash stands before
/// the quotes of a JWK inside a JSON string.
fn is_name(bytes: &[u8], at: usize) -> bool {
    let is_letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let rest = bytes.get(at.saturating_add(3)..).unwrap_or_default();
    let after = rest
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'\\'));
    !is_letter(at.checked_sub(1)) && after == Some(&b':')
}

/// Whether a key in DER begins at any position, whatever surrounds it.
/// Most positions fail by one byte; only a sequence is read further.
fn has_der_key(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.len() >= SHORTEST_DER && rest.first() == Some(&SEQUENCE) && starts_with_der_key(rest)
    })
}

/// Whether the bytes begin with a sequence whose first members are those of a key file.
/// The rest is not read: a key that is damaged further inside is still no secret.
fn starts_with_der_key(bytes: &[u8]) -> bool {
    let is_oid = |content: &[u8]| DerReader::new(content).read(OID).is_ok();
    // The numbers of RSA and DSA are long; the version before them is not.
    let is_long = |content: &[u8]| content.len() > 32;
    let is_version = |content: &[u8]| matches!(content, [0 | 1]);
    let shape = || {
        let mut members = DerReader::new(bytes).sequence()?;
        let (first, content) = members.any()?;
        let (second, next) = members.any()?;
        Ok::<_, crate::Error>(match (first, second) {
            // SubjectPublicKeyInfo, EncryptedPrivateKeyInfo.
            (SEQUENCE, BIT_STRING | OCTET_STRING) => is_oid(content),
            // A certificate.
            (SEQUENCE, SEQUENCE) => members.bits().is_ok(),
            // The numbers of an RSA or DSA key.
            (INTEGER, INTEGER) => is_long(content) || is_version(content) && is_long(next),
            // PKCS#8, whose version is 0 or 1 (RFC 5958 §2), then SEC 1, whose version is 1 (RFC 5915 §3).
            (INTEGER, SEQUENCE) => is_version(content) && is_oid(next),
            // A shorter string is not the scalar of any curve in use, and such sequences occur in random bytes.
            (INTEGER, OCTET_STRING) => content == [1] && next.len() >= 16,
            _ => false,
        })
    };
    shape().unwrap_or(false)
}

/// The runs of base64, of either alphabet, that hold a key. White space inside a run does not end it.
fn has_base64_key(bytes: &[u8], depth: u32) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    // Lines of base64 are joined first, because a key may span several of them.
    let packed = without(bytes, |byte| byte.is_ascii_whitespace());
    packed
        .split(|byte| !is_digit(byte))
        .filter(|run| run.len() >= SHORTEST_BASE64)
        .any(|run| {
            let run: Zeroizing<Vec<u8>> = Zeroizing::new(run.iter().map(|&byte| standard(byte)).collect());
            // Characters before the key may shift its digits, so every alignment is tried.
            (0..4).any(|shift| {
                let digits = run.get(shift..).unwrap_or_default();
                // A single last digit makes no byte.
                let whole = digits.len() - usize::from(digits.len() % 4 == 1);
                let decoded = LENIENT.decode(digits.get(..whole).unwrap_or_default());
                decoded.is_ok_and(|inner| holds_key(&Zeroizing::new(inner), depth))
            })
        })
}

/// Maps base64url to base64, so that one decoder reads both, even mixed.
const fn standard(digit: u8) -> u8 {
    match digit {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// Runs of hexadecimal digits that hold a key. Separators that tools put between digits do not end a run.
fn has_hex_key(bytes: &[u8], depth: u32) -> bool {
    let is_between = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b':' | b'-' | b',' | b'\\' | b'"' | b'\'');
    let packed = without(&without_prefixes(bytes), is_between);
    packed
        .split(|byte| !byte.is_ascii_hexdigit())
        .filter(|run| run.len() >= 2 * SHORTEST_DER)
        .any(|run| {
            // A hexadecimal digit right before the key, such as the end of a name, shifts the pairs of its digits.
            (0..2).any(|shift| holds_key(&from_hex(run.get(shift..).unwrap_or_default()), depth))
        })
}

/// The bytes without the `0x` and `\x` that precede each of them in source code.
fn without_prefixes(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        if let (b'0' | b'\\', [b'x' | b'X', tail @ ..]) = (first, after) {
            rest = tail;
        } else {
            kept.push(first);
            rest = after;
        }
    }
    kept
}

/// The bytes of pairs of digits; an odd one at the end is dropped.
fn from_hex(digits: &[u8]) -> Zeroizing<Vec<u8>> {
    let value = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let byte = |pair: &[u8]| match *pair {
        [high, low] => Some(value(high)? << 4 | value(low)?),
        _ => None,
    };
    Zeroizing::new(digits.chunks_exact(2).filter_map(byte).collect())
}

/// The text without the escapes of JSON strings and URLs; none if it has none.
///
/// Malformed escapes stay as they are. Escaped line ends and tabs all become a line feed, because any white space will
/// do.
fn unescaped(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if !bytes.iter().any(|byte| matches!(byte, b'\\' | b'%')) {
        return None;
    }
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let (byte, len) = match (first, after) {
            (b'\\', [b'u', digits @ ..]) => (hexadecimal(digits.get(..4)), 6),
            (b'\\', [b'n' | b'r' | b't', ..]) => (Some(b'\n'), 2),
            (b'\\', [escaped, ..]) => (Some(*escaped), 2),
            (b'%', digits) => (hexadecimal(digits.get(..2)), 3),
            _ => (None, 1),
        };
        text.push(byte.unwrap_or(first));
        // At least one byte further each time, so the loop ends.
        rest = rest.get(if byte.is_some() { len } else { 1 }..).unwrap_or_default();
    }
    Some(text)
}

/// The one byte that hexadecimal digits stand for.
/// `None` above 255: PEM, JSON and base64 are ASCII, so no such escape is part of a key.
fn hexadecimal(digits: Option<&[u8]>) -> Option<u8> {
    let digits = std::str::from_utf8(digits?).ok()?;
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(|value| u8::try_from(value).ok())
}

/// A copy without some bytes. It may be a secret, so it is overwritten when dropped, like every copy here.
fn without(bytes: &[u8], dropped: impl Fn(u8) -> bool) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.iter().copied().filter(|&byte| !dropped(byte)).collect())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    /// RFC 8410 §10.1, the content of the PEM.
    const SPKI: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn hex(bytes: &[u8]) -> String {
        let digit = |value: u8| char::from(*b"0123456789abcdef".get(usize::from(value)).unwrap());
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
            .collect()
    }

    /// Bytes as source code spells them.
    fn spelled(bytes: &[u8], before: &str, after: &str) -> Vec<u8> {
        let digits: Vec<String> = bytes
            .iter()
            .map(|byte| format!("{before}{}{after}", hex(&[*byte])))
            .collect();
        digits.concat().into_bytes()
    }

    #[test]
    fn keys_are_seen_in_every_dress() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{SPKI}\n-----END PUBLIC KEY-----\n");
        let der = STANDARD.decode(SPKI).unwrap();
        let utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let forms: Vec<Vec<u8>> = vec![
            pem.clone().into_bytes(),
            format!("\u{feff} \r\n\t{pem}").into_bytes(),
            format!("\0\x01garbage{pem}").into_bytes(),
            pem.replace('\n', "").into_bytes(),
            utf16,
            SPKI.into(),
            format!(" {}\n{}\n", &SPKI[..20], &SPKI[20..]).into_bytes(),
            URL_SAFE_NO_PAD.encode(&der).into_bytes(),
            der.clone(),
            br#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_vec(),
            br#"  {"keys": [{"e":"AQAB", "kty" : "RSA"}]}"#.to_vec(),
            br#"{"\u006bty":"RSA","n":"AQAB","e":"AQAB"}"#.to_vec(),
            br#""{\"kty\":\"RSA\"}""#.to_vec(),
            b"{kty: 'RSA'}".to_vec(),
            STANDARD.encode(&pem).into_bytes(),
            STANDARD.encode(STANDARD.encode(&pem)).into_bytes(),
            STANDARD
                .encode(r#"{"kty":"RSA","n":"AQAB","e":"AQAB","x":"............"}"#)
                .into_bytes(),
            format!("\"{SPKI}\"").into_bytes(),
            format!("PUBLIC_KEY={SPKI}").into_bytes(),
            format!("pub{SPKI}").into_bytes(),
            [b"before".as_slice(), &der, b"after"].concat(),
            hex(&der).into_bytes(),
            format!("0x{}", hex(&der).to_uppercase()).into_bytes(),
            hex(&der).as_bytes().chunks(2).collect::<Vec<_>>().join(&b':'),
            pem.replace(' ', "%20").replace('\n', "%0A").into_bytes(),
            b"<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>".to_vec(),
            b"<ds:RSAKeyValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>".to_vec(),
            format!("PUBLIC_KEY={}", hex(&der)).into_bytes(),
            format!("{{\"key\":\"{}\"}}", hex(&der)).into_bytes(),
            format!("0X{} a comment", hex(&der)).into_bytes(),
            spelled(&der, "0x", ","),
            spelled(&der, "\\x", ""),
            STANDARD.encode(format!("k={}", hex(&der))).into_bytes(),
            format!("{}{SPKI}", " ".repeat(200_000)).into_bytes(),
            b"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t".to_vec(),
            b"ssh-rsa\tAAAAB3NzaC1yc2EAAAADAQAB".to_vec(),
            b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec(),
            b"ssh-rsa AAAAB3NzaC1yc2E= ada@example.com".to_vec(),
        ];
        for form in forms {
            assert!(looks_asymmetric(&form), "{:?}", String::from_utf8_lossy(&form));
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
            "dc8ba5f4c8a01b7c2f9d6b7e5a4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6cdc8ba5f4c8a01b7c2f9d6b7e5a4c3d2e",
            "{x!kty#9fQ2 a strong passphrase",
            "p{ss kty w0rd",
            "100% sure \\ of {this}",
        ] {
            assert!(!looks_asymmetric(secret.as_bytes()), "{secret:?}");
        }
    }

    proptest! {
        #[test]
        fn random_secrets_are_left_alone(secret in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!looks_asymmetric(&secret));
            prop_assert!(!looks_asymmetric(STANDARD.encode(&secret).as_bytes()));
            prop_assert!(!looks_asymmetric(hex(&secret).as_bytes()));
        }

        #[test]
        fn a_key_is_seen_among_any_bytes(before: Vec<u8>, after: Vec<u8>) {
            let der = STANDARD.decode(SPKI).unwrap();
            prop_assert!(looks_asymmetric(&[before.as_slice(), &der, &after].concat()));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>) {
            let _ = looks_asymmetric(&bytes);
        }
    }
}
