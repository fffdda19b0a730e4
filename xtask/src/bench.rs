//! Measurements against peers, side by side in one run.

use anyhow::Result;

use crate::command::{command, run};
use crate::{package, wasm};

/// Builds, then measures.
pub fn bench(names: &[String]) -> Result<()> {
    package::build()?;
    // Eight more builds, so only where they are asked for.
    if names.iter().any(|name| name == "families") {
        wasm::build_families()?;
    }
    run(command("node benches/run.mjs").args(names))
}
