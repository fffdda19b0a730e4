//! pkg/dist: what is published.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::command::{command, run};
use crate::wasm::Module;
use crate::{npm, papers, wasm};

/// Makes pkg/dist from source.
pub fn build() -> Result<()> {
    npm::install()?;
    wasm::build()?;
    for module in &wasm::MODULES {
        inline(module)?;
    }

    let dist = Path::new("pkg/dist");
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    run(&mut command("npx --no-install tsc -p pkg/tsconfig.json"))?;
    run(&mut command("npx --no-install tsc -p pkg/tsconfig.cjs.json"))?;
    // The package says "module"; this folder is the exception. Parcel takes this build for browsers too, and without the
    // second entry it would add a polyfill of `Buffer`, which the code only uses where the host has it.
    fs::write(
        dist.join("cjs/package.json"),
        "{ \"type\": \"commonjs\", \"browser\": { \"buffer\": false } }\n",
    )?;
    for module in &wasm::MODULES {
        fs::copy(module.wasm(), dist.join(module.name).with_extension("wasm"))?;
    }
    plain_exports(&dist.join("cjs/entries/require.cjs"))?;
    by_path(dist)?;
    without_private_names(dist)?;
    // The types of the ES module without its default export: npm jsonwebtoken's types have none either.
    fs::write(
        dist.join("cjs/entries/require.d.cts"),
        "export * from \"../jwt/index.js\";\n",
    )?;
    run(command("node ../xtask/src/without-comments.mjs").current_dir("pkg"))?;
    run(command("node ../xtask/src/few-files.mjs").current_dir("pkg"))?;
    run(command("node ../xtask/src/node-entries.mjs").current_dir("pkg"))?;
    run(command("node ../xtask/src/folders.mjs").current_dir("pkg"))?;
    papers::stage(Path::new("."), Path::new("pkg"))?;
    println!("pkg/dist is ready");
    Ok(())
}

/// Takes the mark of a compiled ES module off the `CommonJS` entry. An object derived from the entry's, such as
/// `Object.create(jwt)` in a test double, would inherit the mark and pass for a module whose default is the original.
fn plain_exports(entry: &Path) -> Result<()> {
    const MARK: &str = "Object.defineProperty(exports, \"__esModule\", { value: true });\n";
    let text = fs::read_to_string(entry)?;
    let plain = text.replacen(MARK, "", 1);
    ensure!(plain != text, "{} does not hold {MARK}", entry.display());
    fs::write(entry, plain)?;
    Ok(())
}

/// Puts paths in the place of the names that package.json resolves by condition: in `CommonJS` each has one target, and
/// some tools read no imports map.
fn by_path(dist: &Path) -> Result<()> {
    const BASE: &str = "#durable-object";
    for (file, name, path) in [
        ("cjs/core/core.js", "#wasm", "./core-required.cjs"),
        ("cjs/core/keys.js", "#keys", "./keys-required.cjs"),
        ("cjs/stores/durable-object-class.js", BASE, "./durable-object-base.js"),
    ] {
        let file = dist.join(file);
        let text = fs::read_to_string(&file)?;
        let replaced = text.replace(&format!("\"{name}\""), &format!("\"{path}\""));
        ensure!(replaced != text, "{} does not name {name}", file.display());
        fs::write(file, replaced)?;
    }
    Ok(())
}

/// Takes `#private` out of the declarations, where tsc marks a class with private members by it: a compiler that targets
/// ES5 refuses such a name, even in the declarations of a library.
fn without_private_names(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            without_private_names(&path)?;
        } else if path.to_string_lossy().ends_with(".d.ts") {
            let text = fs::read_to_string(&path)?;
            let public = text.replace("    #private;\n", "");
            ensure!(
                !public.contains("#private"),
                "{} holds #private where it is not removed",
                path.display()
            );
            if public != text {
                fs::write(path, public)?;
            }
        }
    }
    Ok(())
}

/// A wasm as text, for hosts that can neither import nor fetch it synchronously.
fn inline(module: &Module) -> Result<()> {
    let text = STANDARD.encode(fs::read(module.wasm())?);
    fs::write(
        module.folder().join("bytes.js"),
        // With its type, or the compiler would infer the literal type, a megabyte of text.
        format!("/** @type {{string}} The wasm in base64. */\nexport const bytes = \"{text}\";\n"),
    )?;
    fs::write(
        module.folder().join("bytes.d.ts"),
        "/** The wasm in base64. */\nexport declare const bytes: string;\n",
    )?;
    Ok(())
}
