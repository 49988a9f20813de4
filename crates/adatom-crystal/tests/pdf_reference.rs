//! PDFs compared with those of libdiffpy: every file of `tests/reference/pdf` and, where it is there, of the
//! whole set from which these are thinned out.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use adatom_crystal::{Crystal, Displacement, Element, PdfCalculator, Radiation};
use adatom_test_support::shared;
use serde_json::Value;

/// The files state nine digits of values up to 30.
const TOLERANCE: f64 = 1e-7;

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/pdf");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn calculator(settings: &Value) -> PdfCalculator {
    let number = |key: &str| settings[key].as_f64().unwrap();
    assert_eq!((number("peakprecision"), number("maxextension")), (3.33e-6, 10.0));
    let calculator = PdfCalculator::default()
        .rmin(number("rmin"))
        .rmax(number("rmax"))
        .rstep(number("rstep"))
        .qmin(number("qmin"))
        .qmax(number("qmax"))
        .qdamp(number("qdamp"))
        .qbroad(number("qbroad"))
        .delta1(number("delta1"))
        .delta2(number("delta2"))
        .scale(number("scale"))
        .spherical_diameter(number("spdiameter"))
        .radiation(if settings["scattering"] == "xray" { Radiation::XRay } else { Radiation::Neutron });
    match settings["uiso"].as_f64() {
        Some(uiso) => calculator.uniform_uiso(uiso),
        None => calculator,
    }
}

/// The structure of a case; anisotropic tensors in a cell with right angles are Cartesian but for the order
/// of axes.
fn crystal(folder: &Path, case: &Value) -> Crystal {
    let crystal = Crystal::open(folder.join(case["poscar"].as_str().unwrap())).unwrap();
    let Some(tensors) = case.get("anisotropic_U").and_then(Value::as_array) else { return crystal };
    let lattice = crystal.lattice().clone();
    let vectors = lattice.vectors();
    let axes = vectors.map(|row| row.map(|x| x / row.iter().map(|x| x * x).sum::<f64>().sqrt()));
    let sites = crystal.sites().iter().map(|site| {
        let same = |entry: &&Value| {
            let place = numbers(&entry["xyz"]);
            (0..3).all(|k| (place[k] - site.fractional()[k]).abs() < 1e-6)
        };
        let entry = tensors.iter().find(same).expect("every site has a tensor");
        let component = |i: usize, j: usize| {
            entry[format!("U{}{}", i.min(j) + 1, i.max(j) + 1).as_str()].as_f64().unwrap()
        };
        let u = std::array::from_fn(|k| {
            std::array::from_fn(|l| {
                (0..9).map(|at| axes[at / 3][k] * component(at / 3, at % 3) * axes[at % 3][l]).sum()
            })
        });
        site.clone().with_displacement(Displacement::Anisotropic(u))
    });
    Crystal::new(lattice, sites.collect()).unwrap()
}

/// The largest deviation of a case's curves.
fn compare(folder: &Path, case: &Value) -> f64 {
    let crystal = crystal(folder, case);
    let element: Element = case["mask_element"].as_str().unwrap().parse().unwrap();
    let calculator = calculator(&case["settings"]);
    let both = calculator.total_and_differential(&crystal, element).unwrap();
    let without = calculator.without(&crystal, element).unwrap();
    let (start, step) = (case["r"]["start"].as_f64().unwrap(), case["r"]["step"].as_f64().unwrap());
    // Thinned files have every n-th point.
    let every = (step / case["settings"]["rstep"].as_f64().unwrap()).round() as usize;
    let mut worst = 0.0f64;
    let curves = [
        (both.total, "G_total".to_owned()),
        (without, format!("G_without_{element}")),
        (both.differential.pdf().clone(), "dpdf".to_owned()),
    ];
    for (pdf, key) in curves {
        let expected = numbers(&case[key.as_str()]);
        assert_eq!(pdf.len().div_ceil(every), expected.len());
        for (at, expected) in expected.iter().enumerate() {
            let r = pdf.distance().values()[at * every];
            assert!((r - (start + at as f64 * step)).abs() < 1e-9);
            worst = worst.max((pdf.g()[at * every] - expected).abs());
        }
    }
    worst
}

fn cases(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let json = paths.into_iter().filter(|path| path.extension().is_some_and(|name| name == "json"));
    json.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path, serde_json::from_str(&text).unwrap())
    })
    .filter(|(_, case): &(_, Value)| case.get("G_total").is_some())
    .collect()
}

fn check(folder: &Path) -> usize {
    let cases = cases(folder);
    let mut failed = Vec::new();
    let mut overall = 0.0f64;
    for (path, case) in &cases {
        let worst = compare(folder, case);
        overall = overall.max(worst);
        if worst.is_nan() || worst > TOLERANCE {
            failed.push(format!("{}: {worst:e}", path.display()));
        }
    }
    println!("{} cases, largest deviation {overall:e}", cases.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    cases.len()
}

fn thinned_files() {
    assert!(check(Path::new(SMALL)) >= 10);
}

fn all_files() {
    assert!(check(&shared("reference/pdf")) >= 70);
}

/// Columns r and G of a curve that PDFgui calculated.
fn pdfgui(name: &str) -> Vec<[f64; 2]> {
    let text = fs::read_to_string(shared("data/pdf/srreal").join(name)).unwrap();
    let row = |line: &str| {
        let mut words = line.split_whitespace().map(|word| word.parse::<f64>().ok());
        Some([words.next()??, words.next()??])
    };
    text.lines().filter_map(row).collect()
}

/// The largest deviation as a fraction of the largest value.
fn deviation(calculated: &[f64], expected: &[[f64; 2]]) -> f64 {
    let largest = expected.iter().map(|row| row[1].abs()).fold(0.0, f64::max);
    let worst =
        calculated.iter().zip(expected).map(|(left, right)| (left - right[1]).abs()).fold(0.0, f64::max);
    worst / largest
}

/// PDFfit2 cuts peaks and ripples otherwise than libdiffpy, whose own tests allow what is allowed here.
fn curves_of_pdfgui() {
    let (nickel, rutile) = (pdfgui("Ni-fit.fgr"), pdfgui("TiO2_rutile-fit.fgr"));
    let folder = Path::new(SMALL);
    let crystal = Crystal::open(folder.join("poscar/Ni.poscar")).unwrap();
    let pdf = PdfCalculator::default().rmax(10.0001).uniform_uiso(0.00126651).total(&crystal).unwrap();
    assert_eq!(pdf.len(), nickel.len());
    let worst = deviation(&pdf.g().to_vec(), &nickel);
    println!("Ni-fit.fgr: {worst}");
    assert!(worst < 0.0091, "{worst}");

    let path = folder.join("TiO2_rutile__aniso.json");
    let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let calculator = PdfCalculator::default().rmin(1.0).rmax(30.0001).qmax(26.0).qdamp(0.0665649);
    let calculator = calculator.delta2(2.309118).scale(0.655857);
    let pdf = calculator.total(&self::crystal(folder, &case)).unwrap();
    assert_eq!(pdf.len(), rutile.len());
    let g = pdf.g().to_vec();
    let (all, late) = (deviation(&g, &rutile), deviation(&g[500..], &rutile[500..]));
    println!("TiO2_rutile-fit.fgr: {all}, beyond the first 500 points {late}");
    assert!(all < 0.057 && late < 0.020, "{all} {late}");
}

adatom_test_support::data_tests! {
    [] => [thinned_files],
    ["reference/pdf"] => [all_files],
    ["data/pdf/srreal"] => [curves_of_pdfgui],
}
