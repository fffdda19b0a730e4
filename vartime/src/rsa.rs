//! RSA's public operation, `s^e mod n` (RFC 8017 §5.2.2). Variable time, public inputs only.

use std::sync::OnceLock;

use crate::montgomery::Modulus;
use crate::mutant::Mutant;

/// The smallest modulus that is taken, in bits.
pub const MIN_BITS: usize = 512;

/// The largest modulus that is taken, in bits.
pub const MAX_BITS: usize = 16_384;

/// The largest public exponent that is taken.
pub const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// A public key of RSA. Variable time, public inputs only.
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
        if n.len() > MAX_BITS / 8 || exponent.is_multiple_of(2) || !(3..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
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
    pub fn size(&self) -> usize {
        self.modulus.size()
    }

    /// RSAVP1: `s^e mod n`, as long as the modulus; `None` if `s` has another length or is not below `n`.
    #[must_use]
    pub fn recover_vartime(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let s = self.modulus.number(signature)?;
        let correction = self.correction.get_or_init(|| {
            // R^2 to the power of e is R^(e + 1) after `power`, and a multiplication by 1 takes one R out.
            let power = self.power(&self.modulus.r_squared());
            self.modulus.multiply(&power, &self.modulus.one())
        });
        let mut message = self.modulus.multiply(&self.power(&s), correction);
        if !Mutant::LastSubtractionDropped.is_on() {
            self.modulus.reduce(&mut message);
        }
        Some(crate::limbs::to_be(&message, self.size()))
    }

    /// `x^e R^-(e - 1)`, from the highest bit of the exponent down.
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
