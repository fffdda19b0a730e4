//! Each mistake that could hide makes a test fail that passes without the mistake.

use super::{ecdsa, rsa};
use crate::mutant::Mutant;

#[test]
fn every_mutant_is_noticed() {
    let killers: [(Mutant, fn()); 5] = [
        (Mutant::EqualPointsNotDoubled, ecdsa::keys_are_small_multiples),
        (Mutant::WrappedXNotTried, ecdsa::x_is_above_the_order),
        (Mutant::LargeScalarAccepted, ecdsa::scalars_are_in_range),
        (Mutant::LastSubtractionDropped, rsa::results_are_below_the_modulus),
        (Mutant::WideSumsNotSplit, rsa::moduli_of_ones),
    ];
    for (mutant, test) in killers {
        assert!(mutant.during(test).is_err(), "{mutant:?} survives");
    }
}
