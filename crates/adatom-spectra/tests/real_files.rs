//! Files of instruments and programs of others, where they are there.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use adatom_spectra::{Absorption, Contents, Edge, ReadOptions, SpectrumFile, Xanes};
use adatom_test_support::shared;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn open(path: &Path) -> SpectrumFile {
    SpectrumFile::open(path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn spectra(path: &Path) -> Vec<Xanes> {
    match open(path).contents {
        Contents::Xanes(spectra) => spectra,
        other => panic!("{} holds {other:?}", path.display()),
    }
}

fn every_good_xdi_file_is_read() {
    let folder = shared("data/xdi/good");
    let mut columns = 0;
    for path in files(&folder) {
        let file = open(&path);
        assert_eq!(file.format, "XDI", "{}", path.display());
        match file.contents {
            Contents::Xanes(spectra) => {
                assert_eq!(spectra.len(), 1, "{}", path.display());
                let xanes = &spectra[0];
                assert_eq!(xanes.edge(), Some(Edge::K));
                let name = path.file_name().unwrap().to_str().unwrap();
                let symbol = xanes.element().unwrap().symbol().to_lowercase();
                assert!(name.starts_with(&symbol), "{name}: {symbol}");
                assert!(xanes.metadata().get("Mono.d_spacing").is_some());
                assert!(xanes.metadata().comments().count() > 0);
            }
            Contents::Columns(table) => {
                assert!(path.file_name().unwrap().to_str().unwrap().starts_with("nonxafs"));
                assert!(table.values().nrows() > 3);
                columns += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(columns, 2);
}

fn every_bad_xdi_file_has_the_outcome_of_its_table() {
    let folder = shared("data/xdi/bad");
    let table = fs::read_to_string(folder.join("BadFiles.txt")).unwrap();
    let mut seen = 0;
    for line in table.lines().filter(|line| line.starts_with("bad_")) {
        let name = line.split_whitespace().next().unwrap();
        let result = SpectrumFile::open(folder.join(name), &ReadOptions::default());
        if line.contains("error msg") {
            let error = result.map(|file| file.contents).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(", line "), "{line}: {error}");
        } else {
            let file = result.unwrap_or_else(|error| panic!("{line}: {error}"));
            let warned = !file.warnings.is_empty();
            // Notes 1, 2, 3 and 7 of the table are warnings; 4, 5 and 6 are none.
            let expected = ["(1)", "(2)", "(3)", "(7)"].iter().any(|note| line.contains(note));
            assert_eq!(warned, expected, "{line}: {:?}", file.warnings);
        }
        seen += 1;
    }
    assert_eq!(seen, 36);
}

fn numbers_are_those_of_larch() {
    let folder = shared("reference/normalization");
    let mut compared = 0;
    for path in files(&folder) {
        let reference: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let (file, record) = reference["source"].as_str().unwrap().split_once('#').map_or_else(
            || (reference["source"].as_str().unwrap(), None),
            |(file, record)| (file, Some(record)),
        );
        let spectra = spectra(&shared(file));
        let named = |xanes: &&Xanes| record.is_none_or(|record| xanes.name() == Some(record));
        let xanes = spectra.iter().find(named).unwrap_or_else(|| panic!("no record {record:?} in {file}"));
        let column = |key: &str| -> Vec<f64> {
            reference[key].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        // Larch leaves the shift out that aligns the spectra of a project.
        let shift = xanes.metadata().number("bkg_eshift").unwrap_or(0.0);
        let (energy, mu) = (column("energy"), column("mu"));
        assert_eq!(xanes.len(), energy.len(), "{}", path.display());
        for (point, (energy, mu)) in energy.into_iter().zip(mu).enumerate() {
            let [read_energy, read_mu] = [xanes.energy().values()[point] - shift, xanes.mu()[point]];
            // The references have six decimals of an energy and nine digits of a value.
            assert!(
                (read_energy - energy).abs() < 1e-6,
                "{}: {point}: {read_energy} {energy}",
                path.display()
            );
            assert!(
                (read_mu - mu).abs() < 1e-8 * mu.abs().max(1.0),
                "{}: {point}: {read_mu} {mu}",
                path.display()
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 30);
}

fn every_record_of_athena_is_read_and_shifted() {
    let folder = shared("data/athena");
    for (name, records, dialect, shifted) in [
        ("Ag.prj", 21, "Ag_foil", 2),
        ("Au.prj", 14, "Au_foil", 14),
        ("cyanobacteria.prj", 17, "d_0_12", 5),
        ("AsKa_standards.prj", 3, "Elemental_As_001", 0),
    ] {
        let spectra = spectra(&folder.join(name));
        assert_eq!((spectra.len(), spectra[0].name()), (records, Some(dialect)), "{name}");
        let shift = |xanes: &&Xanes| xanes.metadata().number("bkg_eshift").is_some_and(|shift| shift != 0.0);
        assert_eq!(spectra.iter().filter(shift).count(), shifted, "{name}");
        assert!(spectra.iter().all(|xanes| xanes.element().is_some() && xanes.edge().is_some()));
    }
}

fn every_file_of_feff_names_its_absorber() {
    let folder = shared("data/feff");
    for (name, symbol) in [
        ("Copper", "Cu"),
        ("LCO-para", "Cu"),
        ("LCO-perp", "Cu"),
        ("NiO", "Ni"),
        ("bromo", "Br"),
        ("ferro", "Fe"),
    ] {
        let path = files(&folder)
            .into_iter()
            .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name));
        let xanes = spectra(&path.unwrap()).remove(0);
        assert_eq!((xanes.element().unwrap().symbol(), xanes.edge()), (symbol, Some(Edge::K)), "{name}");
        assert_eq!(xanes.absorption(), Absorption::Calculated);
    }
}

/// What becomes of a file: spectra and their energies, or columns and what is guessed of them.
fn outcome(file: &SpectrumFile) -> String {
    match &file.contents {
        Contents::Xanes(spectra) => {
            let one = |xanes: &Xanes| {
                let (first, last) = (xanes.energy().first(), xanes.energy().last());
                format!("{:?} {first:.0}-{last:.0}", xanes.absorption())
            };
            spectra.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Contents::Columns(table) => {
            let (rows, columns) = table.values().dim();
            format!("{rows} x {columns}, {} {:?}", table.guessed_energy().unwrap_or("?"), table.guessed_mu())
        }
        other => format!("{other:?}"),
    }
}

fn files_of_many_beamlines() {
    let folder = shared("data/beamlines");
    for (name, format, expected) in [
        ("APS10BM_2019", "columns", "Transmission 6390-7601"),
        ("APS13ID_2019", "XDI", "Transmission 6389-6537, Fluorescence 6389-6537"),
        ("APS20BM_2001", "columns", "Transmission 6912-8084"),
        ("APS20ID_2018", "columns", "379 x 17, Mono Energy (alt) []"),
        ("APS9BM_2006", "columns", "258 x 36, energy [\"Lytle/i0\"]"),
        ("CLSHXMA", "CLS columns", "414 x 11, EnergyAchieved []"),
        ("ESRF_SNBL_2013", "columns", "906 x 18, ZapEnergy []"),
        ("FDMNES_2022_Mo2C_out", "FDMNES", "Calculated 19975-20120"),
        ("NSLS6BM_2019", "XDI", "Unknown 5265-6121"),
        ("NSLS8ID_2019", "columns", "Transmission 11686-12847, Fluorescence 11686-12847"),
        ("PFBL12C_2005", "KEK-PF 9809", "Transmission 12049-13243"),
        ("SLS_PHOENIX_2023", "columns", "301 x 55, Energy_c1 []"),
        ("SSRL1_2006", "SSRL columns", "Transmission 25285-26535"),
        ("generic_columns_no_header", "columns", "198 x 7, col1 []"),
    ] {
        let file = open(&folder.join(format!("{name}.dat")));
        assert_eq!((file.format, outcome(&file).as_str()), (format, expected), "{name}");
    }
}

fn counts_become_the_absorption_that_others_computed() {
    let (raw, xdi) = (shared("data/beamlines/APS20BM_2001.dat"), shared("data/xdi/good/feo_rt1.xdi"));
    // The same scan as it was measured, and as ln(I0/I1) in XDI.
    let (raw, xdi) = (spectra(&raw).remove(0), spectra(&xdi).remove(0));
    assert_eq!(raw.len(), xdi.len());
    for (raw, xdi) in raw.mu().iter().zip(xdi.mu()) {
        // XDI has eight digits.
        assert!((raw - xdi).abs() < 1e-7, "{raw} {xdi}");
    }
}

fn every_spectrum_of_the_copper_oxides_is_read() {
    let folder = shared("data/cu-oxides");
    let sites = |material: PathBuf| {
        let folders = if material.is_dir() { files(&material) } else { Vec::new() };
        folders.into_iter().filter(|path| path.is_dir()).map(|path| path.join("xmu.dat"))
    };
    let paths: Vec<PathBuf> = files(&folder).into_iter().flat_map(sites).collect();
    assert_eq!(paths.len(), 3163);
    let start = std::time::Instant::now();
    let (left, right) = paths.split_at(paths.len() / 2);
    std::thread::scope(|scope| {
        for paths in [left, right] {
            scope.spawn(move || {
                for path in paths {
                    let xanes = Xanes::open(path, &ReadOptions::default()).unwrap();
                    assert_eq!((xanes.element().unwrap().symbol(), xanes.edge()), ("Cu", Some(Edge::K)));
                    assert!(xanes.len() >= 90 && xanes.energy().first() > 8900.0, "{}", path.display());
                }
            });
        }
    });
    println!("3163 files in {:?}", start.elapsed());
}

adatom_test_support::data_tests! {
    ["data/xdi/good"] => [every_good_xdi_file_is_read],
    ["data/xdi/bad"] => [every_bad_xdi_file_has_the_outcome_of_its_table],
    ["reference/normalization", "data"] => [numbers_are_those_of_larch],
    ["data/athena"] => [every_record_of_athena_is_read_and_shifted],
    ["data/feff"] => [every_file_of_feff_names_its_absorber],
    ["data/beamlines"] => [files_of_many_beamlines],
    ["data/beamlines/APS20BM_2001.dat", "data/xdi/good/feo_rt1.xdi"] => [
        counts_become_the_absorption_that_others_computed,
    ],
    ["data/cu-oxides"] => [every_spectrum_of_the_copper_oxides_is_read],
}
