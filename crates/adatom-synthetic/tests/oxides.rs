//! Generated oxides: what is planted is there, and the labels of the crate find it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_crystal::{BondRule, Crystal, Element, Lattice, Site, Species};
use adatom_synthetic::{Geometry, PlantedSite, Prototype, SyntheticOxide, SyntheticOxides};
use proptest::prelude::*;

const METALS: [&str; 9] = ["Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn"];

/// Rounding of a few operations on lengths of a few Å.
const ROUNDING: f64 = 1e-9;

fn element(symbol: &str) -> Element {
    symbol.parse().unwrap()
}

fn oxides(symbol: &str, materials: usize) -> Vec<SyntheticOxide> {
    SyntheticOxides::new(11).element(element(symbol)).materials(materials).generate().unwrap()
}

/// The next oxygen is a good deal farther than the last bond, so that the number of bonds is no matter of
/// taste.
#[test]
fn bonds_are_all_oxygens_and_set_off_from_what_follows() {
    for symbol in METALS {
        for oxide in oxides(symbol, 60) {
            for site in oxide.sites() {
                let crystal = oxide.crystal();
                let near = crystal.neighbours(site.site(), 6.0).unwrap();
                let oxygens: Vec<_> = near
                    .iter()
                    .filter(|met| crystal.sites()[met.site].main_species().element() == element("O"))
                    .collect();
                let last = site.bonds().last().unwrap().distance;
                let next = oxygens[site.coordination_number()].distance;
                assert!(
                    site.bonds().iter().zip(&oxygens).all(|(bond, met)| bond == *met),
                    "{}",
                    oxide.name()
                );
                assert!(next / last > 1.15, "{}: {last} and {next}", oxide.name());
            }
        }
    }
}

#[test]
fn the_labels_of_the_crate_find_what_is_planted() {
    let (mut sites, mut numbers, mut lengths, mut states, mut known) = (0, 0, 0, 0, 0);
    let mut wrong = std::collections::BTreeMap::<String, usize>::new();
    for symbol in METALS {
        for oxide in oxides(symbol, 60) {
            let labels = oxide.crystal().labels(element(symbol), BondRule::default()).unwrap();
            assert_eq!(labels.len(), oxide.sites().len());
            for (label, site) in labels.iter().zip(oxide.sites()) {
                assert_eq!(label.site, site.site());
                sites += 1;
                let same = label.coordination_number == site.coordination_number();
                let state = label.oxidation_state == Ok(site.valence());
                numbers += usize::from(same);
                known += usize::from(label.oxidation_state.is_ok());
                states += usize::from(state);
                let length = label.mean_bond_length.unwrap();
                lengths += usize::from(same && (length - site.mean_bond_length()).abs() < ROUNDING);
                if !same || !state {
                    let what = format!(
                        "{symbol} {}: {} for {}, {:?} for {}",
                        oxide.prototype(),
                        label.coordination_number,
                        site.coordination_number(),
                        label.oxidation_state,
                        site.valence()
                    );
                    *wrong.entry(what).or_default() += 1;
                }
            }
        }
    }
    wrong.iter().for_each(|(what, count)| println!("{count:4} {what}"));
    println!("{numbers} numbers, {lengths} lengths, {states} states of {known} known, of {sites} sites");
    assert_eq!((numbers, lengths), (sites, sites));
    assert!(states * 100 >= sites * 90, "{states} of {sites}");
}

#[test]
fn every_prototype_is_taken_by_some_metal_and_looks_like_its_geometry() {
    for prototype in Prototype::ALL {
        let made = METALS.iter().find_map(|symbol| {
            let oxides = SyntheticOxides::new(5).element(element(symbol)).prototypes([prototype]);
            oxides.materials(3).distortion(0.0).generate().ok()
        });
        let made = made.unwrap_or_else(|| panic!("no metal takes {prototype}"));
        for site in made.iter().flat_map(SyntheticOxide::sites) {
            let (odd, open) = (site.departure_from_inversion(), site.open_directions());
            // Ideal: tetrahedron 1 and 0; line 0 and 2; square 0 and 1; pyramid 0.18 and 0.4; bipyramid 0.405
            // and 0.2; octahedron 0 and 0. Real cells are bent.
            let ideal = match prototype.geometry() {
                Geometry::Tetrahedral => (0.8..=1.0 + ROUNDING, 0.0..=0.3),
                Geometry::Linear => (0.0..=ROUNDING, 2.0 - ROUNDING..=2.0 + ROUNDING),
                Geometry::SquarePlanar => (0.0..=ROUNDING, 0.99..=1.4),
                Geometry::SquarePyramidal => (0.1..=0.45, 0.1..=0.5),
                // Short bonds along the axis count for more than the three long ones around it.
                Geometry::TrigonalBipyramidal => (0.2..=0.5, 0.1..=0.7),
                Geometry::Octahedral => (0.0..=0.2, 0.0..=0.25),
                other => panic!("{other}"),
            };
            assert!(ideal.0.contains(&odd) && ideal.1.contains(&open), "{prototype}: {odd} and {open}");
        }
    }
}

#[test]
fn bad_arguments_are_errors() {
    let message = |oxides: SyntheticOxides| oxides.generate().unwrap_err().to_string();
    let base = || SyntheticOxides::new(1).materials(2);
    assert_eq!(message(base().materials(0)), "number of materials must be at least 1, found 0");
    assert_eq!(
        message(base().materials(usize::MAX)),
        format!("too many materials: {}, at most 100000 are supported", usize::MAX)
    );
    assert_eq!(message(base().strain(f64::NAN)), "strain must be in [0, 0.06], found NaN");
    assert_eq!(message(base().strain(-0.01)), "strain must be in [0, 0.06], found -0.01");
    assert_eq!(message(base().distortion(0.5)), "distortion must be in [0, 0.02], found 0.5");
    assert_eq!(
        message(base().prototypes([Prototype::Cuprite])),
        "prototypes must be some in which Fe occurs, found [\"cuprite\"]"
    );
    assert!(message(base().prototypes([])).ends_with("found []"));
    let cell = Lattice::from_parameters([4.0; 3], [90.0; 3]).unwrap();
    let crystal =
        Crystal::new(cell, vec![Site::new(Species::new(element("Fe")), [0.0; 3]).unwrap()]).unwrap();
    assert!(PlantedSite::new(&crystal, 0, 2, 0).is_err() && PlantedSite::new(&crystal, 1, 2, 1).is_err());
}

#[test]
fn materials_are_the_same_for_any_number_of_threads_and_of_materials() {
    let made = |threads: usize, materials: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| SyntheticOxides::new(3).materials(materials).generate().unwrap())
    };
    let many = made(3, 30);
    assert_eq!(many, made(1, 30));
    assert_eq!(many[..10], made(2, 10)[..]);
    assert_ne!(many[0], SyntheticOxides::new(4).materials(1).generate().unwrap()[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Without distortion every length is that of the unstrained cell times 1 + ε, and nothing else changes.
    #[test]
    fn bond_lengths_scale_with_strain(seed in 0u64..1000, metal in 0usize..9, largest in 0.001f64..0.06) {
        let base = SyntheticOxides::new(seed).element(element(METALS[metal])).materials(3).distortion(0.0);
        let strained = base.clone().strain(largest).generate().unwrap();
        let relaxed = base.strain(0.0).generate().unwrap();
        for (strained, relaxed) in strained.iter().zip(&relaxed) {
            prop_assert!(strained.strain().abs() <= largest && relaxed.strain() == 0.0);
            prop_assert_eq!(strained.prototype(), relaxed.prototype());
            let factor = strained.mean_bond_length() / relaxed.mean_bond_length();
            prop_assert!((factor - 1.0 - strained.strain()).abs() < ROUNDING);
            for (left, right) in strained.sites().iter().zip(relaxed.sites()) {
                let change = left.departure_from_inversion() - right.departure_from_inversion();
                prop_assert!(change.abs() < 0.05);
            }
        }
    }
}
