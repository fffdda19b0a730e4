//! RSA's public operation, `s^e mod n` (RFC 8017 §5.2.2). Variable time, public inputs only.

use std::sync::OnceLock;

use crate::montgomery::Modulus;
use crate::mutant::Mutant;

/// The smallest modulus that is taken, in bits.
///
/// The bound says nothing about strength: a caller that wants 2048 bits (RFC 7518 §3.3) checks [`PublicKey::bits`].
pub const MIN_BITS: usize = 512;

/// The largest modulus that is taken, in bits.
///
/// The time of a verification grows with the square of the size, and whoever supplies the key chooses it.
pub const MAX_BITS: usize = 16_384;

/// The largest public exponent that is taken.
///
/// An exponent as long as the modulus would make each verification as slow as signing. The bound is that of the crate
/// `rsa`, so that a private key and its public half are read alike.
pub const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// A public key of RSA. Variable time, public inputs only.
///
/// The first verification computes the correction, and takes more than twice as long as the others.
#[derive(Clone, Debug)]
pub struct PublicKey {
    modulus: Modulus,
    exponent: u64,
    /// `R^e mod n`: one multiplication by it takes all powers of R out of a result. Made at the first verification.
    correction: OnceLock<Vec<u32>>,
}

impl PublicKey {
    /// Takes the modulus, big-endian without leading zeros, and the exponent.
    ///
    /// `None` unless the modulus is odd and has [`MIN_BITS`] to [`MAX_BITS`], and the exponent is odd, at least 3 and at
    /// most [`MAX_EXPONENT`].
    #[must_use]
    pub fn new(n: &[u8], exponent: u64) -> Option<Self> {
        // An even exponent has no inverse, and so no private exponent. With the exponent 1 every block would be its own
        // signature.
        if n.len() > MAX_BITS / 8 || exponent.is_multiple_of(2) || !(3..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
        // Montgomery's reduction needs an odd modulus, and the product of two large primes always is one.
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
    /// Signatures are as long as the modulus, with leading zeros (RFC 8017 §8.2.1).
    pub fn size(&self) -> usize {
        self.modulus.size()
    }

    /// RSAVP1: `s^e mod n`, as long as the modulus; `None` if `s` has another length or is not below `n`.
    ///
    /// Both are refused because `s + n`, or `s` with more zeros in front, would be a second spelling of the signature
    /// (RFC 8017 §8.2.2, step 1, and §5.2.2, step 1).
    #[must_use]
    pub fn recover_vartime(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let s = self.modulus.number(signature)?;
        // Kept, because it costs as much as a verification and is the same for all signatures of the key.
        let correction = self.correction.get_or_init(|| {
            // R^2 to the power of e is R^(e + 1) after `power`, and a multiplication by 1 takes one R out.
            let power = self.power(&self.modulus.r_squared());
            self.modulus.multiply(&power, &self.modulus.one())
        });
        let mut message = self.modulus.multiply(&self.power(&s), correction);
        // The product is below 2 n. Paddings are compared byte by byte, so it has to be the one number below n.
        if !Mutant::LastSubtractionDropped.is_on() {
            self.modulus.reduce(&mut message);
        }
        Some(crate::limbs::to_be(&message, self.size()))
    }

    /// `x^e R^-(e - 1)`, from the highest bit of the exponent down.
    ///
    /// Each multiplication joins two factors and divides by R once, and `e` factors are joined by one multiplication
    /// less. The usual exponent, 65537, takes 16 squarings and one more.
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
