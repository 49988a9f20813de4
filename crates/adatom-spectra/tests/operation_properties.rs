//! What holds for every spectrum: nothing panics, units do not matter, identities are identities.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_spectra::{
    Absorption, DerivativeOrder, DistanceGrid, EnergyGrid, Extension, Merging, Normalization,
    NormalizationMethod, Resampling, Result, ScatteringKind, SineTransform, Smoothing, StructureFunction,
    WavenumberGrid, Xanes, derivative, difference, find_e0, shift,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Raw columns with anything in them.
fn columns() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let energy = prop_oneof![any::<f64>(), -10.0..10.0, 8900.0..9100.0, Just(8979.0), Just(0.0)];
    let mu = prop_oneof![any::<f64>(), -1.0..1.0, Just(1.0)];
    vec((energy, mu), 1..200).prop_map(|pairs| pairs.into_iter().unzip())
}

/// Something like a spectrum: a noisy step on an uneven grid, with at least a few points on either side.
fn edges() -> impl Strategy<Value = Xanes> {
    (vec((0.3..3.0, -0.02..0.02), 60..250), 0.3..0.6, 0.5..3.0).prop_map(
        |(points, part, width): (Vec<(f64, f64)>, f64, f64)| {
            let mut at = 8900.0;
            let energy: Vec<f64> = points
                .iter()
                .map(|(step, _)| {
                    at += step;
                    at
                })
                .collect();
            let e0 = energy[0] + part * (at - energy[0]);
            let rise = |e: f64| 0.5 + ((e - e0) / width).atan() / std::f64::consts::PI;
            let mu: Vec<f64> =
                energy.iter().zip(&points).map(|(&e, (_, noise))| 2.0 + rise(e) + noise).collect();
            Xanes::from_raw(&energy, &mu).expect("finite columns")
        },
    )
}

fn methods() -> impl Strategy<Value = NormalizationMethod> {
    prop_oneof![
        Just(NormalizationMethod::EdgeStep),
        Just(NormalizationMethod::Calculated),
        Just(NormalizationMethod::Area),
        Just(NormalizationMethod::Maximum),
        Just(NormalizationMethod::MinMax),
    ]
}

fn settings() -> impl Strategy<Value = Normalization> {
    let number = || proptest::option::of(prop_oneof![-300.0..300.0, any::<f64>()]);
    (proptest::option::of(methods()), number(), number(), number(), number(), (0_usize..7, -12_i32..12))
        .prop_map(|(method, pre1, pre2, norm1, norm2, (nnorm, nvict))| {
            let with = Normalization::default().nnorm(nnorm).nvict(nvict);
            let with = method.into_iter().fold(with, Normalization::method);
            let with = pre1.into_iter().fold(with, Normalization::pre1);
            let with = pre2.into_iter().fold(with, Normalization::pre2);
            let with = norm1.into_iter().fold(with, Normalization::norm1);
            norm2.into_iter().fold(with, Normalization::norm2)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_is_normalised_or_refused((energy, mu) in columns(), with in settings()) {
        if let Ok(xanes) = Xanes::from_raw(&energy, &mu) {
            for xanes in [xanes.clone(), xanes.with_absorption(Absorption::Calculated)] {
                if let Ok(normalized) = with.normalize(&xanes) {
                    let mut values = normalized.norm().into_iter().chain(normalized.flat());
                    prop_assert!(values.all(|value| value.is_finite()));
                }
            }
        }
    }

    #[test]
    fn all_operations_succeed_or_fail_without_panic(
        (energy, mu) in columns(),
        sigma in 1e-6..1e6,
        window in 0_usize..20,
    ) {
        if let Ok(xanes) = Xanes::from_raw(&energy, &mu) {
            let smoothings = [
                Smoothing::Boxcar { half_width: window },
                Smoothing::Gaussian { sigma },
                Smoothing::Lorentzian { sigma },
                Smoothing::SavitzkyGolay { window, degree: 2 },
            ];
            for smoothing in smoothings {
                let _: Result<Xanes> = smoothing.smooth(&xanes);
            }
            let _ = derivative(&xanes, DerivativeOrder::Second);
            let _: Result<Xanes> = difference(&xanes, &xanes);
            let _: Result<Xanes> = Merging::default().merge(&[xanes.clone(), xanes.clone()]);
            let _ = shift(&xanes, sigma);
            let grid = EnergyGrid::new(vec![-1e300, -1.0, 0.0, 8979.0, 1e300]).expect("increasing");
            for extension in [Extension::Refuse, Extension::Hold, Extension::Zero, Extension::Linear] {
                let _ = Resampling::linear().outside(extension).resample(&xanes, &grid);
                let _ = Resampling::cubic().outside(extension).resample(&xanes, &grid);
            }
        }
    }

    /// Multiplying μ, adding to it, or calibrating the energy leaves norm as it is.
    #[test]
    fn norm_does_not_depend_on_units(
        xanes in edges(), exponent in -60_i32..60, offset in -5.0..5.0, method in methods(),
    ) {
        // A power of two: multiplication is exact, so that E0 cannot go another way by rounding.
        let scale = 2.0_f64.powi(exponent);
        let proportional = [NormalizationMethod::Area, NormalizationMethod::Maximum].contains(&method);
        let offset = if proportional { 0.0 } else { offset };
        let with = Normalization::default().method(method);
        let Ok(e0) = find_e0(&xanes) else { return Ok(()) };
        let with = with.e0(e0);
        let scaled = xanes.mu().mapv(|mu| scale * (mu + offset));
        let other = Xanes::new(xanes.energy().clone(), scaled).expect("finite");
        match (with.normalize(&xanes), with.normalize(&other)) {
            (Ok(one), Ok(two)) => {
                // A fit that finds hardly an edge divides rounding by it.
                let tolerance = 1e-9 / one.edge_step().unwrap_or(1.0).min(1.0);
                for (one, two) in one.norm().iter().zip(two.norm()) {
                    prop_assert!((one - two).abs() <= tolerance * one.abs().max(1.0), "{one} {two}");
                }
            }
            (Err(one), Err(two)) => {
                prop_assert_eq!(std::mem::discriminant(&one), std::mem::discriminant(&two));
            }
            (one, two) => prop_assert!(false, "{one:?} {two:?}"),
        }
    }

    /// The scale alone does not move E0 either.
    #[test]
    fn e0_does_not_depend_on_the_unit(xanes in edges(), exponent in -100_i32..100) {
        let scale = 2.0_f64.powi(exponent);
        let other = Xanes::new(xanes.energy().clone(), xanes.mu().mapv(|mu| scale * mu)).expect("finite");
        prop_assert_eq!(find_e0(&xanes).ok(), find_e0(&other).ok());
    }

    #[test]
    fn a_spectrum_on_its_own_grid_is_itself(xanes in edges()) {
        for with in [Resampling::linear(), Resampling::cubic()] {
            prop_assert_eq!(&with.resample(&xanes, xanes.energy()).expect("inside"), &xanes);
        }
    }

    /// Also by calculation, which the shortcut for equal grids would hide: some points are enough to leave
    /// it.
    #[test]
    fn points_of_a_spectrum_keep_their_values(xanes in edges(), every in 2_usize..9) {
        let energy: Vec<f64> = xanes.energy().values().iter().copied().step_by(every).collect();
        let grid = EnergyGrid::new(energy).expect("increasing");
        for with in [Resampling::linear(), Resampling::cubic()] {
            let found = with.resample(&xanes, &grid).expect("inside");
            for (found, expected) in found.mu().iter().zip(xanes.mu().iter().step_by(every)) {
                prop_assert_eq!(found, expected);
            }
        }
    }

    /// On conjugate grids, Δr Δq = π/n, both transforms are the discrete sine transform, which is its own
    /// inverse.
    #[test]
    fn f_survives_the_way_to_g_and_back(inner in vec(-10.0..10.0, 1..120), step in 0.01..0.3) {
        let n = inner.len() + 1;
        let multiples = |step: f64| (0..=n).map(|k| step * k as f64).collect::<Vec<_>>();
        let f: Vec<f64> = std::iter::once(0.0).chain(inner).chain([0.0]).collect();
        let q = WavenumberGrid::new(multiples(step)).expect("increasing");
        let r = DistanceGrid::new(multiples(std::f64::consts::PI / (n as f64 * step))).expect("increasing");
        let reduced = StructureFunction::new(ScatteringKind::Reduced, q.clone(), f).expect("finite");
        let pdf = SineTransform::default().to_pdf(&reduced, &r).expect("two points");
        let back = SineTransform::default().to_reduced(&pdf, &q).expect("two points");
        for (back, f) in back.values().iter().zip(reduced.values()) {
            prop_assert!((back - f).abs() < 1e-10, "{back} {f}");
        }
    }
}
