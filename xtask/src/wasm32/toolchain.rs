//! Which compiler makes the wasm: the user's own with rustup's wasm32 library, or Debian's with one built from its
//! source.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::sysroot;
use crate::apt::{self, Apt};
use crate::command::{command, exists, output, run};

/// The packages that hold Debian's compiler, the source of its standard library, and the linker.
pub const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// What the choice depends on.
#[derive(Clone, Copy, Debug)]
struct Machine {
    /// The active toolchain holds the wasm32 standard library.
    std_present: bool,
    /// rustup is here, and `RUSTUP_AUTO_INSTALL` does not forbid it to download.
    rustup_may_install: bool,
    /// Debian's compiler, library source and linker are installed.
    debian_present: bool,
    apt: Apt,
    forced: Option<Forced>,
}

/// The value of `WASM_TOOLCHAIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forced {
    Debian,
    Rustup,
}

/// A way to a compiler that can make wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The active toolchain as it is.
    Active,
    /// `rustup target add`, then the active toolchain.
    AddTarget,
    /// Debian's compiler as it is.
    Debian,
    /// Debian's compiler, to be installed first.
    InstallDebian,
    /// Nothing works: the user has to install something.
    Nothing,
}

fn choose(machine: Machine) -> Way {
    let rustup = match machine {
        Machine { std_present: true, .. } => Way::Active,
        Machine {
            rustup_may_install: true,
            ..
        } => Way::AddTarget,
        _ => Way::Nothing,
    };
    let debian = match machine {
        Machine {
            debian_present: true, ..
        } => Way::Debian,
        Machine { apt: Apt::Allowed, .. } => Way::InstallDebian,
        _ => Way::Nothing,
    };
    match machine.forced {
        Some(Forced::Debian) => debian,
        None if rustup == Way::Nothing => debian,
        Some(Forced::Rustup) | None => rustup,
    }
}

/// A compiler that can make wasm.
pub struct Toolchain {
    /// Its cargo.
    pub cargo: PathBuf,
    /// Its rustc, where it is not the one cargo finds itself.
    pub rustc: Option<PathBuf>,
    /// The flags that it needs besides those of `.cargo/config.toml`.
    pub rustflags: Vec<String>,
    /// The linker, where it is not the one rustc brings.
    pub linker: Option<&'static str>,
    /// A target folder of its own: artefacts of two compilers do not mix.
    pub target_dir: &'static str,
}

/// Finds or makes such a compiler.
pub fn prepare() -> Result<Toolchain> {
    let way = choose(look()?);
    println!("wasm toolchain: {}", describe(way));
    match way {
        Way::Active => active(),
        Way::AddTarget => {
            run(&mut command("rustup target add wasm32-unknown-unknown")).with_context(missing)?;
            if !std_present()? {
                bail!(
                    "rustup added the library to a toolchain that is not the rustc in PATH; {}",
                    missing()
                );
            }
            active()
        }
        Way::Debian => debian(),
        Way::InstallDebian => {
            apt::install(&DEBIAN_PACKAGES).with_context(missing)?;
            if !sysroot::is_installed() {
                bail!(
                    "Debian's packages are installed but do not hold what is needed; {}",
                    missing()
                );
            }
            debian()
        }
        Way::Nothing => bail!(missing()),
    }
}

/// What to install, by hand, when no way works.
fn missing() -> String {
    format!(
        "the standard library for wasm32-unknown-unknown is missing. Either: rustup target add wasm32-unknown-unknown\n\
         or, on Debian, as root: {}",
        apt::install_command(&DEBIAN_PACKAGES)
    )
}

fn describe(way: Way) -> &'static str {
    match way {
        Way::Active => "the active one, which has the wasm32 library",
        Way::AddTarget => "the active one, to which rustup adds the wasm32 library",
        Way::Debian => "Debian's, with a wasm32 library built from its source",
        Way::InstallDebian => "Debian's, installed first, with a wasm32 library built from its source",
        Way::Nothing => "none",
    }
}

fn look() -> Result<Machine> {
    Ok(Machine {
        std_present: std_present()?,
        rustup_may_install: exists("rustup") && std::env::var("RUSTUP_AUTO_INSTALL").as_deref() != Ok("0"),
        debian_present: sysroot::is_installed(),
        apt: apt::apt(),
        forced: match std::env::var("WASM_TOOLCHAIN").as_deref() {
            Ok("debian") => Some(Forced::Debian),
            Ok("rustup") => Some(Forced::Rustup),
            Ok(other) => bail!("WASM_TOOLCHAIN is {other:?}; it must be debian or rustup"),
            Err(_) => None,
        },
    })
}

/// rustc prints the folder whether the library is in it or not.
fn std_present() -> Result<bool> {
    let folder = output(&mut command(
        "rustc --print target-libdir --target wasm32-unknown-unknown",
    ))?;
    Ok(std::fs::read_dir(folder).is_ok_and(|files| {
        files.flatten().any(|file| {
            let name = file.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    }))
}

fn active() -> Result<Toolchain> {
    let sysroot = output(&mut command("rustc --print sysroot"))?;
    Ok(Toolchain {
        cargo: "cargo".into(),
        rustc: None,
        rustflags: remap(&format!("{sysroot}/lib/rustlib/src/rust"))?,
        linker: None,
        target_dir: "target",
    })
}

fn debian() -> Result<Toolchain> {
    let sysroot = sysroot::find_or_build()?;
    let mut rustflags = remap(&sysroot::library_source()?.display().to_string())?;
    rustflags.push(format!("--sysroot={}", sysroot.display()));
    Ok(Toolchain {
        cargo: sysroot::CARGO.into(),
        rustc: Some(sysroot::RUSTC.into()),
        rustflags,
        linker: Some(sysroot::LINKER),
        target_dir: "target/debian",
    })
}

/// Keeps paths of the building machine out of what is shipped.
fn remap(library: &str) -> Result<Vec<String>> {
    Ok(vec![
        format!("--remap-path-prefix={}=crates", sysroot::crate_sources()?),
        format!("--remap-path-prefix={}=tandem-jwt", crate::root().display()),
        format!("--remap-path-prefix={library}=rust"),
    ])
}

impl Toolchain {
    /// A cargo command that compiles for wasm.
    pub fn cargo(&self, words: &str) -> Command {
        let mut cargo = Command::new(&self.cargo);
        cargo.args(words.split_whitespace());
        cargo.args(["--target", "wasm32-unknown-unknown", "--target-dir", self.target_dir]);
        // These variables would replace the flags of .cargo/config.toml; the variable for one target only adds to them.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        // rustup's cargo sets these for itself, not for another cargo.
        cargo
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTC")
            .env_remove("CARGO");
        cargo.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            self.rustflags.join(" "),
        );
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc);
        }
        if let Some(linker) = self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        cargo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice() {
        use Apt::{Absent, Allowed, NeedsRoot};
        use Way::{Active, AddTarget, Debian, InstallDebian, Nothing};

        let (debian, rustup) = (Some(Forced::Debian), Some(Forced::Rustup));
        // The library is here, rustup may install it, Debian's compiler is here, apt, forced: the way.
        let table = [
            (false, false, false, Absent, None, Nothing),
            (true, false, false, Absent, None, Active),
            (true, true, true, Allowed, None, Active),
            (false, true, false, Absent, None, AddTarget),
            (false, true, true, Allowed, None, AddTarget),
            (false, false, true, Absent, None, Debian),
            (false, false, true, NeedsRoot, None, Debian),
            (false, false, true, Allowed, None, Debian),
            (false, false, false, Allowed, None, InstallDebian),
            (false, false, false, NeedsRoot, None, Nothing),
            (true, true, true, Allowed, debian, Debian),
            (true, true, false, Allowed, debian, InstallDebian),
            (true, true, false, NeedsRoot, debian, Nothing),
            (true, true, false, Absent, debian, Nothing),
            (true, false, true, Allowed, rustup, Active),
            (false, true, true, Allowed, rustup, AddTarget),
            (false, false, true, Allowed, rustup, Nothing),
        ];
        for (std_present, rustup_may_install, debian_present, apt, forced, way) in table {
            let machine = Machine {
                std_present,
                rustup_may_install,
                debian_present,
                apt,
                forced,
            };
            assert_eq!(choose(machine), way, "{machine:?}");
        }
    }
}
