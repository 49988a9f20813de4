//! What holds for every PDF that is written and read back, and for every damaged file.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use adatom_spectra::{
    Contents, DifferentialPdf, DistanceGrid, Element, Metadata, Pdf, ReadOptions, ScatteringAxis,
    ScatteringKind, SpectrumFile, StructureFunction, WavenumberGrid,
};
use adatom_test_support::find;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Small samples and, where they are present, measured files beside the project.
static FILES: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = files_in(&here.join("tests/samples-scattering"));
    files.extend(files_in(&here.join("tests/bad-scattering")));
    let measured = ["data/pdf", "data/pdf/srreal"].into_iter().filter_map(find);
    files.extend(measured.flat_map(|folder| files_in(&folder)));
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a readable file"))).collect()
});

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let words = [
        "NaN",
        "-",
        "1e999",
        "\n#S 2\n",
        "#### start data\n",
        "#L Q I\n",
        "=",
        "\r",
        "\t",
        "0 0 0 0 0 0\n",
        "å",
    ];
    let words = prop::sample::select(words.map(|word| word.as_bytes().to_vec()).to_vec());
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (any::<Index>(), words).prop_map(|(at, word)| Damage::Insert(at, word)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Replace(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Remove(at, length) => {
            let at = at.index(bytes.len());
            bytes.drain(at..(at + length).min(bytes.len()));
        }
        Damage::Repeat(at, length) => {
            let at = at.index(bytes.len());
            let part = bytes[at..(at + length).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        Damage::Insert(at, word) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, word.iter().copied());
        }
    }
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let keys = "[A-Za-z][A-Za-z0-9_.]{0,12}( [a-z0-9]{1,5})?";
    // The mode and the units are this crate's own words; the reader would add what they imply.
    let entries = vec((keys, "[ -~]{0,30}"), 0..6);
    let comments = vec("[a-z][a-z0-9 ]{0,20}", 0..4);
    (entries, comments).prop_map(|(entries, comments)| {
        let mut metadata = Metadata::default();
        metadata.push("mode", "xray");
        for (key, value) in entries {
            // These say how the numbers are to be read.
            if !["dataformat", "outputtype", "type", "stype"].contains(&key.to_lowercase().as_str()) {
                metadata.push(key, value.trim());
            }
        }
        comments.iter().for_each(|comment| metadata.push_comment(comment.trim()));
        metadata
    })
}

fn assert_same(read: &Metadata, written: &Metadata) {
    assert_eq!(read.entries().collect::<Vec<_>>(), written.entries().collect::<Vec<_>>());
    assert_eq!(read.comments().collect::<Vec<_>>(), written.comments().collect::<Vec<_>>());
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |value| value.is_finite())
}

fn positive() -> impl Strategy<Value = f64> {
    finite().prop_map(|value| value.abs().max(f64::MIN_POSITIVE))
}

proptest! {
    #[test]
    fn a_damaged_file_is_read_or_refused(
        file in any::<Index>(),
        damages in vec(damage(), 1..4),
        asked in 0..4,
    ) {
        let (path, bytes) = &FILES[file.index(FILES.len())];
        let mut bytes = bytes.clone();
        damages.iter().for_each(|damage| apply(&mut bytes, damage));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(path.file_name().unwrap());
        std::fs::write(&path, &bytes).unwrap();
        let axis = ScatteringAxis::TwoTheta { wavelength: 0.5 };
        let options = match asked {
            0 => ReadOptions::default().pdf(),
            1 => ReadOptions::default().scattering(ScatteringKind::Structure),
            2 => ReadOptions::default().scattering_axis(axis),
            _ => ReadOptions::default(),
        };
        match SpectrumFile::open(&path, &options) {
            Ok(file) => {
                if let Contents::Pdf(pdf) = file.contents {
                    let positive = pdf.uncertainty().is_none_or(|u| u.iter().all(|&u| u > 0.0));
                    prop_assert!(pdf.len() <= bytes.len() && positive);
                }
            }
            Err(error) => prop_assert!(error.to_string().len() < 1000, "{}", error),
        }
    }

    #[test]
    fn a_pdf_is_read_back_as_it_was_written(
        mut rows in vec((positive(), finite(), positive(), positive()), 1..40),
        (with_dr, with_dg) in any::<(bool, bool)>(),
        metadata in metadata(),
        element in prop::option::of(1u8..=118),
    ) {
        rows.sort_by(|left, right| left.0.total_cmp(&right.0));
        rows.dedup_by(|left, right| left.0 == right.0);
        let column = |of: fn(&(f64, f64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let mut pdf = Pdf::new(DistanceGrid::new(column(|row| row.0)).unwrap(), column(|row| row.1)).unwrap();
        if with_dr {
            pdf = pdf.with_distance_uncertainty(column(|row| row.2)).unwrap();
        }
        if with_dg {
            pdf = pdf.with_uncertainty(column(|row| row.3)).unwrap();
        }
        let pdf = pdf.with_metadata(metadata.clone());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("written.gr");
        let element = element.map(|number| Element::from_atomic_number(number).unwrap());
        match element {
            Some(element) => DifferentialPdf::new(element, pdf.clone()).save_gr(&path).unwrap(),
            None => pdf.save_gr(&path).unwrap(),
        }
        let read = match (SpectrumFile::open(&path, &ReadOptions::default()).unwrap().contents, element) {
            (Contents::Pdf(read), None) => read,
            (Contents::DifferentialPdf(read), Some(element)) => {
                prop_assert_eq!(read.element(), element);
                read.pdf().clone()
            }
            (other, _) => panic!("{other:?}"),
        };
        prop_assert_eq!(read.distance(), pdf.distance());
        prop_assert_eq!(read.g(), pdf.g());
        prop_assert_eq!(read.uncertainty(), pdf.uncertainty());
        prop_assert_eq!(read.distance_uncertainty(), pdf.distance_uncertainty());
        if element.is_none() {
            assert_same(read.metadata(), &metadata);
        }
        let path = folder.path().join("written.csv");
        pdf.save_csv(&path).unwrap();
        let file = SpectrumFile::open(&path, &ReadOptions::default()).unwrap();
        let Contents::Pdf(read) = file.contents else { panic!("it was written as a PDF") };
        prop_assert_eq!((read.g(), read.uncertainty()), (pdf.g(), pdf.uncertainty()));
    }

    #[test]
    fn a_structure_function_is_read_back_as_it_was_written(
        mut rows in vec((positive(), finite(), positive()), 1..40),
        kind in prop::sample::select(vec![
            ScatteringKind::Intensity,
            ScatteringKind::Structure,
            ScatteringKind::Reduced,
        ]),
        with_uncertainty in any::<bool>(),
        metadata in metadata(),
    ) {
        rows.sort_by(|left, right| left.0.total_cmp(&right.0));
        rows.dedup_by(|left, right| left.0 == right.0);
        let q: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let values: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let mut function = StructureFunction::new(kind, WavenumberGrid::new(q).unwrap(), values).unwrap();
        if with_uncertainty {
            function = function.with_uncertainty(rows.iter().map(|row| row.2).collect::<Vec<f64>>()).unwrap();
        }
        let function = function.with_metadata(metadata.clone());
        let folder = tempfile::tempdir().unwrap();
        for name in ["written.dat", "written.csv"] {
            let path = folder.path().join(name);
            let saved = if name.ends_with("csv") { function.save_csv(&path) } else { function.save(&path) };
            saved.unwrap();
            let file = SpectrumFile::open(&path, &ReadOptions::default()).unwrap();
            let Contents::Scattering(read) = file.contents else {
                panic!()
            };
            prop_assert_eq!((read.kind(), read.q()), (kind, function.q()));
            prop_assert_eq!((read.values(), read.uncertainty()), (function.values(), function.uncertainty()));
            if name.ends_with("dat") {
                assert_same(read.metadata(), &metadata);
            }
        }
    }
}
