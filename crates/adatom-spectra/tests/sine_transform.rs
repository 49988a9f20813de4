//! F(Q) and G(r) against libdiffpy and on a measured PDF (where the shared data are present).

#![allow(clippy::unwrap_used)]

use std::fs;

use adatom_spectra::{
    Contents, DistanceGrid, Pdf, ReadOptions, ScatteringKind, SineTransform, SpectrumFile, StructureFunction,
    TerminationWindow, WavenumberGrid,
};
use adatom_test_support::shared;
use serde_json::Value;

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(shared("reference/pdf").join(name)).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn the_pdf_of_a_calculated_f_is_that_of_libdiffpy() {
    let (between, total) = (json("Ni__intermediates.json"), json("Ni.json"));
    let step = between["qstep"].as_f64().unwrap();
    let mut f = numbers(&between["fq"]);
    // Their sum ends with a full weight, a trapezoid with half of it; a zero behind the end makes them the
    // same.
    f.push(0.0);
    let q: Vec<f64> = (0..f.len()).map(|k| step * k as f64).collect();
    let f = StructureFunction::new(ScatteringKind::Reduced, WavenumberGrid::new(q).unwrap(), f).unwrap();
    let expected = numbers(&total["G_total"]);
    let r: Vec<f64> = (0..expected.len()).map(|i| 0.01 * i as f64).collect();
    let pdf = SineTransform::default().to_pdf(&f, &DistanceGrid::new(r).unwrap()).unwrap();
    for (index, (found, expected)) in pdf.g().iter().zip(&expected).enumerate() {
        // Nine significant digits of some 200 values F of the order of 10, times their step of 0.15.
        assert!((found - expected).abs() < 1e-6, "{index}: {found} {expected}");
    }
}

/// The relative distance of two PDFs between two distances.
fn apart(found: &Pdf, expected: &Pdf, (from, to): (f64, f64)) -> f64 {
    let (mut difference, mut norm) = (0.0, 0.0);
    for ((r, found), expected) in expected.distance().values().iter().zip(found.g()).zip(expected.g()) {
        if (from..to).contains(r) {
            difference += (found - expected).powi(2);
            norm += expected.powi(2);
        }
    }
    (difference / norm).sqrt()
}

fn a_measured_pdf_survives_the_way_to_f_and_back() {
    let path = shared("data/pdf/ch03_Ni.gr");
    let Contents::Pdf(pdf) = SpectrumFile::open(&path, &ReadOptions::default()).unwrap().contents else {
        panic!("not a PDF");
    };
    // The file says qmin 0.5 and qmax 25. Steps of Q well below π over its 60 Å leave no ghosts inside.
    let q = WavenumberGrid::new((0..=2600).map(|k| 0.01 * f64::from(k)).collect::<Vec<_>>()).unwrap();
    let f = SineTransform::default().to_reduced(&pdf, &q).unwrap();
    let back = SineTransform::default().to_pdf(&f, pdf.distance()).unwrap();
    // What was measured has no part above qmax; the sudden end at 60 Å makes one, which is cut off again.
    let lost = apart(&back, &pdf, (0.5, 55.0));
    assert!(lost < 0.001, "{lost}");

    let mut beyond = 0.0_f64;
    let mut inside = 0.0_f64;
    for (q, f) in q.values().iter().zip(f.values()) {
        let bin = if *q > 25.2 { &mut beyond } else { &mut inside };
        *bin = bin.max(f.abs());
    }
    assert!(beyond < 0.001 * inside, "{beyond} {inside}");

    let damped = SineTransform::default().qmax(25.0).window(TerminationWindow::Lorch);
    let smooth = damped.to_pdf(&f, pdf.distance()).unwrap();
    let highest = |pdf: &Pdf| pdf.g().iter().copied().fold(0.0, f64::max);
    assert!(highest(&smooth) < 0.9 * highest(&pdf));
}

adatom_test_support::data_tests! {
    ["reference/pdf"] => [the_pdf_of_a_calculated_f_is_that_of_libdiffpy],
    ["data/pdf/ch03_Ni.gr"] => [a_measured_pdf_survives_the_way_to_f_and_back],
}
