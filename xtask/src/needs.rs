//! Servers and browsers that tests and benches run against: found, or installed where that is allowed.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::Result;

use crate::apt::{self, Apt};
use crate::command::exists;

/// Installs Redis and PostgreSQL if they are missing and that is allowed; else says why they are missing.
pub fn servers() -> Result<Option<String>> {
    let mut missing = Vec::new();
    if !exists("redis-server") {
        missing.push("redis-server");
    }
    if !has_postgres() {
        missing.push("postgresql");
    }
    if !missing.is_empty() {
        if apt::apt() != Apt::Allowed {
            return Ok(Some(format!("no {}; {}", missing.join(", no "), apt::advice(&missing))));
        }
        apt::install(&missing)?;
    }
    Ok(None)
}

/// Whether PostgreSQL's programs will be found. Debian keeps them in a folder for each version.
fn has_postgres() -> bool {
    let named = env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    named
        .into_iter()
        .chain(debian.map(|version| version.path().join("bin")))
        .any(|folder| folder.join("initdb").exists())
}

/// Installs Chromium if it is missing and that is allowed; else says why it is missing.
pub fn chromium() -> Result<Option<String>> {
    browser("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// Installs Chromium and Firefox if they are missing and that is allowed; else says which is missing.
pub fn browsers() -> Result<Option<String>> {
    let missing = chromium()?;
    Ok(missing.or(browser("FIREFOX", &["firefox-esr", "firefox"])?))
}

/// Looks for a browser by its names, the first of which is the package that brings it.
fn browser(variable: &str, names: &[&str]) -> Result<Option<String>> {
    if names.iter().any(|name| exists(name)) || env::var_os(variable).is_some() {
        return Ok(None);
    }
    let package = &names[..1];
    if apt::apt() != Apt::Allowed {
        return Ok(Some(format!(
            "no {}; {}, or set {variable} to a browser's path",
            names[0],
            apt::advice(package)
        )));
    }
    apt::install(package)?;
    Ok(None)
}
