//! RSA: RSASSA-PKCS1-v1_5 and RSASSA-PSS with SHA-2 (RFC 7518 §3.3 and §3.5).
//!
//! Verification uses `tandem-vartime`, in variable time over public inputs. Private operations use the crate `rsa`;
//! they are blinded, because its arithmetic is not constant-time on every host (RUSTSEC-2023-0071).

use std::fmt;

use ::rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use ::rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use rand_core::CryptoRng;
use sha2::{Sha256, Sha384, Sha512};
use tandem_vartime::{pkcs1, pss, rsa as vartime};
use zeroize::{Zeroize as _, Zeroizing};

use crate::Error;
use crate::crypto::algorithm::{Hash, RsaScheme};
use crate::crypto::roca;
use crate::crypto::rsa_key::{RsaNumbers, RsaUse};

/// The smallest modulus that is accepted at all, in bits. RFC 7518 requires 2048; the caller checks
/// [`RsaPublicKey::bits`].
pub const MIN_BITS: usize = vartime::MIN_BITS;

/// The largest modulus that is accepted, in bits. With a larger one, a single verification would take seconds.
pub const MAX_BITS: usize = vartime::MAX_BITS;

/// An RSA verification key.
#[derive(Clone)]
pub struct RsaPublicKey {
    inner: vartime::PublicKey,
    n: Vec<u8>,
    e: Vec<u8>,
    usage: RsaUse,
}

/// An RSA signing key.
pub struct RsaPrivateKey {
    inner: ::rsa::PrivateKey,
    public: RsaPublicKey,
}

impl RsaPublicKey {
    /// Takes modulus and exponent, big-endian; [`Error::KeyInvalid`] for even numbers, unsupported sizes and large
    /// exponents, [`Error::KeyWeak`] for a modulus that can be factored.
    pub fn new(n: &[u8], e: &[u8], usage: RsaUse) -> Result<Self, Error> {
        let (n, e) = (trimmed(n), trimmed(e));
        // Keys from one chip library can be factored given only the modulus (CVE-2017-15361).
        if roca::has_fingerprint(n) {
            return Err(Error::KeyWeak);
        }
        let mut exponent = [0; 8];
        let start = exponent.len().checked_sub(e.len()).ok_or(Error::KeyInvalid)?;
        exponent.get_mut(start..).unwrap_or_default().copy_from_slice(e);
        let inner = vartime::PublicKey::new(n, u64::from_be_bytes(exponent)).ok_or(Error::KeyInvalid)?;
        Ok(Self {
            inner,
            n: n.to_vec(),
            e: e.to_vec(),
            usage,
        })
    }

    /// Whether `signature` is valid for `message`; it must be as long as the modulus.
    pub fn verify(&self, scheme: RsaScheme, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.usage.check(scheme, hash)?;
        let hashed = |pieces: &[&[u8]]| digest(hash, pieces);
        let digest = hashed(&[message]);
        let verified = match scheme {
            RsaScheme::Pkcs1 => pkcs1::verify_vartime(&self.inner, digest_info(hash), &digest, signature),
            RsaScheme::Pss => pss::verify_vartime(&self.inner, &hashed, hash.output_len(), &digest, signature),
        };
        if verified { Ok(()) } else { Err(Error::SignatureInvalid) }
    }

    /// The size of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        u32::try_from(self.inner.bits()).unwrap_or(u32::MAX)
    }

    /// The uses that the key restricts itself to.
    #[must_use]
    pub const fn usage(&self) -> RsaUse {
        self.usage
    }

    /// Modulus and public exponent, big-endian and without leading zeros.
    #[must_use]
    pub fn numbers(&self) -> (Vec<u8>, Vec<u8>) {
        (self.n.clone(), self.e.clone())
    }
}

impl RsaPrivateKey {
    /// Takes the numbers of a key and checks that they are consistent.
    ///
    /// The primes may both be empty; they are then recovered from the exponents. The three numbers of the Chinese
    /// remainder theorem are recomputed, and the given ones are only compared.
    pub fn new(numbers: &RsaNumbers, usage: RsaUse) -> Result<Self, Error> {
        // Sizes and parities first: the `rsa` crate recovers the primes before it checks the modulus.
        let public = RsaPublicKey::new(&numbers.n, &numbers.e, usage)?;
        if numbers.d.len() > MAX_BITS / 8 || number(&numbers.d)?.bit_width_vartime() < 2 {
            return Err(Error::KeyInvalid);
        }
        let primes = match (numbers.p.as_slice(), numbers.q.as_slice()) {
            ([], []) => Vec::new(),
            (p, q) => vec![odd(p)?, odd(q)?],
        };
        let inner =
            ::rsa::PrivateKey::from_components(number(&numbers.n)?, number(&numbers.e)?, number(&numbers.d)?, primes)
                .map_err(|_| Error::KeyInvalid)?;
        let key = Self { inner, public };
        // The given numbers are never used: a wrong one would produce signatures that reveal a prime (Boneh, DeMillo,
        // Lipton). A difference means a damaged file.
        let computed = key.numbers()?;
        let same = |given: &[u8], computed: &[u8]| given.is_empty() || trimmed(given) == trimmed(computed);
        if same(&numbers.dp, &computed.dp) && same(&numbers.dq, &computed.dq) && same(&numbers.qi, &computed.qi) {
            Ok(key)
        } else {
            Err(Error::KeyInvalid)
        }
    }

    /// Generates a key with the exponent 65537. In wasm this takes seconds.
    pub fn generate(bits: usize, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        if !(2048..=MAX_BITS).contains(&bits) {
            return Err(Error::KeyInvalid);
        }
        let inner = ::rsa::PrivateKey::new(rng, bits).map_err(|_| Error::KeyInvalid)?;
        let public = RsaPublicKey::new(&inner.n_bytes(), &inner.e_bytes(), RsaUse::Any)?;
        Ok(Self { inner, public })
    }

    /// Signs a message; [`Error::KeyInvalid`] if the modulus is too short for the padding, or the key forbids this use.
    pub fn sign(
        &self,
        scheme: RsaScheme,
        hash: Hash,
        message: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        self.usage().check(scheme, hash)?;
        let digest = digest(hash, &[message]);
        match (scheme, hash) {
            (RsaScheme::Pkcs1, _) => self.inner.sign_with_rng(rng, signing_pkcs1(hash), &digest),
            (RsaScheme::Pss, Hash::Sha256) => self.inner.sign_with_rng(rng, signing_pss::<Sha256>(hash), &digest),
            (RsaScheme::Pss, Hash::Sha384) => self.inner.sign_with_rng(rng, signing_pss::<Sha384>(hash), &digest),
            (RsaScheme::Pss, Hash::Sha512) => self.inner.sign_with_rng(rng, signing_pss::<Sha512>(hash), &digest),
        }
        .map_err(|_| Error::KeyInvalid)
    }

    /// The uses that the key restricts itself to.
    #[must_use]
    pub const fn usage(&self) -> RsaUse {
        self.public.usage
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> RsaPublicKey {
        self.public.clone()
    }

    /// All numbers of the key.
    pub fn numbers(&self) -> Result<RsaNumbers, Error> {
        let [p, q] = self.inner.primes() else {
            return Err(Error::KeyInvalid);
        };
        let (Some(dp), Some(dq), Some(mut qi)) = (self.inner.dp(), self.inner.dq(), self.inner.crt_coefficient())
        else {
            return Err(Error::KeyInvalid);
        };
        let numbers = RsaNumbers {
            n: self.inner.n_bytes().into_vec(),
            e: self.inner.e_bytes().into_vec(),
            d: bytes(self.inner.d()),
            p: bytes(p.as_ref()),
            q: bytes(q.as_ref()),
            dp: bytes(dp),
            dq: bytes(dq),
            qi: bytes(&qi),
        };
        qi.zeroize();
        Ok(numbers)
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits)", self.bits())
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPrivateKey([redacted])")
    }
}

/// The hash of the concatenated pieces, without joining them in memory.
fn digest(hash: Hash, pieces: &[&[u8]]) -> Vec<u8> {
    fn of<D: sha2::Digest>(pieces: &[&[u8]]) -> Vec<u8> {
        let mut state = D::new();
        for piece in pieces {
            state.update(piece);
        }
        state.finalize().to_vec()
    }
    match hash {
        Hash::Sha256 => of::<Sha256>(pieces),
        Hash::Sha384 => of::<Sha384>(pieces),
        Hash::Sha512 => of::<Sha512>(pieces),
    }
}

/// The DER of a `DigestInfo` up to the digest (RFC 8017 §9.2, note 1).
const fn digest_info(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Hash::Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        Hash::Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}

fn signing_pkcs1(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
}

/// The salt is as long as the hash (RFC 7518 §3.5).
fn signing_pss<D: sha2::Digest>(hash: Hash) -> Pss<D> {
    Pss::new_blinded_with_salt(hash.output_len())
}

fn number(bytes: &[u8]) -> Result<BoxedUint, Error> {
    let bytes = trimmed(bytes);
    if bytes.is_empty() || bytes.len() > MAX_BITS / 8 {
        return Err(Error::KeyInvalid);
    }
    Ok(BoxedUint::from_be_slice_vartime(bytes))
}

/// A prime from the key file. An even number is refused before the arithmetic, which expects odd numbers.
fn odd(bytes: &[u8]) -> Result<BoxedUint, Error> {
    match bytes.last() {
        Some(last) if last & 1 == 1 => number(bytes),
        _ => Err(Error::KeyInvalid),
    }
}

fn bytes(number: &BoxedUint) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(number.to_be_bytes_trimmed_vartime().into_vec())
}

/// The number without leading zeros, which some JWKs have in violation of RFC 7518 §2.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
