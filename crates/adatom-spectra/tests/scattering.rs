//! PDFs and total scattering in the dialects of the programs that write them: small files written for these
//! tests, and bad files with the message that each must give beside it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use adatom_spectra::{
    Contents, Pdf, ReadOptions, ScatteringAxis, ScatteringKind, SpectrumFile, StructureFunction,
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn sample(name: &str) -> SpectrumFile {
    sample_with(name, &ReadOptions::default())
}

fn sample_with(name: &str, options: &ReadOptions) -> SpectrumFile {
    SpectrumFile::open(folder("samples-scattering").join(name), options).expect(name)
}

fn pdf(file: &SpectrumFile) -> &Pdf {
    match &file.contents {
        Contents::Pdf(pdf) => pdf,
        Contents::DifferentialPdf(differential) => differential.pdf(),
        other => panic!("{other:?}"),
    }
}

fn scattering(file: &SpectrumFile) -> &StructureFunction {
    match &file.contents {
        Contents::Scattering(function) => function,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_bad_files_have_the_expected_message() {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder("bad-scattering")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "message") {
            continue;
        }
        let beside = path.with_added_extension("message");
        let expected = std::fs::read_to_string(&beside).unwrap();
        let error =
            SpectrumFile::open(&path, &ReadOptions::default()).expect_err(&path.display().to_string());
        let message = error.to_string();
        assert!(message.contains(expected.trim()), "{message}\nexpected: {expected}");
        assert!(message.contains(&path.display().to_string()), "{message}");
        seen += 1;
    }
    assert!(seen >= 30, "only {seen} bad files");
}

#[test]
fn programs_write_the_same_pdf_in_many_dialects() {
    for (name, format) in [
        ("pdfgetx3.gr", "PDFgetX3"),
        ("latin-1.gr", "columns of G(r)"),
        ("pdfgetx2.gr", "PDFgetX2"),
        ("pdfgetn.gr", "PDFgetN"),
        ("pdfgui.fgr", "PDFgui"),
        ("without-header.fgr", "columns of G(r)"),
        ("old-macintosh.gr", "columns of G(r)"),
        ("differential.gr", "columns of G(r)"),
        ("table.csv", "columns of G(r)"),
        ("decimal-commas.gr", "columns of G(r)"),
    ] {
        let file = sample(name);
        assert_eq!(file.format, format, "{name}");
        let pdf = pdf(&file);
        let step = pdf.distance().values().iter().position(|&r| r == 0.01).unwrap();
        assert_eq!(pdf.g()[step], -0.125, "{name}");
        assert!(
            pdf.g().iter().zip(pdf.distance().values()).all(|(g, r)| (g + 12.5 * r).abs() < 1e-15),
            "{name}"
        );
    }
}

#[test]
fn headers_give_the_same_keys() {
    let number = |name: &str, key: &str| pdf(&sample(name)).metadata().number(key);
    let text = |name: &str, key: &str| pdf(&sample(name)).metadata().get(key).map(str::to_owned);
    assert_eq!(number("pdfgetx3.gr", "qmax"), Some(24.0));
    assert_eq!(number("pdfgetx2.gr", "qmax"), Some(30.0));
    assert_eq!(number("pdfgetn.gr", "qmax"), Some(32.0));
    assert_eq!(number("pdfgui.fgr", "qdamp"), Some(0.05));
    assert_eq!(number("pdfgetx2.gr", "wavelength"), Some(0.5));
    assert_eq!(text("pdfgetx3.gr", "composition").as_deref(), Some("CuO"));
    assert_eq!(text("pdfgetx2.gr", "composition").as_deref(), Some("Cu0.5O0.5"));
    assert_eq!(text("pdfgetn.gr", "composition").as_deref(), Some("O0.75Cu0.25"));
    let modes =
        ["pdfgetx3.gr", "pdfgetx2.gr", "pdfgetn.gr", "pdfgui.fgr"].map(|name| text(name, "mode").unwrap());
    assert_eq!(modes, ["xray", "xray", "neutron", "neutron"]);
    let x3 = sample("pdfgetx3.gr");
    assert_eq!(pdf(&x3).metadata().get("backgroundfile"), Some(""));
    assert_eq!(pdf(&x3).metadata().comments().next(), Some("[DEFAULT]"));
}

#[test]
fn uncertainties_are_positive_or_none() {
    let n = sample("pdfgetn.gr");
    assert_eq!(pdf(&n).uncertainty().unwrap().to_vec(), [0.1213, 0.1214, 0.1215]);
    assert_eq!(pdf(&n).distance_uncertainty(), None);
    assert!(n.warnings.is_empty(), "{:?}", n.warnings);
    // PDFgetX2 writes -4πρ0r under the label d_r, PDFgui the difference under d_Gr.
    let x2 = sample("pdfgetx2.gr");
    assert_eq!((pdf(&x2).distance_uncertainty(), pdf(&x2).uncertainty().unwrap()[2]), (None, 0.08));
    assert_eq!(x2.warnings[0].line, Some(19));
    let gui = sample("pdfgui.fgr");
    assert_eq!((pdf(&gui).distance_uncertainty(), pdf(&gui).uncertainty()), (None, None));
    let messages: Vec<_> = gui.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "column 5 was left out: it is neither the function nor an uncertainty",
            "column 4 was left out: the uncertainties of G must be positive, found -0.5"
        ]
    );
    let csv = sample("table.csv");
    assert_eq!(pdf(&csv).uncertainty().unwrap().to_vec(), [0.5, 0.25]);
}

#[test]
fn numbers_of_fortran_and_columns_that_appear_late() {
    let file = sample("fortran.gr");
    assert_eq!(pdf(&file).distance().values().to_vec(), [0.0099999998, 59.99, 60.0]);
    assert_eq!(pdf(&file).g().to_vec(), [0.0770564, -0.85, -0.85]);
    assert_eq!(file.warnings[0].line, Some(5));
}

#[test]
fn lengths_become_angstroms() {
    let file = sample("nanometres.gr");
    assert_eq!((pdf(&file).distance().last(), pdf(&file).g()[1]), (2.5, -0.5));
    for name in ["qnm.chi", "pyfai-nm.chi", "fit2d-q.chi"] {
        let file = sample(name);
        assert_eq!(scattering(&file).q().values().to_vec(), [0.8, 0.9], "{name}");
        assert_eq!(scattering(&file).values().to_vec(), [10.0, 12.5], "{name}");
    }
    let file = sample("pyfai-nm.chi");
    assert_eq!(file.format, "pyFAI");
    assert_eq!(scattering(&file).uncertainty().unwrap().to_vec(), [0.1, 0.2]);
    assert_eq!(scattering(&file).metadata().number("wavelength"), Some(0.1839));
}

#[test]
fn the_function_is_told_by_labels_header_or_name() {
    for (name, kind, values) in [
        ("reduced.fq", ScatteringKind::Reduced, [-0.5, 0.25]),
        ("structure.sq", ScatteringKind::Structure, [0.5, 1.25]),
        ("pdfgetn.sq", ScatteringKind::Structure, [0.5, 1.25]),
        ("less-one.dat", ScatteringKind::Structure, [0.5, 1.25]),
        ("intensity.iq", ScatteringKind::Intensity, [10.0, 12.5]),
    ] {
        let file = sample(name);
        let function = scattering(&file);
        assert_eq!((function.kind(), function.values().to_vec()), (kind, values.to_vec()), "{name}");
        assert_eq!(function.q().values().to_vec(), [0.8, 0.9], "{name}");
    }
}

#[test]
fn angles_become_momentum_transfers() {
    // λ = 1 Å: 4π sin(30°) = 2π, 4π sin(90°) = 4π. One ulp of the sine's argument is all that may differ.
    let near = |function: &StructureFunction| {
        let q = function.q().values();
        assert!((q[0] - 2.0 * PI).abs() < 4e-15 && (q[1] - 4.0 * PI).abs() < 4e-15, "{q}");
    };
    near(scattering(&sample("pyfai-2th.xy")));
    let axis = ScatteringAxis::TwoTheta { wavelength: 1.0 };
    let options = ReadOptions::default().scattering_axis(axis);
    near(scattering(&sample_with("fit2d-2th.chi", &options)));
    let wrong = ReadOptions::default().scattering_axis(ScatteringAxis::TwoTheta { wavelength: f64::NAN });
    let error = SpectrumFile::open(folder("samples-scattering/fit2d-2th.chi"), &wrong).unwrap_err();
    assert_eq!(error.to_string(), "the wavelength must be positive and finite, found NaN");
}

#[test]
fn options_decide_what_a_file_leaves_open() {
    let bare = folder("bad-scattering/without-header.xy");
    let options = ReadOptions::default();
    let file = SpectrumFile::open(&bare, &options.clone().pdf()).unwrap();
    assert_eq!(pdf(&file).distance().last(), 0.1);
    let nanometres =
        options.clone().scattering(ScatteringKind::Reduced).scattering_axis(ScatteringAxis::PerNanometre);
    let file = SpectrumFile::open(&bare, &nanometres).unwrap();
    assert_eq!((scattering(&file).q().last(), scattering(&file).values()[1]), (0.01, 0.0002));
    let file = SpectrumFile::open(&bare, &options.clone().differential_pdf("Cu".parse().unwrap())).unwrap();
    let Contents::DifferentialPdf(differential) = file.contents else { panic!("the option states it") };
    assert_eq!(differential.element().symbol(), "Cu");
    // The labels of the file take precedence.
    let file = sample_with("structure.sq", &options.scattering(ScatteringKind::Reduced));
    assert_eq!(scattering(&file).kind(), ScatteringKind::Structure);
    assert_eq!(file.warnings[0].message, "read as S(Q) as stated in the file, not as F(Q)");
}

#[test]
fn a_chi_is_scattering_only_with_the_option() {
    let text = "#  k  chi  chik\n0.05 0.001 0.0001\n0.1 0.002 0.0002\n";
    let options = ReadOptions::default();
    let file = SpectrumFile::from_bytes("cu.chi", text, &options).unwrap();
    assert!(matches!(file.contents, Contents::Exafs(_)), "{file:?}");
    let marked = format!("#### start data\n{text}");
    let file = SpectrumFile::from_bytes("cu.chi", marked, &options).unwrap();
    assert!(matches!(file.contents, Contents::Exafs(_)), "{file:?}");
    let bare = "0.05 0.001\n0.1 0.002\n";
    let error = SpectrumFile::from_bytes("cu.chi", bare, &options).unwrap_err().to_string();
    assert!(error.starts_with("cu.chi: ") && error.contains("EXAFS"), "{error}");
    let stated = options.scattering(ScatteringKind::Intensity);
    let file = SpectrumFile::from_bytes("cu.chi", bare, &stated).unwrap();
    assert_eq!(scattering(&file).values()[1], 0.002);
}

#[test]
fn the_extension_of_a_compressed_file_counts() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, b"0 0\n0.01 -0.125\n").unwrap();
    let file =
        SpectrumFile::from_bytes("ni.gr.gz", packed.finish().unwrap(), &ReadOptions::default()).unwrap();
    assert_eq!(pdf(&file).len(), 2);
}

#[test]
fn columns_of_absorption_are_not_scattering() {
    for (name, text) in [
        ("oxygen.xy", "525.0 0.1\n526.0 0.2\n527.0 0.3\n"),
        ("copper.xy", "8970 0.1\n8980 0.2\n8990 0.3\n"),
        ("copper.dat", "# energy mu\n8970 0.1\n8980 0.2\n8990 0.3\n"),
    ] {
        let file = SpectrumFile::from_bytes(name, text, &ReadOptions::default()).unwrap();
        assert!(!matches!(file.contents, Contents::Pdf(_) | Contents::Scattering(_)), "{name}");
    }
}
