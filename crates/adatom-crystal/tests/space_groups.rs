//! The table of space groups and the operations of Hall symbols are those of the crate moyo.

#![allow(clippy::unwrap_used)]

use adatom_crystal::{Centring, Crystal, HallSymbol};
use moyo::data::{HallSymbol as Reference, hall_symbol_entry};

/// Translations are compared exactly: both are multiples of 1/12, divided once.
#[test]
fn hall_symbols_generate_the_operations_of_moyo_in_the_same_order() {
    for entry in (1..=530).map(|number| hall_symbol_entry(number).unwrap()) {
        let symbol: HallSymbol = entry.hall_symbol.parse().unwrap();
        let reference = Reference::new(entry.hall_symbol).unwrap().traverse();
        assert_eq!(symbol.representatives().len(), reference.len(), "{}", entry.hall_symbol);
        for (found, expected) in symbol.representatives().iter().zip(&reference) {
            let rotation = expected.rotation_as_array().map(|row| row.map(f64::from));
            assert_eq!(found.rotation(), rotation, "{}", entry.hall_symbol);
            assert_eq!(found.translation(), expected.translation_as_array(), "{}", entry.hall_symbol);
        }
        let points: Vec<[f64; 3]> =
            entry.centering.lattice_points().iter().map(|point| [point[0], point[1], point[2]]).collect();
        assert_eq!(symbol.centring().points(), points, "{}", entry.hall_symbol);
        assert_eq!(symbol.operations().len(), reference.len() * points.len());
    }
}

/// Written in another way, a symbol means the same.
#[test]
fn primes_and_carets_are_the_same() {
    let parsed = |text: &str| text.parse::<HallSymbol>().unwrap();
    assert_eq!(parsed("-R 3 2\""), parsed("-R 3 2="));
    assert_eq!(parsed("P 4 2 2'"), parsed("P 4 2 2^"));
    assert_eq!(parsed("-R 3 2=").centring(), Centring::R);
}

/// The row of the table is `moyo`'s: a file that names each setting by its Hall symbol has the operations of
/// moyo.
#[test]
fn files_that_name_a_hall_symbol_get_its_operations() {
    let folder = tempfile::tempdir().unwrap();
    for entry in (1..=530).map(|number| hall_symbol_entry(number).unwrap()) {
        // Cubic axes for cubic groups, hexagonal ones for trigonal and hexagonal groups, oblique ones
        // elsewhere.
        let cell = match (entry.number, entry.setting) {
            (1..=2, _) => "5.0 6.0 7.0 81.0 84.0 87.0",
            (3..=15, setting) if setting.contains('b') => "5.0 6.0 7.0 90 97.0 90",
            (3..=15, setting) if setting.contains('c') => "5.0 6.0 7.0 90 90 97.0",
            (3..=15, _) => "5.0 6.0 7.0 97.0 90 90",
            (16..=74, _) => "5.0 6.0 7.0 90 90 90",
            (75..=142, _) => "5.0 5.0 7.0 90 90 90",
            (143..=194, "R") => "5.0 5.0 5.0 80.0 80.0 80.0",
            (143..=194, _) => "5.0 5.0 7.0 90 90 120",
            _ => "5.0 5.0 5.0 90 90 90",
        };
        let cell: Vec<&str> = cell.split(' ').collect();
        let [a, b, c, alpha, beta, gamma] = cell[..] else { panic!("{cell:?}") };
        let path = folder.path().join("group.cif");
        let text = format!(
            "data_x\n_cell_length_a {a}\n_cell_length_b {b}\n_cell_length_c {c}\n_cell_angle_alpha {alpha}\n\
             _cell_angle_beta {beta}\n_cell_angle_gamma {gamma}\n_symmetry_space_group_name_Hall '{}'\n\
             loop_\n\
             _atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n\
             Cu 0.0917 0.2133 0.3371\n",
            entry.hall_symbol
        );
        std::fs::write(&path, text).unwrap();
        let crystal = Crystal::open(&path).unwrap();
        let symbol: HallSymbol = entry.hall_symbol.parse().unwrap();
        let images = symbol.operations().len();
        assert_eq!(crystal.len(), images, "{} {}", entry.hall_symbol, entry.setting);
        let sites: Vec<[f64; 3]> = crystal.sites().iter().map(|site| site.fractional()).collect();
        let place = [0.0917, 0.2133, 0.3371];
        for operation in symbol.operations() {
            let image = operation.apply(place).map(|x| x.rem_euclid(1.0));
            let near = |site: &[f64; 3]| (0..3).all(|axis| (site[axis] - image[axis]).abs() < 1e-9);
            assert!(sites.iter().any(near), "{}", entry.hall_symbol);
        }
    }
}
