//! Reads every `POSCAR` under a folder and labels the sites of one element: `label_speed FOLDER [ELEMENT]`.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use adatom_crystal::{BondRule, Crystal, Element};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let element: Element = arguments.next().as_deref().unwrap_or("Cu").parse()?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path().join("POSCAR");
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();

    let start = Instant::now();
    let crystals: Vec<Crystal> = paths.par_iter().map(Crystal::open).collect::<Result<_, _>>()?;
    let read = start.elapsed();
    let labels: Vec<_> = crystals
        .par_iter()
        .map(|crystal| crystal.labels(element, BondRule::default()))
        .collect::<Result<_, _>>()?;
    let labelled = start.elapsed() - read;
    let sites: usize = labels.iter().map(Vec::len).sum();
    let states = labels.iter().flatten().filter(|label| label.oxidation_state.is_ok()).count();
    let mut out = String::new();
    out += &format!("{} crystals read in {:.2} s\n", crystals.len(), read.as_secs_f64());
    out += &format!("{sites} sites of {element} labelled in {:.2} s, ", labelled.as_secs_f64());
    out += &format!("{states} of them with an oxidation state; {} threads", rayon::current_num_threads());
    std::io::Write::write_all(&mut std::io::stdout(), (out + "\n").as_bytes())?;
    Ok(())
}
