//! Every parser on real inputs and on thousands that were bent at random: none panics, and none breaks a promise.
//!
//! `PARSERS_SEED` and `PARSERS_CASES` choose other mutations, and more of them; a failure says what it was fed. What is
//! asserted stands in `fuzz/targets.rs`, which libFuzzer runs too.
#![cfg(feature = "keys")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing test may panic"
)]

#[path = "../fuzz/targets.rs"]
pub mod targets;

#[path = "../fuzz/seeds.rs"]
pub mod seeds;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tandem_jwt::keys::{Key, Purpose};
use targets::{PASSPHRASE, Target};

type Corpus = BTreeMap<String, Vec<u8>>;

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

fn corpus(name: &str) -> Corpus {
    fs::read_dir(directory(name))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            (file, fs::read(path).unwrap())
        })
        .collect()
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Where mutations come from: `SplitMix64`, the same everywhere for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// A stretch of something, short more often than long.
    fn stretch(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let longest = 1 << self.below(8);
        let end = (start + self.below(longest) + 1).min(len);
        start..end
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let with = [0, 1, 0x2e, 0x30, 0x7f, 0x80, 0x81, 0xff][self.below(8)];
            match self.below(9) {
                0..=2 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                // Tags, lengths, flags and digits.
                3 if !bytes.is_empty() => bytes[at] = with,
                4 if !bytes.is_empty() => bytes[at] = bytes[at].wrapping_add(if self.below(2) == 0 { 1 } else { 255 }),
                5 => bytes.truncate(at),
                6 => drop(bytes.drain(self.stretch(bytes.len()))),
                7 => {
                    let again = bytes[self.stretch(bytes.len())].to_vec();
                    bytes.splice(at..at, again);
                }
                _ => {
                    let into = self.stretch(bytes.len());
                    let from = self.stretch(other.len());
                    bytes.splice(into, other[from].iter().copied());
                }
            }
        }
    }
}

fn run(target: Target, bytes: &[u8], what: impl Fn() -> String) -> bool {
    catch_unwind(|| target(bytes)).unwrap_or_else(|_| {
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        panic!("{}: {hex}", what())
    })
}

#[test]
fn every_target_is_one_of_libfuzzers() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    for (name, _) in targets::ALL {
        let source = fs::read_to_string(directory(&format!("../fuzz_targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("tandem_jwt_fuzz::{name}(bytes)")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
    }
}

/// Runs a target on its corpus, which is good, and on this many mutations. Those that are good are given to `good`.
fn survive(name: &str, cases: u64, good: impl Fn(&[u8], &str)) {
    let (_, target) = targets::ALL.into_iter().find(|(other, _)| *other == name).unwrap();
    let corpus = corpus(name);
    for (file, bytes) in &corpus {
        // What a parser must refuse is called so; all else is there because it is read.
        let expected = !file.starts_with("refused");
        assert_eq!(
            run(target, bytes, || format!("{name}/{file}")),
            expected,
            "{name}/{file}"
        );
    }
    let seed = variable("PARSERS_SEED").unwrap_or(1);
    let files: Vec<&Vec<u8>> = corpus.values().collect();
    for case in 0..variable("PARSERS_CASES").unwrap_or(cases) {
        let mut dice = Dice(seed.wrapping_add(case.wrapping_mul(0x2545_f491_4f6c_dd1d)));
        let mut bytes = files[dice.below(files.len())].clone();
        let other = files[dice.below(files.len())];
        dice.mutate(&mut bytes, other);
        let what = || format!("{name}, PARSERS_SEED={seed}, case {case}");
        if run(target, &bytes, what) && !files.contains(&&bytes) {
            good(&bytes, &what());
        }
    }
}

fn anything(_: &[u8], _: &str) {}

fn nothing(bytes: &[u8], what: &str) {
    panic!("{what} verifies: {}", String::from_utf8_lossy(bytes));
}

#[test]
fn base64url_survives() {
    survive("base64url", 20_000, anything);
}

#[test]
fn the_json_reader_survives() {
    survive("json", 20_000, anything);
}

#[test]
fn keys_survive() {
    survive("keys", 8_000, anything);
}

#[test]
fn encrypted_keys_survive() {
    survive("encrypted_keys", 20_000, anything);
}

#[test]
fn no_bent_token_verifies() {
    survive("token", 20_000, nothing);
}

#[test]
fn no_bent_token_of_a_session_verifies() {
    survive("session_tokens", 20_000, nothing);
}

#[test]
fn no_bent_proof_is_good() {
    survive("dpop", 8_000, nothing);
}

#[test]
fn records_survive() {
    survive("record", 20_000, anything);
}

#[test]
fn commands_survive() {
    survive("command", 20_000, anything);
}

#[test]
fn outcomes_survive() {
    survive("outcome", 20_000, anything);
}

#[test]
fn settings_survive() {
    survive("settings", 20_000, anything);
}

#[test]
fn no_bent_signature_of_rsa_verifies() {
    survive("rsa_signatures", 4_000, nothing);
}

#[test]
fn no_bent_signature_on_a_curve_verifies() {
    survive("curve_signatures", 4_000, nothing);
}

#[test]
#[ignore = "writes the corpus anew"]
fn write_the_corpus() {
    seeds::write();
}

#[test]
fn the_encrypted_keys_of_the_corpus_open() {
    for (file, bytes) in corpus("encrypted_keys") {
        let open = |passphrase: Option<&'static [u8]>| Key::read(&bytes, passphrase.map(Into::into), Purpose::Sign);
        assert!(matches!(open(Some(PASSPHRASE)), Ok(Key::Private(_))), "{file}");
        assert!(open(None).is_err(), "{file}");
    }
}
