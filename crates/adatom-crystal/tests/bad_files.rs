//! Every file of `tests/bad` is refused with the message in the file of the same name with `.message` behind
//! it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use adatom_crystal::Crystal;

#[test]
fn bad_files_are_refused_with_their_reason() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|extension| extension != "message"));
    files.sort();
    assert!(files.len() >= 40, "only {} files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let expected = fs::read_to_string(format!("{}.message", path.display())).unwrap_or_default();
        let found = match Crystal::open(&path) {
            Ok(crystal) => format!("read as {}", crystal.formula()),
            Err(error) => error.to_string(),
        };
        let found = found.replace(&format!("{}/", folder.display()), "");
        if found != expected.trim_end() {
            wrong.push(format!("{}\n  expected {}\n  found    {found}", path.display(), expected.trim_end()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.cif");
    let message = Crystal::open(&missing).unwrap_err().to_string();
    assert_eq!(message, format!("cannot read {}", missing.display()));
    let message = Crystal::open(folder.path()).unwrap_err().to_string();
    assert_eq!(message, format!("cannot read {}", folder.path().display()));
}
