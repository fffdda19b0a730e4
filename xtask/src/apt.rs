//! Debian's packages: installed if we are root, else printed as the command to type.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cache;
use crate::command::{command, output, run};

/// Whether packages can be installed on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apt {
    /// apt-get is here and we are root.
    Allowed,
    /// apt-get is here, but only root may install.
    NeedsRoot,
    /// Not Debian.
    Absent,
}

/// Finds out whether packages can be installed.
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

/// How a user can install the packages where we may not.
pub fn advice(packages: &[&str]) -> String {
    match apt() {
        Apt::Absent => format!("install {} (the names are Debian's)", packages.join(" and ")),
        Apt::Allowed | Apt::NeedsRoot => format!("run as root: {}", install_command(packages)),
    }
}

/// Installs the packages, or says how.
pub fn install(packages: &[&str]) -> Result<()> {
    match apt() {
        Apt::Allowed => {
            // Another build may be doing the same; apt itself waits for whoever else installs something.
            let _alone = cache::lock()?;
            let mut update = command("apt-get update -q -o Acquire::Retries=3");
            if let Err(error) = run(update.env("DEBIAN_FRONTEND", "noninteractive")) {
                // A mirror that is down, or a list that another process is updating, need not end the installation.
                println!("{error:#}\ncontinuing with the package lists that are here");
            }
            let mut install = command(&install_command(packages));
            install.args(["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=600"]);
            run(install.env("DEBIAN_FRONTEND", "noninteractive"))
                .with_context(|| format!("these packages could not be installed: {}", packages.join(", ")))
        }
        Apt::NeedsRoot | Apt::Absent => bail!("packages are missing; {}", advice(packages)),
    }
}

/// Installs the packages that are missing. Where we may not, returns what is missing and what to do about it.
pub fn installed(packages: &[(&str, bool)]) -> Result<Option<String>> {
    let missing: Vec<&str> = packages
        .iter()
        .filter_map(|&(package, is_here)| (!is_here).then_some(package))
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    if apt() != Apt::Allowed {
        return Ok(Some(format!("no {}; {}", missing.join(", no "), advice(&missing))));
    }
    install(&missing)?;
    Ok(None)
}
