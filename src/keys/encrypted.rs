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
use crate::keys::asn1::{DerReader, INTEGER, NULL, OCTET_STRING, OID};
use crate::keys::oid;

/// A passphrase, and how long it may take to try it.
///
/// The file says how many rounds it takes, so without a bound the author of a file could keep a server busy.
#[derive(Clone, Copy)]
pub struct Passphrase<'a> {
    /// The passphrase as bytes, in whatever encoding the caller has it.
    text: &'a [u8],
    /// Whether the higher bounds hold.
    may_be_expensive: bool,
}

impl<'a> Passphrase<'a> {
    /// A passphrase that may take minutes to try: whoever wrote the key file decided how long.
    #[must_use]
    pub const fn expensive(text: &'a [u8]) -> Self {
        Self {
            text,
            may_be_expensive: true,
        }
    }
}

impl<'a> From<&'a [u8]> for Passphrase<'a> {
    /// A passphrase that takes a second or so at most.
    fn from(text: &'a [u8]) -> Self {
        Self {
            text,
            may_be_expensive: false,
        }
    }
}

/// The cost that takes about a second in wasm: rounds of SHA-256 in PBKDF2, and N · r · p in scrypt.
///
/// `N = 2^17` with `r = 8` and `p = 1`, a common choice for scrypt, is just within it.
const CHEAP_ITERATIONS: u64 = 1_200_000;
const CHEAP_SCRYPT_COST: u64 = 1 << 20;

/// The most that anyone can allow: more would keep a host busy for minutes.
const MAX_ITERATIONS: u64 = 10_000_000;
const MAX_SCRYPT_COST: u64 = 1 << 24;

/// The memory that scrypt may take, in bytes: `128 N r`, just enough for `N = 2^17` and `r = 8`.
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
    ///
    /// It is read because many old keys are encrypted with it (`openssl genrsa -des3`); nothing is written with it.
    DesEde3,
}

/// How a key is derived from a passphrase.
/// The slices borrow from the file, and the numbers in it are not yet checked.
enum Kdf<'a> {
    Pbkdf2 {
        salt: &'a [u8],
        /// How often the function is applied.
        iterations: u32,
        /// The identifier of the HMAC that is applied.
        prf: &'a [u8],
    },
    Scrypt {
        salt: &'a [u8],
        /// The cost `N` as a power of two (RFC 7914 §2).
        log_n: u8,
        /// The size of a block.
        r: u32,
        /// The number of blocks, which are mixed one after the other here.
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
///
/// [`Error::KeyExpensive`] before anything is tried, if the file asks for too many rounds.
/// [`Error::KeyPassphrase`] if the padding is wrong afterwards, which a wrong passphrase makes almost certain.
pub fn decrypt_pkcs8(der: &[u8], passphrase: Passphrase<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut whole = DerReader::new(der);
    let mut info = whole.sequence()?;
    whole.end()?;
    let mut scheme = info.sequence()?;
    let text = info.read(OCTET_STRING)?;
    info.end()?;
    let is_pbes2 = scheme.read(OID)? == oid::PBES2;
    let mut parameters = scheme.sequence()?;
    scheme.end()?;
    if !is_pbes2 {
        // Older schemes are left to hosts that have them, but their cost is checked here all the same. All schemes of
        // PBES1 and PKCS #12 have a salt and a count of rounds.
        parameters.read(OCTET_STRING)?;
        check_cost(parameters.small()?.into(), CHEAP_ITERATIONS, MAX_ITERATIONS, passphrase)?;
        return Err(Error::KeyUnsupported);
    }
    // The cost is checked first, so that it is checked for ciphers that are left to the host as well.
    let (kdf, key_len) = read_kdf(parameters.sequence()?)?;
    kdf.check_cost(passphrase)?;
    let (cipher, iv) = read_cipher(parameters.sequence()?)?;
    parameters.end()?;
    // A length that disagrees with the cipher is a damaged file, not a wrong passphrase.
    if key_len.is_some_and(|len| len != cipher.key_len()) {
        return Err(Error::KeyInvalid);
    }

    let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
    kdf.derive(passphrase.text, &mut key)?;
    cipher.decrypt(&key, iv, text)
}

/// A cost of zero means a damaged file: the passphrase would not have been hashed at all.
fn check_cost(cost: u64, cheap: u64, most: u64, passphrase: Passphrase<'_>) -> Result<(), Error> {
    match cost {
        0 => Err(Error::KeyInvalid),
        // The caller may raise the bound, but cannot remove it.
        cost if cost > if passphrase.may_be_expensive { most } else { cheap } => Err(Error::KeyExpensive),
        _ => Ok(()),
    }
}

/// Decrypts the body of an older PEM, whose key is derived by one round of MD5, salted with the initialization vector.
pub fn decrypt_legacy(
    cipher: Cipher,
    iv: &[u8],
    text: &[u8],
    passphrase: Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    // OpenSSL's `EVP_BytesToKey`, which no RFC describes. The file's salt is the start of its initialization vector.
    let salt = iv.get(..8).ok_or(Error::KeyInvalid)?;
    // Room for every key: a vector that grows would leave a copy behind.
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut last = Zeroizing::new(Vec::new());
    while key.len() < cipher.key_len() {
        let round = Md5::new()
            .chain_update(&*last)
            .chain_update(passphrase.text)
            .chain_update(salt);
        last = Zeroizing::new(round.finalize().to_vec());
        key.extend_from_slice(&last);
    }
    key.truncate(cipher.key_len());
    cipher.decrypt(&key, iv, text)
}

/// The cipher, and its initialization vector, whose length the cipher checks.
fn read_cipher(mut identifier: DerReader<'_>) -> Result<(Cipher, &[u8]), Error> {
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

/// The function, and the length of the key if the file gives it.
/// The function of the identifier is checked when it is applied, after the cost.
fn read_kdf(mut identifier: DerReader<'_>) -> Result<(Kdf<'_>, Option<usize>), Error> {
    let function = identifier.read(OID)?;
    let mut parameters = identifier.sequence()?;
    identifier.end()?;
    let salt = parameters.read(OCTET_STRING)?;
    let key_len;
    let kdf = if function == oid::PBKDF2 {
        let iterations = parameters.small()?;
        key_len = read_key_len(&mut parameters)?;
        let prf = if parameters.peek().is_some() {
            let mut prf = parameters.sequence()?;
            let found = prf.read(OID)?;
            prf.optional(NULL)?;
            prf.end()?;
            found
        } else {
            // The default of the standard (RFC 8018 appendix A.2), which files of old tools leave out.
            oid::HMAC_SHA1
        };
        Kdf::Pbkdf2 { salt, iterations, prf }
    } else if function == oid::SCRYPT {
        let (n, r, p) = (parameters.small()?, parameters.small()?, parameters.small()?);
        key_len = read_key_len(&mut parameters)?;
        if !n.is_power_of_two() || n < 2 {
            return Err(Error::KeyInvalid);
        }
        // The size of scrypt's table (RFC 7914 §2). A file may ask for gigabytes, and a wasm memory never shrinks
        // again.
        if 128 * u64::from(n) * u64::from(r) > MAX_SCRYPT_MEMORY {
            return Err(Error::KeyExpensive);
        }
        let log_n = u8::try_from(n.ilog2()).map_err(|_| Error::KeyInvalid)?;
        Kdf::Scrypt { salt, log_n, r, p }
    } else {
        return Err(Error::KeyUnsupported);
    };
    parameters.end()?;
    Ok((kdf, key_len))
}

/// The optional length in bytes (RFC 8018 appendix A.2). It is an INTEGER, and no other optional member is one.
fn read_key_len(parameters: &mut DerReader<'_>) -> Result<Option<usize>, Error> {
    if parameters.peek() != Some(INTEGER) {
        return Ok(None);
    }
    usize::try_from(parameters.small()?)
        .map(Some)
        .map_err(|_| Error::KeyInvalid)
}

impl Kdf<'_> {
    /// [`Error::KeyExpensive`] if the function would take longer than the caller allows.
    fn check_cost(&self, passphrase: Passphrase<'_>) -> Result<(), Error> {
        match *self {
            Self::Pbkdf2 { iterations, prf, .. } => {
                // The cost of a round in rounds of SHA-256. A key of 32 bytes takes two of SHA-1.
                let weight = match prf {
                    _ if prf == oid::HMAC_SHA384 || prf == oid::HMAC_SHA512 => 3,
                    _ if prf == oid::HMAC_SHA256 => 1,
                    _ => 2,
                };
                check_cost(
                    u64::from(iterations) * weight,
                    CHEAP_ITERATIONS,
                    MAX_ITERATIONS,
                    passphrase,
                )
            }
            Self::Scrypt { log_n, r, p, .. } => {
                // The factors have 32 bits, and the check of the memory has bounded the first two, so this cannot
                // overflow.
                let cost = (u64::from(r) << log_n).saturating_mul(p.into());
                check_cost(cost, CHEAP_SCRYPT_COST, MAX_SCRYPT_COST, passphrase)
            }
        }
    }

    /// Fills `key`, whose length is the cipher's.
    fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Result<(), Error> {
        match *self {
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

/// Decrypts and takes the padding off (RFC 8018 appendix B.2).
fn cbc<C>(key: &[u8], iv: &[u8], text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>
where
    C: BlockCipherDecrypt + KeyInit,
    Decryptor<C>: KeyIvInit + InnerIvInit<Inner = C>,
{
    let decryptor = <Decryptor<C> as KeyIvInit>::new_from_slices(key, iv).map_err(|_| Error::KeyInvalid)?;
    decryptor
        .decrypt_padded_vec::<Pkcs7>(text)
        .map(Zeroizing::new)
        // A wrong passphrase shows as wrong padding. This is not an oracle, because the caller holds both file and
        // passphrase.
        .map_err(|_| Error::KeyPassphrase)
}
