//! Where the tests of adatom find their files.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

/// A file or folder under `tests/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
