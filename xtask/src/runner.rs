//! Node's test runner: run, shown, and counted by a reporter of ours.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::command::{command, shown};

/// The result of a step.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Tests, or checks.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Tests that the runner left out: they are for another store, say, or run by hand.
    pub left_out: usize,
    /// Why the whole step was not run: something is missing on this machine.
    pub skipped: Option<String>,
}

impl Outcome {
    /// All of it passed.
    pub fn passed(passed: usize) -> Self {
        Self {
            passed,
            ..Self::default()
        }
    }

    /// None of it was run.
    pub fn skipped(why: String) -> Self {
        Self {
            skipped: Some(why),
            ..Self::default()
        }
    }
}

/// What `count.mjs` writes, as long as the step runs.
const COUNTS: &str = "target/node-test-counts";

/// Runs test files in Node. A run without any test is a failure: it would otherwise pass unnoticed.
pub fn node_tests(files: Vec<PathBuf>) -> Result<Outcome> {
    let mut node = command(
        "node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=./xtask/src/count.mjs",
    );
    node.arg(format!("--test-reporter-destination={COUNTS}")).args(files);
    let name = shown(&node);
    println!("$ {name}");
    let status = node.status().with_context(|| format!("cannot start {name}"))?;
    let outcome = parse(&fs::read_to_string(COUNTS).unwrap_or_default());
    fs::remove_file(COUNTS).ok();
    match outcome {
        Some(outcome) if outcome.failed > 0 => Ok(outcome),
        _ if !status.success() => bail!("failed ({status}): {name}"),
        Some(outcome) if outcome.passed > 0 => Ok(outcome),
        _ => bail!("no test ran: {name}"),
    }
}

fn parse(counts: &str) -> Option<Outcome> {
    let mut numbers = counts.split_whitespace().map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Outcome {
        passed: next()?,
        failed: next()?,
        left_out: next()?,
        skipped: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_or_nothing() {
        let counted = Outcome {
            passed: 52,
            failed: 3,
            left_out: 2,
            skipped: None,
        };
        assert_eq!(parse("52 3 2\n"), Some(counted));
        for other in ["", "52 3", "52 x 2"] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }
}
