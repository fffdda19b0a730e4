//! The page as a folder for any static host.

use std::process;

use anyhow::{Result, bail};

use crate::command::{command, run};
use crate::{needs, npm, package};

/// Builds the package, plays the scene on the real Worker, draws the picture in a real browser, and writes it all.
pub fn site(flags: &[String]) -> Result<()> {
    npm::check()?;
    if flags.iter().any(|flag| flag == "--help" || flag == "-h") {
        npm::install()?;
        let helped = command("node www/site.mjs --help").status()?;
        process::exit(helped.code().unwrap_or(1));
    }
    if let Some(advice) = needs::chromium()? {
        bail!("drawing the picture of the site needs a browser: {advice}");
    }
    package::build()?;
    run(command("node www/site.mjs").args(flags))
}
