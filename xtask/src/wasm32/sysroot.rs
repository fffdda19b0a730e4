//! Debian ships the source of the standard library, but not the library for wasm32. It is built once and kept.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::cache;
use crate::command::{output, run};

/// Debian's cargo.
pub const CARGO: &str = "/usr/bin/cargo";
/// Debian's rustc.
pub const RUSTC: &str = "/usr/bin/rustc";
/// The linker of Debian's package lld-19.
pub const LINKER: &str = "wasm-ld-19";

/// How the library is built. These words and the flags beside them are part of the folder's name.
const BUILD: [&str; 5] = [
    "build",
    "--release",
    "-Zbuild-std=std,panic_abort",
    "--target",
    "wasm32-unknown-unknown",
];

/// Whether compiler, library source and linker are all here.
pub fn is_installed() -> bool {
    [CARGO, RUSTC, "/usr/bin/wasm-ld-19"]
        .iter()
        .all(|file| Path::new(file).exists())
        && library_source().is_ok()
}

/// The folder that holds the source of the standard library.
pub fn library_source() -> Result<PathBuf> {
    let version = output(Command::new(RUSTC).arg("-vV"))?;
    let release = version
        .lines()
        .find_map(|line| line.strip_prefix("release: "))
        .context("rustc -vV prints no release")?;
    let source = PathBuf::from(format!("/usr/src/rustc-{release}"));
    if !source.join("library/std").exists() {
        bail!("no source of the standard library in {}", source.display());
    }
    Ok(source)
}

/// The folder to give rustc as `--sysroot`, made if it is not there.
///
/// It is kept outside the checkout, under a name made of the compiler's full version and the recipe: another compiler
/// could not read it, and a folder of this name holds what a new machine would build.
pub fn find_or_build() -> Result<PathBuf> {
    let version = output(Command::new(RUSTC).arg("-vV"))?;
    let flags = flags()?;
    let sysroot = cache::folder()?.join(key(&version, &format!("{} {flags}", BUILD.join(" ")))?);
    if sysroot.exists() {
        return Ok(sysroot);
    }
    let _alone = cache::lock()?;
    // The build that had the lock may have built just this.
    if sysroot.exists() {
        return Ok(sysroot);
    }
    println!("building the wasm32 standard library, once for this compiler (about a minute)");
    // Built beside its final path and then moved, so that an interrupted build is never taken for a finished one.
    let unfinished = cache::folder()?.join("unfinished");
    let _ = fs::remove_dir_all(&unfinished);
    build(&unfinished, &flags)?;
    fs::rename(&unfinished, &sysroot)?;
    Ok(sysroot)
}

fn build(sysroot: &Path, flags: &str) -> Result<()> {
    let package = sysroot.join("build");
    fs::create_dir_all(package.join("src"))?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"sys\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n")?;
    run(Command::new(CARGO)
        .args(BUILD)
        .current_dir(&package)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", RUSTC)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTUP_TOOLCHAIN"))?;

    let library = sysroot.join("lib/rustlib/wasm32-unknown-unknown/lib");
    fs::create_dir_all(&library)?;
    for file in fs::read_dir(package.join("target/wasm32-unknown-unknown/release/deps"))? {
        let file = file?.path();
        let name = file
            .file_name()
            .context("a file without a name")?
            .to_string_lossy()
            .into_owned();
        if file.extension().is_some_and(|extension| extension == "rlib") && !name.starts_with("libsys-") {
            fs::copy(&file, library.join(name))?;
        }
    }
    fs::remove_dir_all(&package)?;
    Ok(())
}

/// Without the bitcode, link-time optimisation across the library fails.
fn flags() -> Result<String> {
    Ok(format!(
        "-Cembed-bitcode=yes --remap-path-prefix={}=crates --remap-path-prefix=/usr/lib/rustlib/src/rust=rust",
        crate_sources()?
    ))
}

/// Where cargo unpacks crates. It is a path of this machine, so it must not be shipped.
pub fn crate_sources() -> Result<String> {
    let home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|home| format!("{home}/.cargo")))?;
    Ok(format!("{home}/registry/src"))
}

/// A folder's name out of release, commit, host and LLVM, so that a person can read it, and a digest of the recipe.
fn key(version: &str, recipe: &str) -> Result<String> {
    let field = |name: &str| {
        let value = version
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.with_context(|| format!("rustc -vV prints no {name}"))
    };
    let words = [
        field("release")?,
        field("commit-hash")?,
        field("host")?,
        field("LLVM version")?,
    ];
    let name = words.join("-");
    Ok(format!(
        "wasm32-std-{}-{:016x}",
        name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-', "_"),
        fnv1a(recipe)
    ))
}

/// A hash that stays the same whichever compiler made this program.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "rustc 1.96.0\nbinary: rustc\ncommit-hash: unknown\nhost: x86_64-unknown-linux-gnu\n\
                           release: 1.96.0\nLLVM version: 19.1.7";

    #[test]
    fn the_name_can_be_read() {
        let name = key(VERSION, "build").unwrap();
        assert!(
            name.starts_with("wasm32-std-1.96.0-unknown-x86_64-unknown-linux-gnu-19.1.7-"),
            "{name}"
        );
        assert!(key("rustc 1.96.0", "build").is_err());
    }

    #[test]
    fn another_compiler_or_another_recipe_is_another_name() {
        let name = key(VERSION, "build").unwrap();
        for other in ["1.97.0", "1.96.0-nightly"] {
            assert_ne!(name, key(&VERSION.replace("1.96.0", other), "build").unwrap());
        }
        assert_ne!(name, key(&VERSION.replace("19.1.7", "20.1.0"), "build").unwrap());
        assert_ne!(name, key(VERSION, "build -Cembed-bitcode=no").unwrap());
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }
}
