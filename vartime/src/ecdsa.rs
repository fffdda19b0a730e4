//! ECDSA on P-256 and secp256k1 (FIPS 186-5 §6.4.2). Variable time, public inputs only.

use std::sync::{LazyLock, OnceLock};

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::array::Array;
use p256::elliptic_curve::ops::{Invert, Reduce};
use p256::elliptic_curve::point::AffineCoordinates;

use crate::curve::{self, Affine, Doubling, Jacobian};
use crate::field::{Element, P256Prime, Prime, Secp256k1Prime, from_hex};
use crate::mutant::Mutant;

/// NIST's curve P-256, also named prime256v1 and secp256r1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P256 {}

/// The curve secp256k1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secp256k1 {}

/// A curve that signatures are verified on: [`P256`] or [`Secp256k1`].
#[expect(private_bounds, reason = "sealed: what a curve needs is this crate's own")]
pub trait Curve: Parameters {}

impl Curve for P256 {}
impl Curve for Secp256k1 {}

/// What both crates write numbers of 256 bits in.
type Bytes = p256::FieldBytes;

pub(crate) trait Parameters: Doubling + 'static {
    /// The order of the curve, below its prime and above half of it.
    const ORDER: [u8; 32];
    /// The generator's coordinates.
    const GENERATOR: ([u8; 32], [u8; 32]);
    /// Integers modulo the order.
    type Scalar: Reduce<Bytes>
        + PrimeField<Repr = Bytes>
        + Invert<Output = p256::elliptic_curve::subtle::CtOption<Self::Scalar>>;
    /// The coordinates of an encoded point, if it is one of the curve and not infinity.
    fn decode(point: &[u8]) -> Option<([u8; 32], [u8; 32])>;
    /// The odd multiples of the generator.
    fn generator_multiples() -> &'static [Affine<Self::P>];
}

impl Doubling for P256 {
    type P = P256Prime;

    fn double(point: &Jacobian<P256Prime>) -> Jacobian<P256Prime> {
        curve::double_a_minus_3(point)
    }
}

impl Parameters for P256 {
    // FIPS 186-4, D.1.2.3.
    const ORDER: [u8; 32] = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const GENERATOR: ([u8; 32], [u8; 32]) = (
        from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
        from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
    );
    type Scalar = p256::Scalar;

    fn decode(point: &[u8]) -> Option<([u8; 32], [u8; 32])> {
        Some(coordinates(p256::PublicKey::from_sec1_bytes(point).ok()?.as_affine()))
    }

    fn generator_multiples() -> &'static [Affine<P256Prime>] {
        static MULTIPLES: LazyLock<Vec<Affine<P256Prime>>> = LazyLock::new(generator_multiples::<P256>);
        &MULTIPLES
    }
}

impl Doubling for Secp256k1 {
    type P = Secp256k1Prime;

    fn double(point: &Jacobian<Secp256k1Prime>) -> Jacobian<Secp256k1Prime> {
        curve::double_a_0(point)
    }
}

impl Parameters for Secp256k1 {
    // SEC 2 §2.4.1.
    const ORDER: [u8; 32] = from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const GENERATOR: ([u8; 32], [u8; 32]) = (
        from_hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
        from_hex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
    );
    type Scalar = k256::Scalar;

    fn decode(point: &[u8]) -> Option<([u8; 32], [u8; 32])> {
        Some(coordinates(k256::PublicKey::from_sec1_bytes(point).ok()?.as_affine()))
    }

    fn generator_multiples() -> &'static [Affine<Secp256k1Prime>] {
        static MULTIPLES: LazyLock<Vec<Affine<Secp256k1Prime>>> = LazyLock::new(generator_multiples::<Secp256k1>);
        &MULTIPLES
    }
}

fn coordinates(point: &impl AffineCoordinates<FieldRepr = Bytes>) -> ([u8; 32], [u8; 32]) {
    (point.x().into(), point.y().into())
}

fn generator_multiples<C: Parameters>() -> Vec<Affine<C::P>> {
    let (x, y) = C::GENERATOR;
    curve::odd_multiples::<C>(&x, &y, curve::GENERATOR_WIDTH)
}

/// A public key: a point of the curve. Variable time, public inputs only.
#[derive(Clone, Debug)]
pub struct PublicKey<C: Curve> {
    x: [u8; 32],
    y: [u8; 32],
    /// The odd multiples of the point, made at the first verification.
    multiples: OnceLock<Vec<Affine<C::P>>>,
}

impl<C: Curve> PublicKey<C> {
    /// Takes a point, compressed or not (SEC 1 §2.3.4); `None` unless it is on the curve and finite.
    #[must_use]
    pub fn from_sec1(point: &[u8]) -> Option<Self> {
        C::decode(point).map(Self::from_coordinates)
    }

    const fn from_coordinates((x, y): ([u8; 32], [u8; 32])) -> Self {
        Self {
            x,
            y,
            multiples: OnceLock::new(),
        }
    }

    /// The point, not compressed: `04 || x || y`.
    #[must_use]
    pub fn to_sec1(&self) -> Vec<u8> {
        [&[4][..], &self.x, &self.y].concat()
    }

    /// Whether `signature`, `r || s`, is one of this digest of 32 bytes. Either of the two values of `s` is taken.
    #[must_use]
    pub fn verify_vartime(&self, digest: &[u8; 32], signature: &[u8]) -> bool {
        let ([r, s], []) = signature.as_chunks::<32>() else {
            return false;
        };
        // 1 <= r, s < n
        let in_range = |number: &[u8; 32]| number != &[0; 32] && number < &C::ORDER;
        if !in_range(r) || !(in_range(s) || Mutant::LargeScalarAccepted.is_on()) {
            return false;
        }
        let scalar = |bytes: &[u8; 32]| C::Scalar::reduce(&Array::from(*bytes));
        let Some(inverse) = Option::<C::Scalar>::from(scalar(s).invert_vartime()) else {
            return false;
        };
        // u1 = digest / s, u2 = r / s
        self.combines_to_vartime(
            &(scalar(digest) * inverse).to_repr().into(),
            &(scalar(r) * inverse).to_repr().into(),
            r,
        )
    }

    /// Whether the x coordinate of `u1 G + u2 Q` is `r` modulo the order.
    fn combines_to_vartime(&self, u1: &[u8; 32], u2: &[u8; 32], r: &[u8; 32]) -> bool {
        let multiples = self
            .multiples
            .get_or_init(|| curve::odd_multiples::<C>(&self.x, &self.y, curve::KEY_WIDTH));
        let Some(point) = curve::double_multiply::<C>(u1, C::generator_multiples(), u2, multiples) else {
            return false;
        };
        // X / Z^2 = x is X = x Z^2, which takes no inversion.
        let zz = point.z.square();
        let has_x = |x: &[u8; 32]| Element::from_be(x).multiply(&zz).minus(&point.x).is_zero();
        has_x(r) || wrapped::<C>(r).is_some_and(|x| has_x(&x))
    }
}

impl From<p256::PublicKey> for PublicKey<P256> {
    fn from(key: p256::PublicKey) -> Self {
        Self::from_coordinates(coordinates(key.as_affine()))
    }
}

impl From<k256::PublicKey> for PublicKey<Secp256k1> {
    fn from(key: k256::PublicKey) -> Self {
        Self::from_coordinates(coordinates(key.as_affine()))
    }
}

impl<C: Curve> PartialEq for PublicKey<C> {
    fn eq(&self, other: &Self) -> bool {
        (self.x, self.y) == (other.x, other.y)
    }
}

impl<C: Curve> Eq for PublicKey<C> {}

/// `r + n`, the other x coordinate that is `r` modulo the order, where it is below the prime.
fn wrapped<C: Parameters>(r: &[u8; 32]) -> Option<[u8; 32]> {
    let mut sum = [0; 32];
    let mut carry = false;
    for ((sum, &r), n) in sum.iter_mut().zip(r).zip(C::ORDER).rev() {
        let (partial, over) = r.overflowing_add(n);
        let (total, over_again) = partial.overflowing_add(u8::from(carry));
        *sum = total;
        carry = over || over_again;
    }
    (!carry && sum < C::P::MODULUS && !Mutant::WrappedXNotTried.is_on()).then_some(sum)
}
