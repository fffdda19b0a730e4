//! The numbers of an RSA key, and the uses that the key restricts itself to.

use zeroize::Zeroizing;

use crate::Error;
use crate::crypto::algorithm::{Hash, RsaScheme};

/// The numbers of an RSA private key, big-endian (RFC 8017 §3.2).
#[derive(Default)]
pub struct RsaNumbers {
    /// The modulus.
    pub n: Vec<u8>,
    /// The public exponent.
    pub e: Vec<u8>,
    /// The private exponent.
    pub d: Zeroizing<Vec<u8>>,
    /// The first prime.
    pub p: Zeroizing<Vec<u8>>,
    /// The second prime.
    pub q: Zeroizing<Vec<u8>>,
    /// `d mod (p - 1)`.
    pub dp: Zeroizing<Vec<u8>>,
    /// `d mod (q - 1)`.
    pub dq: Zeroizing<Vec<u8>>,
    /// `q⁻¹ mod p`.
    pub qi: Zeroizing<Vec<u8>>,
}

/// The uses that an RSA key restricts itself to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaUse {
    /// Either padding and any hash function: the object identifier is `rsaEncryption`.
    Any,
    /// RSASSA-PSS only; the parameters, if any, restrict it further.
    Pss(Option<PssParameters>),
}

/// The parameters of an RSASSA-PSS key (RFC 4055 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PssParameters {
    /// The hash function, as OpenSSL names it.
    pub hash: &'static str,
    /// The hash function of MGF1, as OpenSSL names it.
    pub mgf1_hash: &'static str,
    /// The shortest allowed salt, in bytes.
    pub salt_len: u32,
}

impl RsaUse {
    /// Checks that the key allows this use: a PSS key serves neither PKCS #1 v1.5 padding, nor another hash function
    /// than its own, nor a salt shorter than it requires (RFC 4055 §3.3).
    pub fn check(self, scheme: RsaScheme, hash: Hash) -> Result<(), Error> {
        let allowed = match (self, scheme) {
            (Self::Any, _) | (Self::Pss(None), RsaScheme::Pss) => true,
            (Self::Pss(_), RsaScheme::Pkcs1) => false,
            (Self::Pss(Some(own)), RsaScheme::Pss) => {
                own.hash == hash.name()
                    && own.mgf1_hash == hash.name()
                    && usize::try_from(own.salt_len).is_ok_and(|salt_len| salt_len <= hash.output_len())
            }
        };
        if allowed { Ok(()) } else { Err(Error::KeyInvalid) }
    }

    /// Node's name for the key type.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Any => "rsa",
            Self::Pss(_) => "rsa-pss",
        }
    }
}
