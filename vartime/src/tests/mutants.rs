//! Switching on a mistake makes a test fail that passes without it, on each curve.

use super::ecdsa::{Reference, ranges, small_multiples, wrapped_x};
use super::rsa;
use crate::ecdsa::{P256, P384, P521, Secp256k1};
use crate::mutant::Mutant;

fn is_noticed(mutant: Mutant, test: fn(), by: &str) {
    assert!(mutant.during(test).is_err(), "{mutant:?} survives: {by}");
}

fn is_noticed_on<C: Reference>(curve: &str) {
    is_noticed(Mutant::EqualPointsNotDoubled, small_multiples::<C>, curve);
    is_noticed(Mutant::WrappedXNotTried, wrapped_x::<C>, curve);
    is_noticed(Mutant::LargeScalarAccepted, ranges::<C>, curve);
}

#[test]
fn every_mutant_is_noticed() {
    is_noticed_on::<P256>("P-256");
    is_noticed_on::<P384>("P-384");
    is_noticed_on::<P521>("P-521");
    is_noticed_on::<Secp256k1>("secp256k1");
    is_noticed(
        Mutant::LastSubtractionDropped,
        rsa::results_are_below_the_modulus,
        "RSA",
    );
    is_noticed(Mutant::WideSumsNotSplit, rsa::moduli_of_ones, "RSA");
}
