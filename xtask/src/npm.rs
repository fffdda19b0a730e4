//! The npm side of the workspace.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{command, exists, output, run};

/// Installs the packages of package-lock.json, unless they are installed.
pub fn install() -> Result<()> {
    check()?;
    if is_installed(Path::new("")) {
        return Ok(());
    }
    run(&mut command("npm ci --no-audit --no-fund"))
}

/// Installs what the lock of a folder outside the workspace names, unless that is done: tools whose versions would
/// conflict with the workspace's.
pub fn install_in(folder: &str) -> Result<()> {
    check()?;
    if is_installed(Path::new(folder)) {
        return Ok(());
    }
    let words = "npm ci --ignore-scripts --prefer-offline --no-audit --no-fund";
    run(command(words).current_dir(folder))
}

/// npm writes the second file when it has finished, so it is newer than the lock it was made from.
fn is_installed(folder: &Path) -> bool {
    let time = |file: &str| fs::metadata(folder.join(file)).and_then(|meta| meta.modified()).ok();
    matches!(
        (time("package-lock.json"), time("node_modules/.package-lock.json")),
        (Some(lock), Some(done)) if lock <= done
    )
}

/// Says what to install where Node.js or npm is missing or too old.
pub fn check() -> Result<()> {
    if !exists("node") {
        bail!("Node.js is missing; {WANTED}");
    }
    if !exists("npm") {
        bail!("npm is missing (on Debian it is a package of its own); {WANTED}");
    }
    let version = output(&mut command("node --version"))?;
    if !is_new_enough(&version) {
        bail!("Node.js {version} is too old; {WANTED}");
    }
    Ok(())
}

const WANTED: &str = "Node.js 20 or newer with npm is needed: https://nodejs.org";

/// The major version in the output of `node --version`, such as "v20.11.1".
fn is_new_enough(version: &str) -> bool {
    let major = version.trim_start_matches('v').split('.').next();
    major
        .and_then(|major| major.parse::<u32>().ok())
        .is_some_and(|major| major >= 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        for version in ["v20.0.0", "v22.1.0", "v100.0.0", "v24.0.0-nightly"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v6.0.0", "", "v", "node"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
