//! Structures that other programs wrote.

#![allow(clippy::unwrap_used)]

use std::fs;

use adatom_crystal::{Crystal, Displacement};
use adatom_test_support::shared;

fn the_structures_of_copper_oxides_are_read() {
    let folder = shared("data/cu-oxides");
    let mut materials = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path().join("POSCAR");
        if path.is_file() {
            let crystal = Crystal::open(&path).unwrap();
            assert!(crystal.composition().contains_key(&"Cu".parse().unwrap()), "{}", path.display());
            materials += 1;
        }
    }
    assert_eq!(materials, 1594);
}

fn the_structures_of_reference_pdfs_are_read() {
    let folder = shared("reference/pdf/poscar");
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        Crystal::open(entry.path()).unwrap();
    }
}

fn formulas_of_copper_oxides_are_those_of_pymatgen() {
    let folder = shared("data/cu-oxides");
    let table = fs::read_to_string(folder.join("labels.csv")).unwrap();
    let (mut materials, mut last) = (0, "");
    for row in table.lines().skip(1) {
        let fields: Vec<_> = row.split(',').collect();
        if fields[0] == last {
            continue;
        }
        (materials, last) = (materials + 1, fields[0]);
        let crystal = Crystal::open(folder.join(last).join("POSCAR")).unwrap();
        assert_eq!(
            (crystal.formula().as_str(), crystal.len().to_string().as_str()),
            (fields[2], fields[3]),
            "{last}"
        );
    }
    assert_eq!(materials, 1594);
}

/// Formula, sites in the cell, charges, displacement parameters of one site (U_iso, or U_11 of the tensor).
fn crystals_of_databases_are_read() {
    let folder = shared("data/pdf");
    let cases = [
        ("ch03_Ni.cif", "Ni", 4, None),
        ("ch05_Si_Fd-3m.cif", "Si", 8, None),
        ("ch06_BaZn2As2.cif", "Ba(ZnAs)2", 10, Some(0.014)),
        ("ch07_SrFe2As2_tetragonal.cif", "Sr(FeAs)2", 10, None),
        ("ch07_SrFe2As2_orthorhombic.cif", "Sr(FeAs)2", 20, None),
        ("srreal/Ni.cif", "Ni", 4, None),
        ("srreal/TiO2_rutile-fit.cif", "TiO2", 6, None),
        ("srreal/rutile.cif", "TiO2", 6, Some(0.00532)),
        ("srreal/silicon.cif", "Si", 8, None),
        ("srreal/sphalerite.cif", "ZnS", 8, None),
    ];
    for (file, formula, sites, displacement) in cases {
        let crystal = Crystal::open(folder.join(file)).unwrap();
        assert_eq!((crystal.formula().as_str(), crystal.len()), (formula, sites), "{file}");
        if let Some(expected) = displacement {
            let found = match crystal.sites()[0].displacement().unwrap() {
                Displacement::Isotropic(u) => u,
                Displacement::Anisotropic(tensor) => tensor[0][0],
            };
            assert!((found - expected).abs() < 1e-12, "{file}: {found}");
        }
        let again = tempfile::NamedTempFile::new().unwrap();
        crystal.save_cif(again.path()).unwrap();
        assert_eq!(Crystal::open(again.path()).unwrap().len(), sites, "{file}");
    }
}

adatom_test_support::data_tests! {
    ["data/cu-oxides"] => [
        the_structures_of_copper_oxides_are_read,
        formulas_of_copper_oxides_are_those_of_pymatgen,
    ],
    ["reference/pdf/poscar"] => [the_structures_of_reference_pdfs_are_read],
    ["data/pdf"] => [crystals_of_databases_are_read],
}
