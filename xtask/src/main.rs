//! `cargo xtask build | test | fmt | demo | site | bench | weigh`: the commands of this repository.

mod apt;
mod bench;
mod cache;
mod command;
mod demo;
mod needs;
mod npm;
mod package;
mod papers;
mod runner;
mod site;
mod test;
mod wasm;
mod wasm32;
mod weigh;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
cargo xtask build           build pkg/dist from source: wasm, glue, ESM, CJS and types
cargo xtask test [STEP…]    run everything, or the steps named (--list names them)
                            --deep makes 100,000 random cases of each family of signatures
cargo xtask fmt             format Rust, TypeScript, JavaScript, CSS and HTML, and apply the safe fixes of the lints
cargo xtask demo [FLAGS]    build, then serve the demo on http://localhost:8787 (--help lists its flags)
cargo xtask site [FLAGS]    build, then write the page for any static host, with a recording of a real run (--help lists its flags)
cargo xtask bench [NAME…]   build, then measure against peers, side by side, and write docs/benchmarks.md
                            --quick tries every kind of row within a minute, and writes no document
cargo xtask weigh           print what each crate weighs in the wasm

WASM_TOOLCHAIN=debian|rustup forces the way the wasm32 standard library is found.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    std::env::set_current_dir(root())?;
    let (verb, rest) = arguments.split_first().context(HELP)?;
    match verb.as_str() {
        "build" if rest.is_empty() => package::build(),
        "test" => test::test(rest),
        "fmt" if rest.is_empty() => fmt(),
        "demo" => demo::demo(rest),
        "site" => site::site(rest),
        "bench" => bench::bench(rest),
        "weigh" if rest.is_empty() => weigh::weigh(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!("{HELP}"),
    }
}

fn fmt() -> Result<()> {
    npm::install()?;
    command::run(&mut command::command("cargo fmt --all"))?;
    command::run(&mut command::command("npx --no-install biome check --write ."))
}

/// The top of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}
