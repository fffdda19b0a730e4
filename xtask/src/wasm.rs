//! From the crate to two optimised wasm files, and the glue of each.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{command, run};
use crate::wasm32::{self, Toolchain};

/// One of the wasm modules. Its name is also that of the Cargo feature that builds it.
pub struct Module {
    pub name: &'static str,
}

/// All modules.
pub const MODULES: [Module; 2] = [Module { name: "core" }, Module { name: "keys" }];

impl Module {
    /// Where its glue and its wasm go: TypeScript imports them from here.
    pub fn folder(&self) -> PathBuf {
        Path::new("pkg/src/core/generated").join(self.name)
    }

    /// The wasm itself.
    pub fn wasm(&self) -> PathBuf {
        self.folder().join(self.name).with_extension("wasm")
    }
}

/// What wasm-opt may assume: the features the compiler was given, and those it switches on by itself.
const WASM_OPT: &str = "npx --no-install wasm-opt -O3 --converge --strip-producers \
    --strip-target-features --enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-sign-ext \
    --enable-nontrapping-float-to-int --enable-mutable-globals --enable-multivalue --enable-reference-types";

/// The sources that decide what is made of the compiler's bytes: this very file, and the manifest with the version of
/// wasm-bindgen. The version of binaryen is in package-lock.json.
const TOOLS: &str = concat!(include_str!("wasm.rs"), include_str!("../Cargo.toml"));

/// Makes the glue, the types and the wasm of each module.
pub fn build() -> Result<()> {
    let toolchain = wasm32::prepare()?;
    for module in &MODULES {
        build_one(module, &toolchain)?;
    }
    Ok(())
}

fn build_one(module: &Module, toolchain: &Toolchain) -> Result<()> {
    let compiled = fs::read(compile(module, toolchain)?)?;

    // Optimising takes longest of all steps: skipped when the same bytes would go through the same tools again.
    let kept = format!("target/wasm-input-{}", module.name);
    let input = [TOOLS.as_bytes(), &fs::read("package-lock.json")?, &compiled].concat();
    if module.wasm().exists() && fs::read(&kept).is_ok_and(|last| last == input) {
        return Ok(());
    }
    ignore_missing(fs::remove_file(&kept))?;
    glue(&compiled, module)?;
    let wasm = module.wasm();
    run(command(WASM_OPT)
        .arg("--strip-debug")
        .args([wasm.as_path(), Path::new("-o"), &wasm]))?;
    fs::write(kept, input)?;
    Ok(())
}

/// Writes the wasm of a module as it is shipped, but with the names of its functions.
pub fn optimise_with_names(module: &Module, file: &Path) -> Result<()> {
    let compiled = compile(module, &wasm32::prepare()?)?;
    run(command(WASM_OPT)
        .arg("--debuginfo")
        .args([Path::new(&compiled), Path::new("-o"), file]))
}

fn compile(module: &Module, toolchain: &Toolchain) -> Result<String> {
    let Module { name } = module;
    run(&mut toolchain.cargo(&format!(
        "rustc --lib --crate-type cdylib --release --locked --no-default-features --features {name}"
    )))?;
    Ok(format!(
        "{}/wasm32-unknown-unknown/release/tandem_jwt.wasm",
        toolchain.target_dir
    ))
}

fn glue(compiled: &[u8], module: &Module) -> Result<()> {
    let folder = module.folder();
    ignore_missing(fs::remove_dir_all(&folder))?;
    println!("generating the glue in {}", folder.display());
    Bindgen::new()
        .input_bytes(module.name, compiled.to_vec())
        .web(true)
        .map_err(|error| anyhow!(error))?
        // The wasm is handed over by whoever loads it; a default path would need import.meta, which CJS lacks.
        .omit_default_module_path(true)
        // A trapped instance is replaced by a new one.
        .reset_state_function(true)
        .typescript(true)
        .remove_name_section(true)
        .generate(&folder)
        .map_err(|error| anyhow!(error))?;
    fs::rename(folder.join(format!("{}_bg.wasm", module.name)), module.wasm())?;
    let script = folder.join(module.name).with_extension("js");
    let text = fs::read_to_string(&script)?;
    // The glue would compile anything that is not a module of its own realm. It gets a module here, of whichever realm.
    let trusting = text.replace(
        "if (!(module instanceof WebAssembly.Module))",
        "if (module === undefined)",
    );
    ensure!(trusting != text, "the glue no longer checks its module as it did");
    // The glue makes a TextDecoder when it is imported, which test environments such as jsdom lack.
    fs::write(
        script,
        format!("import {{ TextDecoder, TextEncoder }} from \"../../text.js\";\n{trusting}"),
    )?;
    Ok(())
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
