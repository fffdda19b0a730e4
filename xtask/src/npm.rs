//! The npm side of the workspace.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{command, exists, output, run};

/// Installs what package-lock.json names, unless that is done.
pub fn install() -> Result<()> {
    if !exists("node") || !exists("npm") {
        bail!("Node.js 20 or newer with npm is needed: https://nodejs.org");
    }
    let version = output(&mut command("node --version"))?;
    let major: Option<u32> = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node.js 20 or newer is needed; this is {version}");
    }
    // npm writes the second file when it is done, so it is younger than the lock it was made from.
    let time = |file: &str| fs::metadata(Path::new(file)).and_then(|meta| meta.modified()).ok();
    match (time("package-lock.json"), time("node_modules/.package-lock.json")) {
        (Some(lock), Some(done)) if lock <= done => Ok(()),
        _ => run(&mut command("npm ci --no-audit --no-fund")),
    }
}
