//! Normalisation against Larch: on measured spectra (where the shared reference is present) and on an analytic one.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use adatom_spectra::{Normalization, Xanes, find_e0};
use serde_json::Value;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/normalization");

/// The reference holds six decimals of energies and eight of values; the pre-edge line carries their rounding on to the edge.
const TOLERANCE: f64 = 2e-7;

/// Coefficients of powers of 10 keV: the eighth decimal of the values, extrapolated to E = 0.
const POWERS: f64 = 1e-5;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn settings(arguments: &Value) -> Normalization {
    let mut with = Normalization::default();
    for (name, value) in arguments.as_object().unwrap() {
        let number = value.as_f64().unwrap();
        with = match name.as_str() {
            "pre1" => with.pre1(number),
            "pre2" => with.pre2(number),
            "norm1" => with.norm1(number),
            "norm2" => with.norm2(number),
            "nnorm" => with.nnorm(number as usize),
            "nvict" => with.nvict(number as i32),
            "e0" => with.e0(number),
            other => panic!("unknown argument {other}"),
        };
    }
    with
}

fn compare(name: &str, reference: &Value) {
    let xanes = Xanes::from_raw(&numbers(&reference["energy"]), &numbers(&reference["mu"])).unwrap();
    let expected = |key: &str| reference[key].as_f64().unwrap();
    // The reference rounds: E0 is the point of the grid that it means, exactly.
    let energy = xanes.energy().values();
    let e0 = energy.iter().copied().find(|e| (e - expected("e0")).abs() < 1e-6).unwrap();
    assert_eq!(find_e0(&xanes).unwrap(), e0, "{name}");
    let normalized = settings(&reference["arguments"]).normalize(&xanes).unwrap();
    let fit = normalized.edge().unwrap();
    assert_eq!(fit.e0, e0, "{name}");
    assert_eq!(fit.nnorm as f64, expected("nnorm"), "{name}");
    assert_eq!(f64::from(fit.nvict), expected("nvict"), "{name}");
    let coefficients = numbers(&reference["norm_coefs"]);
    assert_eq!(fit.post_coefficients.len(), coefficients.len(), "{name}");
    for (found, expected) in fit.post_coefficients.iter().zip(&coefficients) {
        assert!((found - expected).abs() <= POWERS * expected.abs(), "{name}: {found} {expected}");
    }
    let close = |found: f64, key: &str| {
        let expected = expected(key);
        assert!((found - expected).abs() <= TOLERANCE * expected.abs(), "{name}: {key} {found} {expected}");
    };
    close(fit.edge_step, "edge_step");
    for (found, key) in [(fit.pre1, "pre1"), (fit.pre2, "pre2"), (fit.norm1, "norm1"), (fit.norm2, "norm2")] {
        close(found, key);
    }
    for (found, key) in [(fit.pre_coefficients[0], "pre_offset"), (fit.pre_coefficients[1], "pre_slope")] {
        assert!((found / expected(key) - 1.0).abs() < POWERS, "{name}: {key} {found}");
    }
    for (found, key) in [(normalized.norm(), "norm"), (normalized.flat(), "flat")] {
        for (index, (found, expected)) in found.iter().zip(numbers(&reference[key])).enumerate() {
            // Values of a normalised spectrum are of the order of 1; near 0 below the edge they are differences.
            let allowed = TOLERANCE * expected.abs().max(1.0);
            assert!((found - expected).abs() <= allowed, "{name}: {key}[{index}] {found} {expected}");
        }
    }
}

#[test]
fn measured_spectra_are_normalised_as_by_larch() {
    if !Path::new(SHARED).is_dir() {
        println!("skipped: no ../shared/reference");
        return;
    }
    let mut count = 0;
    for entry in fs::read_dir(SHARED).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let reference = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            compare(&path.display().to_string(), &reference);
            count += 1;
        }
    }
    assert!(count > 0);
    println!("{count} spectra");
}
