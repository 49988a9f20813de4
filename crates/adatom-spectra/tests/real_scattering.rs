//! Measured and calculated PDFs of five programs, where they are present beside the project.
//!
//! The sums were taken with numpy of the arrays that diffpy.utils (`load_data`) reads from the same files.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use adatom_spectra::{Contents, Metadata, Pdf, ReadOptions, ScatteringKind, SpectrumFile};
use adatom_test_support::shared;

/// Sums of up to 10,000 numbers of size 1 in another order differ by less.
const ROUNDING: f64 = 1e-9;

fn measured(name: &str) -> PathBuf {
    shared("data/pdf").join(name)
}

fn open(path: &Path) -> (SpectrumFile, Pdf) {
    let file = SpectrumFile::open(path, &ReadOptions::default()).expect("a sound file");
    let Contents::Pdf(pdf) = file.contents.clone() else { panic!("{}", path.display()) };
    (file, pdf)
}

fn pdfs_have_the_numbers_that_diffpy_reads() {
    // Name, program, points, last r, sum of G, qmax, mode.
    let files = [
        ("300K.gr", "PDFgetN", 2000, 20.0, -150.987, Some(32.0), Some("neutron")),
        ("Ni_2-8.chi.gr", "PDFgetX2", 2000, 20.0, -97.3927439108001, Some(40.0), Some("xray")),
        ("ch03_Ni.gr", "xPDFsuite", 6001, 60.0, -8.486395808399948, Some(25.0), Some("xray")),
        ("ch05_ni.gr", "columns of G(r)", 5999, 59.990002, -89.54812405778208, None, None),
        ("ch05_si.gr", "columns of G(r)", 5999, 59.990002, -25.445320549536984, None, None),
        (
            "ch06_BaZn2As2_K-Mn-doped_300K.gr",
            "xPDFsuite",
            10001,
            100.0,
            -21.065024125064195,
            Some(25.0),
            Some("xray"),
        ),
        ("ch07_SrFe2As2_150K.gr", "xPDFsuite", 10001, 100.0, -40.04235228906005, Some(25.0), Some("xray")),
        ("ch07_SrFe2As2_198K.gr", "xPDFsuite", 10001, 100.0, -40.99501602939998, Some(25.0), Some("xray")),
        ("lcmo_00.gr", "PDFgetN", 50, 0.5, 51.958, Some(35.0), Some("neutron")),
        ("srreal/Ni-fit.fgr", "columns of G(r)", 1001, 10.0, -183.7380338, None, None),
        ("srreal/TiO2_rutile-fit.fgr", "PDFgui", 2901, 30.0, -48.29914765, Some(26.0), Some("xray")),
    ];
    for (name, program, points, last, sum, qmax, mode) in files {
        let path = measured(name);
        let (file, pdf) = open(&path);
        assert_eq!((file.format, pdf.len(), pdf.distance().last()), (program, points, last), "{name}");
        assert!((pdf.g().sum() - sum).abs() < ROUNDING, "{name}: {}", pdf.g().sum());
        assert_eq!((pdf.metadata().number("qmax"), pdf.metadata().get("mode")), (qmax, mode), "{name}");
    }
}

fn headers_of_measurements_are_kept() {
    let path = measured("300K.gr");
    let (file, pdf) = open(&path);
    let metadata = pdf.metadata();
    assert_eq!(metadata.get("composition"), Some("O0.6Mn0.2La0.2"));
    assert_eq!(metadata.get("runTitle"), Some("Run 1018: LMO - RT (before), HIPPO-furnace"));
    assert_eq!((metadata.number("qmin"), metadata.number("numBanks")), (Some(2.0), Some(6.0)));
    assert!(pdf.uncertainty().is_some() && pdf.distance_uncertainty().is_none());
    assert!(file.warnings.is_empty());
    let path = measured("Ni_2-8.chi.gr");
    let (file, pdf) = open(&path);
    let metadata = pdf.metadata();
    assert_eq!((metadata.get("composition"), metadata.number("wavelength")), (Some("Ni"), Some(0.126514)));
    assert_eq!(metadata.number("temperature"), Some(300.0));
    // Its column d_r is -4πρ0r with the ρ0 = 0.10991 of its header.
    assert_eq!((pdf.distance_uncertainty(), file.warnings.len()), (None, 1));
    let path = measured("lcmo_00.gr");
    let (file, _) = open(&path);
    assert!(file.warnings[0].message.contains("the header states 2001 points, but there are 50 rows"));
    let path = measured("srreal/TiO2_rutile-fit.fgr");
    let (_, pdf) = open(&path);
    assert_eq!(pdf.metadata().number("qdamp"), Some(0.0665649));
}

fn intensities_are_read() {
    for (name, sum) in [("ch05_ni.iq", 19100.733296), ("ch05_si.iq", 10405.7909007)] {
        let path = measured(name);
        let file = SpectrumFile::open(&path, &ReadOptions::default()).unwrap();
        let Contents::Scattering(function) = file.contents else { panic!("{name}") };
        assert_eq!((function.kind(), function.q().len()), (ScatteringKind::Intensity, 2587), "{name}");
        assert!((function.values().sum() - sum).abs() < 1e4 * ROUNDING, "{name}");
    }
}

fn what_was_read_is_written_and_read_again_without_loss() {
    let folder = measured("");
    let out = tempfile::tempdir().unwrap();
    let written = out.path().join("written.gr");
    let words = |metadata: &Metadata| {
        let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let comments = metadata.comments().map(str::to_owned).collect::<Vec<_>>();
        (metadata.entries().map(own).collect::<Vec<_>>(), comments)
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "gr") {
            continue;
        }
        let (first, pdf) = open(&path);
        pdf.save_gr(&written).unwrap();
        let (second, again) = open(&written);
        assert_eq!((again.distance(), again.g()), (pdf.distance(), pdf.g()), "{}", path.display());
        assert_eq!(again.uncertainty(), pdf.uncertainty());
        assert_eq!(words(again.metadata()), words(pdf.metadata()), "{}", path.display());
        assert_eq!(second.format, first.format);
    }
}

adatom_test_support::data_tests! {
    ["data/pdf"] => [
        pdfs_have_the_numbers_that_diffpy_reads,
        headers_of_measurements_are_kept,
        intensities_are_read,
        what_was_read_is_written_and_read_again_without_loss,
    ],
}
