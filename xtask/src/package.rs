//! pkg/dist: what is published.

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::command::{command, run};
use crate::{npm, wasm};

/// Makes pkg/dist from source.
pub fn build() -> Result<()> {
    npm::install()?;
    wasm::build()?;
    inline()?;

    let dist = Path::new("pkg/dist");
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    run(&mut command("npx --no-install tsc -p pkg/tsconfig.json"))?;
    run(&mut command("npx --no-install tsc -p pkg/tsconfig.cjs.json"))?;
    // The package says "module"; this folder is the exception.
    fs::write(dist.join("cjs/package.json"), "{ \"type\": \"commonjs\" }\n")?;
    fs::copy(Path::new(wasm::GENERATED).join("tandem.wasm"), dist.join("tandem.wasm"))?;
    // npm publishes what lies beside package.json.
    for file in ["README.md", "LICENSE"] {
        fs::copy(file, Path::new("pkg").join(file))?;
    }
    println!("pkg/dist is ready");
    Ok(())
}

/// The wasm as text, for hosts that can neither import nor fetch it synchronously.
fn inline() -> Result<()> {
    let generated = Path::new(wasm::GENERATED);
    let bytes = fs::read(generated.join("tandem.wasm"))?;
    let text = STANDARD.encode(bytes);
    fs::write(
        generated.join("bytes.js"),
        format!("/** The wasm in base64. */\nexport const bytes = \"{text}\";\n"),
    )?;
    fs::write(
        generated.join("bytes.d.ts"),
        "/** The wasm in base64. */\nexport declare const bytes: string;\n",
    )?;
    Ok(())
}
