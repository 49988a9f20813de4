//! Environments and oxidation states of prototypes, whose bonds follow from their cells.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_crystal::{
    BondRule, Crystal, Element, Environment, Error, Lattice, OxidationSearch, Site, SolidAngle, Species,
};

type LabelledPosition = (&'static str, [f64; 3]);

fn element(symbol: &str) -> Element {
    symbol.parse().unwrap()
}

fn crystal(lengths: [f64; 3], positions: &[LabelledPosition]) -> Crystal {
    let cell = Lattice::from_parameters(lengths, [90.0; 3]).unwrap();
    let site =
        |(symbol, position): &LabelledPosition| Site::new(Species::new(element(symbol)), *position).unwrap();
    Crystal::new(cell, positions.iter().map(site).collect()).unwrap()
}

fn rutile() -> Crystal {
    let oxygen = [[0.305, 0.305, 0.0], [0.695, 0.695, 0.0], [0.805, 0.195, 0.5], [0.195, 0.805, 0.5]];
    let mut positions = vec![("Ti", [0.0; 3]), ("Ti", [0.5; 3])];
    positions.extend(oxygen.map(|position| ("O", position)));
    crystal([4.594, 4.594, 2.959], &positions)
}

fn zinc_blende() -> Crystal {
    let corners = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
    let mut positions: Vec<LabelledPosition> = corners.map(|position| ("Zn", position)).to_vec();
    positions.extend(corners.map(|position| ("S", position.map(|coordinate| coordinate + 0.25))));
    crystal([5.41; 3], &positions)
}

fn perovskite() -> Crystal {
    let oxygen = [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5]];
    let mut positions = vec![("Sr", [0.5; 3]), ("Ti", [0.0; 3])];
    positions.extend(oxygen.map(|position| ("O", position)));
    crystal([3.905; 3], &positions)
}

fn assert_shell(environment: &Environment, number: usize, mean: f64) {
    assert_eq!(environment.coordination_number(), number, "{:?}", environment.likelihoods());
    assert!((environment.mean_bond_length().unwrap() - mean).abs() < 1e-9);
    let total: f64 = environment.likelihoods().iter().map(|(_, likelihood)| likelihood).sum();
    assert!((total - 1.0).abs() < 1e-12);
}

/// Two bonds of u a √2 along the diagonal, four of √(2 (1/2 - u)² a² + c² / 4).
#[test]
fn rutile_is_octahedral() {
    let (a, c, u) = (4.594, 2.959, 0.305);
    let apical = u * a * 2f64.sqrt();
    let equatorial = (2.0 * ((0.5 - u) * a * (0.5 - u) * a) + c * c / 4.0f64).sqrt();
    let mean = (2.0 * apical + 4.0 * equatorial) / 6.0;
    for rule in [BondRule::default(), BondRule::Nearest(0.1), BondRule::Within(2.2)] {
        assert_shell(&rutile().environment(0, rule).unwrap(), 6, mean);
        assert_eq!(rutile().environment(2, rule).unwrap().coordination_number(), 3);
    }
    let states = OxidationSearch::new().assign(&rutile()).unwrap();
    assert_eq!((states.of_site(0), states.of_site(5)), (Some(4), Some(-2)));
}

/// A quarter of the cube's diagonal.
#[test]
fn zinc_blende_is_tetrahedral() {
    for site in [0, 7] {
        let environment = zinc_blende().environment(site, BondRule::default()).unwrap();
        assert_shell(&environment, 4, 5.41 * 3f64.sqrt() / 4.0);
    }
    let states = OxidationSearch::new().assign(&zinc_blende()).unwrap();
    assert_eq!((states.of_site(0), states.of_site(4)), (Some(2), Some(-2)));
}

/// Titanium at half an edge, strontium at half a face's diagonal.
#[test]
fn perovskite_has_six_and_twelve() {
    let crystal = perovskite();
    assert_shell(&crystal.environment(1, BondRule::default()).unwrap(), 6, 3.905 / 2.0);
    assert_shell(&crystal.environment(0, BondRule::default()).unwrap(), 12, 3.905 / 2f64.sqrt());
    let labels = crystal.labels(element("Ti"), BondRule::default()).unwrap();
    assert_eq!((labels.len(), labels[0].site, labels[0].oxidation_state.clone()), (1, 1, Ok(4)));
}

/// Half the cube's diagonal; by 1 Å more the next six count as well.
#[test]
fn caesium_chloride_has_eight() {
    let crystal = crystal([4.12; 3], &[("Cs", [0.0; 3]), ("Cl", [0.5; 3])]);
    let nearest = 4.12 * 3f64.sqrt() / 2.0;
    for rule in [BondRule::default(), BondRule::Nearest(0.0), BondRule::Within(nearest + 0.1)] {
        assert_shell(&crystal.environment(0, rule).unwrap(), 8, nearest);
    }
    assert_eq!(crystal.environment(0, BondRule::Within(4.2)).unwrap().coordination_number(), 14);
}

/// An atom in a box of 20 Å has its own images only, and no bond.
#[test]
fn lone_atom_has_no_bond() {
    let lone = crystal([20.0; 3], &[("Cu", [0.0; 3])]);
    let environment = lone.environment(0, BondRule::default()).unwrap();
    assert_eq!((environment.coordination_number(), environment.mean_bond_length()), (0, None));
    assert_eq!(lone.environment(0, BondRule::Nearest(0.1)).unwrap().coordination_number(), 6);
    assert_eq!(lone.environment(0, BondRule::Within(3.0)).unwrap().coordination_number(), 0);
}

#[test]
fn what_cannot_be_answered_is_an_error() {
    let message = |result: Result<Environment, Error>| result.unwrap_err().to_string();
    let twice = crystal([4.0; 3], &[("Cu", [0.0; 3]), ("O", [0.0, 0.0, 1e-9])]);
    assert!(
        message(twice.environment(0, BondRule::default()))
            .starts_with("distance between sites must be positive")
    );
    let heavy = crystal([4.0; 3], &[("Cf", [0.0; 3])]);
    assert_eq!(message(heavy.environment(0, BondRule::default())), "no covalent radius is tabulated for Cf");
    let geometric = BondRule::SolidAngle(SolidAngle::new().without_radii());
    assert_eq!(heavy.environment(0, geometric).unwrap().coordination_number(), 6);
    assert!(message(heavy.environment(1, geometric)).starts_with("there is no site 1"));
    assert!(
        message(heavy.environment(0, BondRule::Nearest(f64::NAN))).starts_with("tolerance must be finite")
    );
    let error = OxidationSearch::new().assign(&heavy).unwrap_err();
    assert_eq!(error.to_string(), "no bond valence parameter is tabulated for Cf");
    let half = vec![(Species::new(element("Cu")), 0.5), (Species::new(element("Zn")), 0.5)];
    let mixed = Crystal::new(
        Lattice::from_parameters([4.0; 3], [90.0; 3]).unwrap(),
        vec![Site::mixed(half, [0.0; 3]).unwrap()],
    );
    assert!(message(mixed.unwrap().environment(0, BondRule::default())).contains("more than half"));
}

/// (Mg₀.₅ Ni₀.₅) O as rock salt: both metals balance oxygen as 2+.
#[test]
fn mixed_sites_get_a_charge_for_each_species() {
    let corners = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
    let half = vec![(Species::new(element("Mg")), 0.5), (Species::new(element("Ni")), 0.5)];
    let metal = corners.map(|position| Site::mixed(half.clone(), position).unwrap());
    let oxygen = corners.map(|position| {
        Site::new(Species::new(element("O")), position.map(|coordinate| coordinate + 0.5)).unwrap()
    });
    let cell = Lattice::from_parameters([4.2; 3], [90.0; 3]).unwrap();
    let crystal = Crystal::new(cell, metal.into_iter().chain(oxygen).collect()).unwrap();
    let states = OxidationSearch::new().assign(&crystal).unwrap();
    assert_eq!((states.of_species(0), states.of_site(0), states.of_site(4)), (&[2, 2][..], None, Some(-2)));
    let sum = OxidationSearch::new().bond_valence_sum(&crystal, 4).unwrap();
    assert!(sum < -1.0 && sum > -3.0, "{sum}");
}
