//! Private keys behind a passphrase: PBES2 (RFC 8018 §6.2) and the older encrypted PEM of OpenSSL.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, InnerIvInit, KeyInit, KeyIvInit};
use des::TdesEde3;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::Error;
use crate::keys::asn1::{INTEGER, NULL, OCTET_STRING, OID, Reader};
use crate::keys::oid;

/// More would keep a host busy for minutes.
const MAX_ITERATIONS: u32 = 10_000_000;

/// The memory that scrypt may take, in bytes.
const MAX_SCRYPT_MEMORY: u64 = 128 << 20;

/// A block cipher in CBC mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES with a key of 128 bits.
    Aes128,
    /// AES with a key of 192 bits.
    Aes192,
    /// AES with a key of 256 bits.
    Aes256,
    /// Triple DES with three keys.
    DesEde3,
}

/// How a key is made of a passphrase.
enum Kdf<'a> {
    Pbkdf2 {
        salt: &'a [u8],
        iterations: u32,
        prf: &'a [u8],
    },
    Scrypt {
        salt: &'a [u8],
        log_n: u8,
        r: u32,
        p: u32,
    },
}

impl Cipher {
    /// The length of its initialization vector in bytes.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::DesEde3 => 8,
        }
    }

    const fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
        }
    }

    fn decrypt(self, key: &[u8], iv: &[u8], text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self {
            Self::Aes128 => cbc::<Aes128>(key, iv, text),
            Self::Aes192 => cbc::<Aes192>(key, iv, text),
            Self::Aes256 => cbc::<Aes256>(key, iv, text),
            Self::DesEde3 => cbc::<TdesEde3>(key, iv, text),
        }
    }
}

/// Decrypts an `EncryptedPrivateKeyInfo` (RFC 5958 §3) to the `PrivateKeyInfo` inside.
pub fn decrypt_pkcs8(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut whole = Reader::new(der);
    let mut info = whole.sequence()?;
    whole.end()?;
    let mut scheme = info.sequence()?;
    let text = info.read(OCTET_STRING)?;
    info.end()?;
    if scheme.read(OID)? != oid::PBES2 {
        return Err(Error::KeyUnsupported);
    }
    let mut parameters = scheme.sequence()?;
    scheme.end()?;
    let kdf_identifier = parameters.sequence()?;
    let (cipher, iv) = read_cipher(parameters.sequence()?)?;
    parameters.end()?;
    let kdf = read_kdf(kdf_identifier, cipher.key_len())?;

    let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
    kdf.derive(passphrase, &mut key)?;
    cipher.decrypt(&key, iv, text)
}

/// Decrypts the body of an older PEM; its key is made by one round of MD5, salted with the initialization vector.
pub fn decrypt_legacy(cipher: Cipher, iv: &[u8], text: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let salt = iv.get(..8).ok_or(Error::KeyInvalid)?;
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut last = Zeroizing::new(Vec::new());
    while key.len() < cipher.key_len() {
        let round = Md5::new()
            .chain_update(&*last)
            .chain_update(passphrase)
            .chain_update(salt);
        last = Zeroizing::new(round.finalize().to_vec());
        key.extend_from_slice(&last);
    }
    key.truncate(cipher.key_len());
    cipher.decrypt(&key, iv, text)
}

fn read_cipher(mut identifier: Reader<'_>) -> Result<(Cipher, &[u8]), Error> {
    let cipher = match identifier.read(OID)? {
        found if found == oid::AES_128_CBC => Cipher::Aes128,
        found if found == oid::AES_192_CBC => Cipher::Aes192,
        found if found == oid::AES_256_CBC => Cipher::Aes256,
        found if found == oid::DES_EDE3_CBC => Cipher::DesEde3,
        _ => return Err(Error::KeyUnsupported),
    };
    let iv = identifier.read(OCTET_STRING)?;
    identifier.end()?;
    Ok((cipher, iv))
}

fn read_kdf(mut identifier: Reader<'_>, key_len: usize) -> Result<Kdf<'_>, Error> {
    let function = identifier.read(OID)?;
    let mut parameters = identifier.sequence()?;
    identifier.end()?;
    let salt = parameters.read(OCTET_STRING)?;
    let kdf = if function == oid::PBKDF2 {
        let iterations = parameters.small()?;
        check_key_len(&mut parameters, key_len)?;
        let prf = if parameters.peek().is_some() {
            let mut prf = parameters.sequence()?;
            let found = prf.read(OID)?;
            prf.optional(NULL)?;
            prf.end()?;
            found
        } else {
            oid::HMAC_SHA1
        };
        Kdf::Pbkdf2 { salt, iterations, prf }
    } else if function == oid::SCRYPT {
        let (n, r, p) = (parameters.small()?, parameters.small()?, parameters.small()?);
        check_key_len(&mut parameters, key_len)?;
        if !n.is_power_of_two() || n < 2 {
            return Err(Error::KeyInvalid);
        }
        if 128 * u64::from(n) * u64::from(r) > MAX_SCRYPT_MEMORY || p > 16 {
            return Err(Error::KeyUnsupported);
        }
        let log_n = u8::try_from(n.ilog2()).map_err(|_| Error::KeyInvalid)?;
        Kdf::Scrypt { salt, log_n, r, p }
    } else {
        return Err(Error::KeyUnsupported);
    };
    parameters.end()?;
    Ok(kdf)
}

fn check_key_len(parameters: &mut Reader<'_>, key_len: usize) -> Result<(), Error> {
    if parameters.peek() == Some(INTEGER) && usize::try_from(parameters.small()?) != Ok(key_len) {
        return Err(Error::KeyInvalid);
    }
    Ok(())
}

impl Kdf<'_> {
    fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Result<(), Error> {
        match *self {
            Self::Pbkdf2 { iterations: 0, .. } => Err(Error::KeyInvalid),
            Self::Pbkdf2 { iterations, .. } if iterations > MAX_ITERATIONS => Err(Error::KeyUnsupported),
            Self::Pbkdf2 { salt, iterations, prf } => {
                let derive = match prf {
                    _ if prf == oid::HMAC_SHA1 => pbkdf2::pbkdf2_hmac::<Sha1>,
                    _ if prf == oid::HMAC_SHA224 => pbkdf2::pbkdf2_hmac::<Sha224>,
                    _ if prf == oid::HMAC_SHA256 => pbkdf2::pbkdf2_hmac::<Sha256>,
                    _ if prf == oid::HMAC_SHA384 => pbkdf2::pbkdf2_hmac::<Sha384>,
                    _ if prf == oid::HMAC_SHA512 => pbkdf2::pbkdf2_hmac::<Sha512>,
                    _ => return Err(Error::KeyUnsupported),
                };
                derive(passphrase, salt, iterations, key);
                Ok(())
            }
            Self::Scrypt { salt, log_n, r, p } => {
                let parameters = scrypt::Params::new(log_n, r, p).map_err(|_| Error::KeyInvalid)?;
                scrypt::scrypt(passphrase, salt, &parameters, key).map_err(|_| Error::KeyInvalid)
            }
        }
    }
}

fn cbc<C>(key: &[u8], iv: &[u8], text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>
where
    C: BlockCipherDecrypt + KeyInit,
    Decryptor<C>: KeyIvInit + InnerIvInit<Inner = C>,
{
    let decryptor = <Decryptor<C> as KeyIvInit>::new_from_slices(key, iv).map_err(|_| Error::KeyInvalid)?;
    decryptor
        .decrypt_padded_vec::<Pkcs7>(text)
        .map(Zeroizing::new)
        .map_err(|_| Error::KeyPassphrase)
}
