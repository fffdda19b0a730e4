//! The demo: the Worker in a real workerd, on this machine.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::command::command;
use crate::package;

/// Builds, then becomes the server, so that signals reach it.
pub fn demo(flags: &[String]) -> Result<()> {
    if !flags.iter().any(|flag| flag == "--help") {
        package::build()?;
    }
    let error = command("node www/serve.mjs").args(flags).exec();
    Err(error).context("cannot start node")
}
