//! `u1 G + u2 Q` on a curve of prime order.
//!
//! Points are Jacobian: `(X, Y, Z)` represents `(X / Z^2, Y / Z^3)`. The formulas and their names are from the
//! Explicit-Formulas Database; each comment states the formula, and every exceptional case is a branch.
#![expect(clippy::many_single_char_names, reason = "the names of the formulas")]

use crate::field::Field;
use crate::mutant::Mutant;
use crate::wnaf;

/// Digit width for `u1`: 64 multiples of the generator, computed once.
///
/// The table serves every key on the curve, so it may be large. One more bit would double it and save few additions.
pub(crate) const GENERATOR_WIDTH: usize = 8;

/// Digit width for `u2`: eight multiples for each key.
///
/// The table must pay off within one verification, because many keys verify only a single token.
pub(crate) const KEY_WIDTH: usize = 5;

/// A curve `y^2 = x^3 + a x + b` of prime order.
pub(crate) trait Equation: Sized {
    /// The field of the coordinates.
    type Element: Field;
    /// The coefficient a: -3 or 0, for which doubling is cheaper than for other values.
    const A: i64;
    /// The coefficient b, big-endian. Only decoding uses it: the addition formulas would work on any curve.
    const B: &'static [u8];

    /// Doubles a point. The order is odd, so no point has `y = 0` and the double of a finite point is finite.
    fn double(point: &Jacobian<Self::Element>) -> Jacobian<Self::Element> {
        const { assert!(Self::A == 0 || Self::A == -3, "a curve that there is a formula for") };
        if Self::A == 0 {
            double_a_0(point)
        } else {
            double_a_minus_3(point)
        }
    }
}

/// A finite point `(x, y)`. Tables store this form, because it saves a third of the multiplications of an addition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine<F> {
    pub(crate) x: F,
    pub(crate) y: F,
}

/// A point that is not at infinity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jacobian<F> {
    pub(crate) x: F,
    pub(crate) y: F,
    pub(crate) z: F,
}

impl<F: Field> Jacobian<F> {
    /// The same point with `Z = 1`.
    fn new(point: &Affine<F>) -> Self {
        Self {
            x: point.x,
            y: point.y,
            z: F::one(),
        }
    }
}

/// dbl-2001-b, for `a = -3`.
pub(crate) fn double_a_minus_3<F: Field>(p: &Jacobian<F>) -> Jacobian<F> {
    // delta = Z1^2, gamma = Y1^2, beta = X1 gamma
    let delta = p.z.square();
    let gamma = p.y.square();
    let beta = p.x.multiply(&gamma);
    // alpha = 3 (X1 - delta) (X1 + delta)
    let product = p.x.minus(&delta).multiply(&p.x.plus(&delta));
    let alpha = F::combination([(3, &product)]);
    // X3 = alpha^2 - 8 beta
    let x = F::combination([(1, &alpha.square()), (-8, &beta)]);
    // Z3 = (Y1 + Z1)^2 - gamma - delta
    let z = F::combination([(1, &p.y.plus(&p.z).square()), (-1, &gamma), (-1, &delta)]);
    // Y3 = alpha (4 beta - X3) - 8 gamma^2
    let product = alpha.multiply(&F::combination([(4, &beta), (-1, &x)]));
    let y = F::combination([(1, &product), (-8, &gamma.square())]);
    Jacobian { x, y, z }
}

/// dbl-2009-l, for `a = 0`.
pub(crate) fn double_a_0<F: Field>(p: &Jacobian<F>) -> Jacobian<F> {
    // A = X1^2, B = Y1^2, C = B^2
    let a = p.x.square();
    let b = p.y.square();
    let c = b.square();
    // D = 2 ((X1 + B)^2 - A - C), E = 3 A
    let d = F::combination([(2, &p.x.plus(&b).square()), (-2, &a), (-2, &c)]);
    let e = F::combination([(3, &a)]);
    // X3 = E^2 - 2 D
    let x = F::combination([(1, &e.square()), (-2, &d)]);
    // Y3 = E (D - X3) - 8 C
    let y = F::combination([(1, &e.multiply(&d.minus(&x))), (-8, &c)]);
    // Z3 = 2 Y1 Z1
    let z = F::combination([(2, &p.y.multiply(&p.z))]);
    Jacobian { x, y, z }
}

/// The sum of two points, `None` for infinity.
///
/// `q` comes from a table and has `Z = 1`, which shortens the formula.
pub(crate) fn add<C: Equation>(
    p: Option<&Jacobian<C::Element>>,
    q: &Affine<C::Element>,
) -> Option<Jacobian<C::Element>> {
    let Some(p) = p else {
        return Some(Jacobian::new(q));
    };
    // Z1Z1 = Z1^2, H = X2 Z1Z1 - X1, r = Y2 Z1 Z1Z1 - Y1
    let zz = p.z.square();
    let h = q.x.multiply(&zz).minus(&p.x);
    let r = q.y.multiply(&p.z.multiply(&zz)).minus(&p.y);
    if h.is_zero() {
        // The points share an x, so they are equal or negatives of each other. The formula below would turn equal
        // points into (0, 0, 0), which matches every r. A key that is a small multiple of the generator reaches this
        // case.
        return (r.is_zero() && !Mutant::EqualPointsNotDoubled.is_on()).then(|| C::double(p));
    }
    // HH = H^2, HHH = H HH, V = X1 HH
    let hh = h.square();
    let hhh = h.multiply(&hh);
    let v = p.x.multiply(&hh);
    // X3 = r^2 - HHH - 2 V
    let x = C::Element::combination([(1, &r.square()), (-1, &hhh), (-2, &v)]);
    // Y3 = r (V - X3) - Y1 HHH
    let y = C::Element::combination([(1, &r.multiply(&v.minus(&x))), (-1, &p.y.multiply(&hhh))]);
    // Z3 = Z1 H
    let z = p.z.multiply(&h);
    Some(Jacobian { x, y, z })
}

/// Decodes a point, compressed or uncompressed (SEC 1 §2.3.4), to `04 || x || y`; `None` unless it is finite and on the
/// curve.
pub(crate) fn decode<C: Equation>(point: &[u8]) -> Option<Vec<u8>> {
    let modulus = C::Element::MODULUS;
    let (tag, coordinates) = point.split_first()?;
    let (x, y) = coordinates.split_at_checked(modulus.len())?;
    // A coordinate has one encoding. Both sides have the same length, so byte order is numerical order.
    if x >= modulus {
        return None;
    }
    // y^2 = x^3 + a x + b
    let element = C::Element::from_be(x);
    let cube = element.square().multiply(&element);
    let square = C::Element::combination([(1, &cube), (C::A, &element), (1, &C::Element::from_be(C::B))]);
    let y = match (tag, y.len()) {
        // No later step checks the equation. Without this check a key could lie on a weaker curve.
        (4, len) if len == modulus.len() && y < modulus => {
            let root = C::Element::from_be(y);
            root.square().minus(&square).is_zero().then(|| y.to_vec())?
        }
        // About half of all x have no root, and belong to no point on the curve.
        (2 | 3, 0) => {
            let root = square.square_root()?;
            let y = root.to_be();
            // Exactly one of y and p - y is odd, because p is odd and no point has y = 0.
            if y.last()? % 2 == tag % 2 {
                y
            } else {
                root.negated().to_be()
            }
        }
        // No format here uses hybrid points (6 and 7), and infinity (0) cannot be a key.
        _ => return None,
    };
    Some([&[4], x, &y].concat())
}

/// The odd multiples `Q, 3 Q, 5 Q …` for digits of this width: `2^(width - 2)` of them.
pub(crate) fn odd_multiples<C: Equation>(x: &[u8], y: &[u8], width: usize) -> Vec<Affine<C::Element>> {
    let q = Affine {
        x: C::Element::from_be(x),
        y: C::Element::from_be(y),
    };
    let first = Jacobian::new(&q);
    // The step from one odd multiple to the next, in the form that `add` takes.
    let twice = affine(&[C::double(&first)]);
    // The order is a prime far above 2^width, so no multiple is infinity and no sum adds equal points.
    let next = |p: &Jacobian<C::Element>| add::<C>(Some(p), twice.first()?);
    let multiples: Vec<_> = core::iter::successors(Some(first), next)
        .take(1 << (width - 2))
        .collect();
    affine(&multiples)
}

/// Converts all points to `(X / Z^2, Y / Z^3)` with a single inversion (Montgomery's trick).
fn affine<F: Field>(points: &[Jacobian<F>]) -> Vec<Affine<F>> {
    // An inversion costs hundreds of multiplications; this costs three per point instead. No z is 0, because no point
    // here is at infinity.
    let mut product = F::one();
    let mut before = Vec::with_capacity(points.len());
    for point in points {
        before.push(product);
        product = product.multiply(&point.z);
    }
    let mut inverse = product.inverse();
    let mut out = Vec::with_capacity(points.len());
    // Invariant: `inverse` is the inverse of the product of all z up to this point, and `before` is that product
    // without this point's z.
    for (point, before) in points.iter().zip(before).rev() {
        let z = inverse.multiply(&before);
        inverse = inverse.multiply(&point.z);
        let zz = z.square();
        out.push(Affine {
            x: point.x.multiply(&zz),
            y: point.y.multiply(&zz.multiply(&z)),
        });
    }
    out.reverse();
    out
}

/// `u1 G + u2 Q`, processing the digits of both scalars together (Straus); `None` for infinity.
pub(crate) fn double_multiply<C: Equation>(
    u1: &[u8],
    generator: &[Affine<C::Element>],
    u2: &[u8],
    key: &[Affine<C::Element>],
) -> Option<Jacobian<C::Element>> {
    let u1 = wnaf::digits::<GENERATOR_WIDTH>(u1);
    let u2 = wnaf::digits::<KEY_WIDTH>(u2);
    // Both scalars are as long as the order, so `zip` drops no digit.
    let mut sum = None;
    for (&a, &b) in u1.iter().zip(&u2).rev() {
        // Doubling infinity is skipped, so leading zeros cost nothing.
        sum = sum.as_ref().map(C::double);
        for (digit, multiples) in [(a, generator), (b, key)] {
            if let Some(point) = multiple(digit, multiples) {
                sum = add::<C>(sum.as_ref(), &point);
            }
        }
    }
    sum
}

/// The multiple for a digit, `None` for zero.
fn multiple<F: Field>(digit: i8, odd_multiples: &[Affine<F>]) -> Option<Affine<F>> {
    if digit == 0 {
        return None;
    }
    // The table contains odd multiples only: 1 is first, 3 is second.
    let point = odd_multiples.get(usize::from(digit.unsigned_abs() / 2));
    debug_assert!(point.is_some(), "the table has the width of the digits");
    point.map(|point| Affine {
        x: point.x,
        y: if digit < 0 { point.y.negated() } else { point.y },
    })
}
