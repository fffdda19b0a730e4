//! From the crate to an optimised wasm file and its glue.

use std::path::Path;
use std::{fs, io};

use anyhow::{Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{command, run};
use crate::wasm32::{self, Toolchain};

/// Where glue and wasm go: TypeScript imports them from here.
pub const GENERATED: &str = "pkg/src/core/generated";

/// What wasm-opt may assume: the features the compiler was given, and those it switches on by itself.
const WASM_OPT: &str = "npx --no-install wasm-opt -O3 --converge --strip-debug --strip-producers \
    --strip-target-features --enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-sign-ext \
    --enable-nontrapping-float-to-int --enable-mutable-globals --enable-multivalue --enable-reference-types";

/// What decides what becomes of the compiler's bytes, beside the binaryen that package-lock.json names: this very file,
/// and the version of wasm-bindgen.
const TOOLS: &str = concat!(include_str!("wasm.rs"), include_str!("../Cargo.toml"));

/// Makes `tandem.js`, `tandem.d.ts` and `tandem.wasm`.
pub fn build() -> Result<()> {
    let toolchain = wasm32::prepare()?;
    let compiled = fs::read(compile(&toolchain)?)?;

    // Optimising takes longest of all steps: skipped when the same bytes would go through the same tools again.
    let kept = Path::new("target/wasm-input");
    let input = [TOOLS.as_bytes(), &fs::read("package-lock.json")?, &compiled].concat();
    let done = Path::new(GENERATED).join("tandem.wasm").exists();
    if done && fs::read(kept).is_ok_and(|last| last == input) {
        return Ok(());
    }
    ignore_missing(fs::remove_file(kept))?;
    glue(&compiled, GENERATED)?;
    optimise(GENERATED)?;
    fs::write(kept, input)?;
    Ok(())
}

fn compile(toolchain: &Toolchain) -> Result<String> {
    run(&mut toolchain.cargo("rustc --lib --crate-type cdylib --release --locked"))?;
    Ok(format!(
        "{}/wasm32-unknown-unknown/release/tandem_jwt.wasm",
        toolchain.target_dir
    ))
}

fn glue(compiled: &[u8], folder: &str) -> Result<()> {
    ignore_missing(fs::remove_dir_all(folder))?;
    println!("making the glue in {folder}");
    Bindgen::new()
        .input_bytes("tandem", compiled.to_vec())
        .web(true)
        .map_err(|error| anyhow!(error))?
        // The wasm is handed over by whoever loads it; a default path would need import.meta, which CJS lacks.
        .omit_default_module_path(true)
        // A trapped instance is replaced by a new one.
        .reset_state_function(true)
        .typescript(true)
        .remove_name_section(true)
        .generate(folder)
        .map_err(|error| anyhow!(error))?;
    let folder = Path::new(folder);
    fs::rename(folder.join("tandem_bg.wasm"), folder.join("tandem.wasm"))?;
    // The glue makes a TextDecoder when it is imported, which test environments such as jsdom lack.
    let glue = folder.join("tandem.js");
    let text = fs::read_to_string(&glue)?;
    // It also compiles again what is no module of its own realm. Ours is a module, of whichever realm.
    let trusting = text.replace(
        "if (!(module instanceof WebAssembly.Module))",
        "if (module === undefined)",
    );
    ensure!(trusting != text, "the glue tells modules by another test");
    fs::write(
        glue,
        format!("import {{ TextDecoder, TextEncoder }} from \"../text.js\";\n{trusting}"),
    )?;
    Ok(())
}

fn optimise(folder: &str) -> Result<()> {
    let wasm = format!("{folder}/tandem.wasm");
    run(command(WASM_OPT).args([&wasm, "-o", &wasm]))
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
