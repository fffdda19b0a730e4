//! The fingerprint of RSA keys from a flawed library (ROCA, CVE-2017-15361): their moduli can be factored.
//!
//! That library chose primes of the form `k * M + (65537^a mod M)`, where M is the product of the first primes. Modulo
//! each of these primes, such a modulus is a power of 65537.

/// The generator of the library's primes.
const GENERATOR: u32 = 65_537;

/// The odd primes whose product is M for the smallest keys; M of larger keys has these too.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a big-endian modulus has the fingerprint. About one sound key in 2^27 has it too.
///
/// The test needs only the modulus. It is cheap compared to a verification, and runs once for each key.
#[must_use]
pub fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES
        .iter()
        .all(|&prime| is_power_of_generator(remainder(modulus, prime), prime))
}

/// The remainder of a long number, computed byte by byte.
fn remainder(number: &[u8], prime: u32) -> u32 {
    number
        .iter()
        .fold(0, |remainder, &digit| (remainder << 8 | u32::from(digit)) % prime)
}

fn is_power_of_generator(number: u32, prime: u32) -> bool {
    let mut power = 1;
    // The powers repeat after fewer than `prime` steps.
    (1..prime).any(|_| {
        let found = power == number;
        power = power * (GENERATOR % prime) % prime;
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A product of powers of the generator modulo M is again such a power, so a weak modulus looks like this modulo M.
    #[test]
    fn a_product_of_powers_has_it_and_its_neighbours_do_not() {
        let weak = u128::from(GENERATOR).pow(7);
        assert!(has_fingerprint(&weak.to_be_bytes()));
        for other in [weak + 2, weak + 4, weak * 3, 65_539] {
            assert!(!has_fingerprint(&other.to_be_bytes()), "{other}");
        }
    }

    #[test]
    fn leading_zeros_do_not_count() {
        assert!(has_fingerprint(&[0, 0, 1, 0, 1]));
        assert!(!has_fingerprint(&[]));
    }
}
