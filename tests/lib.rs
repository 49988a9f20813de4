//! Where the tests of adatom find their files.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

/// A folder beside the project with real files, which are no part of it; `None`, with a printed word, where it is
/// absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(folder);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{folder} is not there");
    None
}

/// A file or folder under `tests/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
