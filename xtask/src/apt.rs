//! Debian's packages: installed as root, else the command to type is told.

use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{command, output, run};

/// What this machine lets us install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apt {
    /// apt-get is here and we are root.
    Allowed,
    /// apt-get is here, but only root may install.
    NeedsRoot,
    /// No Debian.
    Absent,
}

/// Finds out which it is.
pub fn apt() -> Apt {
    if !Path::new("/usr/bin/apt-get").exists() {
        Apt::Absent
    } else if output(&mut command("id -u")).is_ok_and(|id| id == "0") {
        Apt::Allowed
    } else {
        Apt::NeedsRoot
    }
}

/// The command that installs the packages.
pub fn install_command(packages: &[&str]) -> String {
    format!("apt-get install -y --no-install-recommends {}", packages.join(" "))
}

/// Installs the packages, or says how.
pub fn install(packages: &[&str]) -> Result<()> {
    match apt() {
        Apt::Allowed => {
            // The lists may be missing or old on a new machine.
            run(command("apt-get update -q").env("DEBIAN_FRONTEND", "noninteractive"))?;
            run(command(&install_command(packages)).env("DEBIAN_FRONTEND", "noninteractive"))
        }
        Apt::NeedsRoot => bail!("missing packages; as root: {}", install_command(packages)),
        Apt::Absent => bail!(
            "this needs {} (the names of Debian's packages); install them and try again",
            packages.join(", ")
        ),
    }
}
