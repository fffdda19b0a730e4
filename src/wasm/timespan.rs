//! Time spans across the boundary.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::timespan::split;

/// The milliseconds of the unit of a time span, or NaN if it is none. The number before it is for `parseFloat`.
#[wasm_bindgen]
pub fn timespan_unit(text: &str) -> f64 {
    split(text).map_or(f64::NAN, |(_, unit)| unit)
}
