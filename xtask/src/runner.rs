//! Other programs' test runners: run, shown, and counted.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::command::shown;

/// What a step came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Tests, or checks.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Tests that the runner left out: they are for another store, say, or run by hand.
    pub left_out: usize,
    /// Why all of it was not run: something is missing here.
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

/// Runs a test runner, shows what it prints, and counts. No test at all is a failure: it would be a green that says nothing.
pub fn counted(mut runner: Command) -> Result<Outcome> {
    let name = shown(&runner);
    println!("$ {name}");
    let mut child = runner
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let mut total = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            total.add(&line);
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if !status.success() && total.failed == 0 {
        bail!("failed ({status}): {name}");
    }
    if total.passed + total.failed == 0 {
        bail!("no test ran: {name}");
    }
    Ok(Outcome {
        passed: total.passed,
        failed: total.failed,
        left_out: total.left_out,
        skipped: None,
    })
}

/// The sums of the closing lines of cargo's and Node's test runners.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    left_out: usize,
}

impl Counts {
    /// cargo closes each group of tests with one line, Node closes all of them with one line for each number.
    fn add(&mut self, line: &str) {
        let cargo = line
            .strip_prefix("test result: ok. ")
            .or_else(|| line.strip_prefix("test result: FAILED. "));
        let Some(counts) = cargo.or_else(|| line.strip_prefix("ℹ ")) else {
            return;
        };
        for count in counts.split("; ") {
            let number = |word: &str| word.parse::<usize>().ok();
            match count.split_whitespace().collect::<Vec<_>>()[..] {
                [count, "passed"] | ["pass", count] => self.passed += number(count).unwrap_or(0),
                [count, "failed"] | ["fail" | "cancelled", count] => self.failed += number(count).unwrap_or(0),
                [count, "ignored"] | ["skipped" | "todo", count] => self.left_out += number(count).unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(lines: &[&str]) -> (usize, usize, usize) {
        let mut counts = Counts::default();
        for line in lines {
            counts.add(line);
        }
        (counts.passed, counts.failed, counts.left_out)
    }

    #[test]
    fn closing_lines_of_cargo() {
        let lines = [
            "running 24 tests",
            "test result: ok. 21 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ];
        assert_eq!(counts(&lines), (25, 1, 3));
    }

    #[test]
    fn closing_lines_of_node() {
        let lines = [
            "✔ a test (1.2ms)",
            "ℹ tests 57",
            "ℹ suites 2",
            "ℹ pass 52",
            "ℹ fail 2",
            "ℹ cancelled 1",
            "ℹ skipped 1",
            "ℹ todo 1",
            "ℹ duration_ms 812.5",
        ];
        assert_eq!(counts(&lines), (52, 3, 2));
    }

    #[test]
    fn what_a_test_says_is_no_closing_line() {
        assert_eq!(
            counts(&["ℹ pass the salt", "ℹ anything", "test result: unknown", ""]),
            (0, 0, 0)
        );
    }
}
