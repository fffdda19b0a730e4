//! Measurements against peers, side by side in one run.

use anyhow::Result;

use crate::command::{command, run};
use crate::{needs, npm, package};

/// Builds, installs the servers and the browser where that is allowed, and measures.
pub fn bench(arguments: &[String]) -> Result<()> {
    npm::install()?;
    // Names are checked first, so that a wrong one does not cost a build.
    run(command("node benches/run.mjs --check").args(arguments))?;
    package::build()?;
    for missing in [needs::servers()?, needs::chromium()?].into_iter().flatten() {
        println!("some peers will not be measured: {missing}");
    }
    run(command("node benches/run.mjs").args(arguments))
}

/// Checks that every kind of row can be measured, on the package as it was built last. The figures are thrown away.
pub fn quick() -> Result<()> {
    run(&mut command("node benches/run.mjs --quick"))
}
