//! ECDSA on P-256, P-384, P-521 and secp256k1 (FIPS 186-5 §6.4.2). Variable time, public inputs only.

use std::sync::{LazyLock, OnceLock};

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::{Invert, Reduce};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::elliptic_curve::subtle::CtOption;

use crate::curve::{self, Affine, Equation};
use crate::field::Field as _;
use crate::mutant::Mutant;
use crate::primes::{P256Element, P384Element, P521Element, Secp256k1Element, from_hex};

/// NIST's curve P-256, also named prime256v1 and secp256r1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P256 {}

/// NIST's curve P-384, also named secp384r1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P384 {}

/// NIST's curve P-521, also named secp521r1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P521 {}

/// The curve secp256k1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secp256k1 {}

/// A curve that signatures are verified on: [`P256`], [`P384`], [`P521`] or [`Secp256k1`].
///
/// The curves are types, so that a key on one curve cannot be used with the parameters of another.
#[expect(private_bounds, reason = "sealed: what a curve needs is this crate's own")]
pub trait Curve: Parameters {}

impl Curve for P256 {}
impl Curve for P384 {}
impl Curve for P521 {}
impl Curve for Secp256k1 {}

/// The parameters of a curve that verification needs besides its equation.
pub(crate) trait Parameters: Equation + 'static {
    /// The order of the curve, big-endian; it is below the prime and above half of it.
    const ORDER: &'static [u8];
    /// Integers modulo the order.
    type Scalar: PrimeField + Reduce<<Self::Scalar as PrimeField>::Repr> + Invert<Output = CtOption<Self::Scalar>>;
    /// The odd multiples of the generator, computed at the first call.
    ///
    /// They are not computed when the module is loaded, because most programs use only one of the curves.
    fn generator_multiples() -> &'static [Affine<Self::Element>];
}

/// Implements a curve with the crate of the same name, which provides the generator and scalar arithmetic.
macro_rules! curve {
    ($curve:ident, $crate_name:ident, $element:ty, $a:literal, $b:expr, $order:expr) => {
        impl Equation for $curve {
            type Element = $element;
            const A: i64 = $a;
            const B: &'static [u8] = &$b;
        }

        impl Parameters for $curve {
            const ORDER: &'static [u8] = &$order;
            type Scalar = $crate_name::Scalar;

            fn generator_multiples() -> &'static [Affine<$element>] {
                static MULTIPLES: LazyLock<Vec<Affine<$element>>> = LazyLock::new(|| {
                    let generator = $crate_name::AffinePoint::GENERATOR.to_sec1_point(false);
                    multiples::<$curve>(generator.as_bytes(), curve::GENERATOR_WIDTH)
                });
                &MULTIPLES
            }
        }

        impl From<$crate_name::PublicKey> for PublicKey<$curve> {
            fn from(key: $crate_name::PublicKey) -> Self {
                Self::from_point(key.to_sec1_point(false).as_bytes().to_vec())
            }
        }
    };
}

// FIPS 186-4, D.1.2.3.
curve!(
    P256,
    p256,
    P256Element,
    -3,
    from_hex::<32>("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
    from_hex::<32>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
);

// FIPS 186-4, D.1.2.4.
curve!(
    P384,
    p384,
    P384Element,
    -3,
    from_hex::<48>("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
    from_hex::<48>("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973")
);

// FIPS 186-4, D.1.2.5.
curve!(
    P521,
    p521,
    P521Element,
    -3,
    from_hex::<66>(concat!(
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109",
        "e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"
    )),
    from_hex::<66>(concat!(
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
    ))
);

// SEC 2 §2.4.1.
curve!(
    Secp256k1,
    k256,
    Secp256k1Element,
    0,
    [7],
    from_hex::<32>("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
);

/// The odd multiples of a point `04 || x || y`.
fn multiples<C: Curve>(point: &[u8], width: usize) -> Vec<Affine<C::Element>> {
    let (x, y) = point.split_at(1).1.split_at(C::ORDER.len());
    curve::odd_multiples::<C>(x, y, width)
}

/// A public key: a point of the curve. Variable time, public inputs only.
#[derive(Clone, Debug)]
pub struct PublicKey<C: Curve> {
    /// `04 || x || y`.
    point: Vec<u8>,
    /// The odd multiples of the point, computed at the first verification.
    ///
    /// A key that is only parsed, compared or serialised never pays for them.
    multiples: OnceLock<Vec<Affine<C::Element>>>,
}

impl<C: Curve> PublicKey<C> {
    /// Takes a point, compressed or uncompressed (SEC 1 §2.3.4); `None` unless it is finite and on the curve.
    #[must_use]
    pub fn from_sec1(point: &[u8]) -> Option<Self> {
        curve::decode::<C>(point).map(Self::from_point)
    }

    /// Takes an uncompressed point that is known to be on the curve.
    const fn from_point(point: Vec<u8>) -> Self {
        Self {
            point,
            multiples: OnceLock::new(),
        }
    }

    /// The uncompressed point: `04 || x || y`.
    #[must_use]
    pub fn to_sec1(&self) -> Vec<u8> {
        self.point.clone()
    }

    /// Whether `signature`, `r || s`, is valid for this digest. Both the low and the high `s` are accepted.
    ///
    /// Supported digests are never longer than the order, so nothing here truncates; a longer digest is refused.
    #[must_use]
    pub fn verify_vartime(&self, digest: &[u8], signature: &[u8]) -> bool {
        // JWS fixes one length for each curve (RFC 7518 §3.4). DER, or numbers without leading zeros, would be
        // alternative encodings.
        let len = C::ORDER.len();
        let Some((r, s)) = signature.split_at_checked(len).filter(|(_, s)| s.len() == len) else {
            return false;
        };
        // 1 <= r, s < n. Without the check, `r = s = 0` could verify for any message and key (CVE-2022-21449). For
        // numbers of equal length, byte order is numerical order.
        let in_range = |number: &[u8]| number.iter().any(|&byte| byte != 0) && number < C::ORDER;
        if !in_range(r) || !(in_range(s) || Mutant::LargeScalarAccepted.is_on()) {
            return false;
        }
        let (Some(digest), Some(scalar_r), Some(scalar_s)) = (scalar::<C>(digest), scalar::<C>(r), scalar::<C>(s))
        else {
            return false;
        };
        // Every s in range has an inverse, because the order is prime.
        let Some(inverse) = Option::<C::Scalar>::from(scalar_s.invert_vartime()) else {
            return false;
        };
        // u1 = digest / s, u2 = r / s
        let (u1, u2) = (digest * inverse, scalar_r * inverse);
        self.combines_to_vartime(u1.to_repr().as_ref(), u2.to_repr().as_ref(), r)
    }

    /// Whether the x coordinate of `u1 G + u2 Q` is `r` modulo the order.
    fn combines_to_vartime(&self, u1: &[u8], u2: &[u8], r: &[u8]) -> bool {
        let multiples = self
            .multiples
            .get_or_init(|| multiples::<C>(&self.point, curve::KEY_WIDTH));
        // Infinity has no x, so it matches no r (FIPS 186-5 §6.4.2).
        let Some(point) = curve::double_multiply::<C>(u1, C::generator_multiples(), u2, multiples) else {
            return false;
        };
        // X / Z^2 = x is equivalent to X = x Z^2, which needs no inversion.
        let zz = point.z.square();
        let has_x = |x: &[u8]| C::Element::from_be(x).multiply(&zz).minus(&point.x).is_zero();
        // r is x reduced by the order, which is below the prime: x may have been r or r + n.
        has_x(r) || wrapped::<C>(r).is_some_and(|x| has_x(&x))
    }
}

/// Keys are equal if their points are, whether or not the multiples have been computed.
impl<C: Curve> PartialEq for PublicKey<C> {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

impl<C: Curve> Eq for PublicKey<C> {}

/// A number modulo the order; `None` if it is longer. It is less than twice the order, so one subtraction reduces it.
fn scalar<C: Parameters>(number: &[u8]) -> Option<C::Scalar> {
    let mut repr = <C::Scalar as PrimeField>::Repr::default();
    let bytes = repr.as_mut();
    let start = bytes.len().checked_sub(number.len())?;
    bytes.get_mut(start..)?.copy_from_slice(number);
    Some(C::Scalar::reduce(&repr))
}

/// `r + n`, the other x coordinate that is `r` modulo the order, if it is below the prime.
///
/// `r + 2 n` needs no check: the order is above half of the prime, so that sum is always above the prime.
fn wrapped<C: Parameters>(r: &[u8]) -> Option<Vec<u8>> {
    let mut sum = r.to_vec();
    let mut carry = false;
    for (byte, n) in sum.iter_mut().zip(C::ORDER).rev() {
        let (partial, over) = byte.overflowing_add(*n);
        let (total, over_again) = partial.overflowing_add(u8::from(carry));
        *byte = total;
        carry = over || over_again;
    }
    (!carry && sum.as_slice() < C::Element::MODULUS && !Mutant::WrappedXNotTried.is_on()).then_some(sum)
}
