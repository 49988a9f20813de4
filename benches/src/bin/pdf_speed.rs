//! How long PDFs take: `cargo run --profile dist -p adatom-benches --bin pdf_speed -- FOLDER` with POSCAR
//! files in the folder or one level below it.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use adatom_crystal::{Crystal, PdfCalculator};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let mut paths = Vec::new();
    structures(Path::new(&folder), 1, &mut paths)?;
    paths.sort();
    let start = Instant::now();
    let crystals: Vec<Crystal> = paths.iter().map(Crystal::open).collect::<Result<_, _>>()?;
    println!("{} structures read in {:.3} s", crystals.len(), start.elapsed().as_secs_f64());

    let calculator = PdfCalculator::published();
    let copper = "Cu".parse()?;
    let start = Instant::now();
    let results = calculator.totals_and_differentials(&crystals, copper);
    let failed = results.iter().filter(|result| result.is_err()).count();
    let cores = std::thread::available_parallelism()?;
    println!(
        "all, total and differential: {:.3} s on {cores} cores, {failed} failed",
        start.elapsed().as_secs_f64()
    );

    // One core, by size: the best of some runs of every structure.
    println!(
        "{:>8} {:>11} {:>14} {:>14} {:>9}",
        "atoms", "structures", "total / ms", "with dPDF / ms", "us/atom"
    );
    for (from, to) in
        [(1, 4), (5, 9), (10, 14), (15, 19), (20, 27), (24, 24), (28, 39), (40, 79), (80, 159), (160, 999)]
    {
        let chosen: Vec<&Crystal> =
            crystals.iter().filter(|c| (from..=to).contains(&c.len())).take(40).collect();
        if chosen.is_empty() {
            continue;
        }
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2] * 1e3
        };
        let mut totals = Vec::new();
        let mut both = Vec::new();
        for crystal in &chosen {
            totals.push(best(|| calculator.total(crystal).is_ok()));
            both.push(best(|| calculator.total_and_differential(crystal, copper).is_ok()));
        }
        let atoms = chosen.iter().map(|crystal| crystal.len()).sum::<usize>() as f64 / chosen.len() as f64;
        let (total, both) = (median(totals), median(both));
        println!("{atoms:8.1} {:11} {total:14.3} {both:14.3} {:9.1}", chosen.len(), both * 1e3 / atoms);
    }
    Ok(())
}

fn best(mut work: impl FnMut() -> bool) -> f64 {
    let times = (0..7).map(|_| {
        let start = Instant::now();
        assert!(work());
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

fn structures(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_dir() && depth > 0 {
            structures(&path, depth - 1, paths)?;
        } else if path.is_file() && name.contains("POSCAR") {
            paths.push(path);
        }
    }
    Ok(())
}
