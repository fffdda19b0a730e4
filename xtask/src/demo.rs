//! The demo: the Worker in a real workerd, on this machine.

use std::os::unix::process::CommandExt as _;
use std::process;

use anyhow::{Context as _, Result};

use crate::command::command;
use crate::{npm, package};

/// Builds, then becomes the server, so that signals reach it.
pub fn demo(flags: &[String]) -> Result<()> {
    npm::check()?;
    // Help and wrong flags are answered before anything is built.
    let checked = command("node www/flags.mjs").args(flags).status()?;
    if !checked.success() || flags.iter().any(|flag| flag == "--help" || flag == "-h") {
        process::exit(checked.code().unwrap_or(1));
    }
    package::build()?;
    let error = command("node www/serve.mjs").args(flags).exec();
    Err(error).context("cannot start node")
}
