//! How long it takes to read all structures of a folder: `read_speed FOLDER`, whose folders hold a POSCAR
//! each.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::time::Instant;

use adatom_crystal::Crystal;

fn main() {
    let folder = std::env::args().nth(1).expect("the folder is the first argument");
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let paths: Vec<_> =
        entries.map(|entry| entry.expect("the folder can be listed").path().join("POSCAR")).collect();
    for pass in 1..=3 {
        let start = Instant::now();
        let crystals: Vec<_> = paths.iter().filter_map(|path| Crystal::open(path).ok()).collect();
        let sites: usize = crystals.iter().map(Crystal::len).sum();
        eprintln!(
            "pass {pass}: {} crystals, {sites} sites in {:.1} ms",
            crystals.len(),
            start.elapsed().as_secs_f64() * 1e3
        );
    }
}
