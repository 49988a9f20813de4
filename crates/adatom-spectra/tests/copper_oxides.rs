//! Calculated spectra of copper oxides, from files to a table of features.

// Helpers of tests, which clippy does not take for tests.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use adatom_spectra::ndarray::Array1;
use adatom_spectra::{
    Contents, EnergyGrid, Error, Feature, PeakFinder, ReadOptions, SpectrumFile, Tabulation, Xanes,
    chunk_polynomials, tabulate,
};
use adatom_test_support::shared;

/// Below `shared`.
const FOLDER: &str = "data/cu-oxides";
const MATERIALS: usize = 150;

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The spectra of the sites of the first materials, named by their folders.
fn spectra() -> Vec<Xanes> {
    let root = shared(FOLDER);
    let sites = folders(&root).into_iter().take(MATERIALS).flat_map(|path| folders(&path));
    let open = |site: PathBuf| {
        let name = site.strip_prefix(&root).unwrap().display().to_string();
        let file = SpectrumFile::open(site.join("xmu.dat"), &ReadOptions::default()).unwrap();
        let Contents::Xanes(mut spectra) = file.contents else { panic!("{name} is no XANES") };
        spectra.remove(0).with_name(name)
    };
    let spectra: Vec<Xanes> = sites.map(open).collect();
    assert!(spectra.len() >= MATERIALS);
    spectra
}

fn calculated_spectra_become_a_table() {
    let spectra = spectra();
    let grid = EnergyGrid::new(Array1::linspace(8987.5, 9039.7, 100)).unwrap();
    let table = tabulate(&spectra, &grid).unwrap();
    assert_eq!((table.len(), table.columns().len()), (spectra.len(), 100));
    assert_eq!(table.ids()[0], spectra[0].name().unwrap());
    assert_eq!(table.columns()[0].to_string(), "xanes@8987.500");
    assert_eq!(table.columns()[99].to_string(), "xanes@9039.700");
    for (spectrum, row) in spectra.iter().zip(table.features().rows()) {
        let most = spectrum.mu().iter().copied().fold(f64::MIN, f64::max);
        assert!(row.iter().all(|&value| value >= 0.0 && value <= most), "a line leaves its ends");
    }

    let fits = Tabulation::default().features(Feature::multiscale()).tabulate(&spectra, &grid).unwrap();
    assert_eq!(fits.columns().len(), 156);
    let row = table.features().row(7).to_owned();
    let cubics = chunk_polynomials(grid.values(), row.view(), 20, 3).unwrap();
    for (chunk, cubic) in cubics.rows().into_iter().enumerate() {
        for point in 0..5 {
            let t = point as f64 / 2.0 - 1.0;
            let value = cubic.iter().rev().fold(0.0, |sum, c| sum * t + c);
            // 2 eV of a spectrum with a core hole of 1.7 eV are smooth.
            assert!((value - row[5 * chunk + point]).abs() < 0.01, "chunk {chunk}");
        }
    }
    assert_eq!(fits.features()[[7, 155]], cubics[[19, 3]]);
}

fn copper_in_oxides_has_a_white_line() {
    let spectra = spectra();
    let finder = PeakFinder::white_line([8990.0, 9030.0]).unwrap();
    let mut found = 0;
    for spectrum in &spectra {
        match finder.find(spectrum) {
            Ok(peak) => {
                found += 1;
                assert!(peak.height > 1.0 && peak.area > 0.0, "{peak:?}");
                assert!(
                    [peak.position, peak.centroid].iter().all(|energy| (8990.0..=9030.0).contains(energy)),
                    "{peak:?}"
                );
            }
            Err(Error::NoPeak { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    println!("{found} of {} spectra have a white line", spectra.len());
    assert!(found * 100 >= spectra.len() * 95, "{found} of {}", spectra.len());
}

adatom_test_support::data_tests! {
    ["data/cu-oxides"] => [calculated_spectra_become_a_table, copper_in_oxides_has_a_white_line],
}
