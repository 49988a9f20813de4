//! The model of absorption: every term lies where its formula says, and moves with what it is made of.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_crystal::{Crystal, Lattice, Site, Species};
use adatom_spectra::ndarray::Array1;
use adatom_spectra::{Absorption, EnergyGrid, Normalization, Xanes, find_e0};
use adatom_synthetic::{PlantedSite, Prototype, SyntheticOxide, SyntheticOxides, XanesModel};
use proptest::prelude::*;

fn energies() -> EnergyGrid {
    EnergyGrid::new(Array1::linspace(7080.0, 7220.0, 1401)).unwrap()
}

fn iron(prototype: Prototype) -> SyntheticOxide {
    let made = SyntheticOxides::new(2).prototypes([prototype]).materials(1).distortion(0.0);
    made.generate().unwrap().remove(0)
}

/// Iron in the middle of oxygens at these positions of a large cubic cell.
fn cluster(positions: &[[f64; 3]]) -> Crystal {
    let site = |symbol: &str, position: [f64; 3]| {
        Site::new(Species::new(symbol.parse().unwrap()), position.map(|x| x / 12.0)).unwrap()
    };
    let cell = Lattice::from_parameters([12.0; 3], [90.0; 3]).unwrap();
    let sites =
        std::iter::once(site("Fe", [0.0; 3])).chain(positions.iter().map(|position| site("O", *position)));
    Crystal::new(cell, sites.collect()).unwrap()
}

fn octahedron(length: f64) -> Crystal {
    let axes = [[length, 0.0, 0.0], [0.0, length, 0.0], [0.0, 0.0, length]];
    let positions: Vec<[f64; 3]> = axes.iter().flat_map(|axis| [*axis, axis.map(|x| -x)]).collect();
    cluster(&positions)
}

fn tetrahedron(length: f64) -> Crystal {
    let x = length / 3f64.sqrt();
    cluster(&[[x, x, x], [x, -x, -x], [-x, x, -x], [-x, -x, x]])
}

fn spectrum(model: &XanesModel, crystal: &Crystal, (valence, bonds): (i32, usize)) -> Xanes {
    let site = PlantedSite::new(crystal, 0, valence, bonds).unwrap();
    model.site(crystal, &site, &energies()).unwrap()
}

/// Sum over the pre-edge of what a model gives more than the same one without it, eV.
fn pre_edge(crystal: &Crystal, planted: (i32, usize)) -> f64 {
    let model = XanesModel::default().quadrupole(0.0);
    let difference =
        &spectrum(&model, crystal, planted).mu() - &spectrum(&model.dipole(0.0), crystal, planted).mu();
    0.1 * difference.sum()
}

/// Without oscillations and the like the whole edge moves by 2 eV a charge, the bond being the same.
#[test]
fn the_edge_moves_with_the_valence() {
    let model = XanesModel::default().dipole(0.0).quadrupole(0.0);
    let e0 = |model: &XanesModel, valence| find_e0(&spectrum(model, &octahedron(2.0), (valence, 6))).unwrap();
    for shift in [1.0, 2.0, 3.5] {
        let model = model.clone().valence_shift(shift);
        for valence in [2, 3] {
            // E0 is a point of a grid of 0.1 eV.
            assert!((e0(&model, valence + 1) - e0(&model, valence) - shift).abs() < 0.15, "{shift}");
        }
    }
}

/// (E - E₀) R² of the highest point of the white line, by itself, is the constant.
#[test]
fn the_white_line_follows_natolis_rule() {
    let model = XanesModel::default().natoli([0.0, 60.0, 8.0]).valence_shift(0.0).dipole(0.0).quadrupole(0.0);
    for length in [1.8, 1.95, 2.1, 2.25] {
        let crystal = octahedron(length);
        let with = spectrum(&model, &crystal, (3, 6));
        let without = spectrum(&model.clone().white_line(0.0), &crystal, (3, 6));
        let line = &with.mu() - &without.mu();
        let top = (0..line.len()).max_by(|&left, &right| line[left].total_cmp(&line[right])).unwrap();
        let found = (with.energy().values()[top] - 7112.0) * length * length;
        // Half a step of 0.1 eV times R².
        assert!((found - 60.0).abs() < 0.06 * length * length, "{length}: {found}");
    }
}

/// With inversion symmetry there is nothing, in a tetrahedron all; in a pyramid 9/2 · 1/25 = 0.18 of it.
/// Iron(III) has five of ten d states empty.
#[test]
fn the_pre_edge_tells_sites_without_inversion() {
    let full = pre_edge(&tetrahedron(1.87), (3, 4));
    // Lorentzian tails reach beyond the grid: 32 eV below the peak of width 1.25 eV.
    assert!((full - 0.5 * 0.6).abs() < 0.006, "{full}");
    assert!(pre_edge(&octahedron(2.02), (3, 6)).abs() < 1e-12);
    let r = 1.96;
    let pyramid = cluster(&[[r, 0.0, 0.0], [-r, 0.0, 0.0], [0.0, r, 0.0], [0.0, -r, 0.0], [0.0, 0.0, r]]);
    assert!((pre_edge(&pyramid, (3, 5)) / full - 0.18).abs() < 1e-6);
    assert!(pre_edge(&tetrahedron(1.87), (8, 4)) > 1.9 * full);
}

/// Copper(I) has no empty d state, zinc neither.
#[test]
fn full_shells_have_no_pre_edge() {
    for (symbol, prototype) in [("Cu", Prototype::Cuprite), ("Zn", Prototype::ZincBlende)] {
        let oxides = SyntheticOxides::new(1).element(symbol.parse().unwrap()).prototypes([prototype]);
        let terms = XanesModel::default().terms(&oxides.generate().unwrap()[0].sites()[0]).unwrap();
        assert_eq!(terms.pre_edge_area, 0.0);
    }
}

#[test]
fn shoulders_tell_lines_and_squares() {
    let terms = |prototype| XanesModel::default().terms(&iron(prototype).sites()[0]).unwrap().shoulder_area;
    assert!((terms(Prototype::InfiniteLayer) - 1.3).abs() < 1e-9);
    assert!(terms(Prototype::RockSalt) < 1e-9 && terms(Prototype::ZincBlende) < 1e-9);
}

/// As spectra should: nothing below, a step of one, the steepest position between pre-edge and white line.
#[test]
fn spectra_look_like_absorption() {
    for prototype in [Prototype::RockSalt, Prototype::TetrahedralSpinel, Prototype::Perovskite] {
        let oxide = iron(prototype);
        let xanes = XanesModel::default().site(oxide.crystal(), &oxide.sites()[0], &energies()).unwrap();
        let mu = xanes.mu();
        assert_eq!(xanes.absorption(), Absorption::Normalized);
        assert!(mu[0] < 0.03, "{}", mu[0]);
        let highest = mu.iter().copied().fold(0.0, f64::max);
        assert!(highest > 1.2 && highest < 2.0, "{prototype}: {highest}");
        let tail = mu.slice(adatom_spectra::ndarray::s![1000..]);
        assert!((tail.mean().unwrap() - 1.0).abs() < 0.05 && tail.std(0.0) > 0.002, "{prototype}");
        let e0 = find_e0(&xanes).unwrap();
        assert!((7116.0..7135.0).contains(&e0), "{prototype}: {e0}");
        assert!(Normalization::default().normalize(&xanes).is_ok());
    }
}

#[test]
fn noise_has_its_size_and_does_not_depend_on_threads() {
    let oxides = SyntheticOxides::new(9).materials(6).generate().unwrap();
    let model = XanesModel::default().noise(0.01);
    let clean = model.clone().noise(0.0).spectra(&oxides, &energies()).unwrap();
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.spectra(&oxides, &energies()).unwrap())
    };
    let noisy = of(1);
    assert_eq!(noisy, of(3));
    // Another choice of materials does not change the noise of those that stay.
    assert_eq!(noisy[3..], model.spectra(&oxides[3..], &energies()).unwrap());
    let difference = &noisy[0][0].mu() - &clean[0][0].mu();
    // 1401 points: the deviation is known to 2 %; five times that.
    assert!((difference.std(0.0) / 0.01 - 1.0).abs() < 0.1, "{}", difference.std(0.0));
}

#[test]
fn bad_parameters_are_errors() {
    let oxide = iron(Prototype::RockSalt);
    let message = |model: XanesModel| model.terms(&oxide.sites()[0]).unwrap_err().to_string();
    let model = XanesModel::default;
    assert_eq!(message(model().noise(-1.0)), "noise must be finite and not negative, found -1");
    assert_eq!(message(model().noise(f64::NAN)), "noise must be finite and not negative, found NaN");
    assert_eq!(message(model().mean_free_path(0.0)), "mean free path must be positive, found 0");
    assert_eq!(message(model().mean_free_path(f64::NAN)), "mean free path must be positive, found NaN");
    assert_eq!(message(model().phase(0.0, f64::INFINITY)), "slope of the phase must be finite, found inf");
    let crystal = cluster(&[[2.0, 0.0, 0.0]]);
    let oxygen = PlantedSite::new(&crystal, 1, -2, 1).unwrap();
    let error = model().terms(&oxygen).unwrap_err().to_string();
    assert_eq!(error, "no K edge is tabulated for O");
    let other = PlantedSite::new(&octahedron(2.0), 6, 2, 1).unwrap();
    assert!(model().site(&crystal, &other, &energies()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The order of the terms: pre-edge, shoulder, edge, white line; all finite for any reasonable site.
    #[test]
    fn terms_stand_in_their_order(length in 1.6f64..2.4, valence in 1i32..6) {
        let crystal = octahedron(length);
        let site = PlantedSite::new(&crystal, 0, valence, 6).unwrap();
        let terms = XanesModel::default().terms(&site).unwrap();
        prop_assert!(terms.pre_edge < terms.shoulder);
        prop_assert!(terms.shoulder < terms.edges[0] && terms.edges[0] < terms.white_lines[0]);
        let xanes = XanesModel::default().site(&crystal, &site, &energies()).unwrap();
        prop_assert!(xanes.mu().iter().all(|mu| mu.is_finite() && *mu > -0.05));
    }
}
