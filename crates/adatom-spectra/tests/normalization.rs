//! Normalisation against Larch: on measured spectra (where the shared reference is present) and on an
//! analytic one.

#![allow(clippy::print_stdout)]
#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;
use std::fs;

use adatom_spectra::{Absorption, Normalization, Xanes, find_e0};
use adatom_test_support::shared;
use serde_json::Value;

/// The reference holds six decimals of energies and eight of values; the pre-edge line carries their rounding
/// on to the edge.
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
            // Values of a normalised spectrum are of the order of 1; near 0 below the edge they are
            // differences.
            let allowed = TOLERANCE * expected.abs().max(1.0);
            assert!((found - expected).abs() <= allowed, "{name}: {key}[{index}] {found} {expected}");
        }
    }
}

fn measured_spectra_are_normalised_as_by_larch() {
    let mut count = 0;
    for entry in fs::read_dir(shared("reference/normalization")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let reference = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            compare(&path.display().to_string(), &reference);
            count += 1;
        }
    }
    assert!(count >= 30, "{count} spectra");
    println!("{count} spectra");
}

/// A synthetic spectrum: an arctangent step with a white line on sloping lines.
struct Synthetic {
    count: u32,
    /// The first energy, the first step and by how much steps grow (eV).
    energy: (f64, f64, f64),
    e0: f64,
}

impl Synthetic {
    fn spectrum(&self) -> Xanes {
        let (first, step, growth) = self.energy;
        let at = |i: u32| first + step * f64::from(i) + growth * f64::from(i) * f64::from(i);
        let energy: Vec<f64> = (0..self.count).map(at).collect();
        let mu = |e: f64| {
            let rise = 0.5 + ((e - self.e0 - 0.3) / 1.7).atan() / PI;
            let white_line = 0.4 * (-0.5 * ((e - self.e0 - 4.0) / 2.0).powi(2)).exp();
            1.5 - 2e-5 * (e - self.e0) + 0.9 * rise * (1.0 - 2e-4 * (e - self.e0)) + white_line
        };
        let mu: Vec<f64> = energy.iter().map(|&e| mu(e)).collect();
        Xanes::from_raw(&energy, &mu).unwrap()
    }
}

/// What xraylarch 2026.3.1 finds, with norm and flat at the first point, the quarters and the last point.
struct Expected {
    e0: f64,
    edge_step: f64,
    ranges: [f64; 4],
    nnorm: usize,
    norm: [f64; 5],
    flat: [f64; 5],
}

fn agrees(spectrum: &Xanes, with: &Normalization, expected: &Expected) {
    let normalized = with.normalize(spectrum).unwrap();
    let fit = normalized.edge().unwrap();
    assert_eq!(fit.e0, expected.e0);
    assert_eq!(fit.nnorm, expected.nnorm);
    // Powers of 9 keV cost Larch five of its sixteen digits.
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-10, "{found} {expected}");
    close(fit.edge_step, expected.edge_step);
    let ranges = [fit.pre1, fit.pre2, fit.norm1, fit.norm2];
    ranges.into_iter().zip(expected.ranges).for_each(|(found, expected)| close(found, expected));
    let count = spectrum.len();
    let places = [0, count / 4, count / 2, 3 * count / 4, count - 1];
    for (k, index) in places.into_iter().enumerate() {
        close(normalized.norm()[index], expected.norm[k]);
        close(normalized.flat()[index], expected.flat[k]);
    }
}

fn a_synthetic_xanes_is_normalised_as_by_larch() {
    let spectrum = Synthetic { count: 300, energy: (8930.0, 0.5, 0.0), e0: 8982.0 }.spectrum();
    let expected = Expected {
        e0: 8983.0,
        edge_step: 0.8525375806815649,
        ranges: [-50.0, -25.0, 25.0, 95.0],
        nnorm: 1,
        norm: [
            0.0016866933452845568,
            0.01247306854081235,
            0.9830224239950297,
            0.9740133584511799,
            0.9533119283926673,
        ],
        flat: [
            0.0016866933452845568,
            0.01247306854081235,
            0.9931280491957455,
            1.0013444811531147,
            0.9976388752958044,
        ],
    };
    agrees(&spectrum, &Normalization::default(), &expected);
}

fn given_ranges_degree_and_power_are_those_of_larch() {
    let spectrum = Synthetic { count: 500, energy: (8780.0, 1.1, 0.0022), e0: 8979.3 }.spectrum();
    let with = Normalization::default().nvict(2).nnorm(3).norm1(60.0).pre1(-150.0).pre2(-30.0);
    let expected = Expected {
        e0: nearest(&spectrum, 8980.5608),
        edge_step: 0.8776610180002773,
        ranges: [-150.0, -30.0, 60.0, 895.0],
        nnorm: 3,
        norm: [
            0.005945412728239451,
            0.006863121840305503,
            0.9467333379759276,
            0.8653251649936943,
            0.7718839861327725,
        ],
        flat: [
            0.005945412728239451,
            0.006863121840305503,
            1.0003227651628843,
            0.9998751209658175,
            0.9993677853546643,
        ],
    };
    agrees(&spectrum, &with, &expected);
}

fn few_points_above_the_edge_lower_the_degree_as_in_larch() {
    let spectrum = Synthetic { count: 40, energy: (8960.0, 1.0, 0.0), e0: 8982.0 }.spectrum();
    let expected = Expected {
        e0: 8983.0,
        edge_step: 0.7988816719934779,
        ranges: [-20.0, -10.0, 5.0, 15.0],
        nnorm: 0,
        norm: [
            0.006703427318886555,
            -0.000725294945109691,
            0.15441829662730622,
            1.0058578965141036,
            0.9511555429766931,
        ],
        flat: [
            0.006703427318886555,
            -0.000725294945109691,
            0.15441829662730622,
            1.0058578965141036,
            0.9511555429766931,
        ],
    };
    agrees(&spectrum, &Normalization::default(), &expected);
}

fn a_calculated_spectrum_is_normalised_as_by_larch() {
    let spectrum = Synthetic { count: 95, energy: (8967.0, 0.9, 0.0018), e0: 8979.5 }.spectrum();
    let spectrum = spectrum.with_absorption(Absorption::Calculated);
    let e0 = nearest(&spectrum, 8979.9528);
    let expected = Expected {
        e0,
        edge_step: 0.8410024241270273,
        ranges: [8967.0 - e0, 8967.0 - e0, 25.0, 87.55199999999968],
        nnorm: 1,
        norm: [0.0, 0.9753021146334041, 0.9995645328450404, 1.0008777627471317, 0.9973495727147009],
        flat: [0.0, 0.9753312707011786, 0.9996762163299797, 1.0010789233264705, 0.9976430035312864],
    };
    agrees(&spectrum, &Normalization::default(), &expected);
}

/// The point of the grid that a rounded energy means.
fn nearest(spectrum: &Xanes, energy: f64) -> f64 {
    spectrum.energy().values().iter().copied().find(|e| (e - energy).abs() < 1e-6).unwrap()
}

adatom_test_support::data_tests! {
    ["reference/normalization"] => [measured_spectra_are_normalised_as_by_larch],
    [] => [
        a_synthetic_xanes_is_normalised_as_by_larch,
        given_ranges_degree_and_power_are_those_of_larch,
        few_points_above_the_edge_lower_the_degree_as_in_larch,
        a_calculated_spectrum_is_normalised_as_by_larch,
    ],
}
