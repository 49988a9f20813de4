//! Structures that other programs wrote.

use std::fs;
use std::path::{Path, PathBuf};

use adatom_crystal::Crystal;

/// A folder of files that are never part of the project; `None` (and a word about it) where it is absent.
fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(folder);
    if !path.is_dir() {
        println!("skipped: no ../shared/{folder}");
        return None;
    }
    Some(path)
}

#[test]
fn the_structures_of_copper_oxides_are_read() {
    let Some(folder) = shared("data/cu-oxides") else { return };
    let mut materials = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path().join("POSCAR");
        if path.is_file() {
            let crystal = Crystal::open(&path).unwrap();
            assert!(crystal.composition().contains_key(&"Cu".parse().unwrap()), "{}", path.display());
            materials += 1;
        }
    }
    assert_eq!(materials, 1594);
}

#[test]
fn the_structures_of_reference_pdfs_are_read() {
    let Some(folder) = shared("reference/pdf/poscar") else { return };
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        Crystal::open(entry.path()).unwrap();
    }
}
