//! The files of the project as the rules look at them: manifests parsed, sources without comments and literals.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

/// What lies at the top level; anything else there, such as `target`, is no part of the project.
const FOLDERS: [&str; 7] = ["crates", "benches", "tests", "docs", "scripts", ".ci", ".cargo"];

/// All files by their path from the root, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Project {
    pub(crate) files: BTreeMap<String, String>,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package<'a> {
    /// Its folder from the root, such as `crates/adatom-vae`.
    pub(crate) folder: &'a str,
    pub(crate) manifest: Table,
    /// Path inside the folder, and text without comments and literals, of its Rust files.
    pub(crate) sources: Vec<(&'a str, String)>,
}

impl Project {
    /// Reads the files below `root`; those that are no text are read as far as they are.
    pub(crate) fn read(root: &Path) -> std::io::Result<Self> {
        let mut project = Self::default();
        for entry in std::fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() {
                project.add(&entry.path(), name)?;
            } else if FOLDERS.contains(&name.as_str()) {
                project.walk(&entry.path(), &name)?;
            }
        }
        Ok(project)
    }

    fn walk(&mut self, folder: &Path, name: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let inside = format!("{name}/{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => self.walk(&entry.path(), &inside)?,
                false => self.add(&entry.path(), inside)?,
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: String) -> std::io::Result<()> {
        let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
        self.files.insert(name, text);
        Ok(())
    }

    /// The same project with one file more, or another text in it.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn manifest(&self, path: &str) -> Table {
        let text = self.files.get(path).unwrap_or_else(|| panic!("there is no {path}"));
        text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every folder with a manifest, but the root.
    pub(crate) fn packages(&self) -> Vec<Package<'_>> {
        let folders = self.files.keys().filter_map(|path| path.strip_suffix("/Cargo.toml"));
        folders.map(|folder| self.package(folder)).collect()
    }

    fn package<'a>(&'a self, folder: &'a str) -> Package<'a> {
        let inside = |path: &'a str| path.strip_prefix(folder).and_then(|path| path.strip_prefix('/'));
        let files = self.files.iter().filter_map(|(path, text)| Some((inside(path)?, text)));
        let sources = files.filter(|(path, _)| path.ends_with(".rs")).map(|(path, text)| (path, code(text)));
        Package {
            folder,
            manifest: self.manifest(&format!("{folder}/Cargo.toml")),
            sources: sources.collect(),
        }
    }

    /// The packages that `package` names in any of its dependency tables, by their own names where they are renamed.
    pub(crate) fn dependencies(&self, package: &Package<'_>) -> Vec<String> {
        let root = self.manifest("Cargo.toml");
        let shared = root.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        let named = |table: Option<&Value>, name: &str| {
            let entry = table.and_then(|table| table.get(name));
            entry.and_then(|entry| entry.get("package")).and_then(Value::as_str).map(str::to_owned)
        };
        let mut found = Vec::new();
        for table in dependency_tables(&package.manifest) {
            for name in table.as_table().into_iter().flat_map(Table::keys) {
                let real = named(Some(table), name).or_else(|| named(shared, name));
                found.push(real.unwrap_or_else(|| name.clone()));
            }
        }
        found
    }
}

impl Package<'_> {
    pub(crate) fn name(&self) -> &str {
        self.entry("package", "name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn entry(&self, table: &str, key: &str) -> Option<&Value> {
        self.manifest.get(table).and_then(|table| table.get(key))
    }
}

/// Normal, dev and build dependencies, also those of one target alone.
fn dependency_tables(manifest: &Table) -> Vec<&Value> {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let of_targets = targets.flat_map(|(_, target)| KINDS.iter().filter_map(|kind| target.get(kind)));
    KINDS.iter().filter_map(|kind| manifest.get(*kind)).chain(of_targets).collect()
}

/// Rust source with blanks for comments, strings and characters.
pub(crate) fn code(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside_word = kept.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            string(rest)
        } else if let Some(length) = raw_string(rest).filter(|_| !inside_word) {
            length
        } else if first == '\'' {
            character(rest)
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        kept.push(' ');
        rest = &rest[skipped..];
    }
    kept
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let bytes = &text.as_bytes()[at..];
        let step = if bytes.starts_with(b"/*") {
            depth += 1;
            2
        } else if bytes.starts_with(b"*/") {
            depth -= 1;
            2
        } else {
            1
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Of `"…"`.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Of `r"…"`, `r#"…"#`, `br"…"` and so on.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| text.starts_with(prefix))?;
    let hashes = text[prefix.len()..].bytes().take_while(|&byte| byte == b'#').count();
    let start = prefix.len() + hashes;
    text[start..].starts_with('"').then(|| {
        let end = format!("\"{}", "#".repeat(hashes));
        text[start + 1..].find(&end).map_or(text.len(), |at| start + 1 + at + end.len())
    })
}

/// Of `'x'` and `'\u{..}'`; a lifetime is left where it is, but for its apostrophe.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => text[3.min(text.len())..].find('\'').map_or(text.len(), |at| 3 + at + 1),
        Some(_) => letters.next().filter(|&(_, letter)| letter == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn code_is_what_neither_comments_nor_literals_are() {
        let text = "a // unsafe\nb /* unsafe /* unsafe */ unsafe */ c \"unsafe \\\" unsafe\" d r#\"unsafe \" unsafe\"# \
                    '\"' e '\\'' f &'static g b'\"' h";
        let words: Vec<String> = code(text).split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["a", "b", "c", "d", "e", "f", "&", "static", "g", "b", "h"]);
    }
}
