//! RSA's public operation, `s^e mod n` (RFC 8017 §5.2.2). Variable time, public inputs only.

use std::sync::OnceLock;

use crate::montgomery::Modulus;
use crate::mutant::Mutant;

/// The smallest accepted modulus, in bits.
///
/// The bound implies nothing about strength: a caller that requires 2048 bits (RFC 7518 §3.3) checks
/// [`PublicKey::bits`].
pub const MIN_BITS: usize = 512;

/// The largest accepted modulus, in bits.
///
/// Verification time grows with the square of the size, and whoever supplies the key chooses the size.
pub const MAX_BITS: usize = 16_384;

/// The largest accepted public exponent.
///
/// An exponent as long as the modulus would make verification as slow as signing. The bound matches that of the crate
/// `rsa`, so that a private key and its public half are accepted alike.
pub const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// An RSA public key. Variable time, public inputs only.
///
/// The first verification computes the correction factor, and takes more than twice as long as later ones.
#[derive(Clone, Debug)]
pub struct PublicKey {
    modulus: Modulus,
    exponent: u64,
    /// `R^e mod n`: multiplying by it removes all powers of R from a result. Computed at the first verification.
    correction: OnceLock<Vec<u32>>,
}

impl PublicKey {
    /// Takes the modulus, big-endian without leading zeros, and the exponent.
    ///
    /// `None` unless the modulus is odd and has [`MIN_BITS`] to [`MAX_BITS`], and the exponent is odd, at least 3 and at
    /// most [`MAX_EXPONENT`].
    #[must_use]
    pub fn new(n: &[u8], exponent: u64) -> Option<Self> {
        // An even exponent has no inverse, so no private exponent exists. With the exponent 1 every block would be its
        // own signature.
        if n.len() > MAX_BITS / 8 || exponent.is_multiple_of(2) || !(3..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
        // Montgomery reduction needs an odd modulus, and the product of two large primes is always odd.
        let modulus = Modulus::new(n).filter(|modulus| modulus.bits() >= MIN_BITS)?;
        Some(Self {
            modulus,
            exponent,
            correction: OnceLock::new(),
        })
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.modulus.bits()
    }

    /// The length of a signature in bytes.
    ///
    /// Signatures are as long as the modulus, including leading zeros (RFC 8017 §8.2.1).
    pub fn size(&self) -> usize {
        self.modulus.size()
    }

    /// RSAVP1: `s^e mod n`, as long as the modulus; `None` if `s` has another length or is not below `n`.
    ///
    /// Both are refused because `s + n`, or `s` with more leading zeros, would be a second encoding of the signature
    /// (RFC 8017 §8.2.2, step 1, and §5.2.2, step 1).
    #[must_use]
    pub fn recover_vartime(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let s = self.modulus.number(signature)?;
        // Cached, because it costs as much as a verification and is the same for all signatures of the key.
        let correction = self.correction.get_or_init(|| {
            // `power` turns R^2 into R^(e + 1), and a multiplication by 1 removes one R.
            let power = self.power(&self.modulus.r_squared());
            self.modulus.multiply(&power, &self.modulus.one())
        });
        let mut message = self.modulus.multiply(&self.power(&s), correction);
        // The product is below 2 n. The padding is compared byte by byte, so the result must be fully reduced.
        if !Mutant::LastSubtractionDropped.is_on() {
            self.modulus.reduce(&mut message);
        }
        Some(crate::limbs::to_be(&message, self.size()))
    }

    /// `x^e R^-(e - 1)`, processing the exponent from its highest bit.
    ///
    /// Each multiplication joins two factors and divides by R once, and joining `e` factors takes `e - 1`
    /// multiplications. The usual exponent, 65537, takes 16 squarings and one multiplication.
    fn power(&self, base: &[u32]) -> Vec<u32> {
        let mut x = base.to_vec();
        for bit in (0..self.exponent.ilog2()).rev() {
            x = self.modulus.square(&x);
            if self.exponent >> bit & 1 == 1 {
                x = self.modulus.multiply(&x, base);
            }
        }
        x
    }
}
