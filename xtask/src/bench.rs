//! Measurements against peers, side by side in one run.

use anyhow::Result;

use crate::command::{command, run};
use crate::package;

/// Builds, then measures.
pub fn bench(names: &[String]) -> Result<()> {
    package::build()?;
    run(command("node benches/run.mjs").args(names))
}
