//! What each crate weighs in the wasm, by reading the binary: where a diet has to begin.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;
use std::{fs, iter};

use anyhow::Result;
use rustc_demangle::demangle;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::wasm::{self, MODULES, Module};

/// Their generic code is compiled into the crates that use it, so a function counts as theirs only if it names no other.
const STANDARD: [&str; 3] = ["core", "alloc", "std"];

/// How many functions are named.
const HEAVIEST: usize = 12;

/// Prints the bytes of code of each crate and of the heaviest functions. Data is not counted: nothing says whose it is.
pub fn weigh() -> Result<()> {
    for module in &MODULES {
        let Module { name } = module;
        let file = Path::new("target").join(format!("weighed-{name}.wasm"));
        wasm::optimise_with_names(module, &file)?;
        let mut functions = functions(&fs::read(file)?)?;
        let all: usize = functions.iter().map(|(_, bytes)| bytes).sum();
        println!("\n{name}.wasm: {all} bytes of code");
        for (crate_name, bytes) in by_crate(&functions) {
            println!("{bytes:9}  {crate_name}");
        }
        functions.sort_by_key(|&(_, bytes)| Reverse(bytes));
        println!("The heaviest functions:");
        for (function, bytes) in functions.iter().take(HEAVIEST) {
            println!("{bytes:9}  {function}");
        }
    }
    Ok(())
}

/// The name of each function, and the bytes of its code.
fn functions(wasm: &[u8]) -> Result<Vec<(String, usize)>> {
    let mut imported = 0;
    let mut sizes = Vec::new();
    let mut names = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => imported = imports.count(),
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(subsections) = section.as_known() else {
                    continue;
                };
                for subsection in subsections {
                    if let Name::Function(named) = subsection? {
                        for naming in named {
                            let naming = naming?;
                            names.insert(naming.index, format!("{:#}", demangle(naming.name)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    // Functions are numbered from the imported ones on.
    Ok((imported..)
        .zip(sizes)
        .map(|(index, size)| (names.remove(&index).unwrap_or_default(), size))
        .collect())
}

fn by_crate(functions: &[(String, usize)]) -> Vec<(&str, usize)> {
    let mut sums: HashMap<&str, usize> = HashMap::new();
    for (name, bytes) in functions {
        *sums.entry(crate_of(name)).or_default() += bytes;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|&(_, bytes)| Reverse(bytes));
    sums
}

/// The crate that a function is of: the first that its name mentions, but the standard ones only if there is no other.
fn crate_of(name: &str) -> &str {
    let mut standard = None;
    for crate_name in paths(name) {
        if !STANDARD.contains(&crate_name) {
            return crate_name;
        }
        standard = standard.or(Some(crate_name));
    }
    // The functions that are exported to the glue have names without a path.
    standard.unwrap_or("tandem_jwt")
}

/// The first part of each path in a name such as `<p256::Scalar as core::ops::Mul>::mul`.
fn paths(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    iter::from_fn(move || {
        loop {
            let start = rest.find(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')?;
            let tail = &rest[start..];
            let end = tail
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(tail.len());
            let (word, after) = tail.split_at(end);
            let is_path = after.starts_with("::");
            let is_start = !rest[..start].ends_with("::");
            rest = after;
            if is_path && is_start {
                return Some(word);
            }
        }
    })
}
