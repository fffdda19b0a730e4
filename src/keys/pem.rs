//! Keys in PEM (RFC 7468), and in its older encrypted form (RFC 1421 §4.6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::Error;
use crate::keys::encrypted::{self, Cipher, Passphrase};
use crate::keys::{Key, PrivateKey, PublicKey, Purpose, der};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The labels that hold public keys, in the order in which a verifier wants them.
///
/// A bare key comes before a certificate, because a file that holds both names its key explicitly. The last label is an
/// older one of OpenSSL's.
const PUBLIC: [&str; 4] = ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "X509 CERTIFICATE"];

/// The labels that hold private keys. The first block that has any of them is taken.
///
/// DSA is among them only so that its refusal can name it.
const PRIVATE: [&str; 5] = [
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
];

/// One block of a file; nothing is decoded yet.
struct Block<'a> {
    /// The words between `-----BEGIN ` and the dashes.
    label: &'a str,
    /// Everything up to the END line: headers, if there are any, and base64 with its white space.
    body: &'a str,
}

/// Whether the text holds a block.
/// Text may stand before it, as `openssl x509 -text` writes it (RFC 7468 §2).
pub(crate) fn is_armoured(text: &[u8]) -> bool {
    text.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// Reads the block of a file that fits the purpose best. Text between blocks, and blocks of other kinds, are ignored.
///
/// [`Error::KeyPassphrase`] if the block is encrypted and there is no passphrase, or a wrong one.
/// [`Error::KeyUnsupported`] if no block holds a key, [`Error::KeyInvalid`] if the key is damaged. A block without its
/// END line makes the whole file an error, even when another block would have been taken: it may be the key that was
/// meant.
pub fn read(text: &[u8], passphrase: Option<Passphrase<'_>>, purpose: Purpose) -> Result<Key, Error> {
    let text = std::str::from_utf8(text).map_err(|_| Error::KeyInvalid)?;
    let blocks = blocks(text)?;
    let public = || {
        PUBLIC
            .iter()
            .find_map(|label| blocks.iter().find(|block| block.label == *label))
    };
    let private = || blocks.iter().find(|block| PRIVATE.contains(&block.label));
    let block = match purpose {
        // The other kind is the second choice, not an error: a private key verifies by its public half, and a public
        // key that is to sign is refused later, by a sentence that says so.
        Purpose::Sign => private().or_else(public),
        Purpose::Verify => public().or_else(private),
    }
    .ok_or(Error::KeyUnsupported)?;

    let key = block.decode(passphrase)?;
    match block.label {
        "PUBLIC KEY" => der::read_spki(&key).map(Key::Public),
        "RSA PUBLIC KEY" => der::read_pkcs1_public(&key).map(Key::Public),
        "CERTIFICATE" | "X509 CERTIFICATE" => der::read_certificate(&key).map(Key::Public),
        "PRIVATE KEY" => der::read_pkcs8(&key).map(Key::Private),
        "ENCRYPTED PRIVATE KEY" => der::read_encrypted_pkcs8(&key, passphrase).map(Key::Private),
        "RSA PRIVATE KEY" => der::read_pkcs1_private(&key).map(Key::Private),
        "EC PRIVATE KEY" => der::read_sec1(&key).map(Key::Private),
        // `DSA PRIVATE KEY` is the only label left.
        _ => der::read_dsa(&key).map(Key::Private),
    }
    .map_err(|error| match error {
        // A wrong passphrase can, once in 256 times, leave something that looks padded.
        Error::KeyInvalid | Error::KeyUnsupported if block.is_encrypted() => Error::KeyPassphrase,
        other => other,
    })
}

/// Writes a `SubjectPublicKeyInfo` (RFC 7468 §13).
pub fn write_public(key: &PublicKey) -> Result<String, Error> {
    Ok(armour("PUBLIC KEY", &der::write_spki(key)?).to_string())
}

/// Writes a `PrivateKeyInfo`, not encrypted (RFC 7468 §10).
pub fn write_private(key: &PrivateKey) -> Result<Zeroizing<String>, Error> {
    Ok(armour("PRIVATE KEY", &der::write_pkcs8(key)?))
}

impl Block<'_> {
    /// Whether the block is encrypted in the older form, with headers.
    /// Base64 has no colon, and a header always has one (RFC 1421 §4.6).
    fn is_encrypted(&self) -> bool {
        self.body.contains(':')
    }

    /// The DER inside, decrypted where the headers ask for it.
    fn decode(&self, passphrase: Option<Passphrase<'_>>) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !self.is_encrypted() {
            return decode(self.body);
        }
        let (headers, body) = split_headers(self.body).ok_or(Error::KeyInvalid)?;
        let mut encrypted = false;
        let mut cipher = None;
        for line in headers {
            match line.split_once(':') {
                Some(("Proc-Type", value)) => encrypted = value.trim() == "4,ENCRYPTED",
                Some(("DEK-Info", value)) => cipher = Some(dek_info(value.trim())?),
                _ => {}
            }
        }
        // Both headers must be there. A block with one of them is damaged, and is not read as a plain key.
        let (cipher, iv) = cipher.filter(|_| encrypted).ok_or(Error::KeyInvalid)?;
        encrypted::decrypt_legacy(cipher, &iv, &decode(&body)?, passphrase.ok_or(Error::KeyPassphrase)?)
    }
}

/// The blocks of a file. Boundaries are found anywhere in a line, because environment variables hold whole files on one
/// line, with blanks or nothing in place of line ends (RFC 7468 §2 calls such reading lax).
fn blocks(text: &str) -> Result<Vec<Block<'_>>, Error> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (label, after) = after.split_once(DASHES).ok_or(Error::KeyInvalid)?;
        let (body, after) = after.split_once(END).ok_or(Error::KeyInvalid)?;
        // Without an end that has the same label, it is not known where the block ends.
        rest = after
            .strip_prefix(label)
            .and_then(|after| after.strip_prefix(DASHES))
            .ok_or(Error::KeyInvalid)?;
        blocks.push(Block { label, body });
    }
    if blocks.is_empty() {
        return Err(Error::KeyInvalid);
    }
    Ok(blocks)
}

/// The lines before the first empty one, and the rest.
///
/// `None` without an empty line, or with nothing after it: headers and base64 could not be told apart.
fn split_headers(body: &str) -> Option<(Vec<String>, String)> {
    // A lone carriage return once ended lines. The empty line that it makes before a line feed is dropped.
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = body.lines().map(str::trim).skip_while(|line| line.is_empty());
    let headers = lines
        .by_ref()
        .take_while(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    let rest: String = lines.collect();
    (!rest.is_empty()).then_some((headers, rest))
}

/// The value of `DEK-Info`: the cipher, and in hexadecimal its initialization vector (RFC 1421 §4.6.1.3), which salts
/// the key as well. OpenSSL added AES, which the RFC does not know.
fn dek_info(value: &str) -> Result<(Cipher, Vec<u8>), Error> {
    let (name, iv) = value.split_once(',').ok_or(Error::KeyInvalid)?;
    let cipher = match name {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::DesEde3,
        _ => return Err(Error::KeyUnsupported),
    };
    let digits: Option<Vec<u8>> = iv
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() == 2 * cipher.iv_len());
    let iv = digits
        .ok_or(Error::KeyInvalid)?
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    Ok((cipher, iv))
}

/// Base64 with white space anywhere (RFC 7468 §2 and §3), and otherwise strict.
fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    // All the room is taken at once: a vector that grows leaves copies behind, which are never overwritten.
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    text.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    STANDARD
        .decode(&*text)
        .map(Zeroizing::new)
        .map_err(|_| Error::KeyInvalid)
}

/// The PEM of some DER, in lines of 64 characters, as generators must write them (RFC 7468 §2).
fn armour(label: &str, der: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(STANDARD.encode(der));
    // Room for the text, a line end for each 64 characters and both boundaries: a string that grows would leave copies
    // of the key behind.
    let mut out = Zeroizing::new(String::with_capacity(text.len() + text.len() / 32 + 80));
    out.extend([BEGIN, label, DASHES, "\n"]);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.extend([line, "\n"]);
        rest = tail;
    }
    out.extend([END, label, DASHES, "\n"]);
    out
}
