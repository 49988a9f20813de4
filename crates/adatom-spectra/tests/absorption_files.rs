//! Files of every dialect, and files that are broken: what is made of them stands beside each.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use adatom_spectra::{Contents, ReadOptions, SpectrumFile, Xanes, write_csv, write_json};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files of a folder beside which lies one of the same name with `ending` behind it.
fn files(name: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| !path.to_str().unwrap().ends_with(&format!(".{ending}"))).collect();
    files.sort();
    assert!(files.len() > 20);
    files
}

/// The text beside a file that says what becomes of it.
fn beside(path: &Path, ending: &str) -> String {
    fs::read_to_string(format!("{}.{ending}", path.display())).unwrap_or_default()
}

fn one(xanes: &Xanes) -> String {
    let known = |text: Option<String>| text.unwrap_or("?".into());
    format!(
        "xanes {}: {} {}, {:?}, {} points, {:.2} to {:.2} eV, mu {:.4} to {:.4}\n",
        xanes.name().unwrap_or("-"),
        known(xanes.element().map(|element| element.to_string())),
        known(xanes.edge().map(|edge| edge.to_string())),
        xanes.absorption(),
        xanes.len(),
        xanes.energy().first(),
        xanes.energy().last(),
        xanes.mu()[0],
        xanes.mu()[xanes.len() - 1],
    )
}

fn outcome(file: &SpectrumFile) -> String {
    let mut text = format!("{}\n", file.format);
    match &file.contents {
        Contents::Xanes(spectra) => spectra.iter().for_each(|xanes| text.push_str(&one(xanes))),
        Contents::Exafs(spectra) => {
            for exafs in spectra {
                let name = exafs.name().unwrap_or("-");
                text.push_str(&format!(
                    "exafs {name}: {} points, to {:.2} 1/A\n",
                    exafs.k().len(),
                    exafs.k().last()
                ));
            }
        }
        Contents::Columns(table) => {
            text.push_str(&format!(
                "columns {}: {} rows\n",
                table.labels().join("|"),
                table.values().nrows()
            ));
            text.push_str(&format!("energy {:?}, mu {:?}\n", table.guessed_energy(), table.guessed_mu()));
        }
        other => text.push_str(&format!("{other:?}\n")),
    }
    for warning in &file.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text
}

#[test]
fn all_samples_have_the_expected_content() {
    let mut wrong = String::new();
    for path in files("samples", "outcome") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let found = match SpectrumFile::open(&path, &ReadOptions::default()) {
            Ok(file) => outcome(&file),
            Err(error) => format!("error: {error}\n"),
        };
        if found != beside(&path, "outcome") {
            wrong.push_str(&format!("=== {name}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn all_bad_files_have_the_expected_message() {
    let mut wrong = String::new();
    for path in files("bad", "message") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let found = match SpectrumFile::open(&path, &ReadOptions::default()) {
            Ok(file) => outcome(&file),
            Err(error) => error.to_string(),
        };
        let start = path.display().to_string();
        let found = found.strip_prefix(&start).unwrap_or(&found);
        let found = found.trim_start_matches([':', ',', ' ']).to_owned() + "\n";
        if found != beside(&path, "message") {
            wrong.push_str(&format!("=== {name}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn written_spectra_can_be_read() {
    let scratch = tempfile::tempdir().unwrap();
    let options = ReadOptions::default();
    for sample in
        ["mu.xdi", "counts.xdi", "angle.xdi", "athena08.prj", "xmu.dat", "pymatgen.json", "german.csv"]
    {
        let Contents::Xanes(spectra) =
            SpectrumFile::open(folder("samples").join(sample), &options).unwrap().contents
        else {
            panic!("{sample}")
        };
        let json = scratch.path().join("spectra.json");
        write_json(&json, &spectra).unwrap();
        let Contents::Xanes(read) = SpectrumFile::open(&json, &options).unwrap().contents else { panic!() };
        for (read, xanes) in read.iter().zip(&spectra) {
            assert_eq!(
                (read.energy(), read.mu(), read.element()),
                (xanes.energy(), xanes.mu(), xanes.element())
            );
            assert_eq!((read.name(), read.absorption()), (xanes.name(), xanes.absorption()), "{sample}");
            let missing =
                xanes.metadata().entries().find(|(key, value)| read.metadata().get(key) != Some(*value));
            assert_eq!(missing, None, "{sample}");
        }
        let csv = scratch.path().join("spectra.csv");
        write_csv(&csv, [&spectra[0]]).unwrap();
        let read = Xanes::open(&csv, &options).unwrap();
        assert_eq!(
            (read.energy(), read.mu(), read.name()),
            (spectra[0].energy(), spectra[0].mu(), spectra[0].name())
        );
        let xdi = scratch.path().join("spectrum.xdi");
        let known = spectra[0].clone().with_element("Cu".parse().unwrap()).with_edge("K".parse().unwrap());
        known.write_xdi(&xdi).unwrap();
        let read = Xanes::open(&xdi, &options).unwrap();
        assert_eq!(
            (read.energy(), read.mu(), read.edge()),
            (known.energy(), known.mu(), known.edge()),
            "{sample}"
        );
        if sample.ends_with("xdi") {
            for (key, value) in known.metadata().entries().filter(|(key, _)| !key.starts_with(['C', 'X'])) {
                assert_eq!(read.metadata().get(key), Some(value), "{sample}");
            }
        }
    }
}

#[test]
fn options_decide_what_a_file_leaves_open() {
    let counts = folder("samples").join("counts.dat");
    let message = |options: &ReadOptions| Xanes::open(&counts, options).unwrap_err().to_string();
    assert!(
        message(&ReadOptions::default())
            .ends_with("the columns are col1, col2, col3, col4; the energy may be col1"),
        "{}",
        message(&ReadOptions::default())
    );
    let options = ReadOptions::default().energy("1").mu("ln(c2/c3)");
    let xanes = Xanes::open(&counts, &options).unwrap();
    assert_eq!((xanes.energy().first(), xanes.mu()[0]), (8960.0, 125f64.ln()));
    assert!(
        message(&ReadOptions::default().energy("e"))
            .ends_with("energy `e`: no column `e`; the columns are col1, col2, col3, col4")
    );
    assert!(
        message(&options.clone().mu("ln(c2"))
            .ends_with("mu `ln(c2`: missing `)` at the end of the expression")
    );
    assert!(
        message(&options.clone().mu("ln(c3-c2)")).contains(
            ", line 1: expected a finite value of ln(c3-c2), found NaN from col3 = 400, col2 = 50000"
        )
    );
    assert!(
        message(&options.energy("1 deg")).ends_with("the lattice spacing d of the monochromator is missing")
    );
    let kilo = ReadOptions::default().energy("ZapEnergy keV").mu("\"Counter 1\"/Mon");
    let xanes = Xanes::open(folder("samples").join("spec.dat"), &kilo).unwrap();
    assert!((xanes.energy().last() - 8993.0).abs() < 1e-6);
}
