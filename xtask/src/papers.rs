//! The documents of the package: the README, the docs and the licence.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

/// Pages beside package.json, where npm looks for them.
const PAPERS: [&str; 4] = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];

/// Copies the papers of the checkout `from` beside the package.json in `to`. A link to what stays behind, such as a
/// test, becomes plain text: there is nothing at its other end.
pub fn stage(from: &Path, to: &Path) -> Result<()> {
    let mut packed: BTreeSet<PathBuf> = PAPERS.iter().map(PathBuf::from).collect();
    pages(from, Path::new("docs"), &mut packed)?;
    let docs = to.join("docs");
    if docs.exists() {
        fs::remove_dir_all(&docs)?;
    }
    fs::create_dir_all(&docs)?;
    for page in &packed {
        let source = from.join(page);
        if let Some(folder) = to.join(page).parent() {
            fs::create_dir_all(folder)?;
        }
        if page.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
            fs::write(to.join(page), with_live_links(&text, page, &packed))?;
        } else {
            fs::copy(&source, to.join(page)).with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// The files of a folder and of the folders in it, by their paths from the root.
fn pages(root: &Path, folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let here = root.join(folder);
    for entry in fs::read_dir(&here).with_context(|| format!("no folder {}", here.display()))? {
        let entry = entry?;
        let page = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            pages(root, &page, found)?;
        } else {
            found.insert(page);
        }
    }
    Ok(())
}

/// The text of a page, in which links to files that are not packed are reduced to their words. Code stays as it is.
fn with_live_links(text: &str, page: &Path, packed: &BTreeSet<PathBuf>) -> String {
    let mut in_code = false;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let fence = line.starts_with("```");
        lines.push(if in_code || fence {
            line.to_owned()
        } else {
            line_with_live_links(line, page, packed)
        });
        in_code ^= fence;
    }
    lines.join("\n")
}

fn line_with_live_links(line: &str, page: &Path, packed: &BTreeSet<PathBuf>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        let words = before.rfind('[');
        let (Some(open), Some((target, tail))) = (words, after.split_once(')')) else {
            out.push_str(before);
            out.push_str("](");
            rest = after;
            continue;
        };
        if leads_somewhere(target, page, packed) {
            out.push_str(before);
            out.push_str("](");
            out.push_str(target);
            out.push(')');
        } else {
            let (lead, words) = before.split_at(open);
            out.push_str(lead);
            out.push_str(words.trim_start_matches('['));
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn leads_somewhere(target: &str, page: &Path, packed: &BTreeSet<PathBuf>) -> bool {
    if target.starts_with('#') || target.starts_with("https:") || target.starts_with("http:") {
        return true;
    }
    let path = target.split('#').next().unwrap_or(target);
    let mut resolved = page.parent().map(Path::to_path_buf).unwrap_or_default();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::CurDir => {}
            other => resolved.push(other),
        }
    }
    packed.contains(&resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(text: &str, page: &str) -> String {
        let packed = ["README.md", "docs/jwks.md"].map(PathBuf::from).into();
        with_live_links(text, Path::new(page), &packed)
    }

    #[test]
    fn links_to_packed_pages_and_addresses_stay() {
        let text = "[a](docs/jwks.md), [b](docs/jwks.md#c) [d](#e) and [f](https://jwt.io/).";
        assert_eq!(live(text, "README.md"), text);
        let text = "[a](../README.md#b) [c](jwks.md)";
        assert_eq!(live(text, "docs/jwks.md"), text);
    }

    #[test]
    fn links_to_what_stays_behind_become_words() {
        assert_eq!(
            live("see [a](tests/a.mjs), [b](docs/jwks.md) and [`c`](../src)", "README.md"),
            "see a, [b](docs/jwks.md) and `c`"
        );
        assert_eq!(live("[a](README.md)", "docs/jwks.md"), "a");
    }

    #[test]
    fn code_is_left_alone() {
        let text = "```js\ntrust([x])(token); y[\"a\"](b)\n```\nan [a](gone.md)";
        assert_eq!(live(text, "README.md"), text.replace("[a](gone.md)", "a"));
        assert_eq!(live("f](g and h](", "README.md"), "f](g and h](");
    }
}
